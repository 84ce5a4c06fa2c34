"""Stretches of time that begin later, as people write them: from friday to monday, in 2 hours for 1h, weekends."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.delivery.local_time import first_instant_at, local_date
from bot.queries.calendar_words import days_meant
from bot.signals.timeframe import DAY, Instant
from bot.store.subscribers.mutes import FOR_GOOD
from bot.telegram.parsing.durations import parse_duration, parse_time_of_day, parse_time_range, split_duration
from bot.telegram.parsing.until import begins_of, ends_of

_FROM = frozenset({"from", "between", "starting", "beginning", "begin", "start"})
_TO = frozenset({"to", "until", "untill", "till", "til", "and", "-", "–", "—"})
_THROUGH = frozenset({"through", "thru"})
_THIS_DAY = frozenset({"tonight", "today", "tomorrow"})
_ON = frozenset({"on", "onward", "onwards", "forever", "for good", "until further notice"})
_RANGE = re.compile(
    r"([^\s\d][a-z]{2,8}|\d{1,2}(?:[:.]\d\d)?(?:am|pm)?)[-–—]([^\s\d][a-z]{2,8}|\d{1,2}(?:[:.]\d\d)?(?:am|pm)?)",
    re.IGNORECASE,
)
_OFTEN = re.compile(
    r"(?<!\S)(?:on\s+|at\s+|during\s+|over\s+)?(?:the\s+)?"
    r"(?:(?:every|each)\s+(?P<every>nights?|days?|weekends?|evenings?|mornings?|weeks?|weekdays?|workdays?|\w+days?)"
    r"|(?P<plural>weekends|nights|nightly|evenings|mornings|weekdays|workdays|daily|weekly|(?:mon|tues|wednes|thurs|fri|satur|sun)days)"
    r"|(?<=at\s)(?P<at>night))(?!\S)",
    re.IGNORECASE,
)
_MOST_READINGS = 4
_EARLY = (0, 40 * DAY)
"""Before any date that is meant: what is the same instant seen from both is a date with its year."""


class Often(StrEnum):
    """What comes again and again."""

    NIGHTS = "nights"
    WEEKENDS = "weekends"
    OTHER = "other days"


@dataclass(frozen=True, slots=True)
class Recurring:
    """A time that comes again and again; `clocks` are the minutes after midnight between which, if that was said."""

    said: str
    often: Often
    clocks: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of time: each reading as its begin and its end, soonest first.

    Without readings only when it begins is known: `begins`; without both it is no time, or `past`: one that is over.
    `whole_day` is the day of which only the date was said: the end is when it begins. `clocks`: two times of day were
    said and no date.
    """

    said: str
    readings: tuple[tuple[Instant, Instant], ...] = ()
    begins: tuple[Instant, ...] = ()
    whole_day: date | None = None
    clocks: tuple[int, int] | None = None
    past: bool = False


def find_recurring(said: str) -> Recurring | None:
    """What comes again and again, if anything of the kind is said.

    >>> find_recurring("every night 23-7")
    Recurring(said='every night 23-7', often=<Often.NIGHTS: 'nights'>, clocks=(1380, 420))
    """
    found = _OFTEN.search(said)
    if found is None:
        return None
    word = (found["every"] or found["plural"] or found["at"]).casefold()
    rest = f"{said[: found.start()]} {said[found.end() :]}".split()
    spots = [" ".join(rest[at:end]) for at in range(len(rest)) for end in range(len(rest), at, -1)]
    clocks = next((clocks for spot in spots if (clocks := parse_time_range(spot)) is not None), None)
    if word.startswith("weekend"):
        return Recurring(said.strip(), Often.WEEKENDS, clocks)
    nightly = word.startswith(("night", "overnight")) or (clocks is not None and word in {"day", "days", "daily"})
    return Recurring(said.strip(), Often.NIGHTS if nightly else Often.OTHER, clocks)


