"""Doubtful times: many refusals at once, pauses over a restart, clocks that are set, slow answers."""

from __future__ import annotations

import asyncio
import time
from collections import Counter

import pytest

from bot.delivery.housekeeping import HOLD_BACK_SECONDS
from bot.delivery.rate_limit import RateLimiter
from bot.delivery.transport import Failure, FailureKind
from bot.delivery.worker import OutboxWorker
from bot.scan.status import read_status
from bot.store.meta import sending_pause
from bot.store.outbox.queue import dropped_since
from bot.store.store import Store
from bot.store.subscribers.subscribers import count_subscribers, set_operators
from tests.delivery.people import NOW, Chats, Clock, drain, fire, people, worker

K = FailureKind
OPERATOR = 99


class SetClock(Clock):
    """A wall clock that can be set; `steady` is the one that can't."""

    ahead = 0.0

    def __call__(self) -> float:
        return self.now + self.ahead

    def steady(self) -> float:
        return self.now - NOW


def with_clocks(store: Store, chats: Chats, clock: SetClock) -> OutboxWorker:
    limiter = RateLimiter(1_000, in_flight=4)
    return OutboxWorker(store, chats, limiter, clock, monotonic=clock.steady, sleep=clock.sleep, jitter=lambda: 0.9)


def hears(chats: Chats, chat_id: int) -> list[str]:
    return [text for to, text in chats.texts if to == chat_id]


async def test_many_that_are_said_not_to_be_there_stop_alerts_and_alarm_the_operator(
    store: Store, clock: Clock
) -> None:
    """As with a token of another bot: for ten hours nobody but the operator can be reached."""
    await store.run(people, *range(1, 31))
    await store.run(set_operators, [OPERATOR], NOW)
    await store.run(fire, "news", severity="high")
    ends = NOW + 10 * 3_600
    chats = Chats(
        clock, lambda m: Failure(K.GONE, "chat not found") if m.chat_id != OPERATOR and clock.now < ends else None
    )
    working = worker(store, chats, clock)
    await drain(working, store, clock, until=NOW + 60)
    assert len([m for _, m in chats.tried if m.chat_id != OPERATOR]) <= 16, "those under way, and no more"
    assert ["held back" in text for text in hears(chats, OPERATOR)] == [True]
    status = await store.run(read_status, int(clock.now))
    assert status.sending_pause is not None
    assert "not there" in status.sending_pause[1]
    while clock.now < ends:
        await drain(working, store, clock, until=clock.now + 60)
        clock.now += HOLD_BACK_SECONDS / 2
    assert await store.run(count_subscribers) == {"active": 30, "unsubscribed": 1}
    assert len(hears(chats, OPERATOR)) == 1, "told once"
    for _ in range(40):
        await drain(working, store, clock, until=clock.now + 60)
        clock.now += HOLD_BACK_SECONDS / 2
    assert Counter(text for chat, text in chats.texts if chat != OPERATOR) == {"news": 30}
    assert await store.run(dropped_since, 0) == {}


async def test_a_pause_of_all_holds_over_a_restart_and_is_told(store: Store) -> None:
    clock = SetClock()
    await store.run(people, *range(1, 21))
    await store.run(fire, "news")
    chats = Chats(clock, lambda _: Failure(K.FLOOD, "slow down", retry_after=50.0))
    working = with_clocks(store, chats, clock)
    while working.trouble is None:
        await working.step()
    await working.step()
    status = await store.run(read_status, int(clock()))
    assert status.sending_pause is not None
    assert 45 <= status.sending_pause[0] - clock() <= 51
    clock.now += 2
    chats = Chats(clock)
    stop = asyncio.Event()
    running = asyncio.create_task(with_clocks(store, chats, clock).run(stop))
    async with asyncio.timeout(20):
        while len(chats.arrived) < 20:
            await asyncio.sleep(0.001)
    stop.set()
    await running
    assert min(at for at, _ in chats.tried) >= NOW + 49
    assert await store.run(sending_pause, clock()) is None


