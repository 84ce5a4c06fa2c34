"""`bellwether rules explain`: why a rule fired on a day, or why not."""

from __future__ import annotations

import math
import sys
import time
from pathlib import Path
from typing import Any

from bot.cli.analysis.missing_in_windows import holed_windows
from bot.cli.io.bars import bars_of, missing_market, note_bar
from bot.cli.io.chat_text import show
from bot.cli.io.hours import hours_of
from bot.cli.io.options import book_with_files, current_settings, date_option, rule_named, select_rules
from bot.cli.io.output import json_number, print_json
from bot.queries.why import position_at, why_facts
from bot.rulebook.dependencies import with_needs
from bot.scan.missing.windows import in_words
from bot.signals.bars import Bars
from bot.signals.formula import Op
from bot.signals.replay.event import Event, EventKind
from bot.signals.replay.explanation import Condition, ConditionValue
from bot.signals.replay.ruleset import joined
from bot.signals.replay.running import RunningAlert
from bot.signals.timeframe import Instant, Timeframe, label
from bot.views.markets.why import WhyFacts, held_back, render_why

_COLUMNS = 80
"""A terminal is wider than a phone."""


def explain(*, rule: str, at: str | None, data: Path | None, as_json: bool) -> None:
    """`bellwether rules explain`, as it is typed in `bot.cli.signatures.rules`."""
    settings = current_settings()
    book = book_with_files(settings, [rule])
    moment = date_option("--at", at)
    own = select_rules(book, [rule])[0].rule
    market, rule = own.market, rule_named(rule)
    needed = with_needs(book.rules, [rule])
    names = [name for each in needed for name in sorted(each.markets)]
    bars = bars_of(data, settings, names, {each.rule.timeframe for each in needed})
    own_bars = bars.get((market, own.timeframe), Bars.empty(market, own.timeframe))
    position = position_at(own_bars, moment)
    if position is None:
        raise missing_market(market, data, settings.specs, moment, own.timeframe, own_bars)
    day = int(own_bars.start[position])
    hours = hours_of(data, settings, [book.rules[rule]], bars, day, day)
    found = why_facts(book, rule, bars, settings.markets[market].title, int(time.time()), moment, hours=hours)
    assert found is not None
    explanation = found.explanation
    note_bar(market, moment, explanation.bar, explanation.rule.timeframe)
    for holed in holed_windows(own, own_bars, [position], settings.specs, joined(bars, own.timeframe), {}):
        print(f"{market}: {in_words(holed)}", file=sys.stderr)
    if as_json:
        print_json(_document(found))
    else:
        show(render_why(found, _COLUMNS))


def _document(found: WhyFacts) -> dict[str, Any]:
    explanation = found.explanation
    timeframe = explanation.rule.timeframe
    return {
        "rule": explanation.rule.id,
        "market": explanation.rule.market,
        "timeframe": timeframe.value,
        "bar": label(explanation.bar, timeframe),
        "close": json_number(explanation.close),
        "verdict": explanation.verdict.value,
        "when": _reason(explanation.reason, timeframe),
        "last_fired": _day(explanation.fired, timeframe),
        "bars_since_fired": explanation.fired_ago,
        "bars_since_yes": explanation.yes_ago,
        "told": [_told(event) for event in explanation.told],
        "running": _running(explanation.running, timeframe),
        "held_back": list(held_back(found)),
    }


def _told(event: Event) -> dict[str, Any]:
    """An event of the bar; of one that came as it formed also when, and the price then."""
    document: dict[str, Any] = {"event": event.kind.value, "alert": str(event.alert)}
    if event.kind is EventKind.PROVISIONAL:
        document |= {"at": label(event.at, Timeframe.H1), "close": json_number(event.close)}
    return document


def _reason(reason: Condition, timeframe: Timeframe) -> dict[str, Any]:
    document: dict[str, Any] = {"text": reason.text, "value": None if math.isnan(reason.truth) else reason.truth == 1}
    if reason.op in {Op.AND, Op.OR, Op.NOT}:
        document["op"] = reason.op.value
    if reason.parts:
        document["parts"] = [_reason(part, timeframe) for part in reason.parts]
    if reason.terms:
        document["terms"] = [_term(term, timeframe) for term in reason.terms]
    if reason.trigger_price:
        needed = reason.trigger_price
        document["needs"] = {"series": needed.series, "value": needed.value, "change": json_number(needed.change)}
    if reason.unknown:
        document["unknown"] = [f"{each.text}: {each.reason.value}" for each in reason.unknown]
    return document


def _term(term: ConditionValue, timeframe: Timeframe) -> dict[str, Any]:
    document: dict[str, Any] = {"text": term.text, "value": json_number(term.value)}
    if math.isinf(term.value):
        document["none_left"] = "above" if term.value > 0 else "below"
    if term.touches:
        document["touches"] = [label(start, timeframe) for start in term.touches.bars]
        document["pinned"] = term.touches.pinned
    if term.terms:
        document["terms"] = [_term(each, timeframe) for each in term.terms]
    return document


def _running(run: RunningAlert | None, timeframe: Timeframe) -> dict[str, Any] | None:
    if run is None:
        return None
    return {
        "since": label(run.since, timeframe),
        "count": run.count,
        "change": json_number(run.change),
        "failed": run.failed,
    }


def _day(start: Instant | None, timeframe: Timeframe) -> str | None:
    return None if start is None else label(start, timeframe)
