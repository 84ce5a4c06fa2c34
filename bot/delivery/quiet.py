"""Does a chat want no sound now, and until when?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from bot.delivery.walltime import day_there, reached, zone_of
from bot.signals.timeframe import Instant
from bot.store.terms import Terms

_HIGH = 2


def is_quiet(at: Instant, terms: Terms) -> bool:
    """Whether `at` lies in the chat's quiet hours. They begin and end when its clock comes to the times set."""
    return any(begins <= at < ends for begins, ends in _nights(at, terms))


def ends_at(at: Instant, terms: Terms) -> Instant:
    """When the quiet hours that `at` lies in are over; `at` itself where it lies in none."""
    return next((ends for begins, ends in _nights(at, terms) if begins <= at < ends), at)


def waits_until(at: Instant, rank: int, terms: Terms) -> Instant | None:
    """Until when a message of this severity is held; None where it goes now."""
    return ends_at(at, terms) if terms.hold and _quiet_for(at, rank, terms) else None


def without_sound(at: Instant, rank: int, terms: Terms) -> bool:
    """Whether the hour asks for a message of this severity to come silently."""
    return _quiet_for(at, rank, terms)


def _quiet_for(at: Instant, rank: int, terms: Terms) -> bool:
    return not (terms.high_passes and rank >= _HIGH) and is_quiet(at, terms)


def _nights(at: Instant, terms: Terms) -> Iterator[tuple[Instant, Instant]]:
    """The quiet hours that begin on the day of `at` and on the day before."""
    if terms.quiet_from is None or terms.quiet_to is None or terms.quiet_from == terms.quiet_to:
        return
    zone = zone_of(terms.time_zone)
    today = day_there(at, zone)
    over_midnight = timedelta(days=terms.quiet_from > terms.quiet_to)
    for day in (today - timedelta(days=1), today):
        yield reached(day, terms.quiet_from, zone), reached(day + over_midnight, terms.quiet_to, zone)
