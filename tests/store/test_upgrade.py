"""Upgrades: a database of every schema that was ever in use becomes today's, with all that it holds."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.problem import ProblemError
from bot.store.backup import restore
from bot.store.database import open_database, open_readonly
from bot.store.outbox.claim import claim
from bot.store.outbox.queue import dropped_since
from bot.store.snapshots import Snapshot, keep_snapshots, load_snapshots
from bot.store.sqlite import Database
from bot.store.subscribers.mutes import Mute, mutes_of
from bot.store.subscribers.refusals import refused_chats
from bot.store.subscribers.subscribers import subscriber
from tests.store.rows import NOW, event, put

SCHEMAS = sorted(Path(__file__).with_name("schemas").glob("*.sql"))

ROWS = (
    "INSERT INTO subscribers (id, chat_id, kind, state, since, changed) VALUES (1, 11, 'private', 'active', 5, 5)",
    "INSERT INTO subscriptions VALUES (1, 'all', '')",
    "INSERT INTO mutes (subscriber, rule, until) VALUES (1, 'r', 90)",
    "INSERT INTO alerts VALUES (1, 'old', 'IWM', '1d', 86400, 'high', 5)",
    "INSERT INTO snapshots VALUES ('IWM', 'nav', 86401, 1.0, 'x'), ('IWM', 'nav', 172801, 2.0, 'x')",
    "INSERT INTO meta VALUES ('heartbeat', '5', 5)",
)


BEFORE_MESSAGES = (
    "INSERT INTO events (alert, kind, bar, at, digest, html, created) VALUES (1, 'fired', 1, 2, '', 'old news', 5)",
    "INSERT INTO deliveries (event, subscriber, rank, due, created) VALUES (1, 1, 2, 5, 5)",
)
WITH_MESSAGES = (
    "INSERT INTO events (alert, kind, bar, at, digest, created) VALUES (1, 'fired', 1, 2, '', 5)",
    "INSERT INTO messages (id, kind, rank, html, created) VALUES (1, 'alert', 2, 'old news', 5)",
    "INSERT INTO message_events VALUES (1, 1)",
    "INSERT INTO deliveries (message, subscriber, rank, due, created) VALUES (1, 1, 2, 5, 5)",
)


def old_database(path: Path, schema: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.executescript(schema.read_text())
        has_messages = db.execute("SELECT 1 FROM sqlite_master WHERE name = 'messages'").fetchone()
        for row in (*ROWS, *(WITH_MESSAGES if has_messages else BEFORE_MESSAGES)):
            db.execute(row)
        db.commit()


def structure(db: Database) -> set[tuple[str, ...]]:
    """Every column and every index."""
    columns = db.execute(
        'SELECT m.name, c.name, c.type, c."notnull", c.dflt_value, c.pk'
        " FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE '%sqlite_%'"
    ).fetchall()
    return {*columns, *db.execute("SELECT name, tbl_name FROM sqlite_master WHERE type = 'index'").fetchall()}


def test_there_are_old_schemas_to_upgrade_from() -> None:
    assert len(SCHEMAS) >= 8


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda path: path.stem)
def test_an_old_database_becomes_todays(path: Path, tmp_path: Path, schema: Path) -> None:
    old_database(path, schema)
    with pytest.raises(ProblemError, match="older Bellwether"):
        open_readonly(path)
    with closing(open_database(path)) as old, closing(open_database(tmp_path / "new.db")) as new:
        assert structure(old) == structure(new)


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda path: path.stem)
def test_what_it_holds_goes_on(path: Path, schema: Path) -> None:
    old_database(path, schema)
    with closing(open_database(path)) as db:
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
        assert [each.content.html for each in claim(db, NOW, 5)] == ["old news"]
        known = subscriber(db, 11, 0)
        assert known is not None
        assert (known.state, known.subscriptions) == ("active", (("all", ""),))
        assert refused_chats(db, 5) == []
        assert mutes_of(db, 11, 0, 5) == [Mute("r", 90)]
        assert dropped_since(db, 0) == {}
        assert put(db, event()) == 1
        keep_snapshots(db, [Snapshot("IWM", "nav", 172_802, 3.0, "x")])
        assert load_snapshots(db, "IWM", "nav").value.tolist() == [1.0, 3.0]


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda schema: schema.stem)
def test_a_backup_of_an_older_release_is_put_back(path: Path, tmp_path: Path, schema: Path) -> None:
    old_database(tmp_path / "old.db", schema)
    restore(path, tmp_path / "old.db", datetime(2026, 1, 2, tzinfo=UTC))
    with closing(open_database(path)) as db:
        assert db.execute("SELECT chat_id FROM subscribers").fetchall() == [(11,)]
