"""Spans of time that a picture or a figure reaches back, as people write them: 1y, 6 months, ytd, since 2020, all."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from bot.queries.calendar_words import days_before
from bot.signals.bars import Bars
from bot.signals.timeframe import DAY, Instant
from bot.views.markets.spans import OddSpan

# Patterns as text, which `re` compiles when a span is read first: the shell draws the last year without.
_NUMBER = r"(\d{1,4}(?:[.,]\d)?|an?|one|two|three|four|five|six|ten|half(?:\s+an?)?)"
_UNITS = r"(y(?:ea)?rs?|y|mo(?:n(?:th)?s?|s)?|mths?|m|w(?:ee)?ks?|w|d(?:ays?)?|quarters?|qtrs?|q|decades?)"
_PART = rf"{_NUMBER}[\s-]*{_UNITS}(?![a-z])"
_LENGTH = rf"(?i){_PART}(?:\s*(?:and|,)?\s*{_PART}){{0,2}}"
_BEFORE = r"(?i)(?:(?:for|over|in|of|during)\s+)?(?:the\s+)?(?:last|past|previous|recent)\s+"
_PREPOSITION = r"(?i)(?:for|over|in|of|during)\s+(?:the\s+)?"
_SINCE = r"(?i)(?:since|from|after|starting|begin(?:ning)?)\s+(?P<day>.+)"
_ON = r"(?i)\s*(?:[-–—+]|\bon(?:wards?)?|(?:[-–—]|\bto|\btill|\buntil)\s*(?:now|today|date))\s*$"
_YEAR = r"(?:18|19|20)\d\d"
_ENDS = (
    rf"(?i)(?:in\s+|from\s+|between\s+)?(?P<first>(?:[a-z]{{3,9}}\s+)?{_YEAR}(?:-\d\d?){{0,2}})"
    rf"(?:\s*(?:[-–—]|\.\.+|/|\bto\b|\btill\b|\buntil\b|\band\b)\s*(?:[a-z]{{3,9}}\s+)?{_YEAR}(?:-\d\d?){{0,2}})?"
)
_SHORT = (
    r"(?i)(?:\d{1,4}[\s-]*(?:h|hrs?|hours?|min|mins|minutes?|s|secs?|seconds?)|[12][\s-]*d(?:ays?)?"
    r"|[12]\s*trading days?|hourly|intraday|today|yesterday|(?:5|10|15|20|30|45|60|90|120|180|240)m)"
)
_MINUTES_OR_MONTHS = r"(?i)(\d+)m"
_AMOUNTS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "ten": 10}
_ALL = frozenset(
    {
        *("all", "max", "maximum", "full", "everything", "ever", "lifetime", "inception", "since inception"),
        *("since start", "since the start", "all time", "alltime", "all-time", "since ever", "from start"),
        *("from the start", "full history", "all history", "history", "whole", "the whole"),
    }
)
_DAYS = {"d": 1, "w": 7}
_MONTHS = {"m": 1, "mo": 1, "q": 3, "y": 12}
_MOST_MONTHS = 12 * 150
_EARLIEST = date(1800, 1, 1)
_TOKENS = r"[\s,;:]+"
_USUAL = ("1mo", "6mo", "1y", "5y", "ytd", "since 2020", "all")
"""Spans that are proposed to whoever said something else."""


@dataclass(frozen=True, slots=True)
class TimeSpan:
    """How far back: from its first day to now; `since` None: all there is.

    `word` is what may be typed for it, `name` how it is called. `odd`: it can't be shown; `instead` are words of spans
    that can. `counted`: it is a length, counted back from the last close.
    """

    word: str
    name: str
    since: date | None = None
    odd: OddSpan | None = None
    instead: tuple[str, ...] = ()
    counted: bool = False

    @property
    def begins(self) -> Instant | None:
        """Midnight UTC of its first day."""
        return None if self.since is None else (self.since - date(1970, 1, 1)).days * DAY


def split_span(said: str, today: date) -> tuple[str, TimeSpan | None]:
    """What stands beside a span at the end or the beginning, and the span; None where there is none.

    >>> split_span("IWM since 2020", date(2026, 8, 14))[0]
    'IWM'
    """
    words = [word for word in re.split(_TOKENS, said.strip()) if word]
    behind = [(first, len(words)) for first in range(len(words))]
    before = [(0, last) for last in range(len(words) - 1, 0, -1)]
    read = [(first, last, read_span(" ".join(words[first:last]), today)) for first, last in behind + before]
    found = [(first, last, span) for first, last, span in read if span is not None]
    if not found:
        return said.strip(), None
    sound = [each for each in found if each[2].odd is None]
    first, last, span = sound[0] if sound and found[0][2].odd is OddSpan.UNKNOWN else found[0]
    rest = words[:first] + words[last:]
    another = rest and split_span(" ".join(rest), today)[1]
    if another and another.odd not in {OddSpan.UNIT, OddSpan.ENDS}:  # a number may belong to a name
        return rest[0], TimeSpan(said, said, odd=OddSpan.SEVERAL, instead=_USUAL)
    return " ".join(rest), span


def read_span(said: str, today: date) -> TimeSpan | None:
    """The span that is meant by "1y", "the last 6 months", "ytd", "since March 2020", "all"; None where it is none.

    A length counts back by the calendar: six months before 31 August it was 28 February.
    """
    text = " ".join(said.split()).strip(".!?")
    if text.casefold() in _ALL:
        return TimeSpan("all", "all")
    if text.casefold() in {"last year", "previous year"}:
        return TimeSpan(text, text, odd=OddSpan.ENDS, instead=("1y", f"since {today.year - 1}"))
    if re.fullmatch(r"\d{1,4}", text) and not re.fullmatch(_YEAR, text):
        return TimeSpan(text, text, odd=OddSpan.UNIT, instead=(f"{int(text)}d", f"{int(text)}mo", f"{int(text)}y"))
    bare = re.sub(_PREPOSITION, "", text, count=1) if re.match(_PREPOSITION, text) else text
    short = re.fullmatch(_SHORT, re.sub(_BEFORE, "", text, count=1)) or re.fullmatch(_SHORT, bare)
    if short is not None:
        return _short(said, short[0])
    to_date = _TO_DATE.get(bare.casefold())
    if to_date is not None:
        return to_date(today)
    return _length(bare, today) or _from_day(text, today) or _ended(text, today)


def span_of_bars(word: str, bars: Bars) -> TimeSpan | None:
    """A span as it is counted back from the day of the last close; None where the words are none."""
    return read_span(word, datetime.fromtimestamp(int(bars.end[-1]), UTC).date())


def begins_before(span: TimeSpan, bars: Bars) -> Instant | None:
    """The date before which the close is from which is counted: a year before Friday's close that day closed, too."""
    if span.begins is None:
        return None
    around_the_clock = bars.end[-1] - bars.start[-1] >= DAY
    return span.begins + (DAY if span.counted and not around_the_clock else 0)


