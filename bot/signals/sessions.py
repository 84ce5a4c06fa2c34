"""Trading sessions of a calendar: opens and closes, and which bars must therefore be there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from bot.signals.bars import IntArray
from bot.signals.timeframe import DAY, Instant

ROUND_THE_CLOCK = "24/7"
"""Name of the calendar whose sessions are UTC days."""


@dataclass(frozen=True, eq=False)
class Sessions:
    """Trading sessions of one calendar, oldest first.

    `start` is midnight UTC of the session's date and identifies it (as it does a daily bar); `opens` and
    `closes` are instants, half days and changes of the clock included.
    """

    calendar: str
    start: IntArray
    opens: IntArray
    closes: IntArray

    def __len__(self) -> int:
        return int(self.start.shape[0])

    @classmethod
    def round_the_clock(cls, first: Instant, last: Instant) -> Self:
        """UTC days from the day of `first` to the day of `last`, both included."""
        start = np.arange(first - first % DAY, last + 1, DAY, dtype=np.int64)
        return cls(ROUND_THE_CLOCK, start, start.copy(), start + DAY)

    def since(self, start: Instant) -> Self:
        """The sessions from the one that begins at or after `start` on."""
        at = int(np.searchsorted(self.start, start))
        return replace(self, start=self.start[at:], opens=self.opens[at:], closes=self.closes[at:])

    def last_closed(self, now: Instant) -> int | None:
        """Position of the newest session that had closed at or before `now`; None before the first."""
        at = int(np.searchsorted(self.closes, now, side="right")) - 1
        return at if at >= 0 else None

    def next_close(self, now: Instant) -> Instant | None:
        """The first close after `now`; None beyond the calendar's end."""
        at = int(np.searchsorted(self.closes, now, side="right"))
        return int(self.closes[at]) if at < len(self) else None

    def position(self, start: Instant) -> int | None:
        """Position of the session of the date that begins at `start`; None on a day without one."""
        at = int(np.searchsorted(self.start, start))
        return at if at < len(self) and int(self.start[at]) == start else None

    def is_open(self, now: Instant) -> bool:
        """Whether trading goes on at `now`."""
        at = int(np.searchsorted(self.opens, now, side="right")) - 1
        return at >= 0 and now < int(self.closes[at])

    def closed_between(self, after: Instant, until: Instant) -> IntArray:
        """Starts of the sessions whose close lies in (after, until]."""
        first, last = np.searchsorted(self.closes, [after, until], side="right")
        return self.start[first:last]
