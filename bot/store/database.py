"""The one SQLite file: how it is opened, and when it is refused."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.problem import Problem, ProblemError
from bot.regular_file import refuse_link
from bot.store.schema import KNOWN, MIGRATIONS, made_tables
from bot.store.sqlite import Database

BUSY_SECONDS = 10.0
"""How long a statement waits for another process's lock before it gives up."""

_OLDEST_SQLITE = (3, 37)

_ROOM_BYTES = 1_000_000  # less than that is a full disk

_CHECKED_BYTES = 32 * 1024 * 1024  # a larger file is checked page by page by `doctor` only: it takes seconds

# FULL, not NORMAL: under WAL, NORMAL may lose the last commits when the power goes, among them the marks of
# messages that Telegram already has; those would be sent again. The marks are committed in groups, which pays
# for the fsync. Who gets an alert is a temporary table of as many rows as there are subscribers: in memory it would
# stay there for good.
_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA journal_size_limit = 33554432",
    "PRAGMA temp_store = FILE",
)


def open_database(path: Path) -> Database:
    """The database at `path` for writing, made and brought up to date where needed, mode 0600.

    Raises ProblemError where the file is damaged, is not Bellwether's, or was made by a newer release; a file that is
    refused is left as it was.
    """
    with _told_kindly(path):
        _refuse_old_sqlite(path)
        _refuse_folder(path)
        _refuse_links(path)
        _begin_private(path)
        db = Database(_connect(path, "rwc"), execute_plugins=False)
        try:
            _refuse_foreign(db, path)
            for pragma in _PRAGMAS:
                db.execute(pragma).fetchall()
            _make_private(path)
            MIGRATIONS.apply(db)
            _refuse_other_columns(db, path)
        except BaseException:
            db.close()
            raise
        return db


def forget_pages(db: Database) -> None:
    """Give back the memory in which pages of the file are kept: the system has them as well."""
    db.execute("PRAGMA shrink_memory").fetchall()


def open_readonly(path: Path) -> Database:
    """The database at `path` for reading, while another process may be writing to it.

    Raises ProblemError as `open_database` does, and where there is no file or its tables are those of an
    older release.
    """
    db = open_whatever_release(path)
    try:
        _refuse_older(db, path)
    except BaseException:
        db.close()
        raise
    return db


def open_whatever_release(path: Path) -> Database:
    """The database at `path` for reading, also where an older release made it.

    Raises ProblemError as `open_database` does, and where there is no file.
    """
    if not path.exists():
        raise ProblemError.of(path, "there is no database here; `bellwether run` makes it")
    _refuse_folder(path)
    if not path.is_file():  # SQLite would wait for what comes through a pipe, and takes a device for an empty file
        raise ProblemError.of(path, "a device or a pipe, not a database; allowed: a file")
    with _told_kindly(path):
        db = Database(_connect(path, "ro"), execute_plugins=False)
        try:
            _refuse_foreign(db, path)
        except BaseException:
            db.close()
            raise
        return db


@contextmanager
def reading(path: Path) -> Iterator[Database]:
    """The database at `path` for reading within this block. Raises ProblemError as `open_readonly` does."""
    db = open_readonly(path)
    try:
        yield db
    finally:
        db.close()


@contextmanager
def immediate(db: Database) -> Iterator[None]:
    """A transaction that takes the write lock at once; inside another one it is a part of it."""
    if db.conn.in_transaction:
        yield
        return
    db.conn.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.commit()
    except BaseException:
        db.rollback()
        raise


def lock_file(path: Path) -> Path:
    """The file by which bots keep each other off the database at `path`; it stays when they end."""
    return Path(f"{path}-lock")


class DatabaseInUseError(ProblemError):
    """Another process has the lock of the database."""


