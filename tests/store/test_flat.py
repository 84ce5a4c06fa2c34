"""What the loop and commands ask costs no more in a file that is years old, counted in SQLite's own steps."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from bot.signals.timeframe import DAY
from bot.store.alerts import recent_alerts
from bot.store.database import immediate, open_database
from bot.store.outbox.expiry import drop_too_late
from bot.store.outbox.queue import next_due
from bot.store.outbox.requeue import retry_now
from bot.store.pruning import KEPT, prune
from bot.store.sqlite import Database
from bot.store.subscribers.mutes import mute
from bot.store.subscribers.preferences import save_preferences
from bot.store.subscribers.reactions import NEWEST_MESSAGES, keep_reaction
from bot.subscriber import Preferences
from tests.store.rows import BAR, NOW, event, people, put

READERS = 20

QUESTIONS: dict[str, Callable[[Database], object]] = {
    "recent alerts": lambda db: recent_alerts(db, 3),
    "nothing to prune": lambda db: prune(db, NOW),
    "next due": next_due,
    "nothing is too late": lambda db: drop_too_late(db, NOW, 30 * KEPT, 30 * KEPT),
    "nothing failed": lambda db: retry_now(db, NOW),
    "mute": lambda db: mute(db, 1, 0, NOW + DAY, NOW),
    "other settings": lambda db: save_preferences(db, 1, 0, Preferences(), NOW),
    "a reaction": lambda db: keep_reaction(db, 1, 1, 1, "👍", NOW),
}


def grown(path: Path, alerts: int) -> Database:
    """So many alerts that everybody got, and as many again that wait for the morning; the reader 1 has few of them."""
    db = open_database(path)
    people(db, *range(2, READERS + 2))
    with immediate(db):
        for number in range(2 * alerts):
            if number == 2 * alerts - 5:
                people(db, 1)
            bar = BAR - number * DAY
            put(db, event(bar=bar, alert_bar=bar))
            state = "due = created + 3600" if number >= alerts else "state = 'sent', finished = created"
            db.execute(f"UPDATE deliveries SET {state}, message_id = id WHERE message = (SELECT max(id) FROM messages)")
    return db


def steps(db: Database, ask: Callable[[Database], object]) -> int:
    """Instructions of SQLite's machine."""
    taken = 0

    def count() -> int:
        nonlocal taken
        taken += 1
        return 0

    db.conn.set_progress_handler(count, 1)
    ask(db)
    db.conn.set_progress_handler(None, 0)
    return taken


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_file_of_eight_times_the_age_answers_as_soon(tmp_path: Path, name: str) -> None:
    with closing(grown(tmp_path / "young.db", 25)) as young, closing(grown(tmp_path / "old.db", 200)) as old:
        before, after = steps(young, QUESTIONS[name]), steps(old, QUESTIONS[name])
    assert after < 1.5 * before + (7 * NEWEST_MESSAGES if name == "a reaction" else 100)
