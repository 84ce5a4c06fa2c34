"""Extremes since a week, month, quarter or year of the calendar began."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np

from bot.signals.bars import Bars, FloatArray, IntArray
from bot.signals.indicators.windows import needed
from bot.signals.timeframe import DAY

PERIODS = ("week", "month", "quarter", "year")


def highest_to_date(bars: Bars, x: FloatArray, period: str) -> FloatArray:
    """Highest known value since the period of each bar began."""
    return _to_date(bars, x, period, np.fmax.accumulate)


def lowest_to_date(bars: Bars, x: FloatArray, period: str) -> FloatArray:
    """Lowest known value since the period of each bar began."""
    return _to_date(bars, x, period, np.fmin.accumulate)


def period_of(start: IntArray, period: str) -> IntArray:
    """A number for the period of the calendar in which bars begin, by their dates in UTC; weeks begin on Monday."""
    if period == "week":
        return (start // DAY + 3) // 7  # 1970-01-01 was a Thursday
    months = start.astype("datetime64[s]").astype("datetime64[M]").astype(np.int64)
    return months // {"month": 1, "quarter": 3, "year": 12}[period]


def _to_date(bars: Bars, x: FloatArray, period: str, extreme: Callable[[FloatArray], FloatArray]) -> FloatArray:
    """Unknown in the first period, of which nobody knows whether the bars hold its beginning."""
    out = np.full(len(x), np.nan)
    edges = np.flatnonzero(np.diff(period_of(bars.start, period))) + 1
    for first, last in pairwise([*edges.tolist(), len(x)]):
        values = x[first:last]
        many_known = np.cumsum(~np.isnan(values)) >= [needed(n) for n in range(1, len(values) + 1)]
        out[first:last] = np.where(many_known, extreme(values), np.nan)
    return out
