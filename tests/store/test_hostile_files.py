"""A database that somebody tampered with runs nothing of theirs, and nothing is written through a link."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.problem import ProblemError
from bot.store.backup import restore
from bot.store.database import open_database, open_readonly, take_lock

OPERATOR = "INSERT INTO subscribers (chat_id, kind, state, since, changed) VALUES (666, 'private', 'active', 1, 1)"


@pytest.fixture
def made(path: Path) -> Path:
    open_database(path).close()
    return path


def tamper(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as db:
        for statement in statements:
            db.execute(statement)
        db.commit()


@pytest.mark.parametrize(
    ("statements", "said"),
    [
        ([f"CREATE TRIGGER planted AFTER INSERT ON meta BEGIN {OPERATOR}; END"], "a trigger .*'planted'"),
        (["DROP TABLE digests", "CREATE VIEW digests AS SELECT 1 AS subscriber"], "a view .*'digests'"),
        (["CREATE VIEW innocent AS SELECT 1 AS one"], "a view .*'innocent'"),
        (["CREATE VIRTUAL TABLE planted USING fts5(text)"], "a virtual table .*'planted'"),
        (["DROP TABLE mutes"], "its table mutes is not as Bellwether made it .see the whole table"),
        (["ALTER TABLE mutes ADD COLUMN planted TEXT"], "its table mutes .*see planted"),
    ],
)
def test_what_bellwether_did_not_make_is_refused_in_a_sentence(made: Path, statements: list[str], said: str) -> None:
    try:
        tamper(made, *statements)
    except sqlite3.OperationalError as error:
        pytest.skip(f"this SQLite can't: {error}")
    before = made.read_bytes()
    with pytest.raises(ProblemError, match=said) as caught:
        open_database(made)
    assert "bellwether db restore FILE" in str(caught.value)
    assert made.read_bytes() == before


def test_a_planted_trigger_is_refused_by_readers_and_by_restore_too(made: Path, tmp_path: Path) -> None:
    tamper(made, f"CREATE TRIGGER planted AFTER INSERT ON meta BEGIN {OPERATOR}; END")
    with pytest.raises(ProblemError, match="a trigger"):
        open_readonly(made)
    with pytest.raises(ProblemError, match="a trigger"):
        restore(tmp_path / "other.db", made, datetime(2026, 1, 1, tzinfo=UTC))
    assert not (tmp_path / "other.db").exists()


def test_the_schema_of_the_file_is_not_trusted(made: Path) -> None:
    with closing(open_database(made)) as db:
        assert db.execute("PRAGMA trusted_schema").fetchone()[0] == 0
    with closing(open_readonly(made)) as db:
        assert db.execute("PRAGMA trusted_schema").fetchone()[0] == 0


def test_tables_of_a_replicator_are_left_alone(made: Path) -> None:
    tamper(made, "CREATE TABLE _litestream_seq (id INTEGER PRIMARY KEY, seq INTEGER)")
    with closing(open_database(made)) as db:
        assert "_litestream_seq" in db.table_names()


@pytest.mark.parametrize("suffix", ["", "-wal", "-shm", "-lock"])
@pytest.mark.parametrize("there", [True, False])
def test_nothing_is_written_through_a_link(path: Path, suffix: str, *, there: bool) -> None:
    victim = path.parent / "victim"
    if there:
        victim.write_bytes(b"not ours")
        victim.chmod(0o644)
    Path(f"{path}{suffix}").symlink_to(victim)
    with pytest.raises(ProblemError, match="nothing is written through one"):
        open_database(path)
    with pytest.raises(ProblemError, match="nothing is written through one"):
        take_lock(path)
    assert victim.exists() == there
    if there:
        assert (victim.read_bytes(), victim.stat().st_mode & 0o777) == (b"not ours", 0o644)
