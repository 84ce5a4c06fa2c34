"""The outbox at work: everybody gets everything once, in order, whatever Telegram answers."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from itertools import pairwise

import pytest

from bot.delivery.rate_limit import RateLimiter
from bot.delivery.transport import Failure, FailureKind, OutgoingMessage, Sent
from bot.delivery.worker import OutboxWorker
from bot.signals.replay.event import EventKind
from bot.store.alerts import recent_alerts
from bot.store.outbox.claim import claim
from bot.store.outbox.orphans import UNANSWERABLE
from bot.store.outbox.queue import QueueDepth, dropped_since, queue_depth
from bot.store.store import Store
from bot.store.subscribers.subscribers import count_subscribers, subscribe
from bot.subscriber import Chat
from tests.delivery.people import NOW, Chats, Clock, drain, fire, people, worker

K = FailureKind


async def test_everybody_gets_it_once(store: Store, clock: Clock) -> None:
    await store.run(people, *range(1, 201))
    assert await store.run(fire, "news") == 200
    chats = Chats(clock, delay=0.001)
    await drain(worker(store, chats, clock), store, clock)
    assert Counter(chats.texts) == {(i, "news"): 1 for i in range(1, 201)}
    assert chats.most_under_way <= 8
    assert await store.run(queue_depth) == QueueDepth(0, 0, None)
    (alert,) = await store.run(recent_alerts, 5)
    assert alert.reached


async def test_nothing_to_do(store: Store, clock: Clock) -> None:
    working = worker(store, Chats(clock), clock)
    assert [await working.step() for _ in range(3)] == [False] * 3
    assert clock.now == NOW


async def test_no_more_in_flight_than_the_limit_until_they_are_on_record(store: Store, clock: Clock) -> None:
    await store.run(people, *range(1, 41))
    await store.run(fire, "news")
    chats = Chats(clock)
    working = worker(store, chats, clock, limit=3)
    most = 0
    while await working.step():
        on_record = await store.run(
            lambda db: db.execute("SELECT count(*) FROM deliveries WHERE state='sent'").fetchone()
        )
        most = max(most, len(chats.arrived) - on_record[0])
    assert 1 <= most <= 3
    assert len(chats.arrived) == 40


async def test_a_follow_up_answers_the_alert(store: Store, clock: Clock) -> None:
    await store.run(people, 1, 2)
    await store.run(fire, "news")
    await store.run(fire, "it failed", kind=EventKind.FAILED)
    chats = Chats(clock)
    await drain(worker(store, chats, clock), store, clock)
    assert [(m.chat_id, m.html, m.reply_to) for _, m in chats.arrived] == [
        (1, "news", None),
        (2, "news", None),
        (1, "it failed", 1),
        (2, "it failed", 2),
    ]


async def test_a_chat_gets_one_a_second_and_holds_up_nobody(store: Store, clock: Clock) -> None:
    await store.run(people, 1)
    for i in range(3):
        await store.run(fire, f"news {i}", rule=f"r{i}")
    await store.run(people, 2)
    await store.run(fire, "more", rule="more")
    chats = Chats(clock)
    await drain(worker(store, chats, clock), store, clock)
    mine = [(at, message.html) for at, message in chats.arrived if message.chat_id == 1]
    assert [text for _, text in mine] == ["news 0", "news 1", "news 2", "more"]
    assert all(later - earlier >= 1 for (earlier, _), (later, _) in pairwise(mine))
    assert next(at for at, message in chats.arrived if message.chat_id == 2) < NOW + 0.5


async def test_a_stop_that_another_sender_was_told_of_holds_here_too(store: Store, clock: Clock) -> None:
    await store.run(people, 1)
    await store.run(fire, "news")
    pace, chats = RateLimiter(), Chats(clock)
    working = OutboxWorker(store, chats, pace, clock, monotonic=clock, sleep=clock.sleep)
    pace.pause(NOW + 30)
    await drain(working, store, clock)
    assert [at >= NOW + 30 for at, _ in chats.arrived] == [True]


async def test_an_id_that_telegram_does_not_know_makes_the_picture_go_again(store: Store, clock: Clock) -> None:
    await store.run(people, 1, 2, 3)
    await store.run(fire, "news", photo=b"png")
    await store.run(lambda db: db.execute("UPDATE messages SET photo_id = 'expired'"))
    chats = Chats(clock, lambda m: Failure(K.STALE_PHOTO, "wrong file identifier") if m.photo == "expired" else None)
    await drain(worker(store, chats, clock, limit=1), store, clock)
    assert sorted(m.chat_id for _, m in chats.arrived) == [1, 2, 3]
    assert Counter(m.photo for _, m in chats.arrived) == {b"png": 1, "file-id": 2}
    assert await store.run(lambda db: db.execute("SELECT photo_id FROM messages").fetchall()) == [("file-id",)]


async def test_where_the_picture_is_forgotten_too_the_words_go_alone(store: Store, clock: Clock) -> None:
    await store.run(people, 1)
    await store.run(fire, "news")
    await store.run(lambda db: db.execute("UPDATE messages SET photo_id = 'expired'"))
    chats = Chats(clock, lambda m: Failure(K.STALE_PHOTO, "wrong file identifier") if m.photo else None)
    await drain(worker(store, chats, clock), store, clock)
    assert [m.photo for _, m in chats.tried] == ["expired", None]


async def test_a_topic_that_is_gone_leaves_the_others(store: Store, clock: Clock) -> None:
    for topic in (0, 5, 6):
        await store.run(subscribe, Chat(-100, topic, "supergroup", ""), NOW - 9)
    await store.run(fire, "news")
    chats = Chats(clock, lambda m: Failure(K.TOPIC_GONE, "message thread not found") if m.thread_id == 5 else None)
    await drain(worker(store, chats, clock), store, clock)
    assert sorted((m.thread_id or 0) for _, m in chats.arrived) == [0, 6]
    assert await store.run(count_subscribers) == {"active": 2, "unreachable": 1}


async def test_a_group_that_moved_gets_it_at_its_new_address(store: Store, clock: Clock) -> None:
    await store.run(people, -5)
    await store.run(fire, "news")
    chats = Chats(clock, lambda m: Failure(K.MIGRATED, "moved", new_chat_id=-1005) if m.chat_id == -5 else None)
    await drain(worker(store, chats, clock), store, clock)
    assert chats.texts == [(-1005, "news")]


async def test_what_is_refused_goes_in_a_simpler_form(store: Store, clock: Clock) -> None:
    await store.run(people, 1)
    await store.run(fire, "<b>news", photo=b"png")

    def refuse(message: OutgoingMessage) -> Failure | None:
        if message.photo is not None:
            return Failure(K.BAD_REQUEST, "PHOTO_INVALID_DIMENSIONS")
        return None if message.plain else Failure(K.BAD_MARKUP, "can't parse entities")

    chats = Chats(clock, refuse)
    await drain(worker(store, chats, clock), store, clock)
    assert [(m.photo, m.plain) for _, m in chats.tried] == [(b"png", False), (None, False), (None, True)]
    assert len(chats.arrived) == 1


async def test_what_is_refused_in_every_form_is_dropped_with_its_answers(store: Store, clock: Clock) -> None:
    await store.run(people, 1)
    await store.run(fire, "news")
    await store.run(fire, "it failed", kind=EventKind.FAILED)
    await store.run(fire, "other", rule="s")
    chats = Chats(clock, lambda m: Failure(K.BAD_REQUEST, "no") if m.html == "news" else None)
    await drain(worker(store, chats, clock), store, clock)
    assert chats.texts == [(1, "other")]
    assert await store.run(dropped_since, 0) == {"bad request: no": 1, UNANSWERABLE: 1}


async def test_a_picture_is_uploaded_once(store: Store, clock: Clock) -> None:
    await store.run(people, *range(1, 31))
    await store.run(fire, "news", photo=b"png")
    chats = Chats(clock, delay=0.002)
    await drain(worker(store, chats, clock), store, clock)
    assert Counter(m.photo for _, m in chats.tried) == {b"png": 1, "file-id": 29}
    await store.run(people, 31)
    assert await store.run(lambda db: db.execute("SELECT photo_id FROM messages").fetchall()) == [("file-id",)]


class SlowUpload(Chats):
    """Chats that take a picture's bytes after a second, and its id at once."""

    async def send(self, message: OutgoingMessage) -> Sent | Failure:
        if isinstance(message.photo, bytes):
            await self.clock.sleep(1.0)
        return await super().send(message)


