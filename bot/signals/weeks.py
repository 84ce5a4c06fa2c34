"""Weekly bars, made of a calendar's sessions: a week closes with its last session, and is a bar only then."""

from __future__ import annotations

import numpy as np

from bot.signals.bars import Bars, FloatArray, IntArray
from bot.signals.sessions import Sessions
from bot.signals.timeframe import DAY, Instant, Timeframe

_VALID_FOR = 12 * DAY
"""Seconds for which a week's bar is known to other markets: until the next one, holidays included."""


def week_start(start: Instant) -> Instant:
    """Midnight UTC of the Monday of a week, by an instant in it."""
    return int(_week(np.array([start]))[0]) * 7 * DAY - 3 * DAY


def weekly(daily: Bars, sessions: Sessions) -> Bars:
    """The completed weeks of a market's daily bars; `start` is the week's Monday, `end` its last session's close.

    A price is unknown where a session that could have made it is missing or unknown: the open without the first one,
    the close without the last one, high, low and volume without any of them. A week without a bar is none.
    """
    if not len(daily) or not len(sessions):
        return Bars.empty(daily.market, Timeframe.W1)
    weeks = _week(sessions.start)
    within = (weeks >= _week(daily.start[:1])[0]) & (weeks <= _week(daily.start[-1:])[0])
    weeks, starts, closes = weeks[within], sessions.start[within], sessions.closes[within]
    first = np.flatnonzero(np.diff(weeks, prepend=weeks[:1] - 1))
    last = np.append(first[1:], len(weeks)) - 1
    has = np.logical_or.reduceat(np.isin(starts, daily.start), first) if len(first) else np.zeros(0, dtype=bool)
    keep = has & (closes[last] <= daily.end[-1])
    columns = {
        name: _on(starts, daily.start, getattr(daily, name)) for name in ("open", "high", "low", "close", "volume")
    }
    ends = closes[last]
    return Bars(
        daily.market,
        Timeframe.W1,
        (weeks[first] * 7 - 3)[keep] * DAY,
        ends[keep],
        columns["open"][first][keep],
        _over(np.maximum, columns["high"], first)[keep],
        _over(np.minimum, columns["low"], first)[keep],
        columns["close"][last][keep],
        _over(np.add, columns["volume"], first)[keep],
        valid_for=_VALID_FOR,
    )


def _week(start: IntArray) -> IntArray:
    """A number for the week of an instant, from Monday on: 1970-01-01 was a Thursday."""
    return (start // DAY + 3) // 7


def _on(sessions: IntArray, start: IntArray, values: FloatArray) -> FloatArray:
    """Values of bars at the sessions of their dates; NaN at sessions without a bar."""
    at = np.searchsorted(start, sessions).clip(max=len(start) - 1)
    return np.where(start[at] == sessions, values[at], np.nan)


def _over(merge: np.ufunc, values: FloatArray, first: IntArray) -> FloatArray:
    """The values of each week together, which begins at `first`; NaN where one of them is."""
    return np.asarray(merge.reduceat(values, first)) if len(first) else values[:0]
