"""Release schedules of macro series: for which days there is a figure, and at which instant it is public."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal, NamedTuple

import numpy as np

from bot.signals.bars import Bars, IntArray
from bot.signals.sessions import ROUND_THE_CLOCK, Sessions
from bot.signals.timeframe import DAY, Instant

HOUR = 3_600
_MONDAY = 4 * DAY
"""Monday, 5 January 1970: weeks are counted from here."""


class ReleaseSchedule(NamedTuple):
    """When the figures of a series come out: one for each day, weekday, week, month or quarter.

    `lag` is the seconds from midnight UTC of the day that a figure speaks of to the instant at which it surely is
    public: the publisher's usual hour, moved by what its holidays cost. `valid_for` is how long the newest figure
    stands after its release, in seconds, while no other has come. `weekday` counts from Monday, 0.
    """

    every: Literal["day", "weekday", "week", "month", "quarter"]
    lag: int
    valid_for: int
    weekday: int = 0

    def days(self, first: Instant, last: Instant) -> IntArray:
        """Midnights UTC of the days from `first` to `last` that have a figure."""
        days = np.arange(first - first % DAY, last + 1, DAY, dtype=np.int64)
        weekday = (days - _MONDAY) // DAY % 7
        if self.every == "weekday":
            days = days[weekday < 5]
        if self.every == "week":
            days = days[weekday == self.weekday]
        if self.every in ("month", "quarter"):
            dates = days.astype("M8[s]")
            months = dates.astype("M8[M]")
            firsts = dates.astype("M8[D]") == months.astype("M8[D]")
            days = days[firsts & ((months.astype(np.int64) % 3 == 0) | (self.every == "month"))]
        return np.asarray(days)


RELEASES: Mapping[str, ReleaseSchedule] = {
    # H.4.1: Thursdays 16:30 in New York, Fridays where Thursday is a holiday; the figures are Wednesday's
    "releases/h41": ReleaseSchedule("week", 2 * DAY + 22 * HOUR, 16 * DAY, weekday=2),
    # the Chicago Fed's index: Wednesdays 8:30 in New York for the week that ended on the Friday before
    "releases/nfci": ReleaseSchedule("week", 6 * DAY + 14 * HOUR, 16 * DAY, weekday=4),
    # H.6 and the like: the fourth Tuesday of the month after; the figure is dated with the month's first day
    "releases/monthly": ReleaseSchedule("month", 62 * DAY, 45 * DAY),
    # funds' flows: three months in one filing, due 60 days after the quarter; the month is dated with its first day
    "releases/nport": ReleaseSchedule("month", 147 * DAY, 130 * DAY),
    # companies' reports: for the last quarter of a year due after 90 days, late ones two weeks later; dated with the
    # quarter's first day
    "releases/quarterly": ReleaseSchedule("quarter", 205 * DAY, 150 * DAY),
    # daily figures that are public on the next business day, after a long weekend on the fourth
    "releases/next-day": ReleaseSchedule("weekday", 4 * DAY + 14 * HOUR, 7 * DAY),
    # overnight operations whose result is public on the day itself
    "releases/same-day": ReleaseSchedule("weekday", DAY, 7 * DAY),
    # H.10: on Mondays for the week before, on Tuesdays after a holiday
    "releases/h10": ReleaseSchedule("weekday", 11 * DAY + 22 * HOUR, 16 * DAY),
    # what a fund pays to who held it the day before: known, and told by vendors, once that day's trading has begun
    "releases/ex-date": ReleaseSchedule("weekday", 15 * HOUR, 7 * DAY),
    # what crypto's own statistics say of a UTC day, some hours after it
    "releases/utc-day": ReleaseSchedule("day", DAY + 6 * HOUR, 5 * DAY),
    # prices and what is made of them, which anybody can see when a UTC day ends
    "releases/day-end": ReleaseSchedule("day", DAY, 5 * DAY),
    # an index of a day that is told at its beginning
    "releases/day-start": ReleaseSchedule("day", 6 * HOUR, 5 * DAY),
}
"""By calendar: a macro market's calendar is one of these names."""


def release_calendar(calendar: str, first: Instant, last: Instant) -> Sessions:
    """The figures of a schedule as sessions: `start` is the day, `closes` the instant of the release.

    Raises KeyError where there is no such schedule.
    """
    schedule = RELEASES[calendar]
    days = schedule.days(first, last)
    return Sessions(calendar, days, days, days + schedule.lag)


def ruled_sessions(calendar: str, first: Instant, last: Instant) -> Sessions | None:
    """Sessions of a calendar that follows a rule, UTC days or releases; None for an exchange's, known to a library."""
    if calendar == ROUND_THE_CLOCK:
        return Sessions.round_the_clock(first, last)
    return release_calendar(calendar, first, last) if calendar in RELEASES else None


def with_validity(bars: Bars, calendar: str) -> Bars:
    """The bars of a macro series, marked with how long the newest stands; those of other markets as they are."""
    schedule = RELEASES.get(calendar)
    if schedule is None or bars.valid_for == schedule.valid_for:
        return bars
    return replace(bars, valid_for=schedule.valid_for)