def _short(said: str, length: str) -> TimeSpan:
    months = re.fullmatch(_MINUTES_OR_MONTHS, length)
    instead = (f"{months[1]}mo",) if months is not None else ()
    return TimeSpan(
        said, said, odd=OddSpan.SHORT, instead=(*instead, *(each for each in _USUAL if each not in instead))
    )


def _length(text: str, today: date) -> TimeSpan | None:
    bare = re.sub(_BEFORE, "", text, count=1)
    if bare.casefold() in {"week", "month", "quarter", "year", "decade"}:
        bare = f"1 {bare}"
    if not re.fullmatch(_LENGTH, bare.lstrip("-−+ ")):
        return None
    parts = [_part(number, unit) for number, unit in re.findall(_PART, bare, re.IGNORECASE)]
    sizes = [_DAYS.get(unit, 0) + 30 * _MONTHS.get(unit, 0) for _, unit in parts]
    if any(one <= other for one, other in pairwise(sizes)):
        return TimeSpan(text, text, odd=OddSpan.SEVERAL, instead=_USUAL)
    months = round(sum(amount * _MONTHS.get(unit, 0) for amount, unit in parts))
    days = round(sum(amount * _DAYS.get(unit, 0) for amount, unit in parts))
    if months + days <= 0 or bare[0] in "-−+":
        return TimeSpan(text, text, odd=OddSpan.NOTHING, instead=_USUAL)
    word = "".join(f"{amount:g}{unit}" for amount, unit in parts)
    since = _months_before(today, months) - timedelta(days=days)
    return TimeSpan(word, " ".join(_named(amount, unit) for amount, unit in parts), max(since, _EARLIEST), counted=True)