def split_window(said: str, now: Instant, zone: ZoneInfo) -> tuple[str, Window | None]:
    """What stands beside a stretch of time that says when it begins, and the stretch; None where none is said.

    It ends as an "until" ends: until monday as Monday begins, through monday with it.

    >>> split_window("iwm in 2 hours for 1h", 0, ZoneInfo("UTC"))[1].readings
    ((7200, 10800),)
    """
    words = _day_first([part for word in said.split() for part in _parted(word, now, zone)])
    said_from = next((at for at, word in enumerate(words) if word.casefold() in _FROM), len(words) - 1)
    if (over := _over(words, said_from, now, zone)) is not None:
        return over
    for first in range(said_from + 1):  # what "from" leads is read with it, or not at all
        named = words[first].casefold() in _FROM
        for at in range(first + 1 + named, len(words) - 1):
            found = _window(words, first + named, at, now, zone, named=named)
            if found is not None:
                last, window = found
                rest = " ".join([*words[:first], *words[last:]])
                return rest, Window(" ".join(words[first:last]), *window)
    return _begin_only(said, words, now, zone)


def _over(words: Sequence[str], said_from: int, now: Instant, zone: ZoneInfo) -> tuple[str, Window] | None:
    """A stretch between dates with their years whose end lies before `now`, and what stands beside it."""
    for first in range(said_from + 1):
        named = words[first].casefold() in _FROM
        for at in range(first + 1 + named, len(words) - 1):
            between = words[at].casefold()
            known = between in _TO | _THROUGH | {"for"}
            begins = _dated(words[first + named : at], zone) if known else ()
            for last in range(len(words), at + 1, -1) if begins else ():
                end = words[at + 1 : last]
                ends = [_ends(between, end, one, zone)[0] for one in (begins if between == "for" else _EARLY)]
                if ends[0] and all(each == ends[0] for each in ends) and max(ends[0]) <= now:
                    return " ".join([*words[:first], *words[last:]]), Window(" ".join(words[first:last]), past=True)
    return None


def _dated(words: Sequence[str], zone: ZoneInfo) -> tuple[Instant, ...]:
    """When a date with its year begins; none where the words mean another day each year, or none."""
    one, other = (begins_of(words, early, zone) for early in _EARLY)
    return one if one == other else ()


def _day_first(words: list[str]) -> list[str]:
    """Tonight from 22 to 6 is from tonight 22 to 6."""
    for at in range(1, len(words)):
        if words[at].casefold() == "from" and words[at - 1].casefold() in _THIS_DAY:
            return [*words[: at - 1], words[at], words[at - 1], *words[at + 1 :]]
    return words


