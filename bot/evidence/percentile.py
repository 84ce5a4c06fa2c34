"""Percentile of the newest value among its past."""

from __future__ import annotations

import numpy as np

from bot.signals.bars import FloatArray


def percentile_of_last(values: FloatArray, at_least: int) -> float | None:
    """Percentile of the last known value among all known ones, itself included: 0 to 100, ties count half.

    None with fewer than `at_least` known values.
    """
    known = values[np.isfinite(values)]
    if len(known) < max(at_least, 1):
        return None
    last = known[-1]
    return float(100.0 * ((known < last).sum() + (known == last).sum() / 2) / len(known))
