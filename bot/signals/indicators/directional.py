"""Wilder's directional movement: plus and minus DI, and their average index ADX."""

from __future__ import annotations

import numpy as np

from bot.signals.bars import Bars, FloatArray
from bot.signals.indicators.smoothing import lagged, on_known, true_range, wilder


def plus_di(bars: Bars, n: int) -> FloatArray:
    """Share of upward movement in the true range, 0 to 100, smoothed over n bars; 0 where nothing moved."""
    return _lines(bars, n)[0]


def minus_di(bars: Bars, n: int) -> FloatArray:
    """Share of downward movement in the true range, 0 to 100, smoothed over n bars; 0 where nothing moved."""
    return _lines(bars, n)[1]


def adx(bars: Bars, n: int) -> FloatArray:
    """Smoothed mean of how far the two lines are apart, 0 to 100; known from the 2n-th bar."""
    plus, minus = _lines(bars, n)
    both = plus + minus
    apart = np.where(both > 0, 100.0 * (np.abs(plus - minus) / np.where(both > 0, both, 1.0)), 0.0 * both)
    return np.minimum(on_known(apart, lambda values: wilder(values, n)), 100.0)


def _lines(bars: Bars, n: int) -> tuple[FloatArray, FloatArray]:
    """Plus and minus DI; a bar whose movement is not known is passed over."""
    up, down = bars.high - lagged(bars.high, 1), lagged(bars.low, 1) - bars.low
    ranges = true_range(bars)
    gap = np.isnan(up + down + ranges)
    rising = np.where(gap, np.nan, np.where((up > down) & (up > 0), up, 0.0))
    falling = np.where(gap, np.nan, np.where((down > up) & (down > 0), down, 0.0))
    whole = _smooth(np.where(gap, np.nan, ranges), n)
    return _share(_smooth(rising, n), whole), _share(_smooth(falling, n), whole)


def _smooth(moves: FloatArray, n: int) -> FloatArray:
    return on_known(moves, lambda values: wilder(values, n))


def _share(part: FloatArray, whole: FloatArray) -> FloatArray:
    return np.clip(np.where(whole > 0, 100.0 * (part / np.where(whole > 0, whole, 1.0)), 0.0 * whole), 0.0, 100.0)
