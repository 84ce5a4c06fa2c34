"""The store of a running bot: order, groups that are committed as one, and what fails for itself."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import threading
import time
from collections.abc import Awaitable, Callable
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


async def held_up(store: Store, calls: list[Callable[[], Awaitable[object]]]) -> list[object]:
    """What came of calls that all waited for one before them."""
    held = threading.Event()
    first = asyncio.create_task(store.run(lambda _: held.wait(10)))
    await asyncio.sleep(0.01)
    waiting = asyncio.gather(*(call() for call in calls), return_exceptions=True)
    await asyncio.sleep(0.01)
    held.set()
    await first
    return await waiting


def insert(db: Database, key: str, size: int = 1) -> str:
    db.conn.execute("INSERT INTO meta VALUES (?, ?, 1)", [key, "x" * size])
    return key


async def keys(store: Store) -> list[str]:
    return await store.run(lambda db: [row[0] for row in db.execute("SELECT key FROM meta ORDER BY key")])


async def test_calls_that_wait_are_committed_as_one(path: Path) -> None:
    store = Store(path)
    statements: list[str] = []
    await store.run(lambda db: db.conn.set_trace_callback(statements.append))
    names = [f"key {n:02}" for n in range(40)]
    assert await held_up(store, [lambda n=n: store.run(insert, n) for n in names]) == names
    await store.run(lambda db: db.conn.set_trace_callback(None))
    assert statements.count("COMMIT") <= 2, "one, or two where a slow machine took longer than a group may"
    assert await keys(store) == names
    await store.close()


async def test_a_long_call_that_others_wait_for_is_done_once(path: Path) -> None:
    store = Store(path)
    done: list[str] = []

    def long(db: Database) -> None:
        insert(db, "long")
        time.sleep(0.05)
        done.append("long")

    assert await held_up(store, [lambda: store.run(long), lambda: store.run(insert, "short")]) == [None, "short"]
    assert done == ["long"]
    assert await keys(store) == ["long", "short"]
    await store.close()


async def test_one_that_fails_in_a_group_undoes_no_other(path: Path) -> None:
    store = Store(path)

    def half(db: Database) -> None:
        with immediate(db):
            insert(db, "half")
            raise KeyError

    calls = [lambda n=n: store.run(insert, n) for n in ("a", "b", "a", "c")]
    calls.insert(2, lambda: store.run(half))
    a, b, failed, twice, c = await held_up(store, calls)
    assert (a, b, c) == ("a", "b", "c")
    assert isinstance(failed, KeyError)
    assert isinstance(twice, sqlite3.IntegrityError)
    assert await keys(store) == ["a", "b", "c"]
    await store.close()


async def test_what_the_disk_refuses_in_a_group_is_refused_for_itself(path: Path) -> None:
    store = Store(path)
    pages = await store.run(lambda db: db.execute("PRAGMA page_count").fetchone()[0])
    await store.run(lambda db: db.execute(f"PRAGMA max_page_count = {pages + 4}").fetchall())
    sizes = {"a": 1, "b": 1_000_000, "c": 1}
    a, b, c = await held_up(store, [lambda n=n, s=s: store.run(insert, n, s) for n, s in sizes.items()])
    assert (a, c) == ("a", "c")
    assert isinstance(b, StoreError)
    assert await keys(store) == ["a", "c"]
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


def move(path: Path, to: Path) -> None:
    path.replace(to)


async def test_a_file_that_is_gone_replaced_or_not_to_be_written_to_is_noticed(path: Path) -> None:
    store = Store(path)
    assert await store.trouble() == ""
    aside = path.with_name("aside")
    move(path, aside)
    assert "is not there any more" in await store.trouble()
    os.close(os.open(path, os.O_CREAT))
    assert "was replaced" in await store.trouble()
    move(aside, path)
    assert await store.trouble() == ""
    await store.run(lambda db: db.execute("PRAGMA query_only = ON").fetchall())
    assert "can't be written to" in await store.trouble()
    await store.run(lambda db: db.execute("PRAGMA query_only = OFF").fetchall())
    assert await store.trouble() == ""
    await store.close()
