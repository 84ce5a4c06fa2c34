"""Local time: when the clock on somebody's wall comes to a time, over clock changes too."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.signals.timeframe import Instant


@lru_cache(maxsize=512)
def zone_of(name: str) -> ZoneInfo:
    """The time zone of this IANA name; UTC where there is none such (any more)."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def local_date(at: Instant, zone: ZoneInfo) -> date:
    """The date on the calendar beside that clock."""
    return datetime.fromtimestamp(at, zone).date()


def first_instant_at(day: date, minute: int, zone: ZoneInfo) -> Instant:
    """The first instant at which the clock shows that date and minute after midnight, or something later.

    So a time that comes twice, when the clock is put back, counts as it comes first; one that is left out, when
    it is put forward, counts as the instant at which it is.
    """
    there = datetime.combine(day, time(minute // 60, minute % 60), tzinfo=zone)
    first, second = int(there.timestamp()), int(there.replace(fold=1).timestamp())
    return first if first <= second else _put_forward(second, first, zone)


def _put_forward(before: Instant, after: Instant, zone: ZoneInfo) -> Instant:
    """The instant between the two at which the clock jumps."""
    old = _offset(before, zone)
    while after - before > 1:
        middle = (before + after) // 2
        before, after = (middle, after) if _offset(middle, zone) == old else (before, middle)
    return after


def _offset(at: Instant, zone: ZoneInfo) -> timedelta | None:
    return datetime.fromtimestamp(at, UTC).astimezone(zone).utcoffset()