def _part(number: str, unit: str) -> tuple[float, str]:
    """How many of which unit; half a year is six months."""
    amount, kind = _amount(number), unit[0].lower()
    if unit.lower().startswith("dec"):
        amount, kind = amount * 10, "y"
    if kind in "yq" and amount != round(amount):
        amount, kind = amount * _MONTHS[kind], "m"
    return amount, "mo" if kind == "m" else kind


def _named(amount: float, unit: str) -> str:
    noun = {"d": "day", "w": "week", "mo": "month", "q": "quarter", "y": "year"}[unit]
    return f"{amount:g} {noun}{'' if amount == 1 else 's'}"


def _amount(said: str) -> float:
    words = said.lower().split()
    if words[0] == "half":
        return 0.5
    if words[0] in {"a", "an"}:
        return 1.0
    return float(_AMOUNTS.get(words[0], 0) or words[0].replace(",", "."))


def _from_day(text: str, today: date) -> TimeSpan | None:
    found = re.fullmatch(_SINCE, text)
    day = re.sub(_ON, "", found["day"] if found else text).strip()
    if found is None and day == text:
        return None
    if re.fullmatch(_ENDS, day) and _days_of(day, today) == ():
        return None  # from 2019 to 2021
    days = _days_of(day, today)
    if not days:
        return TimeSpan(text, text, odd=OddSpan.UNKNOWN, instead=_USUAL) if found else None
    if days[0] >= today:
        return TimeSpan(text, text, odd=OddSpan.NOTHING, instead=_USUAL)
    if len(days) > 1:
        return TimeSpan(text, text, odd=OddSpan.UNKNOWN, instead=tuple(f"since {each}" for each in days))
    return since_day(days[0])


def since_day(day: date) -> TimeSpan:
    """The span from that day on."""
    word = f"since {day.year}" if (day.month, day.day) == (1, 1) else f"since {day}"
    return TimeSpan(word, f"since {day.day} {day:%b} {day.year}", max(day, _EARLIEST))


def _days_of(said: str, today: date) -> tuple[date, ...]:
    if re.fullmatch(_YEAR, said):
        return (date(int(said), 1, 1),)
    return days_before(said.casefold(), today)


def _ended(text: str, today: date) -> TimeSpan | None:
    found = re.fullmatch(_ENDS, text)
    days = _days_of(found["first"], today) if found is not None else ()
    if not days or days[0] >= today:
        return None
    return TimeSpan(text, text, odd=OddSpan.ENDS, instead=(since_day(days[0]).word, "all"))


def _months_before(day: date, months: int) -> date:
    if months > _MOST_MONTHS:
        return _EARLIEST
    at = day.year * 12 + day.month - 1 - months
    first = date(at // 12, at % 12 + 1, 1)
    last = (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    return first.replace(day=min(day.day, last.day))


def _year(today: date) -> TimeSpan:
    return TimeSpan("ytd", "this year", today.replace(month=1, day=1))


def _quarter(today: date) -> TimeSpan:
    return TimeSpan("qtd", "this quarter", today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1))


def _month(today: date) -> TimeSpan:
    return TimeSpan("mtd", "this month", today.replace(day=1))


def _week(today: date) -> TimeSpan:
    return TimeSpan("wtd", "this week", today - timedelta(days=today.weekday()))


_TO_DATE: dict[str, Callable[[date], TimeSpan]] = {
    "ytd": _year,
    "year to date": _year,
    "this year": _year,
    "qtd": _quarter,
    "this quarter": _quarter,
    "mtd": _month,
    "this month": _month,
    "month to date": _month,
    "wtd": _week,
    "this week": _week,
}
