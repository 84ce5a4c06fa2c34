"""As-of join: the last bar of another market that had closed when this one closed."""

from __future__ import annotations

import numpy as np

from bot.signals.bars import FloatArray, IntArray
from bot.signals.timeframe import DAY

STALE_AFTER_SECONDS = 5 * DAY
"""Seconds after which another market's last bar no longer counts, whatever its timeframe.

Longer than the longest holiday weekend of an exchange, so that a market at rest stays known; shorter than
an outage that anybody should trade on.
"""


def last_closed(ends: IntArray, source_ends: IntArray, limit: int) -> IntArray:
    """Position of the last source bar that closed at or before each end; -1 where none did within `limit` seconds."""
    if not len(source_ends):
        return np.full(len(ends), -1, dtype=np.int64)
    at = np.searchsorted(source_ends, ends, side="right").astype(np.int64) - 1
    return np.where((at >= 0) & (ends - source_ends[at] <= limit), at, -1)


def as_of(ends: IntArray, source_ends: IntArray, values: FloatArray, limit: int) -> FloatArray:
    """Value of the last source bar that closed at or before each end; NaN where it is older than `limit` seconds."""
    if not len(source_ends):
        return np.full(len(ends), np.nan)
    if np.array_equal(ends, source_ends):
        return values
    at = last_closed(ends, source_ends, limit)
    return np.where(at >= 0, values[at], np.nan)
