"""Sessions of the New York Stock Exchange, 1985 to 2035.

Commands in the shell take them from here: exchange_calendars takes a second to import and to make them. A test holds
this table to that library.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np

from bot.signals.bars import IntArray, among
from bot.signals.sessions import Sessions
from bot.signals.timeframe import DAY, Instant, midnight

CALENDAR = "XNYS"
FIRST, LAST = midnight(date(1985, 1, 1)), midnight(date(2035, 12, 31))

_OPEN, _CLOSE = 9 * 3_600 + 1_800, 16 * 3_600  # seconds after midnight in New York
_ONE, _TWO = 13 * 3_600, 14 * 3_600  # an early close; until 1992 it was at two

_SAMPLED_WEEKS = 4
"""One week in so many is asked for its offset: clocks are not set twice within a month."""

# Weekdays on which it is shut, and those on which it closes early.
_YEARS = """
1985 01-01 02-18 04-05 05-27 07-04 09-02 09-27 11-28 12-25 early 12-24
1986 01-01 02-17 03-28 05-26 07-04 09-01 11-27 12-25 early 12-24
1987 01-01 02-16 04-17 05-25 07-03 09-07 11-26 12-25 early 12-24
1988 01-01 02-15 04-01 05-30 07-04 09-05 11-24 12-26
1989 01-02 02-20 03-24 05-29 07-04 09-04 11-23 12-25
1990 01-01 02-19 04-13 05-28 07-04 09-03 11-22 12-25 early 12-24
1991 01-01 02-18 03-29 05-27 07-04 09-02 11-28 12-25 early 12-24
1992 01-01 02-17 04-17 05-25 07-03 09-07 11-26 12-25 early 11-27 12-24
1993 01-01 02-15 04-09 05-31 07-05 09-06 11-25 12-24 early 11-26
1994 02-21 04-01 04-27 05-30 07-04 09-05 11-24 12-26 early 11-25
1995 01-02 02-20 04-14 05-29 07-04 09-04 11-23 12-25 early 07-03 11-24
1996 01-01 02-19 04-05 05-27 07-04 09-02 11-28 12-25 early 07-05 11-29 12-24
1997 01-01 02-17 03-28 05-26 07-04 09-01 11-27 12-25 early 07-03 11-28 12-24 12-26
1998 01-01 01-19 02-16 04-10 05-25 07-03 09-07 11-26 12-25 early 11-27 12-24
1999 01-01 01-18 02-15 04-02 05-31 07-05 09-06 11-25 12-24 early 11-26 12-31
2000 01-17 02-21 04-21 05-29 07-04 09-04 11-23 12-25 early 07-03 11-24
2001 01-01 01-15 02-19 04-13 05-28 07-04 09-03 09-11 09-12 09-13 09-14 11-22 12-25 early 07-03 11-23 12-24
2002 01-01 01-21 02-18 03-29 05-27 07-04 09-02 11-28 12-25 early 07-05 11-29 12-24
2003 01-01 01-20 02-17 04-18 05-26 07-04 09-01 11-27 12-25 early 07-03 11-28 12-24 12-26
2004 01-01 01-19 02-16 04-09 05-31 06-11 07-05 09-06 11-25 12-24 early 11-26
2005 01-17 02-21 03-25 05-30 07-04 09-05 11-24 12-26 early 11-25
2006 01-02 01-16 02-20 04-14 05-29 07-04 09-04 11-23 12-25 early 07-03 11-24
2007 01-01 01-02 01-15 02-19 04-06 05-28 07-04 09-03 11-22 12-25 early 07-03 11-23 12-24
2008 01-01 01-21 02-18 03-21 05-26 07-04 09-01 11-27 12-25 early 07-03 11-28 12-24
2009 01-01 01-19 02-16 04-10 05-25 07-03 09-07 11-26 12-25 early 11-27 12-24
2010 01-01 01-18 02-15 04-02 05-31 07-05 09-06 11-25 12-24 early 11-26
2011 01-17 02-21 04-22 05-30 07-04 09-05 11-24 12-26 early 11-25
2012 01-02 01-16 02-20 04-06 05-28 07-04 09-03 10-29 10-30 11-22 12-25 early 07-03 11-23 12-24
2013 01-01 01-21 02-18 03-29 05-27 07-04 09-02 11-28 12-25 early 07-03 11-29 12-24
2014 01-01 01-20 02-17 04-18 05-26 07-04 09-01 11-27 12-25 early 07-03 11-28 12-24
2015 01-01 01-19 02-16 04-03 05-25 07-03 09-07 11-26 12-25 early 11-27 12-24
2016 01-01 01-18 02-15 03-25 05-30 07-04 09-05 11-24 12-26 early 11-25
2017 01-02 01-16 02-20 04-14 05-29 07-04 09-04 11-23 12-25 early 07-03 11-24
2018 01-01 01-15 02-19 03-30 05-28 07-04 09-03 11-22 12-05 12-25 early 07-03 11-23 12-24
2019 01-01 01-21 02-18 04-19 05-27 07-04 09-02 11-28 12-25 early 07-03 11-29 12-24
2020 01-01 01-20 02-17 04-10 05-25 07-03 09-07 11-26 12-25 early 11-27 12-24
2021 01-01 01-18 02-15 04-02 05-31 07-05 09-06 11-25 12-24 early 11-26
2022 01-17 02-21 04-15 05-30 06-20 07-04 09-05 11-24 12-26 early 11-25
2023 01-02 01-16 02-20 04-07 05-29 06-19 07-04 09-04 11-23 12-25 early 07-03 11-24
2024 01-01 01-15 02-19 03-29 05-27 06-19 07-04 09-02 11-28 12-25 early 07-03 11-29 12-24
2025 01-01 01-09 01-20 02-17 04-18 05-26 06-19 07-04 09-01 11-27 12-25 early 07-03 11-28 12-24
2026 01-01 01-19 02-16 04-03 05-25 06-19 07-03 09-07 11-26 12-25 early 11-27 12-24
2027 01-01 01-18 02-15 03-26 05-31 06-18 07-05 09-06 11-25 12-24 early 11-26
2028 01-17 02-21 04-14 05-29 06-19 07-04 09-04 11-23 12-25 early 07-03 11-24
2029 01-01 01-15 02-19 03-30 05-28 06-19 07-04 09-03 11-22 12-25 early 07-03 11-23 12-24
2030 01-01 01-21 02-18 04-19 05-27 06-19 07-04 09-02 11-28 12-25 early 07-03 11-29 12-24
2031 01-01 01-20 02-17 04-11 05-26 06-19 07-04 09-01 11-27 12-25 early 07-03 11-28 12-24
2032 01-01 01-19 02-16 03-26 05-31 06-18 07-05 09-06 11-25 12-24 early 11-26
2033 01-17 02-21 04-15 05-30 06-20 07-04 09-05 11-24 12-26 early 11-25
2034 01-02 01-16 02-20 04-07 05-29 06-19 07-04 09-04 11-23 12-25 early 07-03 11-24
2035 01-01 01-15 02-19 03-23 05-28 06-19 07-04 09-03 11-22 12-25 early 07-03 11-23 12-24
"""


def new_york_sessions(first: Instant, last: Instant) -> Sessions:
    """Sessions of the dates from that of `first` to that of `last`; both between FIRST and LAST."""
    known = _table()
    inside = slice(*np.searchsorted(known.start, [first // DAY * DAY, last + 1]))
    return Sessions(CALENDAR, known.start[inside], known.opens[inside], known.closes[inside])


@lru_cache(maxsize=1)
def _table() -> Sessions:
    shut, early = _days()
    days = np.arange(FIRST, LAST + DAY, DAY, dtype=np.int64)
    weekday = (days // DAY + 3) % 7
    start = days[(weekday < 5) & ~among(days, shut)]
    midnights = start - _offsets(start)
    afternoon = np.where(start < midnight(date(1993, 1, 1)), _TWO, _ONE)
    closes = midnights + np.where(among(start, early), afternoon, _CLOSE)
    return Sessions(CALENDAR, start, midnights + _OPEN, closes)


def _days() -> tuple[IntArray, IntArray]:
    """The days on which it was shut, and those on which it closed early; both ascending."""
    shut, early = list[Instant](), list[Instant]()
    for line in _YEARS.split("\n"):
        year, _, days = line.partition(" ")
        for part, found in zip(days.split("early"), (shut, early), strict=False):
            found += [midnight(date.fromisoformat(f"{year}-{day}")) for day in part.split()]
    return np.array(shut, dtype=np.int64), np.array(early, dtype=np.int64)


def _offsets(start: IntArray) -> IntArray:
    """Seconds by which New York is ahead of UTC on each date. Its clocks are set on Sundays: one offset a week.

    Weeks between two sampled ones of the same offset have it too; between two of different ones each week is asked.
    """
    week = (start // DAY + 3) // 7
    weeks = np.arange(week[0], week[-1] + _SAMPLED_WEEKS)
    ahead = np.repeat([_ahead(each) for each in weeks[::_SAMPLED_WEEKS].tolist()], _SAMPLED_WEEKS)[: len(weeks)]
    for last in np.flatnonzero(np.diff(ahead)).tolist():
        between = slice(last + 1 - _SAMPLED_WEEKS, last + 1)
        ahead[between] = [_ahead(each) for each in weeks[between].tolist()]
    offsets: IntArray = ahead[week - week[0]]
    return offsets


def _ahead(week: int) -> int:
    midday = datetime.fromtimestamp((week * 7 - 3) * DAY + DAY // 2, ZoneInfo("America/New_York"))
    return int((midday.utcoffset() or timedelta()).total_seconds())
