"""Chats that answer as they are told, a clock that runs when somebody waits, and events to send."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from bot.delivery.rate_limit import RateLimiter
from bot.delivery.transport import Failure, FailureKind, OutgoingMessage, Sent
from bot.delivery.worker import OutboxWorker
from bot.severity import Severity
from bot.signals.replay.event import AlertId, Event, EventKind
from bot.signals.timeframe import DAY, Timeframe
from bot.store.database import immediate
from bot.store.outbox.queue import next_due
from bot.store.sqlite import Database
from bot.store.store import Store
from bot.store.stories import NewEvent, NewMessage, record_story
from bot.store.subscribers.subscribers import subscribe
from bot.subscriber import Chat

NOW = 1_700_000_000

Answer = Callable[[OutgoingMessage], Sent | Failure | None]


class Clock:
    """Seconds that pass only while the worker sleeps."""

    def __init__(self) -> None:
        self.now = float(NOW)

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0.001)
        self.now += seconds


class Chats:
    """A messenger on which every message arrives, unless `answer` says otherwise."""

    def __init__(self, clock: Callable[[], float], answer: Answer = lambda _: None, delay: float = 0.0) -> None:
        self.clock, self.answer, self.delay = clock, answer, delay
        self.tried: list[tuple[float, OutgoingMessage]] = []
        self.arrived: list[tuple[float, OutgoingMessage]] = []
        self.under_way = self.most_under_way = 0
        self.moved = asyncio.Event()

    async def send(self, message: OutgoingMessage) -> Sent | Failure:
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        self.tried.append((self.clock(), message))
        self.moved.set()
        if self.delay:
            await asyncio.sleep(self.delay)
        self.under_way -= 1
        told = self.answer(message)
        if isinstance(told, Failure):
            return told
        self.arrived.append((self.clock(), message))
        self.moved.set()
        return told or Sent(len(self.arrived), "file-id" if message.photo else None)

    async def until(self, test: Callable[[], bool]) -> None:
        while not test():
            self.moved.clear()
            await self.moved.wait()

    @property
    def texts(self) -> list[tuple[int, str]]:
        return [(message.chat_id, message.html) for _, message in self.arrived]


def people(db: Database, *chat_ids: int) -> None:
    with immediate(db):
        for chat_id in chat_ids:
            subscribe(db, Chat(chat_id, 0, "private" if chat_id > 0 else "group", ""), NOW - DAY)


def fire(
    db: Database,
    text: str,
    *,
    kind: EventKind = EventKind.FIRED,
    rule: str = "r",
    severity: str = "normal",
    photo: bytes | None = None,
    now: float = NOW,
) -> int:
    happened = Event(AlertId(rule, "IWM", Timeframe.D1, 0), kind, 0, int(now), 1.0)
    new = NewEvent(happened, "d", Severity.from_word(severity))
    return record_story(db, [new], lambda _: NewMessage(text, photo), (), int(now))


def worker(store: Store, chats: Chats, clock: Clock, *, rate: float = 1_000, limit: int = 8) -> OutboxWorker:
    """The outbox over these chats, for which time is what `clock` says."""
    limiter = RateLimiter(rate, in_flight=limit)
    return OutboxWorker(store, chats, limiter, clock, monotonic=clock, sleep=clock.sleep, jitter=lambda: 0.9)


def flood(seconds: float) -> Failure:
    return Failure(FailureKind.FLOOD, "slow down", retry_after=seconds)


def first(chats: Chats, message: OutgoingMessage) -> bool:
    """Whether it is the first message that this chat was to get."""
    return sum(m.chat_id == message.chat_id for _, m in chats.tried) == 1


async def drain(working: OutboxWorker, store: Store, clock: Clock, *, until: float = NOW + 3_600) -> None:
    """Let it work until nothing is left, or until then; time jumps to when the next message is due."""
    while clock.now < until:
        while await working.step() and clock.now < until:
            pass
        due = await store.run(next_due)
        if due is None:
            return
        clock.now = max(clock.now, min(due, until))
