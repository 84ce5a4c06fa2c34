"""Claims of others about a signal, each beside the figure that the bot measures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.evidence.closes import Waypoint
from bot.evidence.event_study.event_study import HORIZONS_DAYS, Horizon, Study, StudyEvent
from bot.signals.timeframe import DAY, Instant


@dataclass(frozen=True, slots=True)
class Case:
    """One firing that a claim speaks of, over the claim's own number of days: how far the asset went at best and worst.

    `change` is what was left at the end, None where that is not known yet. `breakout` is the asset's first own
    breakout within those days, None where none has come.
    """

    event: StudyEvent
    best: Waypoint | None
    worst: Waypoint | None
    change: float | None
    breakout: Waypoint | None


@dataclass(frozen=True, slots=True)
class Measured:
    """The bot's own figures beside a claim about an asset over `days`.

    `cases` are the firings that the claim speaks of, `since` is the bar of the first event of all (None without one),
    `overall` all events together beside the base rate.
    """

    asset: str
    days: int
    cases: tuple[Case, ...]
    since: Instant | None
    overall: Horizon
    notes: tuple[str, ...]


def measured(study: Study, days: int, spoken: Sequence[StudyEvent] = ()) -> Measured:
    """What the study says to a claim over `days`, and to the events that it speaks of.

    `days` must be among the study's horizons: make it with those of `horizons_with`. Raises ValueError else.
    """
    if days not in study.horizons:
        made = ", ".join(str(each) for each in study.horizons)
        raise ValueError(f"{study.rule} × {study.asset}: no study over {days} days; allowed: {made}")
    return Measured(
        asset=study.asset,
        days=days,
        cases=tuple(_case(event, days) for event in spoken),
        since=study.events[0].bar if study.events else None,
        overall=study.horizons[days],
        notes=study.notes,
    )


def horizons_with(days: Iterable[int]) -> tuple[int, ...]:
    """The horizons of a study that also answers claims over these numbers of days."""
    return tuple(sorted({*HORIZONS_DAYS, *days}))


def events_between(study: Study, since: Instant, until: Instant) -> tuple[StudyEvent, ...]:
    """The events of bars that start from `since` to `until`, for a claim about a certain time."""
    return tuple(event for event in study.events if since <= event.bar <= until)


def last_events(study: Study, number: int) -> tuple[StudyEvent, ...]:
    """The last so many events, for a claim about "the last three times"."""
    return study.events[-number:] if number > 0 else ()


def _case(event: StudyEvent, days: int) -> Case:
    own = event.breakout
    return Case(
        event=event,
        best=event.best[days],
        worst=event.worst[days],
        change=event.returns[days],
        breakout=own if own is not None and own.after <= days * DAY else None,
    )
