"""What did a basket of markets do, had one held an equal share of each, every day?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bot.signals.bars import Bars, FloatArray, IntArray

_AT_LEAST = 3
_BASE = 100.0


def basket(name: str, members: Sequence[Bars]) -> Bars:
    """An equal-weighted basket of markets of one timeframe; open, high and low are the close, volume is unknown.

    Its return from one of its bars to the next is the mean return of the members that have a close at both;
    where fewer than three have, there is no bar, and the next return spans the gap. The first bar, 100, is
    the first that at least three members have and that another one follows.
    """
    timeframe = members[0].timeframe
    starts = np.unique(np.concatenate([member.start for member in members]))
    closes, ends = _aligned(starts, members)
    levels = _chained(closes)
    has = np.isfinite(levels)
    close = levels[has]
    return Bars(name, timeframe, starts[has], ends[has], close, close, close, close, np.full(len(close), np.nan))


def _aligned(starts: IntArray, members: Sequence[Bars]) -> tuple[FloatArray, IntArray]:
    """Closes as (bar, member), NaN where a member has none, and the last instant at which a bar's members closed."""
    closes = np.full((len(starts), len(members)), np.nan)
    ends = np.zeros(len(starts), dtype=np.int64)
    for column, member in enumerate(members):
        at = np.searchsorted(starts, member.start)
        closes[at, column] = np.where(member.close > 0, member.close, np.nan)
        ends[at] = np.maximum(ends[at], member.end)
    return closes, ends


def _chained(closes: FloatArray) -> FloatArray:
    """Levels of the basket, NaN where too few members have a close at both ends of the return."""
    levels = np.full(len(closes), np.nan)
    base = -1
    for at, row in enumerate(closes):
        returns = row / closes[base] - 1 if base >= 0 else row[:0]
        returns = returns[np.isfinite(returns)]
        if len(returns) >= _AT_LEAST:
            levels[base] = _BASE if np.isnan(levels[base]) else levels[base]
            levels[at] = levels[base] * (1 + returns.mean())
            base = at
        elif (base < 0 or np.isnan(levels[base])) and np.isfinite(row).sum() >= _AT_LEAST:
            base = at
    return levels
