"""Kleene logic of yes, no and unknown, and when a condition was last yes.

Truth is a float: 1 yes, 0 no, NaN unknown. Kleene's rules: no and unknown is no, yes or unknown is yes.
"""

from __future__ import annotations

import numpy as np

from bot.signals.bars import FloatArray, IntArray
from bot.signals.indicators.smoothing import lagged


def kleene_and(a: FloatArray, b: FloatArray) -> FloatArray:
    """Kleene's and."""
    both = np.asarray(a * b)
    np.copyto(both, 0.0, where=(a == 0) | (b == 0))
    return both


def kleene_or(a: FloatArray, b: FloatArray) -> FloatArray:
    """Kleene's or."""
    return np.where((a == 1) | (b == 1), 1.0, np.maximum(a, b))


def crosses_above(x: FloatArray, y: FloatArray) -> FloatArray:
    """Yes where x is above y and was not at the bar before."""
    above = np.where(np.isnan(x + y), np.nan, x > y)
    return kleene_and(above, 1.0 - lagged(above, 1))


def crosses_below(x: FloatArray, y: FloatArray) -> FloatArray:
    """Yes where x is below y and was not at the bar before."""
    return crosses_above(y, x)


def first(cond: FloatArray, quiet: int) -> FloatArray:
    """Yes where cond is yes and was yes on none of the `quiet` bars before; unknown where cond is.

    Unlike an episode of a rule (`episodes.firings`) it asks for no known no in between: that would make its memory
    endless, where a function of a window knows its window only. So it may say yes anew after an outage longer than
    `quiet`, within what a rule would count as one episode.
    """
    at = np.arange(len(cond))
    alone = at - _last_yes_before(cond) > quiet
    return np.where(cond == 1, alone, cond)


def since(cond: FloatArray) -> FloatArray:
    """Bars since cond was last yes, 0 at the bar itself; unknown before its first yes."""
    at = np.arange(len(cond))
    last = np.maximum.accumulate(np.where(cond == 1, at, -1)) if len(cond) else at
    return np.where(last >= 0, at - last, np.nan)


def value_when(cond: FloatArray, x: FloatArray, occurrence: int) -> FloatArray:
    """The value of x at the bar where cond was last yes, or so many yeses before that; unknown before them."""
    yes = np.flatnonzero(cond == 1)
    which = np.searchsorted(yes, np.arange(len(cond)), side="right") - 1 - occurrence
    found = x[yes[which.clip(min=0)]] if len(yes) else np.full(len(cond), np.nan)
    return np.where(which >= 0, found, np.nan)


def _last_yes_before(cond: FloatArray) -> IntArray:
    """Position of the last yes before each bar; far in the past where there is none."""
    never = np.iinfo(np.int64).min // 2
    seen = np.full(len(cond) + 1, never, dtype=np.int64)
    np.maximum.accumulate(np.where(cond == 1, np.arange(len(cond)), never), out=seen[1:])
    return seen[:-1]


def within_last(fired: FloatArray, within: int) -> FloatArray:
    """Yes where one of the last `within` bars, this one included, is yes."""
    at = np.arange(len(fired))
    last = np.maximum.accumulate(np.where(fired == 1, at, at - within)) if len(fired) else at
    return np.asarray(at - last < within, dtype=np.float64)
