"""Backup: a consistent copy while the bot runs."""

from __future__ import annotations

import stat
from contextlib import closing
from pathlib import Path

import pytest

from bot.problem import ProblemError
from bot.store.backup import backup
from bot.store.database import immediate, open_database, open_readonly
from bot.store.sqlite import Database


def test_the_copy_holds_what_was_committed_and_nothing_else(db: Database, path: Path, tmp_path: Path) -> None:
    target = tmp_path / "copy.db"
    db.execute("INSERT INTO meta VALUES ('a', 'committed', 1)")
    with immediate(db):
        db.execute("UPDATE meta SET value = 'half done'")
        backup(path, target)
    with closing(open_readonly(target)) as copy:
        assert copy.execute("SELECT value FROM meta").fetchall() == [("committed",)]
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert not list(tmp_path.glob("copy.db?*")), "a backup is one file"


def test_the_copy_can_take_the_place_of_the_original(db: Database, path: Path, tmp_path: Path) -> None:
    db.execute("INSERT INTO meta VALUES ('a', 'b', 1)")
    backup(path, tmp_path / "copy.db")
    with closing(open_database(tmp_path / "copy.db")) as copy:
        copy.execute("UPDATE meta SET value = 'c'")
        assert copy.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_an_existing_file_is_never_overwritten(db: Database, path: Path, tmp_path: Path) -> None:
    target = tmp_path / "copy.db"
    target.write_text("precious")
    with pytest.raises(ProblemError, match=r"copy\.db: exists already; name a new file"):
        backup(path, target)
    with pytest.raises(ProblemError, match="exists already"):
        backup(path, path)
    assert target.read_text() == "precious"


def test_a_place_that_does_not_exist(db: Database, path: Path, tmp_path: Path) -> None:
    with pytest.raises(ProblemError, match="can't be written"):
        backup(path, tmp_path / "nowhere" / "copy.db")


def test_nothing_to_copy(tmp_path: Path) -> None:
    with pytest.raises(ProblemError, match="there is no database here"):
        backup(tmp_path / "absent.db", tmp_path / "copy.db")
    assert not (tmp_path / "copy.db").exists()
