"""Backup and restore: one file that holds all, copied while the bot runs, put back while it does not."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

from bot.problem import ProblemError
from bot.store.database import (
    damage,
    open_readonly,
    open_whatever_release,
    refuse_incomplete,
    take_lock,
    with_companions,
)


def backup(db_path: Path, target: Path) -> None:
    """Copy the database at `db_path` to the new file `target` (mode 0600), as it is at one instant.

    The bot goes on writing meanwhile. Raises ProblemError where `target` exists or can't be written, and where
    `restore` would refuse the copy.
    """
    with closing(open_readonly(db_path)) as source:
        refuse_incomplete(source, db_path)
        partial = Path(f"{target}.partial")
        try:
            # The name is taken at once and filled at the end: a copy that was cut short is never taken for a backup.
            os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        except FileExistsError:
            raise ProblemError.of(target, "exists already; name a new file") from None
        except OSError as error:
            raise ProblemError.of(
                target, f"can't be written ({error.strerror}); name a file in a folder that may be written to"
            ) from error
        try:
            _copy(source.conn, partial)
            partial.replace(target)
        except (sqlite3.Error, OSError) as error:
            target.unlink()
            raise ProblemError.of(target, f"the copy failed ({error})") from error
        finally:
            partial.unlink(missing_ok=True)


def restore(db_path: Path, source: Path, now: datetime) -> Path | None:
    """Put a copy of the backup `source` in the place of the database at `db_path`; the backup stays as it is.

    What was there is kept beside it under a name with the time, together with what SQLite keeps beside a database:
    left where it was it would be applied to the backup. Returns that name, None where nothing was there. Raises
    ProblemError where the backup is damaged, incomplete or not Bellwether's, or while a bot runs on that database.
    """
    if not source.exists():
        raise ProblemError.of(source, "no such file; allowed: a copy made by `bellwether db backup`")
    if db_path.exists() and source.samefile(db_path):
        raise ProblemError.of(source, "is the database itself; name a backup of it")
    with closing(open_whatever_release(source)) as copied:
        if found := damage(copied):
            raise ProblemError.of(source, f"damaged ({found[0]}); nothing was changed")
        refuse_incomplete(copied, source)
        lock = take_lock(db_path)
        fresh = Path(f"{db_path}.restoring")
        try:
            _copy(copied.conn, fresh)
            kept = _put_aside(db_path, now)
            fresh.replace(db_path)
        except (sqlite3.Error, OSError) as error:
            raise ProblemError.of(db_path, f"the backup can't be put there ({error})") from error
        finally:
            fresh.unlink(missing_ok=True)
            os.close(lock)
    return kept


def _put_aside(db_path: Path, now: datetime) -> Path | None:
    kept = Path(f"{db_path}.before-restore-{now:%Y%m%dT%H%M%S}")
    moved = [file for file in with_companions(db_path) if file.exists()]
    for file in reversed(moved):  # the write-ahead log first: without it nothing wrong can come of being killed here
        file.replace(f"{kept}{str(file).removeprefix(str(db_path))}")
    return kept if db_path in moved else None


def _copy(source: sqlite3.Connection, partial: Path) -> None:
    partial.unlink(missing_ok=True)
    os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    with closing(sqlite3.connect(partial)) as copy:
        source.backup(copy)  # one step: one read transaction, which holds up no writer under WAL
        # A backup is one file: with the journal in WAL mode it would grow companions when somebody looks at it.
        copy.execute("PRAGMA journal_mode = DELETE").fetchall()
