"""Rows as a vendor sent them, made into closed bars, the forming one, and complaints about the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bot.market.expected_bars import expected_bars
from bot.market.model import FetchAnswer, FetchRequest, SourceError, SourceErrorKind
from bot.signals.bars import Bars, FloatArray, IntArray, Mask
from bot.signals.timeframe import Instant, Timeframe, label

if TYPE_CHECKING:
    from numpy.typing import NDArray

SAME_CLOSE_RATIO = 2e-3
"""How far the closes of two rows of one bar may be apart, as a ratio, to be the same: the later one is newer."""


class Rows(NamedTuple):
    """What a vendor sent: starts in any order, also twice (the later row counts), and open to volume as (5, row)."""

    starts: IntArray
    columns: FloatArray

    def picked(self, which: NDArray[np.intp] | Mask) -> Rows:
        """Some of the rows."""
        return Rows(self.starts[which], self.columns[:, which])


def answered(
    request: FetchRequest,
    given: Rows,
    problems: tuple[str, ...] = (),
    splits: tuple[tuple[Instant, float], ...] = (),
) -> FetchAnswer:
    """The closed bars and the forming one among the rows, placed by the request's sessions.

    Rows off the sessions, from the future or without a price are left out; those that should have been a
    closed bar are told of. Raises SourceError where there is no row at all although a session has closed.
    """
    if not len(given.starts):
        return nothing(request, "no rows", problems)
    rows, contested = _in_order(given)
    rows = rows.picked((rows.starts >= request.since) & (rows.starts <= request.now))
    ends, expected = _placed(request, rows.starts)
    priced = np.isfinite(rows.columns[3]) & (rows.columns[3] > 0)
    closed = expected & (ends <= request.now)
    stray = ~expected & ~_harmless(request, rows)
    problems += _told(request, rows, stray, f"no such bar in the sessions of {request.sessions.calendar}, left out")
    problems += _told(request, rows, closed & ~priced, "no close, left out")
    bars = _bars(request, rows, ends, np.flatnonzero(closed & priced))
    forming = _bars(request, rows, ends, np.flatnonzero(expected & priced & ~closed)[-1:])
    return FetchAnswer(bars, forming, request.source.name, problems, tuple(contested.tolist()), splits)


def _placed(request: FetchRequest, starts: IntArray) -> tuple[IntArray, Mask]:
    """When bars with these starts close, and whether the sessions have such bars at all; else the end means nothing."""
    known, ends = expected_bars(request.sessions, request.timeframe)
    if not len(known):
        return starts, np.zeros(len(starts), dtype=bool)
    at = np.minimum(np.searchsorted(known, starts), len(known) - 1)
    return ends[at], known[at] == starts


def nothing(request: FetchRequest, detail: str, problems: tuple[str, ...] = ()) -> FetchAnswer:
    """An answer without bars, which is right where no session has closed since; else raises SourceError."""
    due = request.sessions.closed_between(request.since, request.now)
    if len(due):
        raise SourceError(SourceErrorKind.NO_DATA, request.source.name, f"{request.source.symbol}: {detail}")
    return FetchAnswer(_none(request), _none(request), request.source.name, problems)


def _harmless(request: FetchRequest, rows: Rows) -> Mask:
    """The last trade, which vendors of bars within a day send as a row of its own, at its time or at the close."""
    if request.timeframe is Timeframe.D1:
        return np.zeros(len(rows.starts), dtype=bool)
    return np.isin(rows.starts, request.sessions.closes) | (rows.starts > request.now - request.timeframe.seconds)


def _none(request: FetchRequest) -> Bars:
    return Bars.empty(request.market, request.timeframe)


def _in_order(rows: Rows) -> tuple[Rows, IntArray]:
    """Oldest first, each start once, the row that came later standing for those before it; starts with two closes."""
    backwards = rows.starts[::-1]
    _, first, which, counts = np.unique(backwards, return_index=True, return_inverse=True, return_counts=True)
    once = rows.picked(len(backwards) - 1 - first)
    if not (counts > 1).any():
        return once, once.starts[:0]
    closes = rows.columns[3][::-1]
    known = np.where(np.isfinite(closes), closes, np.nan)
    kept = known[first][which]
    apart = np.abs(known - kept) > SAME_CLOSE_RATIO * np.abs(kept)  # False where one of them is unknown
    return once, np.unique(backwards[apart])


def _bars(request: FetchRequest, rows: Rows, ends: IntArray, which: NDArray[np.intp]) -> Bars:
    prices = np.where(np.isfinite(rows.columns), rows.columns, np.nan)[:, which]
    return Bars(request.market, request.timeframe, rows.starts[which], ends[which], *prices)


def _told(request: FetchRequest, rows: Rows, odd: Mask, why: str) -> tuple[str, ...]:
    places = np.flatnonzero(odd)
    if not len(places):
        return ()
    newest = label(int(rows.starts[places[-1]]), request.timeframe)
    count = f"{len(places)} bars, newest {newest}" if len(places) > 1 else newest
    return (f"{request.source.name}: {request.source.symbol}: {count}: {why}",)
