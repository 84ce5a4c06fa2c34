"""The outbox when the store or Telegram fails at a step: nothing lost, nothing stuck, doubles within the promise."""

from __future__ import annotations

import asyncio
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from pathlib import Path

import pytest

from bot.delivery.transport import Failure, FailureKind, OutgoingMessage, Sent
from bot.delivery.worker import OutboxWorker
from bot.store.outbox.queue import queue_depth
from bot.store.store import Store, StoreError
from tests.delivery.people import NOW, Chats, Clock, fire, people, worker

K = FailureKind


class BrokenAt(Store):
    """A real store that can't work for the calls whose numbers are in `broken`, as with a full disk."""

    broken: frozenset[int] = frozenset()
    calls = 0

    async def run(self, fn, *args, **kwargs):
        self.calls += 1
        if self.calls in self.broken:
            raise StoreError("disk full")
        return await super().run(fn, *args, **kwargs)


@pytest.fixture
async def breaking(tmp_path: Path) -> AsyncIterator[BrokenAt]:
    opened = BrokenAt(tmp_path / "bellwether.db")
    yield opened
    opened.broken = frozenset()
    await opened.close()


async def live(working: OutboxWorker, done: Callable[[], bool]) -> None:
    """Let it run until then, and stop it."""
    stop = asyncio.Event()
    running = asyncio.create_task(working.run(stop))
    async with asyncio.timeout(30):
        while not done():
            await asyncio.sleep(0.001)
    stop.set()
    await running


def states(path: Path) -> Counter[str]:
    with closing(sqlite3.connect(path)) as db:
        return Counter(dict(db.execute("SELECT state, count(*) FROM deliveries GROUP BY state").fetchall()))


@pytest.mark.parametrize("first", range(1, 16))
@pytest.mark.parametrize("count", [1, 3])
async def test_a_store_that_fails_at_any_step_keeps_nothing_from_anybody(
    breaking: BrokenAt, clock: Clock, first: int, count: int
) -> None:
    """Two messages to each chat, so that some are claimed and put back, whichever call of the store fails."""
    await breaking.run(people, 1, 2, 3)
    for rule in ("a", "b"):
        await breaking.run(fire, rule, rule=rule)
    breaking.calls, breaking.broken = 0, frozenset(range(first, first + count))
    chats = Chats(clock)
    working = worker(breaking, chats, clock, limit=8)
    await live(working, lambda: states(breaking.path)["sent"] == 6 or clock.now > NOW + 7_200)
    assert Counter(chats.texts) == {(chat, rule): 1 for chat in (1, 2, 3) for rule in ("a", "b")}
    assert states(breaking.path) == {"sent": 6}


async def test_what_is_put_back_frees_no_place_of_what_is_in_flight(store: Store, clock: Clock) -> None:
    """While many are put back for their chat's sake, no more than the limit is out without a record."""
    await store.run(people, *range(1, 41))
    for rule in ("a", "b", "c"):
        await store.run(fire, rule, rule=rule)
    most = 0

    def look(_: OutgoingMessage) -> None:
        nonlocal most
        most = max(most, len(chats.tried) - states(store.path)["sent"])

    chats = Chats(clock, look, delay=0.002)
    working = worker(store, chats, clock, limit=3)
    await live(working, lambda: len(chats.arrived) == 120)
    assert 1 <= most <= 3
    assert Counter(chats.texts).total() == len(set(chats.texts)) == 120


@pytest.mark.parametrize("kind", [K.NOT_SENT, K.AMBIGUOUS])
async def test_failures_long_past_brake_nobody(store: Store, clock: Clock, kind: FailureKind) -> None:
    """Five chats fail once each, and between any two of them others get their messages."""
    await store.run(people, *range(1, 41))
    await store.run(fire, "news")
    failing = {4, 12, 20, 28, 36}

    def once(message: OutgoingMessage) -> Failure | None:
        if message.chat_id in failing:
            failing.remove(message.chat_id)
            return Failure(kind, "timeout")
        return None

    chats = Chats(clock, once)
    working = worker(store, chats, clock, limit=1)
    troubles: set[str | None] = set()
    stop = asyncio.Event()
    running = asyncio.create_task(working.run(stop))
    async with asyncio.timeout(30):
        while len(chats.arrived) < 40:
            troubles.add(working.trouble)
            await asyncio.sleep(0.0005)
    stop.set()
    await running
    assert troubles == {None}
    assert chats.arrived[-1][0] < NOW + 2, "nobody waited for more than the message that failed"


async def test_an_id_that_dies_in_use_is_forgotten(store: Store, clock: Clock) -> None:
    """Telegram gives an id for the picture, knows it no more a moment later, and takes the picture itself."""
    await store.run(people, *range(1, 7))
    await store.run(fire, "news", photo=b"png")
    ids = iter(["first", "second"])

    def answer(message: OutgoingMessage) -> Sent | Failure:
        if message.photo == "first":
            return Failure(K.STALE_PHOTO, "wrong file identifier")
        return Sent(len(chats.tried), next(ids) if isinstance(message.photo, bytes) else None)

    chats = Chats(clock, answer)
    working = worker(store, chats, clock, limit=1)
    await live(working, lambda: len(chats.arrived) == 6 or len(chats.tried) > 40)
    assert sorted(m.chat_id for _, m in chats.arrived) == [1, 2, 3, 4, 5, 6]
    tried = Counter(m.photo for _, m in chats.tried)
    assert tried[b"png"] == 2
    assert tried["first"] == 1, "the others had taken it along, and take the picture instead"
    assert (await store.run(queue_depth)).queued == 0


async def test_an_id_that_one_chat_alone_refuses_holds_up_nobody(store: Store, clock: Clock) -> None:
    """As it is taken by all others it is used on; that chat gets the words in the end."""
    await store.run(people, *range(1, 41))
    await store.run(fire, "news", photo=b"png")
    chats = Chats(clock, lambda m: Failure(K.STALE_PHOTO, "x") if m.chat_id == 20 and m.photo == "file-id" else None)
    working = worker(store, chats, clock, limit=4)
    await live(working, lambda: len(chats.arrived) == 40 or len(chats.tried) > 90)
    assert sorted(m.chat_id for _, m in chats.arrived) == list(range(1, 41))
    assert sum(m.chat_id == 20 for _, m in chats.tried) <= 12
