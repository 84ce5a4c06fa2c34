"""Correlation and beta of two series over a window.

A bar counts where both are known. The window's rules are those of `windows`.
"""

from __future__ import annotations

import numpy as np

from bot.signals.bars import FloatArray
from bot.signals.indicators.doubling import Doubling, Moments, known_counts
from bot.signals.indicators.windows import where_enough


def pairs(x: FloatArray, y: FloatArray) -> Doubling:
    """Number of pairs, means, and sums of squares and products about them, where both values are known."""
    known, _ = known_counts(x + y)
    zero, gap = np.zeros(len(x)), np.isnan(x + y)
    return Doubling(x, (known, np.where(gap, 0.0, x), np.where(gap, 0.0, y), zero, zero, zero), _merge)


def correlation(pairs: Doubling, n: int) -> FloatArray:
    """Pearson's correlation, -1 to 1; unknown where either does not move within the window."""
    spread_x, spread_y, together = _together(pairs, n)
    both = np.sqrt(spread_x) * np.sqrt(spread_y)
    return np.clip(together / np.where(both > 0, both, np.nan), -1.0, 1.0)


def beta(pairs: Doubling, n: int) -> FloatArray:
    """Slope of x against y: covariance over the variance of y; unknown where y does not move within the window."""
    _, spread_y, together = _together(pairs, n)
    return together / np.where(spread_y > 0, spread_y, np.nan)


def _together(pairs: Doubling, n: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Sums of squares of x, of y, and of their products, about their means; NaN where the window is unknown."""
    if n > len(pairs.series):
        unknown = np.full(len(pairs.series), np.nan)
        return unknown, unknown, unknown
    number, _, _, square_x, square_y, product = pairs.window(n)
    found = [where_enough(number, part, n) for part in (square_x, square_y, product)]
    return found[0], found[1], found[2]


def _merge(newer: Moments, older: Moments) -> Moments:
    """Count, means, squares and products of two adjoining windows together."""
    n1, x1, y1, xx1, yy1, xy1 = newer
    n2, x2, y2, xx2, yy2, xy2 = older
    total = n1 + n2
    share = n2 / np.maximum(total, 1.0)
    weight = n1 * share
    dx, dy = x2 - x1, y2 - y1
    return (
        total,
        x1 + dx * share,
        y1 + dy * share,
        xx1 + xx2 + dx * dx * weight,
        yy1 + yy2 + dy * dy * weight,
        xy1 + xy2 + dx * dy * weight,
    )
