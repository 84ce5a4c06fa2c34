"""Bars joined to weeks or months where a picture has no room for days. Runs in the worker process only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from bot.signals.bars import Bars, IntArray
from bot.signals.timeframe import DAY, Timeframe

MOST_SEEN: Final = 800
"""Bars beyond which a picture of a phone's width shows a smear."""


@dataclass(frozen=True, eq=False, slots=True)
class Joined:
    """Bars as they are drawn. `places`: of each bar that was joined, the position of the drawn one.

    `by` is what one drawn bar holds, "week" or "month"; empty where it is a bar as it was.
    """

    bars: Bars
    places: IntArray
    by: str = ""


def joined(bars: Bars) -> Joined:
    """Days by week, or by month where there are too many weeks, too. The last one may have only begun.

    What is unknown of some days is passed over, so that a hole does not make a hole of a week.
    """
    if len(bars) <= MOST_SEEN or bars.timeframe is not Timeframe.D1:
        return Joined(bars, np.arange(len(bars)))
    by, begins = "week", _begins(_week(bars.start))
    if len(begins) > MOST_SEEN:
        by, begins = "month", _begins(_month(bars.start))
    places = np.searchsorted(begins, np.arange(len(bars)), side="right") - 1
    return Joined(_over(bars, begins), places, by)


def _begins(numbers: IntArray) -> IntArray:
    return np.flatnonzero(np.diff(numbers, prepend=numbers[:1] - 1))


def _over(bars: Bars, begins: IntArray) -> Bars:
    lasts = np.append(begins[1:], len(bars)) - 1
    known = np.maximum.accumulate(np.where(np.isfinite(bars.close), np.arange(len(bars)), -1))[lasts]
    close = np.where(known >= begins, bars.close[known], np.nan)
    traded = np.where(np.isfinite(bars.volume), bars.volume, 0.0)
    return Bars(
        bars.market,
        bars.timeframe,
        bars.start[begins],
        bars.end[lasts],
        bars.open[begins],
        np.fmax.reduceat(bars.high, begins),
        np.fmin.reduceat(bars.low, begins),
        close,
        np.add.reduceat(traded, begins),
    )


def _week(start: IntArray) -> IntArray:
    return (start // DAY + 3) // 7


def _month(start: IntArray) -> IntArray:
    return start.astype("datetime64[s]").astype("datetime64[M]").astype(np.int64)
