"""Who is due a digest now, and of which days?"""

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
    return [due for rota in digest_schedules(db) for due in _due(db, rota, now)]


def period_at(now: Instant, rota: DigestSchedule) -> Period:
    """The period whose hour came last, at `now` or before it."""
    zone = zone_of(rota.time_zone)
    day = local_date(now, zone)
    while not _is_on(day, rota) or first_instant_at(day, rota.minute, zone) > now:
        day -= timedelta(days=1)
    before = day - timedelta(days=1 if rota.weekday is None else 7)
    return Period(
        _name(day, rota), first_instant_at(before, rota.minute, zone), first_instant_at(day, rota.minute, zone)
    )


def _due(db: Database, rota: DigestSchedule, now: Instant) -> Iterator[DueDigest]:
    period = period_at(now, rota)
    if now - period.until > GRACE:
        return
    subscribers = subscribers_due(db, rota, period.name, period.until, now)
    if subscribers:
        yield DueDigest(period, rota.weekday is not None, rota.time_zone, subscribers)


def _is_on(day: date, rota: DigestSchedule) -> bool:
    return rota.weekday is None or day.weekday() == rota.weekday


def _name(day: date, rota: DigestSchedule) -> str:
    """One name for all hours of a day, or days of a week: who changes the hour gets no second digest of it."""
    if rota.weekday is None:
        return day.isoformat()
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"
