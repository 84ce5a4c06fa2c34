"""Queueing 100,000 deliveries, against plain executemany of the same rows; claiming and marking them.

Run: python -m tests.bench.bench_outbox   (the processor's time; what is written waits for the disk besides)
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
from bot.store.outbox.claim import claim
from bot.store.outbox.outcomes import mark_sent
from bot.store.sqlite import Database
from bot.store.stories import NewEvent, NewMessage, record_story
from tests.bench.figures import of_rounds, tell

CHATS = 100_000
NOW = 1_700_000_000
ROUNDS = 5


def main() -> int:
    queued, plain, claims, marks = list[float](), list[float](), list[float](), list[float]()
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory() as folder:
            db = open_database(Path(folder) / "bench.db")
            _subscribe_all(db)
            queued.append(_queue(db))
            plain.append(_plain(db))
            _claim_and_mark(db, claims, marks)
            db.close()
    return tell(
        [
            of_rounds(f"queue {CHATS:,} deliveries, one transaction", queued, "ms", 600),
            of_rounds(
                "of the time of a plain executemany of the same rows",
                [ours / theirs for ours, theirs in zip(queued, plain, strict=True)],
                "",
                1.0,
            ),
            of_rounds("claim 100 of them", claims, "ms", 5),
            of_rounds("mark 100 as sent", marks, "ms", 5),
        ]
    )


def _subscribe_all(db: Database) -> None:
    with immediate(db):
        db.conn.executemany(
            "INSERT INTO subscribers (id, chat_id, kind, state, since, changed)"
            " VALUES (?1, ?1, 'private', 'active', 0, 0)",
            [(i,) for i in range(1, CHATS + 1)],
        )
        db.conn.executemany("INSERT INTO subscriptions VALUES (?, 'all', '')", [(i,) for i in range(1, CHATS + 1)])


def _queue(db: Database) -> float:
    """Milliseconds."""
    event = Event(AlertId("r", "IWM", Timeframe.D1, NOW), EventKind.FIRED, NOW, NOW, 1.0, 1.0)
    began = time.process_time()
    queued = record_story(db, [NewEvent(event, "d", Severity.HIGH, ("t",))], lambda _: NewMessage("<b>x</b>"), (), NOW)
    taken = 1000 * (time.process_time() - began)
    assert queued == CHATS
    return taken


def _plain(db: Database) -> float:
    rows = db.execute("SELECT * FROM deliveries").fetchall()
    with immediate(db):
        db.execute("DELETE FROM deliveries")
    marks = ",".join("?" * len(rows[0]))
    began = time.process_time()
    with immediate(db):
        db.conn.executemany(f"INSERT INTO deliveries VALUES ({marks})", rows)
    return 1000 * (time.process_time() - began)


def _claim_and_mark(db: Database, claims: list[float], marks: list[float]) -> None:
    """Milliseconds of each, a few times."""
    for _ in range(10):
        began = time.process_time()
        taken = claim(db, NOW, 100)
        between = time.process_time()
        _mark_all(db, [each.id for each in taken])
        claims.append(1000 * (between - began))
        marks.append(1000 * (time.process_time() - between))


def _mark_all(db: Database, deliveries: list[int]) -> None:
    """As the outbox does with the messages that end while it writes: one statement and one commit for all."""
    with immediate(db):
        mark_sent(db, {each: each for each in deliveries}, NOW)


if __name__ == "__main__":
    sys.exit(main())
