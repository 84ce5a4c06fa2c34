"""Digests that are due: who gets one now, and of which days."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from bot.delivery.local_time import first_instant_at, local_date, zone_of
from bot.signals.timeframe import DAY, Instant
from bot.store.sqlite import Database
from bot.store.subscribers.digest_schedules import DigestSchedule, digest_schedules, subscribers_due

GRACE = DAY // 2
"""Seconds after its hour within which a digest that was missed is made up for."""


@dataclass(frozen=True, slots=True)
class Period:
    """What one digest tells of: from the hour of the last one to its own. `name` identifies it: a date, or a week."""

    name: str
    since: Instant
    until: Instant


@dataclass(frozen=True, slots=True)
class DueDigest:
    """A digest to be composed, and the ids of those who are to get it. `weekly`, or daily."""

    period: Period
    weekly: bool
    time_zone: str
    subscribers: tuple[int, ...]


def due_digests(db: Database, now: Instant) -> list[DueDigest]:
    """All digests that are due, none of which anybody has had. `store.digests.queue_digest` settles each."""
    return [due for schedule in digest_schedules(db) for due in _due(db, schedule, now)]


def period_at(now: Instant, schedule: DigestSchedule) -> Period:
    """The period whose hour came last, at `now` or before it."""
    zone = zone_of(schedule.time_zone)
    day = local_date(now, zone)
    while not _is_on(day, schedule) or first_instant_at(day, schedule.minute, zone) > now:
        day -= timedelta(days=1)
    before = day - timedelta(days=1 if schedule.weekday is None else 7)
    since, until = (first_instant_at(each, schedule.minute, zone) for each in (before, day))
    return Period(_name(day, schedule), since, until)


def _due(db: Database, schedule: DigestSchedule, now: Instant) -> Iterator[DueDigest]:
    period = period_at(now, schedule)
    if now - period.until > GRACE:
        return
    subscribers = subscribers_due(db, schedule, period.name, period.until, now)
    if subscribers:
        yield DueDigest(period, schedule.weekday is not None, schedule.time_zone, subscribers)


def _is_on(day: date, schedule: DigestSchedule) -> bool:
    return schedule.weekday is None or day.weekday() == schedule.weekday


def _name(day: date, schedule: DigestSchedule) -> str:
    """One name for all hours of a day, or days of a week: who changes the hour gets no second digest of it."""
    if schedule.weekday is None:
        return day.isoformat()
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"
