"""Significance of an event study: circular shifts, intervals, and the verdict."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import sqrt

import bottleneck as bn
import numpy as np

from bot.signals.bars import FloatArray, IntArray
from bot.signals.timeframe import DAY

ENOUGH = 5
"""Windows that do not overlap, below which there is nothing to conclude."""

SURPRISING = 0.01
"""A p-value below this is called an edge: the usual 5 %, shared among the five horizons that are looked at."""

_Z = 1.959963984540054
_AT_ONCE = 1 << 18


class Verdict(StrEnum):
    """What may be concluded."""

    ABOVE = "above base rate"
    NONE = "no detectable edge"
    BELOW = "below base rate"
    TOO_FEW = "too few"


@dataclass(frozen=True, slots=True)
class TailShares:
    """Shares of the circular shifts whose median is at least, and at most, the one observed (itself included)."""

    upper: float
    lower: float

    @property
    def p_value(self) -> float:
        """Two-sided: a signal that is followed by less than usual is news too, and nobody knows the side before."""
        return min(1.0, 2 * min(self.upper, self.lower))


def wilson_interval(hits: int, n: int) -> tuple[float, float] | None:
    """Wilson's 95 % interval of a share; None for n = 0. Too narrow where windows overlap: n counts as independent."""
    if n == 0:
        return None
    share, extra = hits / n, _Z * _Z / n
    middle = share + extra / 2
    spread = _Z * sqrt(share * (1 - share) / n + extra / (4 * n))
    low = 0.0 if hits == 0 else (middle - spread) / (1 + extra)
    high = 1.0 if hits == n else (middle + spread) / (1 + extra)
    return low, high


def non_overlapping(ends: IntArray, days: int) -> int:
    """How many of the windows of `days` from these instants (ascending) do not overlap, taken from the first on."""
    number, free = 0, None
    for end in ends.tolist():
        if free is None or end >= free:
            number, free = number + 1, end + days * DAY
    return number


def circular_shift_test(values: FloatArray, at: IntArray, shifts: int, seed: int) -> TailShares:
    """Where the median of `values` at positions `at` stands among those of the same positions shifted in a circle.

    All positions move by the same number of places, so they keep their spacing, and their windows their overlap.
    Every possible shift is tried where there are no more than `shifts`, else that many, drawn by `seed`.
    `values` are known; `at` has at least one position.
    """
    size = len(values)
    places = np.arange(1, size)
    if len(places) > shifts:
        places = np.random.default_rng(seed).choice(places, shifts, replace=False)
    circle = np.concatenate([values, values])
    observed = bn.median(circle[at])
    rows = max(1, _AT_ONCE // len(at))
    above = below = 1
    for first in range(0, len(places), rows):
        medians = bn.median(circle[at + places[first : first + rows, None]], axis=1)
        above += int((medians >= observed).sum())
        below += int((medians <= observed).sum())
    return TailShares(above / (len(places) + 1), below / (len(places) + 1))


def verdict(tails: TailShares, non_overlapping: int) -> Verdict:
    """The words for a p-value: too few below ENOUGH windows of its own, no edge from SURPRISING up, else its side."""
    if non_overlapping < ENOUGH:
        return Verdict.TOO_FEW
    if tails.p_value >= SURPRISING:
        return Verdict.NONE
    return Verdict.ABOVE if tails.upper < tails.lower else Verdict.BELOW
