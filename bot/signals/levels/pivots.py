"""Pivots: swing highs and lows."""

from __future__ import annotations

import bottleneck as bn
import numpy as np

from bot.signals.bars import FloatArray, IntArray


def pivot_highs(high: FloatArray, close: FloatArray, left: int, right: int) -> IntArray:
    """Positions i of swing highs, ascending: the highest of i-left..i+right, strictly above the `left` before it.

    A pivot is known from bar i+right on, so the last `right` bars hold none. An unknown high is no pivot
    and hides none: the window is judged by the highs that are known. A high that a close has passed by
    bar i+right (possible only where a vendor's bar contradicts itself) is none either.
    """
    count = len(high) - left - right
    if count <= 0:
        return np.empty(0, dtype=np.int64)
    here = high[left : left + count]
    known = np.where(np.isnan(high), -np.inf, high)
    before = _moving_max(known[: left + count - 1], left)
    after = _moving_max(known[left + 1 :], right)
    closes = _moving_max(np.where(np.isnan(close), -np.inf, close)[left + 1 :], right)
    return np.flatnonzero((here > before) & (here >= after) & (here >= closes)) + left


def pivot_lows(low: FloatArray, close: FloatArray, left: int, right: int) -> IntArray:
    """Positions of swing lows: `pivot_highs` upside down."""
    return pivot_highs(-low, -close, left, right)


def _moving_max(values: FloatArray, window: int) -> FloatArray:
    """Greatest of each `window` values in a row: result k is of values k..k+window-1."""
    greatest: FloatArray = bn.move_max(values, window)[window - 1 :]
    return greatest
