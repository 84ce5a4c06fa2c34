"""Restore: a backup is in effect whatever was left of the file before it, which is kept."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.problem import ProblemError
from bot.store.backup import backup, restore
from bot.store.database import open_database, open_readonly
from bot.store.store import Store
from tests.store.rows import people

NOON = datetime(2026, 1, 2, 12, 0, 0, tzinfo=UTC)


def chats(path: Path) -> list[int]:
    with closing(open_readonly(path)) as db:
        return [row[0] for row in db.execute("SELECT chat_id FROM subscribers ORDER BY 1")]


def killed(path: Path, copy: Path) -> None:
    """The database and what lies beside it, as a bot that was killed leaves them."""
    for file in path.parent.glob(f"{path.name}*"):
        shutil.copy(file, copy.parent / file.name.replace(path.name, copy.name))


@pytest.fixture
def left(tmp_path: Path) -> tuple[Path, Path]:
    """A database with a subscriber who came after the backup and stands in the write-ahead log only; the backup."""
    live, path, saved = tmp_path / "live.db", tmp_path / "bellwether.db", tmp_path / "saved.db"
    with closing(open_database(live)) as db:
        people(db, 1)
        backup(live, saved)
        people(db, 2)
        killed(live, path)
    assert Path(f"{path}-wal").stat().st_size > 0
    return path, saved


def test_a_restored_backup_is_in_effect(left: tuple[Path, Path]) -> None:
    path, saved = left
    kept = restore(path, saved, NOON)
    assert chats(path) == [1]
    assert kept is not None
    assert kept.name == "bellwether.db.before-restore-20260102T120000"
    assert chats(kept) == [1, 2], "the old one is whole, its log included"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert chats(saved) == [1]
    open_database(path).close()


def test_a_backup_that_another_tool_has_rewritten(left: tuple[Path, Path]) -> None:
    path, saved = left
    with closing(sqlite3.connect(saved)) as db:
        db.execute("VACUUM")
    restore(path, saved, NOON)
    assert chats(path) == [1]


def test_in_the_place_of_a_damaged_database_or_of_none(left: tuple[Path, Path]) -> None:
    path, saved = left
    path.write_bytes(b"no database" * 500)
    restore(path, saved, NOON)
    assert chats(path) == [1]
    elsewhere = path.parent / "new" / "bellwether.db"
    assert restore(elsewhere, saved, NOON) is None
    assert chats(elsewhere) == [1]


@pytest.mark.parametrize("content", [b"a letter" * 1_000, None])
def test_what_is_no_backup_changes_nothing(left: tuple[Path, Path], content: bytes | None) -> None:
    path, saved = left
    if content is None:
        raw = bytearray(saved.read_bytes())
        raw[4_096 * 3 : 4_096 * 9] = b"\xff" * 4_096 * 6
        saved.write_bytes(raw)
    else:
        saved.write_bytes(content)
    with pytest.raises(ProblemError, match="damaged"):
        restore(path, saved, NOON)
    assert chats(path) == [1, 2]
    assert not list(path.parent.glob("*restor*"))


def written(*statements: str) -> Callable[[Path], None]:
    """What does that to a SQLite file, a new one where there is none."""

    def write(path: Path) -> None:
        with closing(sqlite3.connect(path)) as db:
            for statement in statements:
                db.execute(statement)
            db.commit()

    return write


def empty(path: Path) -> None:
    path.write_bytes(b"")


def begun(path: Path) -> None:
    empty(path)
    written("CREATE TABLE _sqlite_migrations (id INTEGER PRIMARY KEY, migration_set, name, applied_at)")(path)


def another(path: Path) -> None:
    empty(path)
    written("CREATE TABLE notes (text)")(path)


def a_device(path: Path) -> None:
    path.unlink()
    path.symlink_to(os.devnull)


def a_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def of_a_newer_release(path: Path) -> None:
    written(
        "INSERT INTO _sqlite_migrations SELECT 99, migration_set, '9999_newer', '' FROM _sqlite_migrations LIMIT 1"
    )(path)


NO_BACKUP: dict[str, tuple[Callable[[Path], None], str]] = {
    "an empty file": (empty, "it holds nothing; allowed: a copy made by"),
    "a database that was only begun": (begun, "it holds nothing"),
    "a device": (a_device, "a device or a pipe, not a database"),
    "a pipe": (a_pipe, "a device or a pipe, not a database"),
    "another program's": (another, "a database of another program"),
    "a newer release's": (of_a_newer_release, "made by a newer Bellwether .it has '9999_newer'"),
    "one without a table": (written("DROP TABLE mutes"), "its table mutes is not as Bellwether made it"),
    "one with a column more": (written("ALTER TABLE mutes ADD planted TEXT"), "see planted"),
    "one of tables without rows of migrations": (written("DELETE FROM _sqlite_migrations"), "of another program"),
    "one that skipped a migration": (
        written("DELETE FROM _sqlite_migrations WHERE name = '0001_first_tables'"),
        "it lacks '0001_first_tables', and has later changes",
    ),
}


@pytest.mark.parametrize("kind", NO_BACKUP)
def test_what_is_sound_but_no_copy_of_a_database_changes_nothing(left: tuple[Path, Path], kind: str) -> None:
    path, saved = left
    make, says = NO_BACKUP[kind]
    make(saved)
    with pytest.raises(ProblemError, match=says):
        restore(path, saved, NOON)
    assert chats(path) == [1, 2]
    assert not list(path.parent.glob("*restor*"))


def test_no_backup_is_made_that_could_not_be_put_back(path: Path, tmp_path: Path) -> None:
    target = tmp_path / "copy.db"
    path.touch()
    with pytest.raises(ProblemError, match="nothing in this file yet; `bellwether run` makes a database of it"):
        backup(path, target)
    open_database(path).close()
    written("DROP TABLE mutes")(path)
    with pytest.raises(ProblemError, match="its table mutes is not as Bellwether made it"):
        backup(path, target)
    assert not target.exists()


def test_a_backup_that_is_not_there(left: tuple[Path, Path]) -> None:
    path, saved = left
    with pytest.raises(ProblemError, match="no such file; allowed: a copy made by"):
        restore(path, saved.with_name("nix.db"), NOON)
    assert chats(path) == [1, 2]


async def test_not_under_a_running_bot(left: tuple[Path, Path]) -> None:
    path, saved = left
    store = Store(path)
    with pytest.raises(ProblemError, match="another Bellwether is running"):
        restore(path, saved, NOON)
    await store.close()
    assert chats(path) == [1, 2]


def test_the_database_itself_is_no_backup_of_it(left: tuple[Path, Path]) -> None:
    path, _ = left
    with pytest.raises(ProblemError, match="the database itself"):
        restore(path, path, NOON)