def take_lock(path: Path) -> int:
    """File descriptor of the lock that a running bot has on its database; it ends with the process, however it ends.

    It is a file of its own: closing any descriptor of the database itself would drop SQLite's own locks. Raises
    ProblemError where another process has it, or where it can't be had.
    """
    _refuse_folder(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _refuse_links(path)
        lock = os.open(lock_file(path), os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        message = f"can't be opened ({error.strerror}); allowed: a file in a folder to write to"
        raise ProblemError.of(str(path), message) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(lock)
        if error.errno == errno.EWOULDBLOCK:
            used = Problem.in_file(path, "another Bellwether is running on this database")
            raise DatabaseInUseError([used]) from None
        message = f"its file system can't lock files ({error.strerror}); allowed: a file on a local disk"
        raise ProblemError.of(str(path), message) from error
    return lock


def refuse_incomplete(db: Database, path: Path) -> None:
    """Raise ProblemError where a database lacks what its release of Bellwether made in it.

    Opening alone does not tell: an empty file is a sound database to SQLite.
    """
    applied = {migration.name for migration in MIGRATIONS.applied(db)}
    if not applied:
        raise ProblemError.of(path, "it holds nothing; allowed: a copy made by `bellwether db backup`")
    if skipped := [name for name in KNOWN[: len(applied)] if name not in applied]:
        raise ProblemError.of(path, f"not as Bellwether made it (it lacks {skipped[0]!r}, and has later changes)")
    _refuse_other_columns(db, path)


def damage(db: Database) -> list[str]:
    """What SQLite's own check finds wrong with the file; empty when it is sound. Reads every page."""
    return [str(row[0]) for row in db.execute("PRAGMA quick_check(20)").fetchall() if row[0] != "ok"]


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    """A connection by which no function or virtual table runs that the file's own schema asks for."""
    address = f"{path.absolute().as_uri()}?mode={mode}"
    connection = sqlite3.connect(address, uri=True, timeout=BUSY_SECONDS, isolation_level=None)
    connection.execute("PRAGMA trusted_schema = OFF")
    return connection


def _begin_private(path: Path) -> None:
    """A new file has mode 0600 before SQLite writes anything; the files that SQLite puts beside it inherit it."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW, 0o600))


def _refuse_links(path: Path) -> None:
    """Nothing is written through a link: not the database, nor what SQLite keeps beside it, nor the lock."""
    for file in (*with_companions(path), lock_file(path)):
        refuse_link(file)


def _make_private(path: Path) -> None:
    """Mode 0600 for a file that is known to be Bellwether's database, and for what SQLite keeps beside it."""
    for file in with_companions(path):
        if file.is_file():
            file.chmod(0o600)


def with_companions(path: Path) -> tuple[Path, Path, Path]:
    """The database and what SQLite keeps beside it: the write-ahead log and its index."""
    return path, Path(f"{path}-wal"), Path(f"{path}-shm")


def _refuse_folder(path: Path) -> None:
    if path.is_dir():
        raise ProblemError.of(path, f"a folder, not a database; allowed: a file in it, like {path / 'bellwether.db'}")


def _refuse_old_sqlite(path: Path) -> None:
    if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
        raise ProblemError.of(path, f"this Python brings SQLite {sqlite3.sqlite_version}; needed: 3.37 or newer")


def _refuse_foreign(db: Database, path: Path) -> None:
    applied = [migration.name for migration in MIGRATIONS.applied(db)]
    newer = [name for name in applied if name not in KNOWN]
    if newer:
        raise ProblemError.of(
            path, f"made by a newer Bellwether (it has {newer[-1]!r}); update the program, or use a backup"
        )
    if not applied and set(db.table_names()) - {MIGRATIONS.migrations_table}:
        raise ProblemError.of(path, "a database of another program; name a file that Bellwether may have to itself")
    _refuse_planted(db, path)
    if path.stat().st_size <= _CHECKED_BYTES and (found := damage(db)):
        raise ProblemError.of(path, f"damaged ({found[0]}); put a backup in its place: `bellwether db restore FILE`")


def _refuse_planted(db: Database, path: Path) -> None:
    """A trigger or a view would run with the bot's rights, or stand in a table's place; Bellwether makes none."""
    planted = db.execute(
        "SELECT type, name FROM sqlite_schema WHERE type IN ('trigger', 'view') OR sql LIKE 'CREATE VIRTUAL%' LIMIT 1"
    ).fetchone()
    if planted is not None:
        kind, name = planted[0] if planted[0] != "table" else "virtual table", planted[1]
        told = f"it has a {kind} that Bellwether did not make (got {name!r}); allowed: tables and indexes"
        raise ProblemError.of(path, f"{told}. Put a backup in its place: `bellwether db restore FILE`")


def _refuse_other_columns(db: Database, path: Path) -> None:
    """Tables as the migrations make them; others, such as those that copy the file elsewhere, are left alone."""
    lacking = tuple(migration.name for migration in MIGRATIONS.pending(db))
    for table, columns in made_tables(lacking).items():
        found = {row[1] for row in db.execute(f"PRAGMA table_xinfo([{table}])").fetchall()}
        if found != columns:
            odd = ", ".join(sorted(found ^ columns)) if found else "the whole table"
            told = f"its table {table} is not as Bellwether made it (see {odd})"
            raise ProblemError.of(path, f"{told}; put a backup in its place: `bellwether db restore FILE`")


def _refuse_older(db: Database, path: Path) -> None:
    if not MIGRATIONS.applied(db):
        raise ProblemError.of(path, "there is nothing in this file yet; `bellwether run` makes a database of it")
    if MIGRATIONS.pending(db):
        raise ProblemError.of(path, "made by an older Bellwether; `bellwether run` brings it up to date")


@contextmanager
def _told_kindly(path: Path) -> Iterator[None]:
    """Say what SQLite and the file system complain of in words for people."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise ProblemError.of(path, f"can't be opened ({error}); {way_out(path, str(error))}") from error
    except sqlite3.DatabaseError as error:
        raise ProblemError.of(
            path, f"damaged, or not a database ({error}); put a backup in its place: `bellwether db restore FILE`"
        ) from error
    except OSError as error:
        raise ProblemError.of(path, f"can't be opened ({error.strerror}); {way_out(path, str(error))}") from error


def way_out(path: Path, error: str) -> str:
    """What mends it, where the file at `path` can't be opened or written to."""
    if "locked" in error:
        return "another program holds a lock on it: end that one"
    try:
        free = shutil.disk_usage(path.parent).free
    except OSError:
        free = _ROOM_BYTES
    if free < _ROOM_BYTES or "full" in error or "No space" in error:
        return f"its disk is full ({free / 1e6:.1f} MB free): make room"
    return "allowed: a file in a folder that may be written to"
