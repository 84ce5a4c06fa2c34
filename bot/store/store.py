"""The store of a running bot: one thread owns the connection and commits in groups what waits for it."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import time
from asyncio import AbstractEventLoop, Future
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from bot.store.database import immediate, lock_file, open_database, take_lock, way_out
from bot.store.sqlite import Database

P = ParamSpec("P")
T = TypeVar("T")

_GROUP_CALLS = 256
_GROUP_SECONDS = 0.02  # a group that has taken so long is committed: nobody waits for a stranger's long call as well
_CODE_ERRORS = (sqlite3.IntegrityError, sqlite3.ProgrammingError)  # mistakes in the code, not states of the disk


class StoreError(Exception):
    """The database could not do it now: the disk is full, another process holds the lock, the store is closed."""


@dataclass(slots=True)
class _Call:
    """Something to be done with the database, and who waits for what came of it."""

    fn: Callable[[Database], Any]
    future: Future[Any]
    loop: AbstractEventLoop
    result: Any = None
    error: BaseException | None = None

    def run(self, db: Database, *, fails: bool = False) -> None:
        """Do it; `fails`: an error is raised as well as kept."""
        try:
            self.result, self.error = self.fn(db), None
        except BaseException as error:
            self.result, self.error = None, error
            if fails:
                raise

    def answer(self) -> None:
        """Tell whoever waits; on its event loop."""
        if self.future.done():
            return
        if self.error is None:
            self.future.set_result(self.result)
        elif isinstance(self.error, sqlite3.DatabaseError) and not isinstance(self.error, _CODE_ERRORS):
            self.future.set_exception(StoreError(str(self.error)))
        else:
            self.future.set_exception(self.error)


class Store:
    """The database of a running bot: one thread owns the connection, everybody else asks it.

    Calls that wait while another is done are done together and committed as one, so that they wait for the disk once;
    where one of them fails all are done again, each for itself, so that it undoes no other. Only one process may have a
    Store on a file: two would send the same messages. Raises ProblemError where another one has it, or as
    `open_database` does.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        begun = path.exists() and path.stat().st_size > 0
        self.lost = not begun and lock_file(path).exists()
        """Whether the file was made anew although a bot has run on one of that name before."""
        self._lock = take_lock(path)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store")
        self._waiting: deque[_Call] = deque()
        try:
            self._db = self._thread.submit(open_database, path).result()
        except BaseException:
            self._thread.shutdown()
            os.close(self._lock)
            raise
        self._closed = False
        opened = path.stat()
        self._file = (opened.st_dev, opened.st_ino)

    async def run(self, fn: Callable[Concatenate[Database, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What `fn(db, *args, **kwargs)` returns; calls are done one after the other, in order.

        Once asked for it is done wholly, or fails wholly, even if the caller is cancelled meanwhile. `fn` may be done
        a second time where the first was undone with its group, so it changes nothing but the database. Raises
        StoreError where the database can't do it now, and what `fn` raises.
        """
        if self._closed:
            raise StoreError("the store is closed")
        loop = asyncio.get_running_loop()
        future: Future[T] = loop.create_future()
        self._waiting.append(_Call(lambda db: fn(db, *args, **kwargs), future, loop))
        self._thread.submit(self._work)
        return await future

    async def run_in_parts(
        self, fn: Callable[Concatenate[Database, P], int], *args: P.args, **kwargs: P.kwargs
    ) -> None:
        """Run `fn` with the same arguments until it returns 0: that it has found nothing more to do.

        Each part is a transaction of its own, so that others' calls come between. A crash leaves the rest undone.
        """
        while await self.run(fn, *args, **kwargs) > 0:
            pass

    async def trouble(self) -> str:
        """What is wrong with the file: deleted, replaced, or not to be written to; "" where it is as it should be.

        A bot whose file was deleted goes on as if nothing were wrong, and has forgotten all at its next start.
        """
        try:
            found = self.path.stat()
        except OSError as error:
            return f"is not there any more ({error.strerror}); stop the bot and restore a backup"
        if (found.st_dev, found.st_ino) != self._file:
            return "was replaced while the bot ran, which still writes to the old one; stop the bot, then restore"
        try:
            await self.run(_write_something)
        except StoreError as error:
            return f"can't be written to ({error}); {way_out(self.path, str(error))}"
        return ""

    async def close(self) -> None:
        """Finish what was asked for, then close the file. A second call does nothing."""
        if self._closed:
            return
        self._closed = True
        await asyncio.shield(asyncio.wrap_future(self._thread.submit(self._db.close)))
        self._thread.shutdown()
        os.close(self._lock)

    def _work(self) -> None:
        """Do what waits: a single call for itself, several as a group."""
        if not self._waiting:
            return  # an earlier turn took it along
        first = self._waiting.popleft()
        done = self._group(first) if self._waiting else self._alone(first)
        for loop in {call.loop for call in done}:
            calls = [call for call in done if call.loop is loop]
            if not loop.is_closed():
                loop.call_soon_threadsafe(_answer_all, calls)
        if self._waiting:
            self._thread.submit(self._work)

    def _group(self, first: _Call) -> list[_Call]:
        """Do calls in one transaction; where one fails or it can't be committed, each again for itself.

        That is cheaper than a savepoint for each: every statement lets go of the interpreter's lock and waits for it.
        """
        calls = [first]
        try:
            with immediate(self._db):
                ends = time.monotonic() + _GROUP_SECONDS
                first.run(self._db, fails=True)
                while self._waiting and len(calls) < _GROUP_CALLS and time.monotonic() < ends:
                    calls.append(self._waiting.popleft())
                    calls[-1].run(self._db, fails=True)
        except BaseException:  # noqa: BLE001  # it is raised where somebody waits for it, when it comes again
            for call in calls:
                self._alone(call)
        return calls

    def _alone(self, call: _Call) -> list[_Call]:
        call.run(self._db)
        if self._db.conn.in_transaction:
            self._db.rollback()
        return [call]


def _write_something(db: Database) -> None:
    """A write that changes nothing that anybody reads."""
    db.conn.execute("INSERT OR REPLACE INTO meta VALUES ('written', '', strftime('%s'))")


def _answer_all(calls: list[_Call]) -> None:
    for call in calls:
        call.answer()
