"""Runs of the bot's jobs: when each began and how it ended, and how many looks each day had."""

from __future__ import annotations

import json
from dataclasses import dataclass

from bot.signals.timeframe import DAY, Instant
from bot.store.meta import get_value, set_value
from bot.store.sqlite import Database

_KEPT = 500  # runs of one name; `/status` and `doctor` look at the last few


KEPT_DAYS = 40
"""Days whose looks are remembered: a weekly digest tells of seven."""

_KEY = "tally of day "  # and the number of the UTC day since 1970, in five digits


@dataclass(frozen=True, slots=True)
class Run:
    """One run of one job. `finished` and `ok` are None while it goes on, or where the process was killed."""

    id: int
    name: str
    started: Instant
    finished: Instant | None
    detail: str
    ok: bool | None


@dataclass(frozen=True, slots=True)
class LookCounts:
    """Counts over a span."""

    looks: int = 0
    failed: int = 0
    doubts: int = 0


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


def count_look(db: Database, now: Instant, *, ok: bool = True, doubts: int = 0) -> None:
    """A look has ended, after which `doubts` more markets were in doubt. Days long past are forgotten."""
    key = f"{_KEY}{now // DAY:05}"
    before = _of_day(db, key)
    after = LookCounts(before.looks + ok, before.failed + (not ok), before.doubts + doubts)
    set_value(db, key, json.dumps([after.looks, after.failed, after.doubts]), now)
    if before == LookCounts():
        db.conn.execute(
            "DELETE FROM meta WHERE key >= ? AND key < ?", [_KEY, f"{_KEY}{max(0, now // DAY - KEPT_DAYS):05}"]
        )


def tally(db: Database, since: Instant, until: Instant) -> LookCounts:
    """The counts of the UTC days from that of `since`, which is left out, to that of `until`."""
    days = [_of_day(db, f"{_KEY}{day:05}") for day in range(since // DAY + 1, until // DAY + 1)]
    return LookCounts(*(sum(getattr(day, name) for day in days) for name in ("looks", "failed", "doubts")))


def _of_day(db: Database, key: str) -> LookCounts:
    kept = get_value(db, key)
    return LookCounts(*json.loads(kept)) if kept is not None else LookCounts()
