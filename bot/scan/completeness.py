"""The instant up to which a rule's bars are complete, so that it may be evaluated."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from bot.signals.bars import Bars, IntArray, among
from bot.signals.sessions import Sessions
from bot.signals.timeframe import DAY, Instant, Timeframe

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


def late_starts(known: Bars, brought: Bars) -> list[Instant]:
    """Starts of the daily bars that are new although a later one is known."""
    if not len(known) or brought.timeframe is not Timeframe.D1:
        return []
    fresh = brought.start[~among(brought.start, known.start)]
    return [each for each in fresh.tolist() if int(known.start[0]) < each < int(known.start[-1])]


def lacking(bars: Bars, sessions: Sessions, now: Instant) -> list[Instant]:
    """Starts of the sessions of late that are missing behind the newest daily bar."""
    return holes(bars, sessions, now).tolist() if bars.timeframe is Timeframe.D1 else []


def first_expected(bars: Bars, sessions: Sessions) -> Instant | None:
    """Start of the session after the newest bar: from there on bars are expected. None where none is known."""
    if not len(bars):
        return None
    at = int(sessions.start.searchsorted(bars.start[-1], side="right"))
    return int(sessions.start[at]) if at < len(sessions) else None


def unmoved(sister: Bars, bars: Bars) -> Bars:
    """The sister's bars, and for those of `bars` that are newer than her last ones without a move."""
    if not len(sister):
        return sister
    newer = bars.slice(int(np.searchsorted(bars.start, sister.start[-1], side="right")), len(bars))
    price = np.full(len(newer), sister.close[-1])
    still = Bars(
        sister.market, sister.timeframe, newer.start, newer.end, price, price, price, price, np.zeros(len(newer))
    )
    return sister.merged(still)
