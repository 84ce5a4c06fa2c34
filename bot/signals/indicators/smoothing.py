"""Smoothed measures of a price: EMA, ATR, RSI, change.

A bar with an unknown value is passed over: it is unknown itself, and the smoothing goes on as if it were
not there. Definitions are those of Wilder (RSI, ATR) and of the charting programs that follow him.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from bot.signals.bars import Bars, FloatArray

_Smoothing = Callable[[FloatArray], FloatArray]


def ema(x: FloatArray, n: int) -> FloatArray:
    """Exponential mean, weight 2/(n+1), seeded with the mean of the first n known values."""
    return on_known(x, lambda values: _smoothed(values, n, 2.0 / (n + 1)))


def atr(bars: Bars, n: int) -> FloatArray:
    """Wilder's average true range, seeded with the mean of the first n true ranges; known from the n+1st bar."""
    return on_known(true_range(bars), lambda ranges: np.maximum(_smoothed(ranges, n, 1.0 / n), 0.0))


def true_range(bars: Bars) -> FloatArray:
    """Distance between the extremes of a bar, the close before included; unknown at the first bar."""
    before = lagged(bars.close, 1)
    ranges = np.maximum(bars.high, before) - np.minimum(bars.low, before)
    return np.where(np.isfinite(ranges), ranges, np.nan)


def rsi(x: FloatArray, n: int) -> FloatArray:
    """Wilder's relative strength, 0 to 100, from the mean of the first n changes; 50 where nothing moved."""
    return on_known(x, lambda values: _relative_strength(values, n))


def change(x: FloatArray, n: int) -> FloatArray:
    """Growth of x over its value n bars before, as a ratio."""
    before = lagged(x, n)
    return x / np.where(before == 0, np.nan, before) - 1.0


def lagged(x: FloatArray, n: int) -> FloatArray:
    """The value n bars before; unknown at the first n bars."""
    if n == 0:
        return x
    out = np.full(len(x), np.nan)
    out[n:] = x[: max(len(x) - n, 0)]
    return out


def on_known(x: FloatArray, smooth: _Smoothing) -> FloatArray:
    """What smoothing the known values gives, as if the unknown were not there; these stay unknown."""
    known = ~np.isnan(x)
    if known.all():
        return smooth(x)
    out = np.full(len(x), np.nan)
    out[known] = smooth(x[known])
    return out


def _smoothed(x: FloatArray, n: int, weight: float) -> FloatArray:
    """Let y move towards x by `weight` at each bar, from the mean of the first n on.

    Computed by how far y lags behind x, which fades to exactly 0 where x stands still.
    """
    out = np.full(len(x), np.nan)
    if len(x) < n:
        return out
    keep = 1.0 - weight
    behind = np.empty(len(x) - n + 1)
    behind[0] = _behind_mean(x[:n])
    np.multiply(x[n:] - x[n - 1 : -1], keep, out=behind[1:])
    out[n - 1 :] = x[n - 1 :] - _fading_sum(behind, keep)
    return out


def wilder(x: FloatArray, n: int) -> FloatArray:
    """Wilder's mean of values of 0 or more, weight 1/n, seeded with the mean of the first n: exact however small."""
    out = np.full(len(x), np.nan)
    if len(x) >= n:
        out[n - 1 :] = _wilder(x, n)
    return out


def _behind_mean(x: FloatArray) -> float:
    """How far the last value is above the mean of all; exactly 0 where all are equal."""
    return float(np.sum(x[-1] - x)) / len(x)


def _relative_strength(x: FloatArray, n: int) -> FloatArray:
    out = np.full(len(x), np.nan)
    if len(x) <= n:
        return out
    moves = x[1:] - x[:-1]
    gain = _wilder(np.maximum(moves, 0.0), n)
    loss = _wilder(np.maximum(-moves, 0.0), n)
    both = gain + loss
    out[n:] = np.where(both > 0, 100.0 * (gain / np.where(both > 0, both, 1.0)), 50.0)
    return out


def _wilder(moves: FloatArray, n: int) -> FloatArray:
    inflow = moves[n - 1 :] / n
    inflow[0] = moves[:n].sum() / n
    return _fading_sum(inflow, 1.0 - 1.0 / n)


def _fading_sum(inflow: FloatArray, keep: float) -> FloatArray:
    """Solution of y[i] = keep * y[i-1] + inflow[i], by doubling the reach until what is left out can't be seen."""
    total, earlier = inflow.copy(), np.empty(len(inflow))
    reach, weight = 1, keep
    while reach < len(total) and weight > 1e-20:
        total[reach:] += np.multiply(total[:-reach], weight, out=earlier[reach:])
        reach, weight = reach * 2, weight * weight
    return total
