"""Recording: what ends together goes in one call of the store, and one mistake costs no other message its record."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Sequence

import pytest

from bot.delivery.claiming import claim_due
from bot.delivery.recording import Attempt, PutBack, Recorder, record
from bot.delivery.retry_policy import Retry
from bot.delivery.transport import Failure, OutgoingMessage, Sent
from bot.store.outbox.claim import ClaimedDelivery
from bot.store.outbox.queue import any_queued
from bot.store.store import Store
from tests.delivery.people import NOW, Chats, Clock, drain, fire, people, worker


class Counting(Store):
    """A real store that counts how often it is asked."""

    calls = 0

    async def run(self, fn, *args, **kwargs):
        self.calls += 1
        return await super().run(fn, *args, **kwargs)


async def claimed(store: Store, chats: int) -> list[ClaimedDelivery]:
    await store.run(people, *range(1, chats + 1))
    await store.run(fire, "news")
    return (await store.run(claim_due, float(NOW), chats)).ready


async def states(store: Store) -> dict[int, tuple[str, int | None]]:
    rows = await store.run(
        lambda db: db.execute("SELECT subscriber, state, message_id FROM deliveries ORDER BY subscriber").fetchall()
    )
    return {subscriber: (state, message_id) for subscriber, state, message_id in rows}


async def test_each_gets_its_own_record(store: Store) -> None:
    first, second, third, fourth = await claimed(store, 4)
    attempts = [
        Attempt(first, Sent(11)),
        Attempt(second, PutBack()),
        Attempt(third, Sent(33)),
        Attempt(fourth, PutBack(wait=9.0)),
    ]
    await store.run(record, attempts, NOW + 5.0)
    assert await states(store) == {1: ("sent", 11), 2: ("queued", None), 3: ("sent", 33), 4: ("queued", None)}
    (again,) = (await store.run(claim_due, float(NOW + 5), 9)).ready
    assert again.id == second.id, "the fourth one waits"


async def test_what_is_not_under_way_any_more_is_left_as_it_is(store: Store) -> None:
    (only,) = await claimed(store, 1)
    await store.run(record, [Attempt(only, Sent(1))], NOW + 5.0)
    for late in (Sent(2), PutBack(), Retry(1.0)):
        await store.run(record, [Attempt(only, late)], NOW + 6.0)
    assert await states(store) == {1: ("sent", 1)}


async def test_one_that_cannot_be_recorded_costs_no_other_its_record(
    store: Store, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    first, second, third = await claimed(store, 3)
    on_record, stored = list[Attempt](), asyncio.Event()

    def note(some: Sequence[Attempt]) -> None:
        on_record.extend(some)
        stored.set()

    recorder = Recorder(store, clock, clock.sleep, asyncio.Event(), note)
    attempts = [Attempt(first, Sent(1)), Attempt(second, Retry(math.nan)), Attempt(third, Sent(3))]
    with caplog.at_level(logging.ERROR):
        for each in attempts:
            recorder.keep(each)
        await stored.wait()
    assert on_record == attempts
    assert await states(store) == {1: ("sent", 1), 2: ("sending", None), 3: ("sent", 3)}
    assert f"deliveries that can't be put on record: [{second.id}]" in caplog.text


class Scattered(Chats):
    """Chats that answer each at another time."""

    async def send(self, message: OutgoingMessage) -> Sent | Failure:
        await asyncio.sleep(message.chat_id % 17 / 1_000)
        return await super().send(message)


async def test_many_answers_are_few_calls_of_the_store(tmp_path, clock: Clock) -> None:
    store = Counting(tmp_path / "bellwether.db")
    await store.run(people, *range(1, 401))
    await store.run(fire, "news")
    chats = Scattered(clock)
    await drain(worker(store, chats, clock, limit=40), store, clock)
    assert len(chats.arrived) == 400
    assert store.calls < 80
    assert not await store.run(any_queued)
    await store.close()