async def test_a_slow_upload_does_not_make_the_others_leave_more_slowly(store: Store, clock: Clock) -> None:
    await store.run(people, *range(1, 12))
    await store.run(fire, "news", photo=b"png")
    chats = SlowUpload(clock)
    await drain(worker(store, chats, clock, rate=10), store, clock)
    times = [at for at, _ in chats.tried]
    assert times[-1] - times[1] < 9 * 1.03 / 10, "nine messages more, with the least room for jitter"


async def test_when_the_upload_fails_the_next_one_uploads(store: Store, clock: Clock) -> None:
    await store.run(people, 1, 2, 3)
    await store.run(fire, "news", photo=b"png")
    chats = Chats(clock, lambda m: Failure(K.BLOCKED, "x") if m.chat_id == 1 else None)
    await drain(worker(store, chats, clock), store, clock)
    assert [(m.chat_id, m.photo) for _, m in chats.tried] == [(1, b"png"), (2, b"png"), (3, "file-id")]


async def test_a_revoked_token_keeps_everything_queued(store: Store, clock: Clock) -> None:
    await store.run(people, 1, 2)
    await store.run(fire, "news")
    chats = Chats(clock, lambda _: Failure(K.TOKEN, "Unauthorized") if clock.now < NOW + 300 else None)
    working = worker(store, chats, clock)
    await drain(working, store, clock, until=NOW + 100)
    assert working.trouble == "Telegram refuses the token: Unauthorized"
    assert (await store.run(queue_depth)).queued == 2
    await drain(working, store, clock)
    assert len(chats.arrived) == 2


