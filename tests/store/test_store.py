"""Who owns the connection, and how does the event loop ask for something to be done with it?"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from bot.problem import ProblemError
from bot.store.database import immediate, open_readonly
from bot.store.meta import get_value, set_value
from bot.store.sqlite import Database
from bot.store.store import Store, StoreError


def slow(db: Database, key: str) -> None:
    with immediate(db):
        set_value(db, key, "half", 1)
        time.sleep(0.1)
        set_value(db, key, "whole", 1)


async def test_calls_are_done_in_order_on_one_thread(path: Path) -> None:
    store = Store(path)
    seen = await asyncio.gather(*(store.run(lambda _, i=i: (i, threading.get_ident())) for i in range(50)))
    assert [i for i, _ in seen] == list(range(50))
    assert len({thread for _, thread in seen} - {threading.get_ident()}) == 1
    await store.close()


async def test_a_cancelled_caller_does_not_stop_what_it_asked_for(path: Path) -> None:
    store = Store(path)
    first = asyncio.create_task(store.run(slow, "running"))
    second = asyncio.create_task(store.run(slow, "waiting"))
    await asyncio.sleep(0.03)
    for task in (first, second):
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert await store.run(get_value, "running") == "whole"
    assert await store.run(get_value, "waiting") == "whole"
    await store.close()


async def test_closing_waits_for_what_was_asked_for(path: Path) -> None:
    store = Store(path)
    task = asyncio.create_task(store.run(slow, "a"))
    await asyncio.sleep(0)
    await store.close()
    await task
    with closing(open_readonly(path)) as db:
        assert get_value(db, "a") == "whole"
    await store.close()
    with pytest.raises(StoreError, match="closed"):
        await store.run(get_value, "a")


async def test_an_open_transaction_does_not_outlive_its_call(path: Path) -> None:
    def leave_open(db: Database) -> None:
        db.conn.execute("BEGIN IMMEDIATE")
        set_value(db, "a", "b", 1)
        raise KeyError

    store = Store(path)
    with pytest.raises(KeyError):
        await store.run(leave_open)
    assert await store.run(get_value, "a") is None
    await store.close()


async def test_what_the_disk_refuses_is_a_store_error(path: Path) -> None:
    store = Store(path)
    pages = await store.run(lambda db: db.execute("PRAGMA page_count").fetchone()[0])
    await store.run(lambda db: db.execute(f"PRAGMA max_page_count = {pages}").fetchall())
    with pytest.raises(StoreError, match="full"):
        await store.run(set_value, "a", "x" * 1_000_000, 1)
    await store.run(lambda db: db.execute("PRAGMA max_page_count = 1000000").fetchall())
    await store.run(set_value, "a", "x" * 1_000_000, 1)
    await store.close()


async def test_mistakes_in_the_code_stay_what_they_are(path: Path) -> None:
    store = Store(path)
    with pytest.raises(sqlite3.IntegrityError):
        await store.run(lambda db: db.execute("INSERT INTO subscriptions VALUES (99, 'all', '')"))
    await store.close()


async def test_a_second_bot_on_the_same_file_is_refused(path: Path) -> None:
    store = Store(path)
    with pytest.raises(ProblemError, match="another Bellwether is running on this database"):
        Store(path)
    await store.close()
    await Store(path).close()


def test_a_refused_file_leaves_no_lock(path: Path) -> None:
    path.write_text("not a database" * 100)
    for _ in range(2):
        with pytest.raises(ProblemError, match="not a database"):
            Store(path)
    path.unlink()
    asyncio.run(Store(path).close())
