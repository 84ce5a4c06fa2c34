"""How alike two markets move, and how alike unrelated ones would look."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from bot.evidence.event_study.draws import normal
from bot.evidence.return_pairs import pairs
from bot.signals.bars import Bars, FloatArray
from bot.signals.timeframe import DAY, Instant

RECENT_DAYS = 5 * 365
"""Calendar days that count as lately."""

MIN_SESSIONS = 60
"""Sessions with both returns below which a correlation says nothing."""

_WALKS = 1_000
"""Pairs of unrelated random walks; their share is good to about two percentage points."""

_STEPS = 250
"""Steps of each; scaled to the same rise and spread, walks of more steps look no more and no less alike."""

_SEED = 20


@dataclass(frozen=True, slots=True)
class Likeness:
    """Correlations of two markets' daily log returns: over all `sessions`, and over the last RECENT_DAYS of them.

    `levels` is the correlation of the log prices themselves, which is what a chart shows; `unrelated` the share of
    pairs of random walks, unrelated but each with its market's rise and spread, that look at least as alike. None where
    unknown.
    """

    sessions: int
    returns: float | None
    recent: float | None
    levels: float | None
    unrelated: float | None


def likeness(leader: Bars, follower: Bars, now: Instant) -> Likeness:
    """The likeness of two markets as known at `now`, by sessions of the leader."""
    both = pairs(leader, follower, now)
    known = np.isfinite(both.x + both.y)
    x, y, end = both.x[known], both.y[known], both.end[known]
    late = end > now - RECENT_DAYS * DAY
    levels = _correlation(np.cumsum(x), np.cumsum(y))
    return Likeness(
        sessions=len(x),
        returns=_correlation(x, y),
        recent=_correlation(x[late], y[late]),
        levels=levels,
        unrelated=None if levels is None else float((_unrelated(x, y) >= levels).mean()),
    )


def _correlation(x: FloatArray, y: FloatArray) -> float | None:
    if len(x) < MIN_SESSIONS or not (np.ptp(x) and np.ptp(y)):
        return None
    return float(np.corrcoef(x, y)[0, 1])


def _unrelated(x: FloatArray, y: FloatArray) -> FloatArray:
    """Correlations between the levels of pairs of unrelated walks that rise, and swing, as much as these returns do."""
    one, two, time = _drift(x), _drift(y), _time() @ _time()
    of, with_time, together = _walks()
    covariance = together + one * with_time[1] + two * with_time[0] + one * two * time
    variances = [of[walk] + 2 * rise * with_time[walk] + rise**2 * time for walk, rise in ((0, one), (1, two))]
    return np.asarray(covariance / np.sqrt(variances[0] * variances[1]))


def _drift(returns: FloatArray) -> float:
    """Rise a step, in units of a step's spread, that takes a walk of _STEPS as far as the returns went by theirs."""
    return float(returns.mean() / returns.std() * np.sqrt(len(returns) / _STEPS))


def _time() -> FloatArray:
    """Steps from the middle one."""
    return np.arange(_STEPS, dtype=np.float64) - (_STEPS - 1) / 2


@cache
def _walks() -> tuple[FloatArray, FloatArray, FloatArray]:
    """What the correlation of any rising pair needs of the flat ones, each from its mean: the sums of squares (walk,
    pair), of products with the time (walk, pair), and of products of the two (pair).
    """
    walks: FloatArray = np.cumsum(normal(_SEED, 2, _WALKS, _STEPS), axis=2)
    walks -= walks.mean(axis=2, keepdims=True)
    return (walks**2).sum(axis=2), walks @ _time(), (walks[0] * walks[1]).sum(axis=1)
