"""An equal-weighted basket of markets: the mean of its members' returns, day by day."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bot.signals.bars import Bars, FloatArray, IntArray, among, distinct

FEWEST_MEMBERS = 3
_BASE = 100.0


def basket(name: str, members: Sequence[Bars]) -> Bars:
    """An equal-weighted basket of markets of one timeframe; open, high and low are the close, volume is unknown.

    Its return from one of its bars to the next is the mean return of the members that have a close at both;
    where fewer than three have, there is no bar, and the next return spans the gap. The first bar, 100, is
    the first that at least three members have and that another one follows.
    """
    timeframe = members[0].timeframe
    starts = _starts(members)
    closes, ends = _aligned(starts, members)
    levels = _chained(closes)
    has = np.isfinite(levels)
    close = levels[has]
    return Bars(name, timeframe, starts[has], ends[has], close, close, close, close, np.full(len(close), np.nan))


def _starts(members: Sequence[Bars]) -> IntArray:
    """Starts of all bars that any member has: the longest one's, and those that are not among them.

    Most members have the newest of these and no other, which costs no sorting.
    """
    starts = max((member.start for member in members), key=len)
    others = [member.start for member in members if not _are_newest(starts, member.start)]
    lacking = [other[~among(other, starts)] for other in others]
    return distinct(np.concatenate([starts, *lacking])) if any(map(len, lacking)) else starts


def _places(starts: IntArray, own: IntArray) -> IntArray | slice:
    """Where a member's bars stand among all: a slice where they are the newest."""
    return slice(len(starts) - len(own), len(starts)) if _are_newest(starts, own) else np.searchsorted(starts, own)


def _are_newest(starts: IntArray, own: IntArray) -> bool:
    return np.array_equal(starts[len(starts) - len(own) :], own)


def _aligned(starts: IntArray, members: Sequence[Bars]) -> tuple[FloatArray, IntArray]:
    """Closes as (bar, member), NaN where a member has none, and the last instant at which a bar's members closed."""
    closes = np.full((len(starts), len(members)), np.nan)
    ends = np.zeros(len(starts), dtype=np.int64)
    for column, member in enumerate(members):
        at = _places(starts, member.start)
        closes[at, column] = np.where(member.close > 0, member.close, np.nan)
        ends[at] = np.maximum(ends[at], member.end)
    return closes, ends


def _chained(closes: FloatArray) -> FloatArray:
    """Levels of the basket, NaN where too few members have a close at both ends of the return."""
    levels = np.full(len(closes), np.nan)
    enough = np.isfinite(closes).sum(axis=1) >= FEWEST_MEMBERS
    growth = 1 + _means(closes[1:] / closes[:-1] - 1)  # from each bar to the next
    unknown = np.append(np.flatnonzero(np.isnan(growth)), len(growth))
    base, at = -1, 0
    while at < len(closes):
        started = base >= 0 and not np.isnan(levels[base])
        if base >= 0 and base == at - 1 and not np.isnan(growth[base]):
            # nearly always the base is the bar before: all of such a run at once
            last = int(unknown[np.searchsorted(unknown, base)])
            steps = np.append(levels[base] if started else _BASE, growth[base:last])
            levels[base : last + 1] = np.multiply.accumulate(steps)
            base = at = last
        elif base >= 0 and not np.isnan(mean := _means(closes[at : at + 1] / closes[base] - 1)[0]):
            levels[base] = levels[base] if started else _BASE
            levels[at] = levels[base] * (1 + mean)
            base = at
        elif not started and enough[at]:
            base = at
        at += 1
    return levels


def _means(returns: FloatArray) -> FloatArray:
    """Mean of each row's known returns, NaN where there are too few."""
    known = np.isfinite(returns)
    count = known.sum(axis=1)
    means: FloatArray = np.where(known, returns, 0.0).sum(axis=1) / np.maximum(count, 1)
    means[count < FEWEST_MEMBERS] = np.nan
    return means
