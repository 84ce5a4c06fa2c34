"""Days as people write them: friday, next week, tomorrow, 24 Dec, 24.12., 12/24, 2026-12-24."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

_DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS: Final = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_FRIDAY, _SATURDAY, _SUNDAY = 4, 5, 6
_YEARS_AHEAD = 100
_ISO = r"(\d{4})-(\d{1,2})-(\d{1,2})"
_DOTS = r"(\d{1,2})\.(\d{1,2})\.?(\d{4})?"
_SLASHES = r"(\d{1,2})/(\d{1,2})(?:/(\d{4}))?"
_NAMED = (
    r"(?:(?P<day>\d{1,2})(?:st|nd|rd|th)?\.? (?P<month>[a-z]{3,9})\.?"
    r"|(?P<month2>[a-z]{3,9})\.? (?P<day2>\d{1,2})(?:st|nd|rd|th)?)(?:,? (?P<year>\d{4}))?"
)


@dataclass(frozen=True, slots=True)
class Days:
    """The dates that may be meant, one where it is clear. `whole`: the end of that day is meant, not its beginning."""

    dates: tuple[date, ...]
    whole: bool = False


def days_meant(said: str, today: date) -> Days | None:
    """The days that lower-case words without "the" and "of" mean, counted from `today`; None where they mean none.

    Of a date without a year the next one is meant. Two dates where the words may mean either: next friday, 3/4.
    """
    if (known := _SPANS.get(said)) is not None:
        return known(today)
    first, _, rest = said.partition(" ")
    weekday = _number(rest if first in {"next", "this"} else said, _DAYS)
    if weekday is not None:
        return _weekday(weekday, today, next_one=first == "next")
    month = _number(said, _MONTHS)
    if month is not None:
        return _dated([(1, month + 1, None)], today)
    return _dated(_written(said), today)


def days_before(said: str, today: date) -> tuple[date, ...]:
    """The days until `today` that lower-case words mean: friday, march, 3 march 2020, 2020-03; none for other words.

    Of a day or month without a year the last one is meant. Two dates where either figure may be the month: 3/4/2020.
    """
    words = " ".join(
        word for word in said.replace(",", " ").split() if word not in {"the", "of", "last", "start", "early"}
    )
    if (ago := {"today": 0, "yesterday": 1}.get(words)) is not None:
        return (_after(today, -ago),)
    weekday = _number(words, _DAYS)
    if weekday is not None:
        return (_after(today, -((today.weekday() - weekday) % 7 or 7)),)
    month, _, year = words.partition(" ")
    if re.fullmatch(r"(\d{4})[-/](\d{1,2})", words):
        month, year = words[5:], words[:4]
    number = int(month) - 1 if month.isdecimal() and len(words) > 2 and "." not in words else _number(month, _MONTHS)
    written = _written(words)
    if not written and number is not None and (not year or re.fullmatch(r"\d{4}", year)):
        written = [(1, number + 1, _year(year))]
    dates = {made for day, month_, year_ in written if (made := _date_before(day, month_, year_, today)) is not None}
    return tuple(sorted(dates))


def _date_before(day: int, month: int, year: int | None, today: date) -> date | None:
    try:
        made = date(today.year if year is None else year, month, day)
        return made.replace(year=made.year - 1) if year is None and made > today else made
    except ValueError:
        return None


def _weekday(weekday: int, today: date, *, next_one: bool) -> Days:
    coming = _after(today, (weekday - today.weekday()) % 7)
    following = _after(coming, 7)
    if coming == today:
        return Days((following,) if next_one else (coming, following))
    return Days((coming, following) if next_one else (coming,))


def _written(said: str) -> list[tuple[int, int, int | None]]:
    """Day, month and year of a date in figures, or with a month's name; twice where either figure may be the month."""
    if found := re.fullmatch(_ISO, said):
        return [(int(found[3]), int(found[2]), int(found[1]))]
    if found := re.fullmatch(_DOTS, said):
        return [(int(found[1]), int(found[2]), _year(found[3]))]
    if found := re.fullmatch(_SLASHES, said):
        one, two, year = int(found[1]), int(found[2]), _year(found[3])
        return [(one, two, year), (two, one, year)]
    found = re.fullmatch(_NAMED, said)
    month = _number(found["month"] or found["month2"], _MONTHS) if found else None
    if found is None or month is None:
        return []
    return [(int(found["day"] or found["day2"]), month + 1, _year(found["year"]))]


def _dated(written: list[tuple[int, int, int | None]], today: date) -> Days | None:
    dates = {made for day, month, year in written if (made := _date(day, month, year, today)) is not None}
    return Days(tuple(sorted(dates))) if dates else None


def _date(day: int, month: int, year: int | None, today: date) -> date | None:
    if year is not None and year > today.year + _YEARS_AHEAD:
        return None
    try:
        made = date(today.year if year is None else year, month, day)
        return made.replace(year=made.year + 1) if year is None and made < today else made
    except ValueError:
        return None


def _year(said: str | None) -> int | None:
    return int(said) if said else None


def _number(word: str, names: tuple[str, ...]) -> int | None:
    """Which of the names a word of three letters or more begins; "weds" is one as well."""
    word = word.rstrip(".")
    begun = word[:3] if word == "weds" else word
    return next((at for at, name in enumerate(names) if len(begun) >= 3 and name.startswith(begun)), None)


def _after(today: date, days: int) -> date:
    return today + timedelta(days=days)


def _first_of_next_month(today: date) -> date:
    return (today.replace(day=1) + timedelta(days=32)).replace(day=1)


_SPANS: Final[Mapping[str, Callable[[date], Days]]] = {
    "today": lambda today: Days((today,), whole=True),
    "end day": lambda today: Days((today,), whole=True),
    "tomorrow": lambda today: Days((_after(today, 1),)),
    "tmrw": lambda today: Days((_after(today, 1),)),
    "day after tomorrow": lambda today: Days((_after(today, 2),)),
    "next week": lambda today: Days((_after(today, 7 - today.weekday()),)),
    "weekend": lambda today: Days((_after(today, (_SATURDAY - today.weekday()) % 7 or 7),)),
    "next weekend": lambda today: _weekday(_SATURDAY, today, next_one=True),
    "end week": lambda today: Days(
        tuple(sorted({_after(today, (last - today.weekday()) % 7) for last in (_FRIDAY, _SUNDAY)})), whole=True
    ),
    "next month": lambda today: Days((_first_of_next_month(today),)),
    "end month": lambda today: Days((_after(_first_of_next_month(today), -1),), whole=True),
    "next year": lambda today: Days((date(today.year + 1, 1, 1),)),
    "end year": lambda today: Days((date(today.year, 12, 31),), whole=True),
}
