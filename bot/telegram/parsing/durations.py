"""Durations, times of day and time ranges as people write them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from bot.signals.timeframe import DAY

_UNITS = {"y": 365 * DAY, "mo": 30 * DAY, "m": 60, "h": 3_600, "d": DAY, "w": 7 * DAY}
_WORDS = {"half an": 0.5, "half a": 0.5, "an": 1.0, "a": 1.0, "one": 1.0, "two": 2.0, "three": 3.0}
_NUMBER = rf"(\d{{1,15}}(?:[.,]\d{{1,2}})?|(?:{'|'.join(_WORDS)})(?=\s))"
_ONE = rf"{_NUMBER}\s*(mo(?=nths?\b|\b)|m|h|d|w|y)(?:nths?|ins?|inutes?|rs?|ours?|ays?|eeks?|ears?|)"
_LENGTH = rf"(?:for\s+)?{_ONE}(?:\s*(?:,|and)?\s*{_ONE})*"
_EVER = r"(?:for\s*)?(?:ever|good|always)|forever|always|until\s+further\s+notice"
_PART = re.compile(_ONE, re.IGNORECASE)
_WHOLE = re.compile(_LENGTH, re.IGNORECASE)
_FOR_GOOD = re.compile(_EVER, re.IGNORECASE)
_AT_END = re.compile(rf"(?P<rest>.*?)\s*(?<!\S)(?P<length>{_LENGTH}|{_EVER})", re.IGNORECASE | re.DOTALL)
_AT_START = re.compile(rf"(?P<length>{_LENGTH}|{_EVER})(?!\S)\s*(?P<rest>.*)", re.IGNORECASE | re.DOTALL)
_CLOCK = re.compile(r"(\d{1,2})(?:[:.h]?([0-5]\d))?\s*(am|pm|h|uhr|o'clock)?", re.IGNORECASE)
_BETWEEN = re.compile(r"\s*(?:[-−–—]|to|till|until|and)\s*", re.IGNORECASE)
_TWO_CLOCKS = re.compile(r"(\S+)\s+(\S+)")


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time in seconds, which may be 0; None: for good.

    `several`: it is the sum of lengths that nobody says as one (2h 3h), so perhaps one of them was meant.
    """

    seconds: int | None
    several: bool = False


def split_duration(said: str) -> tuple[str, Duration | None]:
    """What stands beside a length of time at the end or the beginning, and that length; None where there is none.

    >>> split_duration("iwm-break for 3 days")
    ('iwm-break', Duration(seconds=259200))
    """
    text = said.strip()
    found = _AT_END.fullmatch(text) or _AT_START.fullmatch(text)
    return (found["rest"].strip(), parse_duration(found["length"])) if found else (text, None)


def parse_duration(said: str) -> Duration | None:
    """The length of "90 min", "1h30m", "1.5 h", "2 weeks", "forever"; None where it is none."""
    text = said.strip()
    if _FOR_GOOD.fullmatch(text):
        return Duration(None)
    if not _WHOLE.fullmatch(text):
        return None
    parts = [(_amount(number), _UNITS[unit.lower()]) for number, unit in _PART.findall(text)]
    falling = all(one > next_one for (_, one), (_, next_one) in pairwise(parts))
    return Duration(round(sum(amount * unit for amount, unit in parts)), several=not falling)


def _amount(number: str) -> float:
    return _WORDS.get(" ".join(number.lower().split())) or float(number.replace(",", "."))


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
    """Two times of day: 22-7, 22:00 to 07:30, 10pm–7am, 22:00 07:30; None where they are not two, or the same."""
    text = re.sub(r"^(?:from|between)\s+", "", said.strip(), flags=re.IGNORECASE)
    texts = _BETWEEN.split(text)
    if len(texts) == 1 and (two := _TWO_CLOCKS.fullmatch(text)):
        texts = [two[1], two[2]]
    parts = [parse_time_of_day(part) for part in texts]
    if len(parts) != 2 or parts[0] is None or parts[1] is None or parts[0] == parts[1]:
        return None
    return parts[0], parts[1]
