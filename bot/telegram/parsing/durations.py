"""Durations, times of day and time ranges as people write them."""

from __future__ import annotations

import re

from bot.signals.timeframe import DAY

FOR_GOOD = "for good"

_UNITS = {"m": 60, "h": 3_600, "d": DAY, "w": 7 * DAY}
_LENGTH = re.compile(r"(?:for\s+)?(\d{1,6})\s*(m|h|d|w)(?:in|ins|inutes?|rs?|ours?|ays?|eeks?|)", re.IGNORECASE)
_EVER = re.compile(r"(?:for\s*)?(?:ever|good|always)|forever|always", re.IGNORECASE)
_TAIL = re.compile(rf"(.*?)\s*\b({_LENGTH.pattern}|{_EVER.pattern})", re.IGNORECASE | re.DOTALL)
_CLOCK = re.compile(r"(\d{1,2})(?:[:.h]?([0-5]\d))?\s*(am|pm|h|uhr|o'clock)?", re.IGNORECASE)
_BETWEEN = re.compile(r"\s*(?:[-−–—]|to|till|until)\s*", re.IGNORECASE)


def split_duration(said: str) -> tuple[str, int | str | None]:
    """What stands before a length of time, and its seconds, FOR_GOOD or None where there is none.

    >>> split_length("iwm-break for 3 days")
    ('iwm-break', 259200)
    """
    found = _TAIL.fullmatch(said.strip())
    if found is None:
        return said.strip(), None
    return found[1].strip(), parse_duration(found[2])


def parse_duration(said: str) -> int | str | None:
    """Seconds, FOR_GOOD, or None where it is no length of time; 0 is none either."""
    if _EVER.fullmatch(said.strip()):
        return FOR_GOOD
    found = _LENGTH.fullmatch(said.strip())
    return (int(found[1]) * _UNITS[found[2].lower()] or None) if found else None


def parse_time_of_day(said: str) -> int | None:
    """Minutes after midnight of 7, 07:30, 7.30, 19h, 7pm or 24:00; None where it is no time of day."""
    found = _CLOCK.fullmatch(said.strip())
    if found is None:
        return None
    hour, minute, half = int(found[1]), int(found[2] or 0), (found[3] or "").lower()
    if half in {"am", "pm"}:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "pm" else 0)
    return (hour * 60 + minute) % (24 * 60) if hour * 60 + minute <= 24 * 60 else None


def parse_time_range(said: str) -> tuple[int, int] | None:
    """Two times of day: 22-7, 22:00 to 07:30, 10pm–7am; None where they are not two, or the same."""
    parts = [parse_time_of_day(part) for part in _BETWEEN.split(said.strip())]
    if len(parts) != 2 or parts[0] is None or parts[1] is None or parts[0] == parts[1]:
        return None
    return parts[0], parts[1]
