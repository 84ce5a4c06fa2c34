"""Snapshots: figures that vendors give for the present only, kept once a day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from bot.signals.bars import FloatArray, IntArray
from bot.signals.timeframe import Instant
from bot.store.database import immediate
from bot.store.sqlite import Database


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One figure at one instant: `market` is what it is of ("IWM", "CRYPTO"), `name` which ("nav", "btc_dominance")."""

    market: str
    name: str
    at: Instant
    value: float
    source: str


@dataclass(frozen=True, eq=False)
class History:
    """The kept figures of one name, oldest first, one a UTC day: instants, and the values at them."""

    at: IntArray
    value: FloatArray


def keep_snapshots(db: Database, snapshots: Iterable[Snapshot]) -> int:
    """Keep figures, one a name and UTC day: of two of one day the later one counts. Returns how many were taken.

    A value that is no number is left out.
    """
    rows = [(each.market, each.name, each.at, each.value, each.source) for each in snapshots if np.isfinite(each.value)]
    with immediate(db):
        return db.conn.executemany(_KEEP, rows).rowcount if rows else 0


def load_snapshots(db: Database, market: str, name: str, since: Instant = 0) -> History:
    """The figures kept from `since` on; none where none are."""
    rows = db.execute(
        "SELECT at, value FROM snapshots WHERE market = ? AND name = ? AND at >= ? ORDER BY at", [market, name, since]
    ).fetchall()
    table = np.array(rows, dtype=np.float64).reshape(-1, 2).T  # instants are far below 2**53: no second is lost
    return History(table[0].astype(np.int64), table[1].copy())


def latest_snapshots(db: Database, market: str, now: Instant) -> dict[str, Snapshot]:
    """The newest figure of each name by `now`."""
    rows = db.execute(
        "SELECT market, name, max(at), value, source FROM snapshots WHERE market = ? AND at <= ? GROUP BY name",
        [market, now],
    ).fetchall()
    return {row[1]: Snapshot(*row) for row in rows}


_KEEP = """
    INSERT INTO snapshots (market, name, at, value, source) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (market, name, at / 86400) DO UPDATE
    SET at = excluded.at, value = excluded.value, source = excluded.source WHERE excluded.at >= snapshots.at
"""