async def test_a_messenger_that_raises_loses_that_message_only(
    store: Store, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    await store.run(people, 1, 2)
    await store.run(fire, "news")

    def fail(message: OutgoingMessage) -> None:
        if message.chat_id == 1:
            raise ZeroDivisionError

    chats = Chats(clock, fail)
    with caplog.at_level(logging.ERROR):
        await drain(worker(store, chats, clock), store, clock)
    assert chats.texts == [(2, "news")]
    assert await store.run(dropped_since, 0) == {"bad request: the transport failed: ZeroDivisionError": 1}
    assert "the transport failed" in caplog.text


async def test_stopping_finishes_what_is_in_flight(store: Store) -> None:
    await store.run(people, *range(1, 101))
    await store.run(fire, "news", now=time.time())
    chats, stop = Chats(time.time, delay=0.1), asyncio.Event()
    running = asyncio.create_task(OutboxWorker(store, chats, RateLimiter(1_000, in_flight=5), time.time).run(stop))
    await chats.until(lambda: chats.under_way == 5)
    stop.set()
    await running
    assert len(chats.arrived) == 5
    assert await store.run(queue_depth) == QueueDepth(95, 0, (await store.run(queue_depth)).oldest)


async def test_cancelling_finishes_what_is_in_flight_too(store: Store) -> None:
    await store.run(people, *range(1, 101))
    await store.run(fire, "news", now=time.time())
    chats = Chats(time.time, delay=0.1)
    working = OutboxWorker(store, chats, RateLimiter(1_000, in_flight=5), time.time)
    running = asyncio.create_task(working.run(asyncio.Event()))
    await chats.until(lambda: chats.under_way == 5)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert (len(chats.arrived), (await store.run(queue_depth)).sending) == (5, 0)


async def test_a_running_worker_is_woken_at_once_and_wakes_for_what_is_due(store: Store) -> None:
    await store.run(people, 1)
    failing = [Failure(K.AMBIGUOUS, "timeout")]
    chats, stop = Chats(time.time, lambda _: failing.pop() if failing else Sent(1)), asyncio.Event()
    working = OutboxWorker(store, chats, RateLimiter(), time.time, jitter=lambda: 0.0)
    running = asyncio.create_task(working.run(stop))
    await asyncio.sleep(0.1)
    began = time.time()
    await store.run(fire, "news", now=began)
    working.wake()
    await chats.until(lambda: bool(chats.arrived))
    stop.set()
    await running
    first, second = (at - began for at, _ in chats.tried)
    assert first < 0.5
    assert 1 <= second < 2.5


async def test_what_a_crash_left_under_way_is_sent_again(store: Store) -> None:
    await store.run(people, 1, 2)
    await store.run(fire, "news", now=time.time())
    await store.run(claim, time.time(), 1)
    chats, stop = Chats(time.time), asyncio.Event()
    running = asyncio.create_task(OutboxWorker(store, chats, RateLimiter(), time.time).run(stop))
    await chats.until(lambda: len(chats.arrived) == 2)
    stop.set()
    await running
    assert sorted(chats.texts) == [(1, "news"), (2, "news")]
