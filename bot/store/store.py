"""Who owns the connection, and how does the event loop ask for something to be done with it?"""

from __future__ import annotations

import asyncio
import fcntl
import os
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from bot.problem import ProblemError
from bot.store.database import open_database
from bot.store.sqlite import Database

P = ParamSpec("P")
T = TypeVar("T")


class StoreError(Exception):
    """The database could not do it now: the disk is full, another process holds the lock, the store is closed."""


class Store:
    """The database of a running bot: one thread owns the connection, everybody else asks it.

    Only one process may have a Store on a file: two would send the same messages. Raises ProblemError where
    another one has it, or as `open_database` does.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = _take_lock(path)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store")
        try:
            self._db = self._thread.submit(open_database, path).result()
        except BaseException:
            self._thread.shutdown()
            os.close(self._lock)
            raise
        self._closed = False

    async def run(self, fn: Callable[Concatenate[Database, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What `fn(db, *args, **kwargs)` returns; calls are done one after the other, in order.

        Once asked for it is done wholly, or fails wholly, even if the caller is cancelled meanwhile.
        """
        if self._closed:
            raise StoreError("the store is closed")
        future = self._thread.submit(self._run, lambda: fn(self._db, *args, **kwargs))
        return await asyncio.shield(asyncio.wrap_future(future))

    async def close(self) -> None:
        """Finish what was asked for, then close the file. A second call does nothing."""
        if self._closed:
            return
        self._closed = True
        await asyncio.shield(asyncio.wrap_future(self._thread.submit(self._db.close)))
        self._thread.shutdown()
        os.close(self._lock)

    def _run(self, job: Callable[[], T]) -> T:
        try:
            return job()
        except (sqlite3.IntegrityError, sqlite3.ProgrammingError):
            raise  # mistakes in the code, not states of the disk
        except sqlite3.DatabaseError as error:
            raise StoreError(str(error)) from error
        finally:
            if self._db.conn.in_transaction:
                self._db.rollback()


def _take_lock(path: Path) -> int:
    """File descriptor of a lock that ends with the process, however it ends.

    It is a file of its own: closing any descriptor of the database itself would drop SQLite's own locks.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = os.open(f"{path}-lock", os.O_CREAT | os.O_RDWR, 0o600)
    except OSError as error:
        raise ProblemError.of(
            path, f"can't be opened ({error.strerror}); allowed: a file in a folder to write to"
        ) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        raise ProblemError.of(path, "another Bellwether is running on this database") from None
    return lock
