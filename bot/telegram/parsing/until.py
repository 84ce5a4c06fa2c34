"""Points in time as people write them: until friday, till 18:00, until tomorrow 9am, through 24 Dec."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from bot.delivery.local_time import first_instant_at, local_date
from bot.queries.calendar_words import Days, days_meant
from bot.signals.timeframe import Instant
from bot.telegram.parsing.durations import parse_time_of_day

_UNTIL, _THROUGH = frozenset({"until", "untill", "till", "til", "'til"}), frozenset({"through", "thru"})
_FILLERS = frozenset({"at", "on", "the", "of", "by", "around", "about"})
_REST = re.compile(
    r"(?:(?P<before>(?!for\b|the\s+rest\b).+?)\s+)?(?:for\s+)?(?:the\s+rest\s+of\s+)?"
    r"(?P<span>today|the\s+day|(?:this|the)\s+(?:week|weekend))(?:\s+(?P<after>.+))?",
    re.IGNORECASE | re.DOTALL,
)
_HOURS_OF = {
    "noon": (12,),
    "midday": (12,),
    "midnight": (24,),
    "morning": (6, 8, 10),
    "afternoon": (13, 15, 17),
    "evening": (18, 20, 22),
    "tonight": (20, 22, 24),
}
_BARE_HOUR = re.compile(r"\d{1,2}")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
_END_OF_DAY = 24 * 60
_NIGHTS = frozenset({"tonight", "night", "this night", "overnight"})
_NIGHT = (_END_OF_DAY, 7 * 60)
"""A night is over at midnight, or in the morning."""

_FRIDAY, _EVENING = 4, 17 * 60
_DAYS_OF = {"weekend": 2, "week": 7, "month": 0, "year": 0}


@dataclass(frozen=True, slots=True)
class Until:
    """When something ends, as it was said: each instant that may be meant, soonest first; none where it is no time.

    `past` says that it is one, but over. `whole_day` is the day of which only the date was said: the end is when it
    begins. `later`: what was said may begin later than now (the weekend, next week), or no "until" was said (18:00).
    """

    said: str
    instants: tuple[Instant, ...] = ()
    past: bool = False
    whole_day: date | None = None
    later: bool = False


def split_until(said: str, now: Instant, zone: ZoneInfo) -> tuple[str, Until | None]:
    """What stands beside an "until …", and when that is in `zone`; None where nothing of the kind is said.

    "Until friday" ends as friday begins, "through friday" as it ends. What may be meant in two ways is told in both:
    6 o'clock, 3/4, the day of the week that today is.

    >>> split_until("iwm-break until 18:00", 0, ZoneInfo("UTC"))
    ('iwm-break', Until(said='until 18:00', instants=(64800,), past=False, whole_day=None, later=False))
    """
    words = said.split()
    at = next((n for n, word in enumerate(words) if word.casefold() in _UNTIL | _THROUGH), None)
    if at is None:
        return _rest_of(said, now, zone)
    if " ".join(words[at + 1 :]).casefold() == "further notice":
        return said, None
    through = words[at].casefold() in _THROUGH
    for end in range(len(words), at + 1, -1):
        phrase = words[at + 1 : end]
        found = _read(phrase, now, zone, through=through)
        if found is not None:
            rest = " ".join([*words[:at], *words[end:]])
            return rest, replace(found, said=" ".join(words[at:end]))
    return " ".join(words[:at]), Until(" ".join(words[at:]))


def split_named_time(said: str, now: Instant, zone: ZoneInfo) -> tuple[str, Until | None]:
    """What stands before or behind a time that is said without "until", and when that begins and ends.

    >>> split_named_time("iwm-break tonight", 0, ZoneInfo("UTC"))[0]
    'iwm-break'
    """
    words = said.split()
    behind = [(first, len(words)) for first in range(len(words))]
    before = [(0, last) for last in range(len(words) - 1, 0, -1)]
    for first, last in behind + before:
        found = _named(words[first:last], now, zone)
        if found is not None:
            return " ".join(words[:first] + words[last:]), replace(found, said=" ".join(words[first:last]))
    return said, None


def _named(words: Sequence[str], now: Instant, zone: ZoneInfo) -> Until | None:
    """Where a time that is said alone begins and ends; None where the words are no time, or a mere number."""
    plain = [word for word in _plain(words) if word != "for"]
    text, today = " ".join(plain), local_date(now, zone)
    if not plain or _NUMBER.fullmatch(text):
        return None
    if text == "weekend":
        return _rest_of("the weekend", now, zone)[1]
    ends = {_next(minute, now, zone) for minute in _NIGHT} if text in _NIGHTS else set[Instant]()
    length = _DAYS_OF.get(plain[-1], 1)
    for days, minutes in _readings(plain, today) if not ends else ():
        if days is None:
            ends |= {_next(minute, now, zone) for minute in minutes}
            continue
        times = minutes or (0, length * _END_OF_DAY)
        ends |= {_at(day, minute, zone) for day in days.dates for minute in times}
    ahead = tuple(sorted(end for end in ends if end > now))
    return Until("", ahead, past=not ahead, later=True) if ends else None


def _rest_of(said: str, now: Instant, zone: ZoneInfo) -> tuple[str, Until | None]:
    """Today, this week, for the weekend: until that is over."""
    found = _REST.fullmatch(said)
    if found is None:
        return said, None
    span = re.sub(r"^(?:the|this)\s+", "", found["span"].casefold())
    today = local_date(now, zone)
    days = {"today": 1, "day": 1}.get(span, 7 - today.weekday())
    end = first_instant_at(today + timedelta(days=days), 0, zone)
    rest = " ".join(filter(None, (found["before"], found["after"])))
    friday_evening = first_instant_at(today + timedelta(days=_FRIDAY - today.weekday()), _EVENING, zone)
    return rest, Until(found["span"], (end,), later=span == "weekend" and now < friday_evening)


def _read(words: Sequence[str], now: Instant, zone: ZoneInfo, *, through: bool) -> Until | None:
    """When the words are; None where they are no time. A day that has begun can end only with its end."""
    plain = _plain(words)
    today = local_date(now, zone)
    ends: set[Instant] = set()
    begins: set[date] = set()
    for days, minutes in _readings(plain, today):
        if days is None:
            ends |= {_next(minute, now, zone) for minute in minutes}
        elif minutes:
            ends |= {_at(day, minute, zone) for day in days.dates for minute in minutes}
        else:
            late = {day: through or days.whole or day <= today for day in days.dates}
            ends |= {_at(day + timedelta(days=late[day]), 0, zone) for day in late}
            begins |= {day for day in late if not late[day]}
    ahead = tuple(sorted(end for end in ends if end > now))
    whole_day = next(iter(begins)) if len(begins) == len(ahead) == 1 else None
    return Until("", ahead, past=not ahead, whole_day=whole_day) if ends else None


def begins_of(words: Sequence[str], now: Instant, zone: ZoneInfo) -> tuple[Instant, ...]:
    """When what the words say begins, soonest first: a day at midnight, today at once; none where they are no time."""
    today = local_date(now, zone)
    begins: set[Instant] = set()
    for days, minutes in _readings(_plain(words), today):
        if days is None:
            begins |= {_next(minute, now, zone) for minute in minutes}
        else:
            times = [_at(day, minute, zone) for day in days.dates for minute in minutes or (0,)]
            begins |= {max(now, at) for at in times if at > now or not minutes}
    return tuple(sorted(begins))


def ends_of(
    words: Sequence[str], begin: Instant, zone: ZoneInfo, *, through: bool
) -> tuple[tuple[Instant, ...], date | None]:
    """When that is over which began then, and the day of which only the date was said; none where it is no time."""
    found = _read(words, begin, zone, through=through)
    return ((), None) if found is None else (found.instants, found.whole_day)


def _plain(words: Sequence[str]) -> list[str]:
    return [bare for word in words if (bare := word.casefold().strip(",;!?")) and bare not in _FILLERS]


def _readings(words: list[str], today: date) -> list[tuple[Days | None, tuple[int, ...]]]:
    """A day, a time of day, or both in any order: whatever the words may be, each word used."""
    whole = days_meant(" ".join(words), today)
    if whole is not None and len(words) > 1:  # 24 Dec 2027 is no half past eight
        return [(whole, ())]
    found: list[tuple[Days | None, tuple[int, ...]]] = [(whole, ()), (None, _minutes(words))]
    for at in range(1, len(words)):
        for day, hour in ((words[:at], words[at:]), (words[at:], words[:at])):
            days, minutes = days_meant(" ".join(day), today), _minutes(hour)
            found += [(days, minutes)] if days is not None and minutes else []
    return [(days, minutes) for days, minutes in found if days is not None or minutes]


def _minutes(words: Sequence[str]) -> tuple[int, ...]:
    """Minutes after midnight that may be meant: a bare hour up to 12 may be one of two."""
    text = " ".join(words)
    if text in _HOURS_OF:
        return tuple(hour * 60 for hour in _HOURS_OF[text])
    minute = parse_time_of_day("".join(words))
    if minute is None:
        return ()
    bare = _BARE_HOUR.fullmatch(text) is not None and 1 <= int(text) <= 12
    return (minute % 720, minute % 720 + 720) if bare else (minute,)


def _next(minute: int, now: Instant, zone: ZoneInfo) -> Instant:
    """When the clock shows it next."""
    today = local_date(now, zone)
    at = _at(today, minute, zone)
    return at if at > now else _at(today + timedelta(days=1), minute, zone)


def _at(day: date, minute: int, zone: ZoneInfo) -> Instant:
    return first_instant_at(day + timedelta(days=minute // _END_OF_DAY), minute % _END_OF_DAY, zone)
