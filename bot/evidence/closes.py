"""Usable closes of a market, entries after an instant, and where they lead over calendar days."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from bot.signals.asof import STALE_AFTER_SECONDS, last_closed
from bot.signals.bars import Bars, FloatArray, IntArray
from bot.signals.indicators.windows import new_high
from bot.signals.timeframe import DAY, Instant, Timeframe, label

BREAKOUT_BARS = 90
"""A market breaks out on its own where it closes above all closes of so many bars before, as the rules have it."""


def known_or_none(value: float) -> float | None:
    """The number, or None where it is unknown: how NaN leaves the arrays."""
    return float(value) if np.isfinite(value) else None


@dataclass(frozen=True, slots=True)
class Waypoint:
    """One close on the way: the start of its bar, its price, its change since the entry and the seconds since then.

    Seconds as calendar days are counted: between the sessions of two daily bars they are whole days.
    """

    bar: Instant
    price: float
    change: float
    after: int


@dataclass(frozen=True, eq=False)
class Closes:
    """The usable closes of one market, oldest first: those that are a number above 0. `refused` counts the others."""

    market: str
    timeframe: Timeframe
    start: IntArray
    end: IntArray
    price: FloatArray
    refused: int = 0

    def __len__(self) -> int:
        return len(self.price)

    @classmethod
    def of(cls, bars: Bars) -> Closes:
        """The usable closes of some bars."""
        good = np.isfinite(bars.close) & (bars.close > 0)
        return cls(bars.market, bars.timeframe, bars.start[good], bars.end[good], bars.close[good], int((~good).sum()))

    @cached_property
    def counted(self) -> IntArray:
        """Instants that calendar days are counted between: of a daily bar its date, so that no clock change, and no
        half day, moves the n-th date's session; of others the close.
        """
        return self.start if self.timeframe is Timeframe.D1 else self.end

    def label(self, position: int) -> str:
        """Name of the bar at `position`."""
        return label(int(self.start[position]), self.timeframe)

    def entries(self, instants: IntArray) -> IntArray:
        """Position of the first close after each instant; -1 where there is none within STALE_AFTER_SECONDS."""
        if not len(self):
            return np.full(len(instants), -1, dtype=np.int64)
        at = np.searchsorted(self.end, instants, side="right")
        waited = self.end[at.clip(max=len(self) - 1)] - instants
        return np.where((at < len(self)) & (waited <= STALE_AFTER_SECONDS), at, -1)

    def reach(self, days: int) -> IntArray:
        """For each close the position of the last one at or before `days` calendar days later.

        -1 where the closes do not reach that far yet, or where that last one is older than
        STALE_AFTER_SECONDS or than half of the way: then nobody knows.
        """
        if not len(self):
            return np.empty(0, dtype=np.int64)
        target = self.counted + days * DAY
        at = last_closed(target, self.counted, min(STALE_AFTER_SECONDS, days * DAY // 2))
        return np.where(target <= self.counted[-1], at, -1)

    def forward(self, days: int) -> FloatArray:
        """Return from each close to that `days` calendar days later, as a ratio; NaN where unknown."""
        at = self.reach(days)
        return np.where(at >= 0, self.price[at] / self.price - 1.0, np.nan)

    def extremes(self, position: int, days: int) -> tuple[Waypoint, Waypoint] | None:
        """Highest and lowest close after the one at `position` and within `days` of it, as far as they go.

        The entry itself is not on the way. The first of equals. None where nothing has followed yet.
        """
        last = int(np.searchsorted(self.counted, int(self.counted[position]) + days * DAY, side="right"))
        way = self.price[position + 1 : last]
        if not len(way):
            return None
        return self._waypoint(position, int(way.argmax())), self._waypoint(position, int(way.argmin()))

    def _waypoint(self, entry: int, steps: int) -> Waypoint:
        at = entry + 1 + steps
        price = float(self.price[at])
        after = int(self.counted[at] - self.counted[entry])
        return Waypoint(int(self.start[at]), price, price / float(self.price[entry]) - 1.0, after)

    @cached_property
    def breakouts(self) -> IntArray:
        """Positions of the closes above all of the BREAKOUT_BARS before."""
        return np.flatnonzero(new_high(self.price, BREAKOUT_BARS) == 1)

    @cached_property
    def next_breakout(self) -> IntArray:
        """For each close the position of the first breakout after it; -1 where there is none."""
        later = np.searchsorted(self.breakouts, np.arange(len(self)), side="right")
        return np.append(self.breakouts, -1)[later]

    def breakout_within(self, position: int, days: int) -> Waypoint | None:
        """The first breakout after the close at `position` and within `days` of it; None where there is none."""
        at = int(self.next_breakout[position])
        if at < 0 or int(self.counted[at] - self.counted[position]) > days * DAY:
            return None
        return self._waypoint(position, at - position - 1)

    def broke_out(self, days: int) -> FloatArray:
        """1 where a breakout followed a close within `days`, 0 where none did, NaN where it is not known.

        It is known where all those days have passed (else the early ones would count and the late ones not), and
        from BREAKOUT_BARS on.
        """
        if not len(self):
            return np.empty(0)
        at = self.next_breakout
        came = (at >= 0) & (self.counted[at] - self.counted <= days * DAY)
        told = np.where(self.reach(days) >= 0, came.astype(np.float64), np.nan)
        told[:BREAKOUT_BARS] = np.nan
        return told
