"""What may lie where the database should be: each is opened, or refused in a sentence and left alone."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from bot.problem import ProblemError
from bot.store.database import open_database, take_lock, way_out
from bot.store.store import Store


def whole(path: Path) -> bytes:
    """The bytes of a sound database, which was there and is not any more."""
    open_database(path).close()
    content = path.read_bytes()
    path.unlink()
    return content


ODD: dict[str, tuple[Callable[[Path], object], str]] = {
    "text": (lambda path: path.write_text("hello\n" * 99), "damaged, or not a database"),
    "noise": (lambda path: path.write_bytes(os.urandom(9_000)), "damaged, or not a database"),
    "a head, then noise": (lambda path: path.write_bytes(b"SQLite format 3\0" + os.urandom(9_000)), "not a database"),
    "half of one": (lambda path: path.write_bytes((content := whole(path))[: len(content) // 2]), "damaged"),
    "a folder": (lambda path: path.mkdir(), "a folder, not a database"),
    "a link to a folder": (lambda path: path.symlink_to(path.parent), "a folder, not a database"),
    "a link to itself": (lambda path: path.symlink_to(path.name), "can't be opened"),
    "a link to a folder that is not there": (lambda path: path.symlink_to("nowhere/x.db"), "can't be opened"),
    "a device": (lambda path: path.symlink_to("/dev/null"), "can't be opened"),
    "a pipe": (os.mkfifo, "can't be opened"),
}


@pytest.mark.parametrize("kind", ODD)
def test_what_is_no_database_is_refused_and_left_as_it_was(path: Path, kind: str) -> None:
    make, words = ODD[kind]
    make(path)
    before = path.lstat()
    null = Path("/dev/null").stat().st_mode
    with pytest.raises(ProblemError, match=words):
        open_database(path)
    after = path.lstat()
    assert (after.st_mode, after.st_size, after.st_ino) == (before.st_mode, before.st_size, before.st_ino)
    assert Path("/dev/null").stat().st_mode == null


def life(path: Path) -> tuple[bool, str]:
    """What a bot that starts and stops knows: whether the file was lost, and what is wrong with it."""

    async def live() -> tuple[bool, str]:
        store = Store(path)
        try:
            return store.lost, await store.trouble()
        finally:
            await store.close()

    return asyncio.run(live())


def test_an_empty_file_is_as_good_as_none_and_a_link_is_refused(path: Path) -> None:
    path.touch()
    open_database(path).close()
    assert path.stat().st_mode & 0o777 == 0o600
    link = path.with_name("link.db")
    link.symlink_to(path.name)
    with pytest.raises(ProblemError, match="it is a link, to bellwether"):
        open_database(link)


@pytest.mark.parametrize("beside", ["-wal", "-lock"])
def test_a_folder_beside_it_is_said(path: Path, beside: str) -> None:
    open_database(path).close()
    Path(f"{path}{beside}").mkdir()
    with pytest.raises(ProblemError, match="can't be opened"):
        take_lock(path) if beside == "-lock" else open_database(path)


def test_a_log_of_another_file_is_not_applied(path: Path) -> None:
    """Noise where SQLite's log would be, as after a copy by hand, changes nothing."""
    open_database(path).close()
    Path(f"{path}-wal").write_bytes(os.urandom(20_000))
    with closing(open_database(path)) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_a_database_that_was_there_before_is_missed(path: Path) -> None:
    assert [life(path) for _ in range(2)] == [(False, "")] * 2
    path.unlink()
    assert [life(path) for _ in range(2)] == [(True, ""), (False, "")]
    path.unlink()
    path.touch()
    assert life(path) == (True, "")


def test_what_mends_it(path: Path) -> None:
    assert "another program holds a lock" in way_out(path, "database is locked")
    assert "its disk is full" in way_out(path, "database or disk is full")
    assert "may be written to" in way_out(path, "attempt to write a readonly database")
