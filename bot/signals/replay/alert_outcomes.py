"""Outcomes of the alerts of a rule, and statistics of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf
from typing import NamedTuple

import bottleneck as bn
import numpy as np

from bot.signals.bars import latest
from bot.signals.replay.event import Event, EventKind
from bot.signals.replay.replay import Replay
from bot.signals.replay.rule import Follow
from bot.signals.timeframe import DAY, Instant, day_of

YEAR = 365.25 * DAY


@dataclass(frozen=True, slots=True)
class AlertOutcome:
    """One alert: positions of the bars at which it fired, was confirmed, held and ended; None where it was not.

    `failures` and `returns` from them are positions too, and so are `milestones`. `ending` is how it stood when it
    ended, FAILED or else ENDED; None while it is followed, and for a rule that follows nothing.
    """

    fired: int
    bar: Instant
    level: float | None
    confirmed: int | None = None
    held: int | None = None
    ending: EventKind | None = None
    ended: int | None = None
    failures: tuple[int, ...] = ()
    returns: tuple[int, ...] = ()
    milestones: tuple[int, ...] = ()

    def from_bar(self, first: int) -> AlertOutcome:
        """The same alert with positions that count from the bar at `first`."""
        confirmed, held, ended = (_less(each, first) for each in (self.confirmed, self.held, self.ended))
        moved = replace(self, fired=self.fired - first, confirmed=confirmed, held=held, ended=ended)
        columns = (self.failures, self.returns, self.milestones)
        failures, returns, milestones = (tuple(position - first for position in each) for each in columns)
        return replace(moved, failures=failures, returns=returns, milestones=milestones)


class RuleStats(NamedTuple):
    """Alerts of one rule over a span of `years`. `outcomes` counts alerts by what happened to them, of what is watched.

    An alert may have been confirmed and held before it failed, and come back after it. `endings` counts how alerts
    ended: they `stood`, they are `lost` (failed for good), or still `open`; the three add up to all alerts. Both are
    empty, and `followed` is false, for a rule that does not look at what becomes of its alerts. `median_gap_days` lies
    between two alerts, None below two.
    """

    alerts: int
    years: float
    by_year: Mapping[int, int]
    median_gap_days: float | None
    followed: bool
    outcomes: Mapping[EventKind, int]
    endings: Mapping[str, int]

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
    closed = [event for event in events if not event.kind.is_of_forming]
    positions = latest(replay.bars.start, np.array([event.bar for event in closed], dtype=np.int64)).tolist()
    by_alert: dict[Instant, list[tuple[Event, int]]] = {}
    for event, position in zip(closed, positions, strict=True):
        by_alert.setdefault(event.alert.bar, []).append((event, position))
    return [
        _outcome(replay.rule.follow, told) for _, told in sorted(by_alert.items()) if told[0][0].kind is EventKind.FIRED
    ]


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
        float(bn.median(np.diff([each.bar for each in alerts]) / DAY)) if len(alerts) > 1 else None,
        replay.rule.follow is not None,
        _outcomes(alerts, replay.rule.follow),
        _endings(alerts) if replay.rule.follow else {},
    )


def _less(position: int | None, first: int) -> int | None:
    return None if position is None else position - first


def _outcome(follow: Follow | None, told: Sequence[tuple[Event, int]]) -> AlertOutcome:
    """What its events say of one alert, each with the position of its bar, the firing first."""
    at: dict[EventKind, list[int]] = {}
    for event, position in told:
        at.setdefault(event.kind, []).append(position)
    fired = told[0][0]
    failures, returns = (tuple(at.get(kind, ())) for kind in (EventKind.FAILED, EventKind.RESUMED))
    lost = len(failures) > len(returns)
    ended = [*at.get(EventKind.ENDED, ()), *(failures if follow and not follow.resumed else ())]
    return AlertOutcome(
        at[EventKind.FIRED][0],
        fired.bar,
        fired.level,
        next(iter(at.get(EventKind.CONFIRMED, ())), None),
        next(iter(at.get(EventKind.HELD, ())), None),
        (EventKind.FAILED if lost else EventKind.ENDED) if ended else None,
        next(iter(ended), None),
        failures,
        returns,
        tuple(at.get(EventKind.MILESTONE, ())),
    )


def _endings(alerts: Sequence[AlertOutcome]) -> dict[str, int]:
    kinds = {"stood": EventKind.ENDED, "lost": EventKind.FAILED, "open": None}
    return {name: sum(alert.ending is kind for alert in alerts) for name, kind in kinds.items()}


def _outcomes(alerts: Sequence[AlertOutcome], follow: Follow | None) -> dict[EventKind, int]:
    """By kind of what is watched, the alerts to which it happened at least once."""
    if follow is None:
        return {}
    counted = {
        EventKind.CONFIRMED: (follow.confirmed is not None, sum(alert.confirmed is not None for alert in alerts)),
        EventKind.HELD: (follow.held is not None, sum(alert.held is not None for alert in alerts)),
        EventKind.FAILED: (follow.failed is not None, sum(bool(alert.failures) for alert in alerts)),
        EventKind.RESUMED: (follow.resumed, sum(bool(alert.returns) for alert in alerts)),
        EventKind.MILESTONE: (follow.milestones is not None, sum(bool(alert.milestones) for alert in alerts)),
    }
    return {kind: count for kind, (watched, count) in counted.items() if watched}
