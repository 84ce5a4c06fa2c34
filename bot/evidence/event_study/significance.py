"""Significance of an event study: circular shifts of its dates, what they could show, intervals and the verdict.

The statistic is the mean of the events' scores: each log return less the median of its time, over the spread of its
time, clipped. The same dates, shifted in a circle through the whole span by every number of places there is, say how
far such a mean strays by chance: a shift keeps the spacing of the events, and so the overlap of their windows.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import ceil, exp, log, sqrt
from typing import TypeVar

import numpy as np

from bot.evidence.event_study.base_rate import EraReturns
from bot.signals.bars import FloatArray, IntArray
from bot.signals.timeframe import DAY

MIN_WINDOWS_APART = 10
"""Windows that do not overlap, below which nothing can be told."""

P_VALUE_LIMIT = 0.01
"""A p-value below this is a difference, if it stays one among all tests that were made."""

ADJUSTED_LIMIT = 0.05
"""Share of false differences that is borne among those that are told, over all rules, assets and horizons."""

_MAX_SCORE = 2.0
_POWER = 0.8
_MAX_EFFECT = 100.0
_STEPS = 14
_TIE = 1e-9
_FEW_EVENTS = 100
"""Of so many events at most the shifted sums are added up sooner than Fourier transforms give them."""

_Z = 1.959963984540054

Key = TypeVar("Key", bound=Hashable)


class StudyVerdict(StrEnum):
    """What may be concluded."""

    ABOVE = "above its time"
    NONE = "no difference seen"
    BELOW = "below its time"
    CANT_TELL = "can't tell"


@dataclass(frozen=True, slots=True)
class ShiftTest:
    """How surprising the events are, two-sided.

    `above` says on which side. `p_without_one` is the p-value that is left when the event that matters most is dropped,
    None with one event. `detectable` is the smallest rise over its time, as a ratio, that the test would find at
    P_VALUE_LIMIT in four of five placements of such dates; None where it would find none.
    """

    p_value: float
    above: bool
    p_without_one: float | None
    detectable: float | None


def shift_test(returns: EraReturns, at: IntArray, usual: float | None = None) -> ShiftTest:
    """The events at places `at` among `returns`, at least one; `usual` is the score that they are compared with.

    By default that is the mean of all shifts.
    """
    scores = _scores(returns, 0.0)
    means = _circular_means(scores, at)
    middle = float(means.mean())
    usual = middle if usual is None else usual
    apart = np.sort(np.abs(means - middle))
    observed = float(scores[at].mean()) - usual
    return ShiftTest(
        p_value=_tail(apart, observed),
        above=observed > 0,
        p_without_one=_without_one(scores, means, at, usual),
        detectable=_detectable(returns, at, apart, middle),
    )


def shift_p_value(returns: EraReturns, at: IntArray, usual: float | None = None) -> float:
    """The p-value of `shift_test` alone."""
    scores = _scores(returns, 0.0)
    means = _circular_means(scores, at)
    middle = float(means.mean())
    return _tail(np.sort(np.abs(means - middle)), float(scores[at].mean()) - (middle if usual is None else usual))


def mean_score(returns: EraReturns, at: IntArray) -> float:
    """Mean score of the closes at places `at` among `returns`: the `usual` of a rule with a base of its own."""
    return float(_scores(returns, 0.0)[at].mean())


def adjusted(p_values: Mapping[Key, float]) -> dict[Key, float]:
    """Each p-value corrected for all of them (Benjamini and Hochberg), in the order given."""
    ranked = sorted(p_values, key=lambda key: p_values[key], reverse=True)
    found: dict[Key, float] = {}
    least = 1.0
    for place, key in enumerate(ranked):
        least = min(least, max(p_values[key], p_values[key] * len(ranked) / (len(ranked) - place)))
        found[key] = least
    return {key: found[key] for key in p_values}


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


def non_overlapping(counted: IntArray, days: int) -> int:
    """How many of the windows of `days` from these instants (ascending) do not overlap, taken from the first on."""
    number, free = 0, None
    for instant in counted.tolist():
        if free is None or instant >= free:
            number, free = number + 1, instant + days * DAY
    return number


def verdict(p_value: float | None, p_adjusted: float | None, windows: int, *, above: bool) -> StudyVerdict:
    """The words for what was found; `p_adjusted` is None where no other test was made."""
    if windows < MIN_WINDOWS_APART or p_value is None:
        return StudyVerdict.CANT_TELL
    if p_value >= P_VALUE_LIMIT or (p_adjusted is not None and p_adjusted >= ADJUSTED_LIMIT):
        return StudyVerdict.NONE
    return StudyVerdict.ABOVE if above else StudyVerdict.BELOW


def _scores(returns: EraReturns, effect: float) -> FloatArray:
    """The clipped scores of all closes, had each log return been larger by `effect`."""
    over = returns.value + effect - returns.median
    flat = ~(returns.spread > 0)
    if flat.any():
        over = np.where(flat, np.sign(over) * _MAX_SCORE, over / np.where(flat, 1.0, returns.spread))
    else:
        over /= returns.spread
    return np.clip(over, -_MAX_SCORE, _MAX_SCORE, out=over)


def _circular_means(scores: FloatArray, at: IntArray) -> FloatArray:
    """Mean score of the places `at`, all shifted by 0, 1, 2 … places in a circle."""
    twice = np.concatenate([scores, scores])
    total = _sums_by_adding(twice, at) if len(at) <= _FEW_EVENTS else _sums_by_fourier(twice, at)
    return total / len(at)


def _sums_by_adding(twice: FloatArray, at: IntArray) -> FloatArray:
    """Sums of the scores at the places `at`, shift by shift: one turn from each place on. `twice`: two turns."""
    size = len(twice) // 2
    total = np.zeros(size)
    for place in at.tolist():
        total += twice[place : place + size]
    return total


def _sums_by_fourier(twice: FloatArray, at: IntArray) -> FloatArray:
    """The same by one product of Fourier transforms, of a length whose transform is quick."""
    size = len(twice) // 2
    length = 1 << (2 * size - 1).bit_length()
    here = np.bincount(at, minlength=size).astype(np.float64)
    around: FloatArray = np.fft.irfft(np.conj(np.fft.rfft(here, length)) * np.fft.rfft(twice, length), length)
    return around[:size]


def _tail(apart: FloatArray, observed: float) -> float:
    """Share of the shifts that stray as far as what was observed; `apart` ascends."""
    reached = len(apart) - int(np.searchsorted(apart, abs(observed) - _TIE))
    return max(reached, 1) / len(apart)


def _without_one(scores: FloatArray, means: FloatArray, at: IntArray, usual: float) -> float | None:
    """The largest p-value that is left when one event is dropped; `means` are those of all events, shift by shift.

    None with one event. Nothing is shifted anew: the turn of the scores from the dropped place on is taken off.
    """
    left, size = len(at) - 1, len(scores)
    if left < 1:
        return None
    sums, twice, worst = means * len(at), np.concatenate([scores, scores]), 0
    sum_observed, mean = float(scores[at].sum()), float(scores.mean())
    usual_over_mean = usual - float(means.mean())  # 0 unless the caller named the usual score
    for place in at.tolist():
        apart = (sums - twice[place : place + size]) / left
        apart -= mean  # the mean of all shifts, whichever event is dropped: each score counts as often
        observed = (sum_observed - float(scores[place])) / left - mean - usual_over_mean
        reached = np.count_nonzero(np.abs(apart, out=apart) >= abs(observed) - _TIE)
        worst = max(worst, int(reached))
    return max(worst, 1) / size


def _detectable(returns: EraReturns, at: IntArray, apart: FloatArray, middle: float) -> float | None:
    """By halving, to a hundredth and upwards."""
    if P_VALUE_LIMIT * len(apart) <= 1:
        return None
    allowed = ceil(P_VALUE_LIMIT * len(apart)) - 1
    limit = apart[len(apart) - 1 - allowed] + _TIE

    def power(effect: float) -> float:
        return float((_circular_means(_scores(returns, effect), at) - middle > limit).mean())

    low, high = 0.0, log(1 + _MAX_EFFECT)
    if power(high) < _POWER:
        return None
    for _ in range(_STEPS):
        half = (low + high) / 2
        low, high = (low, half) if power(half) >= _POWER else (half, high)
    return ceil((exp(high) - 1) * 100) / 100
