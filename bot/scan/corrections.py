"""Corrections: what was told of bars that a vendor has changed since, and is taken back or put right."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from bot.signals.bars import Bars
from bot.signals.replay.event import AlertId, Event, EventKind
from bot.signals.replay.replay import Replay, retracted
from bot.signals.replay.rule import Rule
from bot.signals.timeframe import DAY, Instant
from bot.store.alerts import StoredEvent

SAME_CLOSE_RATIO = 1e-3
"""How far a close may be from the one that was told, as a ratio, to be no other figure."""

_OTHER_SCALE_RATIO = 0.2
"""How far apart two closes of one bar are, as a ratio, where it is the price of another share count."""

CORRECTABLE_S = 30 * DAY
"""Seconds back from the newest bar within which a figure that was told is put right."""

_NO_FIGURE = frozenset({EventKind.PROVISIONAL, EventKind.RETRACTED})
"""Kinds of events that tell no close, or that of a bar which had not closed."""


def corrections(
    stored: Iterable[StoredEvent], before: Replay, after: Replay, revised: Instant, upto: Instant
) -> tuple[Event, ...]:
    """Retractions of told firings that the corrected bars undo, figures put right, and firings that only they bring.

    `before` and `after` are the rule's replays with the old and the new bars, `revised` the start of the first bar that
    changed, `upto` that of the last one that had been judged. What was told by an older version of the rule stays.
    """
    stored = tuple(stored)
    told = [_stored_event(after.rule, each) for each in stored if each.digest == after.rule.digest]
    known = {event.alert.bar for event in told if event.kind is EventKind.FIRED}
    fired_before = {int(start) for start in before.bars.start[before.fires]}
    late = [
        event
        for event in after.between(revised - 1, upto)
        if event.kind is EventKind.FIRED and event.bar not in known | fired_before
    ]
    undone = retracted(told, after, revised)
    gone = {event.alert.bar for event in undone}
    figures = [each for each in wrong_figures(stored, after.bars) if each.alert_bar not in gone]
    return (*undone, *(_corrected(after, each) for each in figures), *late)


def wrong_figures(stored: Iterable[StoredEvent], bars: Bars) -> tuple[StoredEvent, ...]:
    """What was told last of each alert and bar, where the bar's close is another now; of retracted alerts nothing.

    Only of late, and not where the whole history is told in the price of another share count.
    """
    last: dict[tuple[Instant, Instant], StoredEvent] = {}
    for each in stored:
        if each.kind not in _NO_FIGURE and not _is_corrected(last.get((each.alert_bar, each.bar))):
            last[each.alert_bar, each.bar] = each
    gone = {each.alert_bar for each in stored if each.kind is EventKind.RETRACTED}
    since = int(bars.start[-1]) - CORRECTABLE_S if len(bars) else 0
    recent = [each for (alert, bar), each in last.items() if bar >= since and alert not in gone]
    return tuple(each for each in recent if SAME_CLOSE_RATIO < _apart(each, bars) < _OTHER_SCALE_RATIO)


def _is_corrected(told: StoredEvent | None) -> bool:
    return told is not None and told.kind is EventKind.CORRECTED


def _apart(told: StoredEvent, bars: Bars) -> float:
    """How far the close is from the one that was told, as a ratio; NaN where one is unknown."""
    at = bars.position(told.bar)
    return float("nan") if at is None else abs(float(bars.close[at]) / told.close - 1)


def _corrected(now: Replay, told: StoredEvent) -> Event:
    at = now.bars.position(told.bar)
    assert at is not None
    event = replace(_stored_event(now.rule, told), kind=EventKind.CORRECTED, told=told.close)
    return replace(event, at=int(now.bars.end[at]), close=float(now.bars.close[at]))


def _stored_event(rule: Rule, stored: StoredEvent) -> Event:
    alert = AlertId(rule.id, rule.market, rule.timeframe, stored.alert_bar)
    return Event(alert, stored.kind, stored.bar, stored.bar, stored.close, stored.level)
