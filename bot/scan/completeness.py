"""The instant up to which a rule's bars are complete, so that it may be evaluated."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from bot.signals.bars import Bars, IntArray, among
from bot.signals.sessions import Sessions
from bot.signals.timeframe import DAY, Instant

WAIT_FOR_MISSING_BARS_S = DAY
"""Seconds that a rule waits for a missing bar, from when it was noticed, before it goes on without it."""

MEMBER_DEAD_AFTER_S = 7 * DAY
"""A basket's member without a bar for so long is no longer waited for."""


def first_missing(bars: Bars, sessions: Sessions, after: Instant, now: Instant) -> Instant | None:
    """Close of the first session in (after, now] without a daily bar; None where all are there."""
    expected = sessions.closed_between(after, now)
    missing = expected[~among(expected, bars.start)]
    if not len(missing):
        return None
    return int(sessions.closes[int(np.searchsorted(sessions.start, missing[0]))])


HOLES_SOUGHT_S = 30 * DAY
"""Seconds back from now in which a missing session is looked for behind the newest bar."""


def holes(bars: Bars, sessions: Sessions, now: Instant) -> IntArray:
    """Starts of the sessions of late that have no daily bar although a later one is there, oldest first.

    Of a macro series nothing is missing: its publisher leaves out what it likes.
    """
    if len(bars) < 2 or bars.valid_for is not None:
        return bars.start[:0]
    since = max(int(bars.end[0]), now - HOLES_SOUGHT_S)
    expected = sessions.closed_between(since, int(bars.end[-1]))
    return expected[~among(expected, bars.start)]


def complete_before(missing: Iterable[Instant | None], now: Instant) -> Instant:
    """The instant before which nothing is missing: bars that close before it may be evaluated."""
    return min((instant for instant in missing if instant is not None), default=now + 1)


def still_trading(bars: Bars, now: Instant) -> bool:
    """Whether a basket's member still trades, as far as its bars tell."""
    return len(bars) > 0 and now - int(bars.end[-1]) < MEMBER_DEAD_AFTER_S
