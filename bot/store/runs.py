"""Runs of the bot's jobs: when each began, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass

from bot.signals.timeframe import Instant
from bot.store.sqlite import Database

_KEPT = 500  # runs of one name; `/status` and `doctor` look at the last few


@dataclass(frozen=True, slots=True)
class Run:
    """One run of one job. `finished` and `ok` are None while it goes on, or where the process was killed."""

    id: int
    name: str
    started: Instant
    finished: Instant | None
    detail: str
    ok: bool | None


def start_run(db: Database, name: str, now: Instant) -> int:
    """Note that the job `name` begins. Returns the id that `finish_run` wants."""
    row = db.conn.execute("INSERT INTO runs (name, started) VALUES (?, ?) RETURNING id", [name, now]).fetchone()
    return int(row[0])


def finish_run(db: Database, run: int, now: Instant, *, ok: bool, detail: str = "") -> None:
    """Note how it ended, and forget all but the last 500 of its name."""
    db.conn.execute("UPDATE runs SET finished = ?, ok = ?, detail = ? WHERE id = ?", [now, ok, detail, run])
    db.conn.execute(
        "DELETE FROM runs WHERE name = (SELECT name FROM runs WHERE id = ?1) AND id <= ("
        " SELECT id FROM runs WHERE name = (SELECT name FROM runs WHERE id = ?1) ORDER BY id DESC LIMIT 1 OFFSET ?2)",
        [run, _KEPT],
    )


def last_runs(db: Database, limit: int, name: str | None = None) -> list[Run]:
    """The newest runs first."""
    return _runs(db, "?1 IS NULL OR name = ?1", name, limit)


def last_error(db: Database) -> Run | None:
    """The newest run that failed."""
    found = _runs(db, "ok = 0 AND ?1 IS NULL", None, 1)
    return found[0] if found else None


def _runs(db: Database, where: str, name: str | None, limit: int) -> list[Run]:
    rows = db.execute(
        f"SELECT id, name, started, finished, detail, ok FROM runs WHERE {where} ORDER BY id DESC LIMIT ?2",
        [name, limit],
    ).fetchall()
    return [Run(*(*facts, None if ok is None else bool(ok))) for *facts, ok in rows]