async def test_a_pause_of_one_chat_holds_over_a_restart_too(store: Store) -> None:
    clock = SetClock()
    await store.run(people, 1, 2, 3)
    await store.run(fire, "news")
    answers = {1: Failure(K.FLOOD, "slow down", retry_after=600.0), 2: Failure(K.NOT_SENT, "timeout")}
    chats = Chats(clock, lambda m: answers.get(m.chat_id))
    working = with_clocks(store, chats, clock)
    while await working.step():
        pass
    assert len(chats.tried) == 3
    begun = clock.now
    chats = Chats(clock)
    working = with_clocks(store, chats, clock)
    await working.recover()
    await drain(working, store, clock, until=begun + 1_200)
    assert [(m.chat_id, at - begun > 500) for at, m in chats.tried] == [(2, False), (1, True)]


@pytest.mark.parametrize("back", [15.0, 3_600.0, 2 * 86_400.0])
async def test_a_clock_that_is_set_back_stops_nothing(store: Store, back: float) -> None:
    """What waits for its next attempt goes within a minute, and what is queued meanwhile at once."""
    clock = SetClock()
    await store.run(people, 1, 2)
    await store.run(fire, "news")
    chats = Chats(clock, lambda m: Failure(K.NOT_SENT, "timeout") if m.chat_id == 1 and clock.now < NOW + 5 else None)
    working = with_clocks(store, chats, clock)
    stop = asyncio.Event()
    running = asyncio.create_task(working.run(stop))
    async with asyncio.timeout(20):
        while len(chats.tried) < 2:
            await asyncio.sleep(0.001)
        clock.ahead = -back
        set_at = clock.now
        await store.run(fire, "more", rule="s", now=clock())
        working.wake()
        while len(chats.arrived) < 4:
            await asyncio.sleep(0.001)
        clock.ahead = 0.0
        await store.run(fire, "last", rule="t", now=clock())
        working.wake()
        while len(chats.arrived) < 6:
            await asyncio.sleep(0.001)
    stop.set()
    await running
    assert chats.arrived[-1][0] - set_at < 90 + back, "by the wall clock"
    assert clock.now - set_at < 90, "by a clock that nobody sets"
    assert Counter(chats.texts).total() == 6


async def test_a_clock_that_leaps_ahead_drops_nothing_before_it_could_be_righted(store: Store) -> None:
    clock = SetClock()
    await store.run(people, 1)
    await store.run(fire, "news")
    chats = Chats(clock, lambda _: Failure(K.AMBIGUOUS, "502") if clock.now < NOW + 300 else None)
    working = with_clocks(store, chats, clock)
    await drain(working, store, clock, until=NOW + 30)
    clock.ahead = 9 * 86_400.0
    for _ in range(4):
        clock.now += 40
        await working.step()
    assert len(chats.tried) > 3
    clock.ahead = 0.0
    await drain(working, store, clock, until=NOW + 900)
    assert chats.texts == [(1, "news")]


async def test_slow_answers_are_made_up_for_by_more_at_once(store: Store) -> None:
    await store.run(people, *range(1, 91))
    await store.run(fire, "news", now=time.time())
    chats, stop, limiter = Chats(time.monotonic, delay=0.5), asyncio.Event(), RateLimiter()
    running = asyncio.create_task(OutboxWorker(store, chats, limiter, time.time).run(stop))
    await chats.until(lambda: len(chats.arrived) == 90)
    stop.set()
    await running
    assert limiter.in_flight >= 15
    assert chats.most_under_way >= 12
    tried = [at for at, _ in chats.tried]
    assert sum(tried[-1] - 1 < at for at in tried) >= 24, "of the 30 that Telegram allows in a second"


async def test_each_alert_begins_with_others(store: Store, clock: Clock) -> None:
    await store.run(people, *range(1, 101))
    chats = Chats(clock)
    for rule in "abcd":
        await store.run(fire, rule, rule=rule)
        await drain(worker(store, chats, clock), store, clock)
        clock.now += 5
    assert len({next(chat for chat, text in chats.texts if text == rule) for rule in "abcd"}) == 4
    assert Counter(chats.texts).total() == 400
