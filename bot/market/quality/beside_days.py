"""Bars within a day held beside the day that they are of."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bot.signals.bars import Bars, FloatArray
from bot.signals.sessions import Sessions

_APART = 0.05
"""How far a bar within a day may lie beyond its day's prices, as a ratio: prints of vendors and exchanges differ."""


def beyond_their_day(bars: Bars, days: Bars, sessions: Sessions) -> NDArray[np.bool_]:
    """Which bars within a day are of a session whose known day they can't be of.

    All bars of a session go together: where one closes beyond the day's high or low, or the one that ends with the
    session closes elsewhere than the day does.
    """
    day = np.searchsorted(sessions.opens, bars.start, side="right") - 1
    inside = day >= 0
    if not len(days) or not inside.any():
        return np.zeros(len(bars), dtype=bool)
    day = np.maximum(day, 0)
    at = np.searchsorted(days.start, sessions.start[day]).clip(max=len(days) - 1)
    known = inside & (days.start[at] == sessions.start[day])
    top, bottom = np.fmax(days.high, days.close)[at], np.fmin(days.low, days.close)[at]
    ends = bars.end == sessions.closes[day]
    odd = _apart(bars.close, top) > 0
    odd |= _apart(bottom, bars.close) > 0
    odd |= ends & (np.maximum(_apart(bars.close, days.close[at]), _apart(days.close[at], bars.close)) > 0)
    return np.asarray(known & np.isin(day, day[known & odd]))


def _apart(higher: FloatArray, lower: FloatArray) -> FloatArray:
    """By how much one price is more than _APART above another; not above zero where either is unknown."""
    return np.nan_to_num(higher / np.where(lower > 0, lower, np.nan) - 1 - _APART, nan=-1.0)