def _window(
    words: Sequence[str], first: int, at: int, now: Instant, zone: ZoneInfo, *, named: bool
) -> (
    tuple[int, tuple[tuple[tuple[Instant, Instant], ...], tuple[Instant, ...], date | None, tuple[int, int] | None]]
    | None
):
    between = words[at].casefold()
    if between not in _TO | _THROUGH | {"for"}:
        return None
    begin = words[first:at]
    begins = _begins(begin, now, zone, named=named or words[at] in "-–—")
    for last in range(len(words), at + 1, -1) if begins else ():
        end = words[at + 1 : last]
        pairs = [(one, *_ends(between, end, one, zone)) for one in begins]
        spans = sorted({(one, end_) for one, ends, _ in pairs for end_ in ends if end_ > max(one, now)})
        if not spans:
            continue
        hours = begin[1:] if begin[0].casefold() in _THIS_DAY else begin
        clocks = parse_time_range(f"{' '.join(hours)} to {' '.join(end)}") if between != "for" else None
        if clocks is not None:  # 22 to 7 is a night, not a day and a night
            shortest = min(end_ - one for one, end_ in spans)
            spans = [each for each in spans if each[1] - each[0] <= shortest + DAY // 24]
        day = next((whole for *_, whole in pairs), None) if len(spans) == 1 else None
        return last, (tuple(spans[:_MOST_READINGS]), (), day, clocks)
    return None


def _begins(words: Sequence[str], now: Instant, zone: ZoneInfo, *, named: bool) -> tuple[Instant, ...]:
    """When it may begin; a time that is no more than a number or a length is one only where "from" says so."""
    text = " ".join(words).casefold()
    if words and words[0].casefold() == "in":
        length = parse_duration(text.removeprefix("in"))
        return (now + length.seconds,) if length is not None and length.seconds else ()
    if text in {"now", "today", "right now"}:
        return (now,)
    if len(words) > 1 and words[0].casefold() == "tonight":
        words = ["today", *words[1:]]
    if not named and (parse_duration(text) is not None or text.isdecimal()):
        return ()
    return begins_of(words, now, zone)


def _ends(
    between: str, words: Sequence[str], begin: Instant, zone: ZoneInfo
) -> tuple[tuple[Instant, ...], date | None]:
    if between == "for":
        length = parse_duration(" ".join(words))
        if length is None or length.seconds == 0 or length.several:
            return (), None
        return (FOR_GOOD if length.seconds is None else begin + length.seconds,), None
    return ends_of(words, begin, zone, through=between in _THROUGH)


def _begin_only(said: str, words: Sequence[str], now: Instant, zone: ZoneInfo) -> tuple[str, Window | None]:
    """From friday, in 2 hours; a length may stand before it: 3h from tomorrow 9am."""
    for first in range(len(words)):
        word = words[first].casefold()
        if word not in _FROM | {"in", "after"}:
            continue
        begin = first + (word != "in")
        for last in range(len(words), begin, -1):
            begins = _begins(words[begin:last], now, zone, named=True)
            ahead = (
                begins if " ".join(words[begin:last]).casefold() == "now" else tuple(at for at in begins if at > now)
            )
            if not ahead:
                continue
            if last > begin + 1 and words[last - 1].casefold() in _ON:
                continue
            after = " ".join(words[last:])
            rest, text = " ".join([*words[:first], after]).strip(), " ".join(words[first:last])
            if after.casefold() in _ON:
                return " ".join(words[:first]), Window(text, tuple((at, FOR_GOOD) for at in ahead))
            left, length = split_duration(rest)
            if length is not None and length.seconds:
                return left, Window(f"{rest} {text}", tuple((at, at + length.seconds) for at in ahead))
            return rest, Window(text, begins=ahead[:_MOST_READINGS])
    unread = next((at for at, word in enumerate(words) if word.casefold() in _FROM), None)
    if unread is not None:
        begun = any(
            _begins(words[unread + 1 : last], now, zone, named=True) for last in range(unread + 2, len(words) + 1)
        )
        return " ".join(words[:unread]), Window(" ".join(words[unread:]), past=begun)
    return said.strip(), None


def _parted(word: str, now: Instant, zone: ZoneInfo) -> list[str]:
    """Fri-mon, 22:00-07:00: two times in one word."""
    found = _RANGE.fullmatch(word)
    if found is None:
        return [word]
    today = local_date(now, zone)
    sides = [
        days_meant(side.casefold(), today) is not None or parse_time_of_day(side) is not None for side in found.groups()
    ]
    return [found[1], "-", found[2]] if all(sides) else [word]


def named_windows(said: str, now: Instant, zone: ZoneInfo) -> tuple[tuple[Instant, Instant], ...]:
    """The days that are named alone (tomorrow, the weekend, next week), from their beginning to their end, if ahead."""
    words = [word for word in said.casefold().split() if word not in {"for", "the", "on", "this", "only"}]
    today, text = local_date(now, zone), " ".join(words)
    days = days_meant(text, today)
    if days is None:
        return ()
    length = {"weekend": 2, "week": 7}.get(words[-1], 1)
    spans = [
        (first_instant_at(day, 0, zone), first_instant_at(day + timedelta(days=length), 0, zone)) for day in days.dates
    ]
    return tuple(each for each in spans if each[0] > now) if not days.whole else ()
