"""Where a calendar's sessions put the bars of a timeframe."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from bot.signals.bars import IntArray, Mask, latest
from bot.signals.sessions import ROUND_THE_CLOCK, Sessions
from bot.signals.timeframe import DAY, Instant, Timeframe

_USUAL_CLOSE = 21 * 3600
"""Second of the UTC day at which a daily bar without a session is taken to close: 16:00 in New York, in winter."""


class Placed(NamedTuple):
    """Closing instants of bars by their starts, and whether each belongs to a session."""

    end: IntArray
    inside: Mask


def between(sessions: Sessions, first: Instant, last: Instant) -> Sessions:
    """The sessions that close after `first` and have begun, or whose date has, by `last`."""
    begin = int(np.searchsorted(sessions.closes, first, side="right"))
    end = max(int(np.searchsorted(np.minimum(sessions.start, sessions.opens), last, side="right")), begin)
    arrays = (array[begin:end] for array in (sessions.start, sessions.opens, sessions.closes))
    return Sessions(sessions.calendar, *arrays)


def expected_bars(sessions: Sessions, timeframe: Timeframe) -> tuple[IntArray, IntArray]:
    """Starts and ends of all bars that the sessions hold; the last one of a session may be shorter."""
    if timeframe is Timeframe.D1:
        return sessions.start, sessions.closes
    step = timeframe.seconds
    counts = -((sessions.opens - sessions.closes) // step)
    which = np.repeat(np.arange(len(sessions)), counts)
    nth = np.arange(len(which)) - np.repeat(np.cumsum(counts) - counts, counts)
    starts = sessions.opens[which] + nth * step
    return starts, np.minimum(starts + step, sessions.closes[which])


def placed(starts: IntArray, sessions: Sessions, timeframe: Timeframe) -> Placed:
    """When bars with these starts close: with their session at the latest, and before the next bar does.

    A bar without a session is taken to last for its timeframe; a daily one to close at 21:00 UTC.
    """
    if sessions.calendar == ROUND_THE_CLOCK:
        return Placed(starts + timeframe.seconds, starts % timeframe.seconds == 0)
    daily = timeframe is Timeframe.D1
    at = latest(sessions.start if daily else sessions.opens, starts)
    session = np.maximum(at, 0)
    alone = starts - starts % DAY + _USUAL_CLOSE if daily else starts + timeframe.seconds
    if not len(sessions):
        return Placed(alone, np.zeros(len(starts), dtype=bool))
    closes = sessions.closes[session]
    inside = (at >= 0) & ((sessions.start[session] == starts) if daily else (starts < closes))
    ends = np.where(inside, closes if daily else np.minimum(alone, closes), alone)
    ends[:-1] = ends[:-1] if daily else np.minimum(ends[:-1], starts[1:])
    return Placed(ends, inside)
