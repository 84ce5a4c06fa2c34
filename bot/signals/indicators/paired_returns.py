"""Returns of two markets over the same dates, and what they show of each other at each bar.

A date counts where both markets have a bar of it, so crypto's weekend goes with Monday; a pair of returns counts from
the instant at which both bars had closed. Crypto's day closes hours after a session of the same date: at the session's
close the newest pair is the one of the session before.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from bot.signals.asof import STALE_AFTER_SECONDS, as_of
from bot.signals.bars import Bars, FloatArray
from bot.signals.indicators import statistics
from bot.signals.indicators.doubling import Doubling

Measure = Callable[[Doubling, int], FloatArray]


def return_correlation(own: Bars, other: Bars, market: str, n: int) -> FloatArray:  # noqa: ARG001  # named in the text
    """Pearson's correlation of both markets' log returns over the last n pairs known at each of the own bars."""
    return _at_each_bar(own, other, n, statistics.correlation)


def return_beta(own: Bars, other: Bars, market: str, n: int) -> FloatArray:  # noqa: ARG001  # named in the text
    """Slope of the own log returns against the other market's over the last n pairs known at each of the own bars."""
    return _at_each_bar(own, other, n, statistics.beta)


def _at_each_bar(own: Bars, other: Bars, n: int, measure: Measure) -> FloatArray:
    _, here, there = np.intersect1d(own.start, other.start, assume_unique=True, return_indices=True)
    if len(here) < 2:
        return np.full(len(own), np.nan)
    ends = np.maximum(own.end[here], other.end[there])
    returns = statistics.pairs(_log_returns(own.close[here]), _log_returns(other.close[there]))
    values = measure(returns, n)
    return as_of(own.end, ends, values, own.valid_for or STALE_AFTER_SECONDS)


def _log_returns(close: FloatArray) -> FloatArray:
    return np.diff(np.log(np.where(close > 0, close, np.nan)), prepend=np.nan)
