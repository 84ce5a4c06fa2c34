"""Indicators that charting programs call by name: MACD, stochastic, Bollinger's bands, on-balance volume, WMA."""

from __future__ import annotations

import numpy as np

from bot.signals.bars import Bars, FloatArray
from bot.signals.indicators import windows
from bot.signals.indicators.doubling import Doubling, Moments, known_counts
from bot.signals.indicators.smoothing import ema
from bot.signals.indicators.windows import where_enough


def macd(x: FloatArray, fast: int, slow: int) -> FloatArray:
    """The fast exponential mean less the slow one."""
    return ema(x, fast) - ema(x, slow)


def macd_signal(x: FloatArray, fast: int, slow: int, smooth: int) -> FloatArray:
    """The exponential mean of the MACD line."""
    return ema(macd(x, fast, slow), smooth)


def stoch(bars: Bars, n: int) -> FloatArray:
    """Where the close lies between lowest low and highest high of n bars, 0 to 100; unknown where these meet."""
    bottom, top = windows.lowest(bars.low, n), windows.highest(bars.high, n)
    room = np.where(top > bottom, top - bottom, np.nan)
    return np.clip(100.0 * ((bars.close - bottom) / room), 0.0, 100.0)


def bollinger(spreads: Doubling, n: int, width: float) -> FloatArray:
    """The mean of the window plus so many of its standard deviations."""
    mean, spread = windows.mean_and_spread(spreads, n)
    return mean + width * spread


def obv(bars: Bars) -> FloatArray:
    """Volume of rising bars less that of falling ones, since the first bar; an unknown bar is passed over."""
    out = np.full(len(bars), np.nan)
    known = np.isfinite(bars.close + bars.volume)
    if known.any():
        direction = np.sign(np.diff(bars.close[known]))
        out[known] = np.concatenate([[0.0], np.cumsum(direction * bars.volume[known][1:])])
    return out


def weighted_means(x: FloatArray) -> Doubling:
    """Size, number of known values, their mean, weight and weighted mean."""
    known, filled = known_counts(x)
    return Doubling(x, (np.array(1.0), known, filled, known, filled), _merge_weighted)


def wma(weighted: Doubling, n: int) -> FloatArray:
    """Mean of the known values of the window with weights 1 (oldest) to n; exactly their value where all are equal."""
    if n > len(weighted.series):
        return np.full(len(weighted.series), np.nan)
    _, number, _, _, mean = weighted.window(n)
    return where_enough(number, mean, n)


def _merge_weighted(newer: Moments, older: Moments) -> Moments:
    """Size, count, mean, weight, weighted mean of two windows together; the newer weighs more by the older's size."""
    (size1, n1, mean1, weight1, weighted1), (size2, n2, mean2, weight2, weighted2) = newer, older
    more = size2 * n1
    grown = weight1 + more
    weighted1 = weighted1 + (mean1 - weighted1) * (more / np.maximum(grown, 1.0))
    total, weight = n1 + n2, grown + weight2
    mean = mean1 + (mean2 - mean1) * (n2 / np.maximum(total, 1.0))
    weighted = weighted1 + (weighted2 - weighted1) * (weight2 / np.maximum(weight, 1.0))
    return size1 + size2, total, mean, weight, weighted
