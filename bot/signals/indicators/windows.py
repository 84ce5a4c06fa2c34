"""Measures of the last n bars: highest, lowest, mean, spread, rank, count.

Every window includes the current bar. `n` is its length in bars, None all bars so far. A window speaks once n bars
exist and at most one in twenty of them is unknown; a window of all bars once 252 values are known.

Means, sums and spreads are put together by `Doubling`: functions of these take what `means`, `sums` or `spreads` makes
of the series.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from math import isnan
from typing import TYPE_CHECKING

import bottleneck as bn
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from bot.signals.bars import FloatArray, Mask
from bot.signals.indicators.doubling import Doubling, Moments, known_counts

if TYPE_CHECKING:
    from numpy.typing import NDArray

MIN_KNOWN_BARS = 252
"""Known values before a window of all bars says anything: a year of sessions."""

_LAGS_AT_ONCE = 64
"""As many as a byte can count, and few enough for what they give to stay in the processor's cache."""


def needed(n: int) -> int:
    """How many of a window's n values must be known."""
    return n - n // 20


def highest(x: FloatArray, n: int | None) -> FloatArray:
    """Highest known value of the window."""
    if n is None:
        return _once_enough(np.fmax.accumulate(x), x)
    return _full(bn.move_max(x, n, needed(n)), n) if n <= len(x) else _unknown(x)


def lowest(x: FloatArray, n: int | None) -> FloatArray:
    """Lowest known value of the window."""
    if n is None:
        return _once_enough(np.fmin.accumulate(x), x)
    return _full(bn.move_min(x, n, needed(n)), n) if n <= len(x) else _unknown(x)


def new_high(x: FloatArray, n: int | None) -> FloatArray:
    """1 where x is above the highest of the window that ended one bar before."""
    return _beyond(x, highest(x, n))


def new_low(x: FloatArray, n: int | None) -> FloatArray:
    """1 where x is below the lowest of the window that ended one bar before."""
    return _beyond(-x, -lowest(x, n))


def count(yes: FloatArray, n: int | None) -> FloatArray:
    """Number of bars of the window on which a condition was known to be yes."""
    if n is None:
        return _once_enough(np.nancumsum(yes), yes)
    return _full(bn.move_sum(yes, n, needed(n)), n) if n <= len(yes) else _unknown(yes)


def sma(means: Doubling, n: int | None) -> FloatArray:
    """Arithmetic mean of the known values of the window; exactly their value where all are equal."""
    if n is None:
        return _mean_and_spread_of_all(means.series)[0]
    if n > len(means.series):
        return _unknown(means.series)
    number, mean = means.window(n)
    return where_enough(number, mean, n)


def total(sums: Doubling, n: int | None) -> FloatArray:
    """Sum of the known values of the window."""
    if n is None:
        return _once_enough(np.nancumsum(sums.series), sums.series)
    if n > len(sums.series):
        return _unknown(sums.series)
    number, added = sums.window(n)
    return where_enough(number, added, n)


def stdev(spreads: Doubling, n: int | None) -> FloatArray:
    """Population standard deviation of the known values of the window."""
    return mean_and_spread(spreads, n)[1]


def zscore(spreads: Doubling, n: int | None) -> FloatArray:
    """Distance of a value from the window's mean in standard deviations; unknown where there is no spread."""
    mean, spread = mean_and_spread(spreads, n)
    return (spreads.series - mean) / np.where(spread > 0, spread, np.nan)


def percentile(x: FloatArray, n: int | None) -> FloatArray:
    """Rank of x among the window's values, 0 (lowest) to 100 (highest); ties count half."""
    if n is None:
        return _once_enough(_rank_of_all(x), x)
    if n > len(x):
        return _unknown(x)
    return padded(_rank_in_window(x, n), n)


def drawdown(x: FloatArray, n: int | None) -> FloatArray:
    """How far x is from the highest of the window, as a ratio: 0 at the top, -0.2 a fifth below it."""
    peak = highest(x, n)
    return x / np.where(peak > 0, peak, np.nan) - 1.0


def means(x: FloatArray) -> Doubling:
    """Number and mean of the known values."""
    return Doubling(x, known_counts(x), _merge_mean)


def sums(x: FloatArray) -> Doubling:
    """Number and sum of the known values."""
    return Doubling(x, known_counts(x), _merge_sum)


def spreads(x: FloatArray) -> Doubling:
    """Number, mean and sum of squared deviations of the known values."""
    known, filled = known_counts(x)
    return Doubling(x, (known, filled, np.zeros_like(filled)), _merge_spread)


