"""Quiet hours: whether a chat wants no sound now, and until when."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from bot.delivery.local_time import first_instant_at, local_date, zone_of
from bot.severity import Severity
from bot.signals.timeframe import Instant
from bot.subscriber import Preferences


def is_quiet(at: Instant, preferences: Preferences) -> bool:
    """Whether `at` lies in the chat's quiet hours. They begin and end when its clock comes to the times set."""
    return preferences.quiet_from is not None and any(begins <= at < ends for begins, ends in _nights(at, preferences))


def ends_at(at: Instant, preferences: Preferences) -> Instant:
    """When the quiet hours that `at` lies in are over; `at` itself where it lies in none."""
    return next((ends for begins, ends in _nights(at, preferences) if begins <= at < ends), at)


def waits_until(at: Instant, severity: Severity, preferences: Preferences) -> Instant | None:
    """Until when a message of this severity is held; None where it goes now."""
    return ends_at(at, preferences) if preferences.hold and _quiet_for(at, severity, preferences) else None


def without_sound(at: Instant, severity: Severity, preferences: Preferences) -> bool:
    """Whether the hour asks for a message of this severity to come silently."""
    return _quiet_for(at, severity, preferences)


def _quiet_for(at: Instant, severity: Severity, preferences: Preferences) -> bool:
    return not (preferences.high_passes and severity >= Severity.HIGH) and is_quiet(at, preferences)


def _nights(at: Instant, preferences: Preferences) -> Iterator[tuple[Instant, Instant]]:
    """The quiet hours that begin on the day of `at` and on the day before."""
    if preferences.quiet_from is None or preferences.quiet_to is None or preferences.quiet_from == preferences.quiet_to:
        return
    zone = zone_of(preferences.time_zone)
    today = local_date(at, zone)
    over_midnight = timedelta(days=preferences.quiet_from > preferences.quiet_to)
    for day in (today - timedelta(days=1), today):
        yield (
            first_instant_at(day, preferences.quiet_from, zone),
            first_instant_at(day + over_midnight, preferences.quiet_to, zone),
        )
