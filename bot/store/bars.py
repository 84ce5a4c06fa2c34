"""Bars and trading sessions in the database: which are known, and which a vendor changed afterwards."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from bot.signals.bars import COLUMNS, PRICES, Bars, FloatArray, IntArray, Mask
from bot.signals.sessions import Sessions
from bot.signals.timeframe import Instant, Timeframe
from bot.store.database import immediate
from bot.store.sqlite import Database


@dataclass(frozen=True, slots=True)
class Saved:
    """How many bars were new, and the starts of those that had other prices before, oldest first."""

    added: int
    revised: tuple[Instant, ...]


def save_bars(db: Database, bars: Bars, source: str, now: Instant) -> Saved:
    """Keep `bars`; one that is there already is replaced where anything in it differs."""
    if not len(bars):
        return Saved(0, ())
    with immediate(db):
        kept = _load(db, bars.market, bars.timeframe, int(bars.start[0]), int(bars.start[-1]))
        known = np.isin(bars.start, kept.start)
        prices, changed = _differences(bars, kept, known)
        _write(db, bars, np.flatnonzero(~known | changed), source, now)
    return Saved(int(np.count_nonzero(~known)), tuple(bars.start[prices].tolist()))


def save_all(db: Database, brought: Sequence[tuple[Bars, str]], now: Instant) -> list[Saved]:
    """Keep the bars of several markets, each with its source, in one transaction: it waits for the disk once."""
    with immediate(db):
        return [save_bars(db, bars, source, now) for bars, source in brought]


def load_bars(db: Database, market: str, timeframe: Timeframe, since: Instant = 0, at_most: int | None = None) -> Bars:
    """The bars of `market` that start at or after `since`, the first `at_most`; empty where none were ever saved."""
    return _load(db, market, timeframe, since, 2**62, at_most)


def forget_bars(db: Database, series: Iterable[tuple[str, Timeframe]], before: Instant) -> int:
    """Delete the bars of `series` that start before that instant. Returns how many."""
    rows = [(market, timeframe.value, before) for market, timeframe in series]
    with immediate(db):
        return db.conn.executemany("DELETE FROM bars WHERE market = ? AND timeframe = ? AND start < ?", rows).rowcount


def last_bar(db: Database, market: str, timeframe: Timeframe) -> tuple[Instant, Instant] | None:
    """Start and end of the newest bar."""
    row = db.execute(
        "SELECT start, end FROM bars WHERE market = ? AND timeframe = ? ORDER BY start DESC LIMIT 1",
        [market, timeframe.value],
    ).fetchone()
    return (int(row[0]), int(row[1])) if row else None


def stored_span(db: Database, market: str, timeframe: Timeframe) -> tuple[Instant, Instant] | None:
    """The starts of the first bar and of the last one; None where there is none."""
    series = {"market": market, "timeframe": timeframe.value}
    first, last = db.execute(_SPAN, series).fetchone()  # one by one, or SQLite would look at all bars
    return None if first is None else (int(first), int(last))


_SPAN = """
    SELECT (SELECT min(start) FROM bars WHERE market = :market AND timeframe = :timeframe),
           (SELECT max(start) FROM bars WHERE market = :market AND timeframe = :timeframe)
"""


def save_sessions(db: Database, sessions: Sessions) -> None:
    """Keep `sessions`. Within their span they replace what was kept, so an unscheduled closure takes one away."""
    if not len(sessions):
        return
    rows = zip(
        [sessions.calendar] * len(sessions),
        sessions.start.tolist(),
        sessions.opens.tolist(),
        sessions.closes.tolist(),
        strict=True,
    )
    with immediate(db):
        db.conn.execute(
            "DELETE FROM sessions WHERE calendar = ? AND start BETWEEN ? AND ?",
            [sessions.calendar, int(sessions.start[0]), int(sessions.start[-1])],
        )
        db.conn.executemany("INSERT INTO sessions VALUES (?, ?, ?, ?)", rows)


def load_sessions(db: Database, calendar: str) -> Sessions:
    """All sessions kept for `calendar`; none where it was never saved."""
    rows = db.execute(
        "SELECT start, opens, closes FROM sessions WHERE calendar = ? ORDER BY start", [calendar]
    ).fetchall()
    start, opens, closes = np.array(rows, dtype=np.int64).reshape(-1, 3).T.copy()
    return Sessions(calendar, start, opens, closes)


def _differences(bars: Bars, kept: Bars, known: Mask) -> tuple[Mask, Mask]:
    """Of the new bars: which have other prices than the kept ones, and which differ in anything."""
    at = np.searchsorted(kept.start, bars.start[known])
    prices, anything = np.zeros(len(bars), dtype=bool), np.zeros(len(bars), dtype=bool)
    for name in COLUMNS:
        other = ~_same(getattr(bars, name)[known], getattr(kept, name)[at])
        anything[known] |= other
        if name in PRICES:
            prices[known] |= other
    anything[known] |= bars.end[known] != kept.end[at]
    return prices, anything


def _same(left: FloatArray, right: FloatArray) -> Mask:
    same: Mask = (left == right) | (np.isnan(left) & np.isnan(right))
    return same


def _write(db: Database, bars: Bars, positions: IntArray, source: str, now: Instant) -> None:
    columns = [getattr(bars, name)[positions].tolist() for name in ("start", "end", *COLUMNS)]
    # SQLite takes NaN for NULL by itself.
    rows = [(bars.market, bars.timeframe.value, *row, source, now) for row in zip(*columns, strict=True)]
    db.conn.executemany("INSERT OR REPLACE INTO bars VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)


def _load(
    db: Database, market: str, timeframe: Timeframe, first: Instant, last: Instant, at_most: int | None = None
) -> Bars:
    rows = db.execute(
        "SELECT start, end, open, high, low, close, volume FROM bars"
        " WHERE market = ? AND timeframe = ? AND start BETWEEN ? AND ? ORDER BY start LIMIT ?",
        [market, timeframe.value, first, last, -1 if at_most is None else at_most],
    ).fetchall()
    if not rows:
        return Bars.empty(market, timeframe)
    table = _numbers(rows).T  # instants are far below 2**53, so no second is lost
    return Bars(market, timeframe, table[0].astype(np.int64), table[1].astype(np.int64), *table[2:].copy())


def _numbers(rows: Sequence[Sequence[float | None]]) -> FloatArray:
    """The table in these rows, NaN for NULL."""
    try:
        flat = np.fromiter(chain.from_iterable(rows), np.float64, len(rows) * len(rows[0]))
    except TypeError:  # a NULL is among them, which takes numpy three times as long
        return np.array(rows, dtype=np.float64)
    return flat.reshape(len(rows), -1)
