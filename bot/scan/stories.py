"""Stories of a scan: the events that rules brought, put together by the close that they come of."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from bot.evidence.record_rank import record_rank
from bot.evidence.signal_kind import SignalKind, signal_kind
from bot.scan.evaluate import RuleResult
from bot.severity import Severity
from bot.signals.bars import Bars
from bot.signals.replay.event import Event, EventKind
from bot.signals.timeframe import Instant, Timeframe

LATE_AFTER_SECONDS = 3 * 3_600
"""Seconds after a bar could first be known from which on its alert says that it is late."""

_LOUDNESS = {
    EventKind.CONFIRMED: Severity.LOW,
    EventKind.HELD: Severity.LOW,
    EventKind.MILESTONE: Severity.NORMAL,
    EventKind.CORRECTED: Severity.LOW,
}
"""How much a follow-up matters at most; what decides something matters as much as its alert."""

CORRECTION_MATTERS_RATIO = 1e-2
"""How far a close may be from the one that was told for its correction to come without a sound."""

DIGEST_ONLY = frozenset({EventKind.ENDED})
"""Kinds of events without a decision in them: they stand in the digest, and no phone rings for them."""

_NEVER_LATE = frozenset({EventKind.RETRACTED, EventKind.CORRECTED})
"""Kinds of events that speak of a bar that was told long before."""

MINOR = frozenset({EventKind.CONFIRMED, EventKind.HELD})
"""Kinds of events that make no message of their own: a line in one that comes anyway, else the digest's."""


@dataclass(frozen=True, slots=True)
class Timing:
    """When events are told: the instant, seconds that a bar needs to settle, sessions that are caught up."""

    now: Instant
    settle: int
    catch_up: int


@dataclass(frozen=True, eq=False, slots=True)
class StoryEvent:
    """One event with the rule's result that it comes from.

    `late`: its bar had closed well before; `sessions_ago` bars of its market have closed since. `told`: somebody is
    told of it, now; else it is only kept. `record`: its close is above all before it.
    `signal` is what its rule tells of.
    """

    result: RuleResult
    event: Event
    late: bool
    sessions_ago: int
    told: bool
    record: bool = False
    signal: SignalKind = SignalKind.SIGNAL

    @property
    def severity(self) -> Severity:
        """How much the event matters."""
        own, event = self.result.definition.severity, self.event
        if event.told is not None and abs(event.close / event.told - 1) > CORRECTION_MATTERS_RATIO:
            return own
        return min(own, _LOUDNESS.get(self.event.kind, own))

    @property
    def minor(self) -> bool:
        """Whether it makes no message of its own."""
        return self.event.kind in MINOR


@dataclass(frozen=True, eq=False, slots=True)
class Story:
    """All events of one close, those that open a message first, the strongest in front."""

    at: Instant
    events: tuple[StoryEvent, ...]

    @property
    def opening(self) -> tuple[StoryEvent, ...]:
        """The alerts that are told now."""
        return tuple(each for each in self.events if each.told and each.event.kind.opens)


def stories(results: Iterable[RuleResult], bars: Callable[[str, Timeframe], Bars], timing: Timing) -> tuple[Story, ...]:
    """The stories of all results, in the order of their closes."""
    by_close: dict[Instant, list[StoryEvent]] = {}
    for result in results:
        rule = result.definition.rule
        for event in result.events:
            story_event = _story_event(result, event, bars(rule.market, rule.timeframe), timing)
            by_close.setdefault(event.at, []).append(story_event)
    return tuple(Story(at, tuple(sorted(events, key=_place))) for at, events in sorted(by_close.items()))


def _story_event(result: RuleResult, event: Event, bars: Bars, timing: Timing) -> StoryEvent:
    ago = max(0, len(bars.known_at(timing.now)) - len(bars.known_at(event.at)))
    late = timing.now - event.at > timing.settle + LATE_AFTER_SECONDS and event.kind not in _NEVER_LATE
    told = event.kind not in DIGEST_ONLY and (not late or ago < timing.catch_up)
    record = record_rank(bars, event.bar, event.close).is_record(event.close)
    signal = SignalKind.SIGNAL if result.replay is None else signal_kind(result.replay)
    return StoryEvent(result, event, late, ago, told, record, signal)


def _place(each: StoryEvent) -> tuple[bool, int, bool, bool, int]:
    """Alerts before follow-ups, then by severity; of equal ones a rule of records first, then a record, then by age."""
    of_records = each.signal is SignalKind.RECORD
    return not each.event.kind.opens, -each.severity, not of_records, not each.record, each.event.alert.bar
