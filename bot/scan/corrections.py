"""What a vendor's correction of known bars changes of what was told."""

from __future__ import annotations

from collections.abc import Iterable

from bot.signals.replay.event import AlertId, Event, EventKind
from bot.signals.replay.replay import Replay, retracted
from bot.signals.replay.rule import Rule
from bot.signals.timeframe import Instant
from bot.store.alerts import StoredEvent

UNKNOWN_CLOSE = float("nan")


def corrections(
    stored: Iterable[StoredEvent], before: Replay, after: Replay, revised: Instant, upto: Instant
) -> tuple[Event, ...]:
    """Retractions of told firings that the corrected bars undo, and firings that only they bring.

    `before` and `after` are the rule's replays with the old and the new bars, `revised` the start of the first bar that
    changed, `upto` that of the last one that had been judged. What was told by an older version of the rule stays.
    """
    told = [_event(after.rule, each) for each in stored if each.digest == after.rule.digest]
    known = {event.alert.bar for event in told if event.kind is EventKind.FIRED}
    fired_before = {int(start) for start in before.bars.start[before.fires]}
    late = [
        event
        for event in after.between(revised - 1, upto)
        if event.kind is EventKind.FIRED and event.bar not in known | fired_before
    ]
    return (*retracted(told, after, revised), *late)


def _event(rule: Rule, stored: StoredEvent) -> Event:
    alert = AlertId(rule.id, rule.market, rule.timeframe, stored.alert_bar)
    return Event(alert, stored.kind, stored.bar, stored.bar, UNKNOWN_CLOSE)
