"""Share of the rate limit that the outbox reaches, with answers at once and after half a second.

Run: python -m tests.bench.bench_fanout
"""

from __future__ import annotations

import asyncio
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from bot.delivery.rate_limit import RateLimiter, in_flight_for, most_in_flight
from bot.delivery.transport import OutgoingMessage, Sent
from bot.delivery.worker import OutboxWorker
from bot.severity import Severity
from bot.signals.replay.event import AlertId, Event, EventKind
from bot.signals.timeframe import Timeframe
from bot.store.database import immediate
from bot.store.sqlite import Database
from bot.store.store import Store
from bot.store.stories import NewEvent, NewMessage, record_story
from tests.bench.bot_in_process import as_served
from tests.bench.figures import Figure, of_rounds, tell

PLAN = (
    (30, 0.0, 4.0, 5, 97.0),
    (30, 0.5, 6.0, 5, 97.0),
    (1_000, 0.0, 3.0, 5, 97.0),
    (1_000, 0.5, 4.0, 5, 97.0),
)
"""Limit, seconds of an answer and of a run, runs, and the share of the limit that is wanted."""

GROWTH_MB = 20.0
FAST = 1e9  # a pace that never holds anything up: what the loop itself can do


class Answering:
    """Answers after so long, and remembers when it was asked; `done` after `expected` messages."""

    def __init__(self, delay: float, expected: int) -> None:
        self.delay, self.expected, self.times, self.done = delay, expected, list[float](), asyncio.Event()
        self.under_way = self.most = 0
        self.memory = 0.0

    async def send(self, message: OutgoingMessage) -> Sent:
        self.times.append(time.perf_counter())
        if len(self.times) == self.expected:
            self.done.set()
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        if len(self.times) % 500 == 0:
            self.memory = max(self.memory, resident())
        if self.delay:
            await asyncio.sleep(self.delay)
        self.under_way -= 1
        return Sent(len(self.times), "file" if message.photo else None)


def subscribe_all(db: Database, chats: int) -> None:
    rows = [(i,) for i in range(1, chats + 1)]
    with immediate(db):
        db.conn.executemany(
            "INSERT INTO subscribers (id, chat_id, kind, state, since, changed)"
            " VALUES (?1, ?1, 'private', 'active', 0, 0)",
            rows,
        )
        db.conn.executemany("INSERT INTO subscriptions VALUES (?, 'all', '')", rows)


def fire(db: Database, now: int) -> int:
    event = Event(AlertId("r", "IWM", Timeframe.D1, now), EventKind.FIRED, now, now, 1.0, 1.0)
    message = NewMessage("<b>x</b>", b"png" * 20_000)
    return record_story(db, [NewEvent(event, "d", Severity.HIGH)], lambda _: message, (), now)


@dataclass(frozen=True)
class Run:
    """What the server saw of a fan-out.

    `rate` is messages a second from the second request to the last: all wait until the first one has uploaded the
    picture, which takes `upload` seconds. `first` is seconds from the record to the first request, `busiest` the most
    requests within any one second, `cost` milliseconds of the processor for each message, `most` those under way at
    once, and `grown` by how many megabytes the bot grew.
    """

    rate: float
    cost: float
    first: float
    upload: float
    busiest: int
    most: int
    grown: float


def resident() -> float:
    """Megabytes that this process holds."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 1e6


async def fan_out(rate: float, delay: float, seconds: float) -> Run:
    chats = int(min(rate, 3_000) * seconds)
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder) / "bench.db")
        await store.run(subscribe_all, chats)
        messenger, stop = Answering(delay, chats), asyncio.Event()
        limiter = RateLimiter(rate, in_flight=in_flight_for(1_500) if rate == FAST else None)
        worker = OutboxWorker(store, messenger, limiter, time.time)
        running = asyncio.create_task(worker.run(stop))
        await asyncio.sleep(0.2)
        before, began, cpu = resident(), time.perf_counter(), time.process_time()
        await store.run(fire, int(time.time()))
        worker.wake()
        await messenger.done.wait()
        cost = 1000 * (time.process_time() - cpu) / chats
        stop.set()
        await running
        await store.close()
    times = messenger.times
    steady = (len(times) - 2) / (times[-1] - times[1])
    spans = times[0] - began, times[1] - times[0]
    return Run(steady, cost, *spans, busiest_second(times), messenger.most, messenger.memory - before)


def busiest_second(times: list[float]) -> int:
    most = first = 0
    for last, at in enumerate(times):
        while times[first] <= at - 1:
            first += 1
        most = max(most, last - first + 1)
    return most


async def bare(count: int, limit: int, send: Callable[[OutgoingMessage], object]) -> float:
    """Messages a second of a loop that does nothing but send, `limit` at a time."""
    slots = asyncio.Semaphore(limit)

    async def one(i: int) -> None:
        async with slots:
            await send(OutgoingMessage(i, "<b>x</b>"))  # type: ignore[misc]

    began = time.perf_counter()
    await asyncio.gather(*(one(i) for i in range(count)))
    return count / (time.perf_counter() - began)


async def measured() -> list[Figure]:
    as_served()
    figures = []
    for rate, delay, seconds, rounds, goal in PLAN:
        runs = [await fan_out(rate, delay, seconds) for _ in range(rounds)]
        name = f"limit {rate:,}/s, answers after {delay * 1000:.0f} ms"
        reached = sorted(100 * each.rate / rate for each in runs)
        figures += [
            replace(
                of_rounds(f"{name}: the worst of {len(runs)} runs", reached, "%", goal, more_is_better=True),
                value=reached[0],
            ),
            of_rounds(f"{name}: processor a message", [each.cost for each in runs], "ms"),
            Figure(f"{name}: most in any second", max(each.busiest for each in runs), "", rate),
            of_rounds(f"{name}: record to the first", [1000 * each.first for each in runs], "ms"),
            of_rounds(
                f"{name}: first to second, the upload", [1000 * each.upload for each in runs], "ms", waits=delay > 0
            ),
            Figure(f"{name}: most under way at once", max(each.most for each in runs), "", most_in_flight(rate)),
        ]
        if rate * delay >= 100:
            grown = max(each.grown for each in runs)
            figures.append(Figure(f"{name}: the bot grew by", grown, "MB", GROWTH_MB, growth=True))
    unbound = [await fan_out(FAST, 0.02, 3.0) for _ in range(3)]
    loops = [await bare(9_000, in_flight_for(1_500), Answering(0.02, 9_000).send) for _ in unbound]
    shares = [100 * ours.rate / loop for ours, loop in zip(unbound, loops, strict=True)]
    return [
        *figures,
        of_rounds("no limit: of the rate of a bare loop", shares, "%", 50, more_is_better=True),
        of_rounds("no limit: processor a message", [each.cost for each in unbound], "ms"),
    ]


if __name__ == "__main__":
    sys.exit(tell(asyncio.run(measured())))