def _merge_mean(newer: Moments, older: Moments) -> Moments:
    (n1, mean1), (n2, mean2) = newer, older
    total = n1 + n2
    return total, mean1 + (mean2 - mean1) * (n2 / np.maximum(total, 1.0))


def _merge_sum(newer: Moments, older: Moments) -> Moments:
    return newer[0] + older[0], newer[1] + older[1]


def _merge_spread(newer: Moments, older: Moments) -> Moments:
    """Count, mean and sum of squared deviations of two windows together (Chan, Golub and LeVeque)."""
    (n1, mean1, square1), (n2, mean2, square2) = newer, older
    total = n1 + n2
    share = n2 / np.maximum(total, 1.0)
    apart = mean2 - mean1
    return total, mean1 + apart * share, square1 + square2 + apart * apart * (n1 * share)


def mean_and_spread(spreads: Doubling, n: int | None) -> tuple[FloatArray, FloatArray]:
    """Mean and population standard deviation of the known values of the window."""
    if n is None:
        return _mean_and_spread_of_all(spreads.series)
    if n > len(spreads.series):
        return _unknown(spreads.series), _unknown(spreads.series)
    number, mean, square = spreads.window(n)
    return where_enough(number, mean, n), where_enough(number, np.sqrt(square / number), n)


def where_enough(number: FloatArray, values: FloatArray, n: int) -> FloatArray:
    """Values of the windows of n bars, put at their last bars; unknown where the number of known ones is too small."""
    return padded(np.where(number >= needed(n), values, np.nan) if number.ndim else values, n)


def padded(values: FloatArray, n: int) -> FloatArray:
    """Values of the windows of n bars, put at their last bars."""
    out = np.empty(len(values) + n - 1)
    out[: n - 1], out[n - 1 :] = np.nan, values
    return out


def _mean_and_spread_of_all(x: FloatArray) -> tuple[FloatArray, FloatArray]:
    known = ~np.isnan(x)
    if not known.any():
        return _unknown(x), _unknown(x)
    first = x[int(np.argmax(known))]
    apart = np.where(known, x - first, 0.0)
    number = np.maximum(np.cumsum(known), 1)
    offset = np.cumsum(apart) / number
    square = np.cumsum(apart * apart) / number - offset * offset
    return _once_enough(first + offset, x), _once_enough(np.sqrt(np.maximum(square, 0.0)), x)


def _rank_in_window(x: FloatArray, n: int) -> FloatArray:
    """Percentile of the last value of each window of n: the others are compared with it lag by lag, many at once."""
    last, others = x[n - 1 :], sliding_window_view(x, n).T[:-1]
    below, same = np.zeros(len(last)), np.zeros(len(last))
    for lag in range(0, n - 1, _LAGS_AT_ONCE):
        some = others[lag : lag + _LAGS_AT_ONCE]
        below += _column_sums(some < last)
        same += _column_sums(some == last)
    known = bn.move_sum((~np.isnan(x)).astype(np.float64), n)[n - 1 :]
    share = (below + 0.5 * same) / np.maximum(known - 1.0, 1.0)
    return np.where((known >= needed(n)) & ~np.isnan(last), (2.0 * (share - 0.5) + 1.0) * 50.0, np.nan)


def _column_sums(yes: Mask) -> NDArray[np.uint8]:
    """How many of each column are true; fewer than 256."""
    sums: NDArray[np.uint8] = np.add.reduce(yes.view(np.uint8), axis=0, dtype=np.uint8)
    return sums


def _rank_of_all(x: FloatArray) -> FloatArray:
    ranks = np.full(len(x), np.nan)
    seen: list[float] = []
    for at, value in enumerate(x.tolist()):
        if not isnan(value):
            below = bisect_left(seen, value)
            same = bisect_right(seen, value, lo=below) - below
            ranks[at] = 100.0 * (below + same / 2) / max(len(seen), 1)
            seen.insert(below, value)
    return ranks


def _beyond(x: FloatArray, top: FloatArray) -> FloatArray:
    before = np.concatenate([[np.nan], top[:-1]])[: len(x)]
    return np.where(np.isnan(x + before), np.nan, x > before)


def _full(values: FloatArray, n: int) -> FloatArray:
    values[: n - 1] = np.nan
    return values


def _once_enough(values: FloatArray, x: FloatArray) -> FloatArray:
    return np.where(np.cumsum(~np.isnan(x)) >= MIN_KNOWN_BARS, values, np.nan)


def _unknown(x: FloatArray) -> FloatArray:
    return np.full(len(x), np.nan)
