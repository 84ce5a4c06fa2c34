"""The one SQLite file: how it is opened, and when it is refused."""

from __future__ import annotations

import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from bot.problem import ProblemError
from bot.signals.replay.event import EventKind
from bot.store.alerts import events_of
from bot.store.database import immediate, open_database, open_readonly
from bot.store.sqlite import Database
from bot.store.store import Store
from tests.store.rows import event, put


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def pragma(db: Database, name: str) -> object:
    return db.execute(f"PRAGMA {name}").fetchone()[0]


def test_settings(db: Database) -> None:
    assert pragma(db, "journal_mode") == "wal"
    assert pragma(db, "synchronous") == 2
    assert pragma(db, "foreign_keys") == 1
    assert pragma(db, "busy_timeout") == 10_000


def test_every_table_is_strict(db: Database) -> None:
    loose = db.execute(
        "SELECT name FROM pragma_table_list WHERE schema = 'main' AND NOT strict AND name NOT LIKE '%sqlite_%'"
    ).fetchall()
    assert loose == []


def test_only_the_owner_may_read_the_file_and_its_companions(path: Path) -> None:
    with closing(open_database(path)) as db:
        db.execute("INSERT INTO meta VALUES ('a', 'b', 1)")
        assert {file.name: mode(file) for file in path.parent.iterdir()} == {
            "bellwether.db": 0o600,
            "bellwether.db-wal": 0o600,
            "bellwether.db-shm": 0o600,
        }


def test_a_file_that_others_could_read_is_closed_to_them(path: Path) -> None:
    open_database(path).close()
    path.chmod(0o644)
    open_database(path).close()
    assert mode(path) == 0o600


def test_what_an_older_release_called_expired_is_ended(path: Path) -> None:
    with closing(open_database(path)) as db:
        put(db, event(EventKind.ENDED))
        db.execute("UPDATE events SET kind = 'expired'")
        db.execute("DELETE FROM _sqlite_migrations WHERE name = '0003_expired_is_ended'")
    with closing(open_database(path)) as db:
        assert [each.kind for each in events_of(db, "r", 0)] == [EventKind.ENDED]


def test_opening_again_keeps_what_is_there(path: Path) -> None:
    with closing(open_database(path)) as db:
        db.execute("INSERT INTO meta VALUES ('a', 'b', 1)")
    with closing(open_database(path)) as db:
        assert db.execute("SELECT value FROM meta").fetchall() == [("b",)]


def test_a_newer_database_is_refused(path: Path) -> None:
    with closing(open_database(path)) as db:
        db.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('bellwether', '0999_wings', '')"
        )
    for opening in (open_database, open_readonly):
        with pytest.raises(ProblemError, match=r"bellwether\.db: made by a newer Bellwether .*0999_wings"):
            opening(path)


@pytest.mark.parametrize(
    "content", [b"not a database, but a letter to a friend" * 40, b"SQLite format 3\0" + b"x" * 4096]
)
def test_something_else_is_refused(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    for opening in (open_database, open_readonly):
        with pytest.raises(ProblemError, match="damaged, or not a database"):
            opening(path)
    assert path.read_bytes() == content


def test_a_damaged_database_is_refused(path: Path) -> None:
    with closing(open_database(path)) as db:
        db.conn.executemany("INSERT INTO meta VALUES (?, ?, 1)", [(str(i), "x" * 200) for i in range(2_000)])
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2 : len(raw) // 2 + 4_096 * 8] = b"\xff" * 4_096 * 8
    path.write_bytes(raw)
    with pytest.raises(ProblemError, match="damaged"):
        open_database(path)


def test_the_database_of_another_program_is_refused(path: Path) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE recipes (name)")
    with pytest.raises(ProblemError, match="another program"):
        open_database(path)


def test_a_folder_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    for opening in (open_database, open_readonly, Store):
        with pytest.raises(
            ProblemError, match=r"a folder, not a database; allowed: a file in it, like .*bellwether\.db"
        ):
            opening(tmp_path)
    assert mode(tmp_path) == 0o755, "nothing but a database is ever made private"
    assert not tmp_path.with_name(f"{tmp_path.name}-lock").exists()


def test_the_mode_of_what_is_no_database_is_left_alone(path: Path) -> None:
    path.write_bytes(b"a letter to a friend" * 40)
    path.chmod(0o644)
    with pytest.raises(ProblemError, match="not a database"):
        open_database(path)
    assert mode(path) == 0o644


def test_reading_where_nothing_is(path: Path) -> None:
    with pytest.raises(ProblemError, match="there is no database here"):
        open_readonly(path)
    assert not path.exists()


def test_a_database_that_was_just_begun_is_finished_by_a_writer_only(path: Path) -> None:
    with closing(sqlite3.connect(path)) as begun:
        begun.execute("CREATE TABLE _sqlite_migrations (id INTEGER PRIMARY KEY, migration_set, name, applied_at)")
        begun.commit()
    with pytest.raises(ProblemError, match="nothing in this file yet; `bellwether run` makes a database of it"):
        open_readonly(path)
    open_database(path).close()
    open_readonly(path).close()


def test_a_reader_sees_what_was_committed_while_a_writer_writes(path: Path) -> None:
    with closing(open_database(path)) as writer, closing(open_readonly(path)) as reader:
        writer.execute("INSERT INTO meta VALUES ('a', '1', 1)")
        with immediate(writer):
            writer.execute("UPDATE meta SET value = '2'")
            assert reader.execute("SELECT value FROM meta").fetchone() == ("1",)
        assert reader.execute("SELECT value FROM meta").fetchone() == ("2",)
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            reader.execute("DELETE FROM meta")


def test_a_failing_transaction_leaves_nothing(db: Database) -> None:
    def fail() -> None:
        with immediate(db), immediate(db):
            db.execute("INSERT INTO meta VALUES ('a', '1', 1)")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert not db.conn.in_transaction
    assert db.execute("SELECT count(*) FROM meta").fetchone() == (0,)


def test_pandas_is_not_taken_along() -> None:
    code = (
        "import sys, bot.store.database, bot.store.outbox.claim; assert 'pandas' not in sys.modules, 'imported'\n"
        "import importlib.util; assert importlib.util.find_spec('pandas') is None or not print('still importable')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
