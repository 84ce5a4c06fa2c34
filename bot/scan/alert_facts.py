"""Facts of a story's events, computed from bars, levels and replays as they were known at the close."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from bot.evidence.failure_rate import FailureRate, failure_rate
from bot.evidence.record_rank import record_rank
from bot.market.model import Market, MarketKind
from bot.scan.context import AlertEvidence
from bot.scan.evaluate import RuleResult
from bot.scan.stories import StoryEvent
from bot.signals.bars import Bars
from bot.signals.levels.snapshot import LevelSnapshot, LevelView
from bot.signals.replay.event import Event, EventKind
from bot.views.alerts.facts import AlertFacts, Direction, Followed, FollowUpFacts, NextLevel

FEAR = frozenset({"VIX"})
"""Markets whose rise is no good news: their signals point nowhere."""

FEWEST_TOUCHES = 2
"""Touches of a level that is worth naming."""

_FAR = 0.15
"""Ratio beyond which the next level is no news."""


def short_name(market: Market) -> str:
    """How a market is called inside a sentence: "IWM" of "IWM (Russell 2000 ETF)"."""
    return market.title.partition(" (")[0]


def alert_facts(
    each: StoryEvent,
    bars: Bars,
    market: Market,
    evidence: AlertEvidence,
    levels: LevelSnapshot | None,
    titles: Mapping[str, str],
    source: str,
) -> AlertFacts:
    """All that is told of a firing. `bars` are those known at its close, `titles` the rules' own by id."""
    event, definition = each.event, each.result.definition
    pointing = direction(event, bars, market)
    return AlertFacts(
        event=event,
        rule_title=definition.title,
        headline=each.result.headlines.get(event.alert, definition.title),
        market=short_name(market),
        direction=pointing,
        severity=definition.severity,
        change=_change(bars, event),
        signal=each.signal,
        rank=record_rank(bars, event.bar, event.close),
        next_level=_next_level(levels, event, pointing),
        follows=_followed(each.result, event, titles),
        failures=_failures(each.result, event),
        history=evidence.history,
        claims=evidence.claims,
        why=definition.why,
        caveats=definition.caveats,
        source=source,
        late=each.late,
        sessions_ago=each.sessions_ago,
        priced=market.kind is not MarketKind.BASKET,
        in_points=bars.in_points,
    )


def follow_up_facts(each: StoryEvent, bars: Bars, market: Market, source: str) -> FollowUpFacts:
    """All that is told of what became of an alert. `bars` are those known at the event's close."""
    event, result = each.event, each.result
    at, fired = bars.position(event.bar), bars.position(event.alert.bar)
    first, last = np.searchsorted(bars.start, [event.alert.bar, event.bar])
    opening = None if fired is None else _known(float(bars.close[fired]))
    up = event.level is None or opening is None or opening >= event.level
    return FollowUpFacts(
        event=event,
        rule_title=result.definition.title,
        market=short_name(market),
        direction=Direction.UP if up else Direction.DOWN,
        signal=each.signal,
        bars_after=int(last - first),
        opening=opening,
        low=None if at is None else _known(float(bars.low[at])),
        failed_ago=_failed_ago(result, event),
        yes_count=_yes_count(result, event),
        failures=_failures(result, event) if event.kind is EventKind.FAILED else None,
        priced=market.kind is not MarketKind.BASKET,
        in_points=bars.in_points,
        source=source,
        late=each.late,
        sessions_ago=each.sessions_ago,
    )


def direction(event: Event, bars: Bars, market: Market) -> Direction:
    """Down for a level that gave way from above, up for one that was reached from below, else none."""
    level = event.level
    if level is None or market.kind is MarketKind.SERIES or market.name in FEAR:
        return Direction.NONE
    at = bars.position(event.bar)
    before = bars.close[:at][np.isfinite(bars.close[:at])][-1:]
    came_from = before if before.size or at is None else bars.open[at : at + 1]
    if event.close < level and np.any(came_from > level):
        return Direction.DOWN
    reached = event.close if at is None else np.fmax(event.close, bars.high[at])
    return Direction.UP if reached >= level else Direction.NONE


def _change(bars: Bars, event: Event) -> float | None:
    before = bars.close[: np.searchsorted(bars.start, event.bar)]
    known = before[np.isfinite(before)]
    return bars.change(float(known[-1]), event.close) if known.size else None


def _next_level(levels: LevelSnapshot | None, event: Event, pointing: Direction) -> NextLevel | None:
    """The nearest level farther on, where the signal is a break of one."""
    if levels is None or event.level is None or pointing is Direction.NONE:
        return None
    side = levels.above[::-1] if pointing is Direction.UP else levels.below
    fitting = [
        level for level in side if _counts(level) and (levels.in_points or abs(level.price / event.close - 1) <= _FAR)
    ]
    beyond = [level for level in fitting if (level.price - event.level) * (1 if pointing is Direction.UP else -1) > 0]
    return NextLevel(beyond[0].price, len(beyond[0].touches)) if beyond else None


def _counts(level: LevelView) -> bool:
    return level.pinned or len(level.touches) >= FEWEST_TOUCHES


def _followed(result: RuleResult, event: Event, titles: Mapping[str, str]) -> Followed | None:
    """The newest signal of a rule that this one builds on."""
    found = [(start, id_) for id_, start in result.signals_before.get(event.alert, {}).items()]
    if not found:
        return None
    start, id_ = max(found)
    return Followed(titles.get(id_, id_), start)


def _failures(result: RuleResult, event: Event) -> FailureRate | None:
    replay, frame = result.replay, result.frame
    if replay is None or frame is None:
        return None
    return failure_rate(replay, frame, int(np.searchsorted(replay.bars.start, event.bar)))


def _failed_ago(result: RuleResult, event: Event) -> int | None:
    """Bars since the alert failed last, before this event."""
    if result.replay is None:
        return None
    bars = result.replay.bars
    failed = [
        bars.position(each.bar)
        for each in result.replay.events
        if each.alert == event.alert and each.kind is EventKind.FAILED and each.bar < event.bar
    ]
    at = bars.position(event.bar)
    return None if at is None or not failed or failed[-1] is None else at - failed[-1]


def _yes_count(result: RuleResult, event: Event) -> int | None:
    """How many bars of the run were yes, from the firing to this event; for a rule that follows the whole run."""
    follow = result.definition.rule.follow
    if result.replay is None or follow is None or follow.bars is not None:
        return None
    first, last = np.searchsorted(result.replay.bars.start, [event.alert.bar, event.bar]).tolist()
    return int((result.replay.truth[first : last + 1] == 1).sum())


def _known(value: float) -> float | None:
    return value if np.isfinite(value) else None
