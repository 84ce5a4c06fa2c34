"""Queueing 100,000 deliveries, against plain executemany of the same rows; claiming and marking them.

Run: python -m tests.bench.bench_outbox   (or the file itself)
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from bot.severity import Severity
from bot.signals.replay.event import AlertId, Event, EventKind
from bot.signals.timeframe import Timeframe
from bot.store.database import immediate, open_database
from bot.store.outbox import claim, mark_sent
from bot.store.sqlite import Database
from bot.store.stories import NewEvent, NewMessage, record_story

CHATS = 100_000
NOW = 1_700_000_000
ROUNDS = 50


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        db = open_database(Path(folder) / "bench.db")
        _subscribe_all(db)
        queued, seconds = _queue(db)
        plain = _plain(db)
        spent = time.process_time()
        claims, marks = _claim_and_mark(db)
        spent = (time.process_time() - spent) / ROUNDS
        db.close()
    print(f"queue {queued:,} deliveries, one transaction: {seconds * 1000:.0f} ms")
    print(f"plain executemany of the same rows:          {plain * 1000:.0f} ms  (ratio {seconds / plain:.2f})")
    print(f"claim 100 of them: {claims * 1000:.2f} ms; mark 100 as sent: {marks * 1000:.2f} ms")
    print(f"  both together {spent * 1000:.2f} ms of the processor; the rest is waiting for the disk")
    return 0 if queued == CHATS and seconds < 1 else 1


def _subscribe_all(db: Database) -> None:
    with immediate(db):
        db.conn.executemany(
            "INSERT INTO subscribers (id, chat_id, kind, state, since, changed)"
            " VALUES (?1, ?1, 'private', 'active', 0, 0)",
            [(i,) for i in range(1, CHATS + 1)],
        )
        db.conn.executemany("INSERT INTO subscriptions VALUES (?, 'all', '')", [(i,) for i in range(1, CHATS + 1)])


def _queue(db: Database) -> tuple[int, float]:
    event = Event(AlertId("r", "IWM", Timeframe.D1, NOW), EventKind.FIRED, NOW, NOW, 1.0, 1.0)
    began = time.perf_counter()
    queued = record_story(db, [NewEvent(event, "d", Severity.HIGH, ("t",))], lambda _: NewMessage("<b>x</b>"), (), NOW)
    return queued, time.perf_counter() - began


def _plain(db: Database) -> float:
    rows = db.execute("SELECT * FROM deliveries").fetchall()
    with immediate(db):
        db.execute("DELETE FROM deliveries")
    marks = ",".join("?" * len(rows[0]))
    began = time.perf_counter()
    with immediate(db):
        db.conn.executemany(f"INSERT INTO deliveries VALUES ({marks})", rows)
    return time.perf_counter() - began


def _claim_and_mark(db: Database, rounds: int = ROUNDS) -> tuple[float, float]:
    claiming = marking = 0.0
    for _ in range(rounds):
        began = time.perf_counter()
        taken = claim(db, NOW, 100)
        between = time.perf_counter()
        _mark_all(db, [each.id for each in taken])
        claiming, marking = claiming + between - began, marking + time.perf_counter() - between
    return claiming / rounds, marking / rounds


def _mark_all(db: Database, deliveries: list[int]) -> None:
    """As the store does with the marks that wait for it: one commit for all."""
    with immediate(db):
        for each in deliveries:
            mark_sent(db, each, each, NOW)


if __name__ == "__main__":
    sys.exit(main())
