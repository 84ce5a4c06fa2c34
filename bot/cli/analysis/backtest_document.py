"""Document of a backtest, as `--json` prints it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from bot.cli.analysis.backtest_hours import tally_of
from bot.cli.analysis.backtest_summary import Span, known_positions, unknown_share
from bot.cli.io.output import json_number
from bot.scan.missing.joined import Unread
from bot.scan.missing.windows import HoledWindow
from bot.signals.bars import Bars
from bot.signals.formula import ConditionReach
from bot.signals.hours.hourly_replay import Hours
from bot.signals.replay.alert_outcomes import rule_stats
from bot.signals.replay.event import Event, EventKind
from bot.signals.replay.forward_returns import ForwardReturns, forward_returns
from bot.signals.replay.replay import Replay
from bot.signals.timeframe import Timeframe, label


def backtest_document(
    replay: Replay,
    span: Span,
    reaches: Sequence[ConditionReach],
    hours: Hours,
    holed: Sequence[HoledWindow] = (),
    blank: Sequence[Unread] = (),
) -> dict[str, Any]:
    """One rule's backtest; `hours` is null for a rule that was not looked at by hours.

    `counts` are of events, whichever alert they are of; `outcomes` and `endings` count the span's alerts, each once.
    `across_missing` are the alerts whose formulas look back across sessions that the data have not, `unread` the other
    markets of which nothing recent was known on some bars.
    `could_fire_from` is the first bar on which the rule could fire, from which on `returns` are; null without one.
    """
    bars, rule = replay.bars, replay.rule
    inside, told = range(len(bars))[span.positions(bars)], span.events(replay)
    known = known_positions(replay, span)
    stats = rule_stats(replay, told, known)
    return {
        "rule": rule.id,
        "market": rule.market,
        "timeframe": rule.timeframe.value,
        "from": bars.label(inside[0]) if inside else None,
        "to": bars.label(inside[-1]) if inside else None,
        "could_fire_from": bars.label(known.start) if known.start < known.stop else None,
        "unknown": json_number(unknown_share(replay, span)),
        "counts": _counts(told),
        "outcomes": {kind.value: count for kind, count in stats.outcomes.items()},
        "endings": dict(stats.endings),
        "returns": [_returns_document(each) for each in forward_returns(replay, known)],
        "never_met": [_reach_document(each, bars) for each in reaches],
        "hours": None if (tally := tally_of(replay, span, hours)) is None else tally._asdict(),
        "across_missing": [each._asdict() for each in holed],
        "unread": [each._asdict() for each in blank],
        "events": [_event(event) for event in told],
    }


def _returns_document(found: ForwardReturns) -> dict[str, Any]:
    counts = {"bars": found.bars, "alerts": found.firings, "open": found.open, "higher": found.higher}
    base = {"base": found.base, "base_higher": found.base_higher, "base_median": found.base_median}
    return {name: json_number(value) for name, value in ({**counts, "median": found.median, **base}).items()}


def _reach_document(found: ConditionReach, bars: Bars) -> dict[str, Any]:
    near = found.nearest
    sides = None
    if near is not None:
        values = {"left": json_number(near.left), "right": json_number(near.right)}
        sides = {"bar": bars.label(near.position), "symbol": near.symbol, **values}
    return {"condition": found.text, "known": found.known, "yes": found.yes, "nearest": sides}


def _counts(events: Sequence[Event]) -> dict[str, int]:
    """Events by kind, in the order in which they are told; only the kinds that there were."""
    counted = Counter(event.kind for event in events)
    return {kind.value: counted[kind] for kind in EventKind if counted[kind]}


def _event(event: Event) -> dict[str, Any]:
    """One event as the contract of `--json` has it; of a forming day also when, and its close is the price then."""
    document = {
        "bar": event.label,
        "event": event.kind.value,
        "alert": str(event.alert),
        "close": json_number(event.close),
        "level": json_number(event.level),
    }
    at = {"at": label(event.at, Timeframe.H1)} if event.kind is EventKind.PROVISIONAL else {}
    return {**document, **at}
