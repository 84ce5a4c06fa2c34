"""Outcomes of the alerts of a rule, and statistics of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import inf
from statistics import median

from bot.signals.replay.event import Event, EventKind
from bot.signals.replay.replay import Replay
from bot.signals.replay.rule import Follow
from bot.signals.timeframe import DAY, Instant, day_of

YEAR = 365.25 * DAY


@dataclass(frozen=True, slots=True)
class AlertOutcome:
    """One alert: positions of the bars at which it fired, was confirmed, held and ended; None where it was not.

    `ending` is FAILED or EXPIRED; None while its window is open, and for a rule that follows nothing.
    """

    fired: int
    bar: Instant
    level: float | None
    confirmed: int | None = None
    held: int | None = None
    ending: EventKind | None = None
    ended: int | None = None

    def from_bar(self, first: int) -> AlertOutcome:
        """The same alert with positions that count from the bar at `first`."""
        confirmed, held, ended = (_less(each, first) for each in (self.confirmed, self.held, self.ended))
        return replace(self, fired=self.fired - first, confirmed=confirmed, held=held, ended=ended)


@dataclass(frozen=True, slots=True)
class RuleStats:
    """Alerts of one rule over a span of `years`. `outcomes` counts alerts by what happened to them, of what is watched.

    An alert may have been confirmed and held before it failed or expired. `open` alerts have not ended; `followed` is
    false for a rule that does not look at what becomes of them. `median_gap_days` lies
    between two alerts, None below two.
    """

    alerts: int
    years: float
    by_year: Mapping[int, int]
    median_gap_days: float | None
    followed: bool
    outcomes: Mapping[EventKind, int]
    open: int

    @property
    def per_year(self) -> float:
        """Alerts per year; NaN over no time at all."""
        return self.alerts / self.years if self.years > 0 else float("nan")


def events_between(replay: Replay, since: Instant | None, until: Instant | None) -> list[Event]:
    """The events of the bars that start from `since` to `until`, both included."""
    first, last = -inf if since is None else since, inf if until is None else until
    return [event for event in replay.events if first <= event.bar <= last]


def alert_outcomes(replay: Replay, events: Iterable[Event]) -> list[AlertOutcome]:
    """What became of each alert that fired among the events, as far as the events tell; oldest first."""
    by_alert: dict[Instant, dict[EventKind, Event]] = {}
    for event in events:
        by_alert.setdefault(event.alert.bar, {}).setdefault(event.kind, event)
    return [_outcome(replay, told) for _, told in sorted(by_alert.items()) if EventKind.FIRED in told]


def rule_stats(replay: Replay, events: Sequence[Event], within: slice) -> RuleStats:
    """The count of what happened, over the bars at the positions `within`."""
    alerts = alert_outcomes(replay, events)
    starts = replay.bars.start[within]
    years = range(day_of(int(starts[0])).year, day_of(int(starts[-1])).year + 1) if len(starts) else range(0)
    fired = Counter(day_of(outcome.bar).year for outcome in alerts)
    return RuleStats(
        len(alerts),
        float(starts[-1] - starts[0] + DAY) / YEAR if len(starts) else 0.0,
        {year: fired[year] for year in years},
        median((b.bar - a.bar) / DAY for a, b in pairwise(alerts)) if len(alerts) > 1 else None,
        replay.rule.follow is not None,
        _outcomes(alerts, replay.rule.follow),
        sum(outcome.ending is None for outcome in alerts),
    )


def _less(position: int | None, first: int) -> int | None:
    return None if position is None else position - first


def _outcome(replay: Replay, told: Mapping[EventKind, Event]) -> AlertOutcome:
    def at(kind: EventKind | None) -> int | None:
        return replay.bars.position(told[kind].bar) if kind is not None and kind in told else None

    ending = next((kind for kind in (EventKind.FAILED, EventKind.EXPIRED) if kind in told), None)
    opening = told[EventKind.FIRED]
    fired = replay.bars.position(opening.bar)
    assert fired is not None
    confirmed, held = at(EventKind.CONFIRMED), at(EventKind.HELD)
    return AlertOutcome(fired, opening.bar, opening.level, confirmed, held, ending, at(ending))


def _outcomes(alerts: Iterable[AlertOutcome], follow: Follow | None) -> dict[EventKind, int]:
    if follow is None:
        return {}
    counted = Counter[EventKind]()
    for outcome in alerts:
        counted[EventKind.CONFIRMED] += outcome.confirmed is not None
        counted[EventKind.HELD] += outcome.held is not None
        if outcome.ending is not None:
            counted[outcome.ending] += 1
    watched = {EventKind.CONFIRMED: follow.confirmed, EventKind.HELD: follow.held, EventKind.FAILED: follow.failed}
    return {kind: counted[kind] for kind in (*watched, EventKind.EXPIRED) if watched.get(kind, follow) is not None}
