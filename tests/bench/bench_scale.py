"""A million subscribers, an alert for some of them, and what the others notice of it.

Run: python -m tests.bench.bench_scale [--subscribers N] [--readers N] [--rate N]

The whole bot in this process, the Bot API in another one that enforces the paid limit of 1,000 a second: 3 % have
blocked the bot, 1 % press a button under the alert, some sends are told to wait. Meanwhile somebody asks questions. At
the end a thousand people ask for one chart at once. Memory is that of this process, which holds the bot alone.
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import sys
import tempfile
import time
from pathlib import Path

from bot.app.bellwether import Bellwether
from bot.app.clock import LeapingClock
from bot.app.picture_cache import PictureCache
from bot.app.workers import External, WorkerPool
from bot.charts.request import ChartRequest, MarketChart
from bot.delivery.transport import Failure, OutgoingMessage, Sent, Transport
from bot.sandbox.process import SandboxProcess
from bot.severity import Severity
from bot.signals.bars import Bars
from bot.signals.replay.event import AlertId, Event, EventKind
from bot.signals.timeframe import Timeframe
from bot.store.database import immediate
from bot.store.outbox.queue import queue_depth
from bot.store.sqlite import Database
from bot.store.stories import NewEvent, NewMessage, record_story
from bot.store.subscribers.subscribers import count_subscribers
from bot.views.alerts.buttons import story_buttons
from tests.bench.bot_in_process import FIRST_READER, LAST_DAY, OFTEN, START, as_served, bot_of, fetch_simulated, never
from tests.bench.figures import Figure, of_rounds, quantile, tell

BLOCKED, PRESS = 0.03, 0.01
ASKERS = 1_000
LONGEST_SECONDS = 60.0
CURIOUS = range(FIRST_READER - 20, FIRST_READER)
"""Those who ask in turn, so that none of them is a flood."""
QUESTIONS = ("/status", "/levels IWM", f"/why {OFTEN}", "/rules")
TEXT = "📈 <b>Russell 2000: a record close</b>\n" + "A line of figures, as alerts have. " * 20


def subscribe(db: Database, subscribers: int, readers: int) -> None:
    """So many people, of whom the first ones want every alert, and the others one of another rule."""
    numbered = f"WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {subscribers})"
    with immediate(db):
        db.conn.execute(
            f"{numbered} INSERT INTO subscribers (id, chat_id, kind, state, since, changed)"
            f" SELECT i + 1, {FIRST_READER} + i, 'private', 'active', 0, 0 FROM n"
        )
        db.conn.execute(
            f"{numbered} INSERT INTO subscriptions SELECT i + 1, iif(i < {readers}, 'all', 'rule'),"
            f" iif(i < {readers}, '', 'another-rule') FROM n"
        )


def fire(db: Database, photo: bytes, now: int) -> int:
    event = Event(AlertId(OFTEN, "RUT", Timeframe.D1, now), EventKind.FIRED, now, now, 1.0, 1.0)
    message = NewMessage(TEXT, photo, story_buttons([(OFTEN, "A record")]))
    return record_story(db, [NewEvent(event, "d", Severity.HIGH)], lambda _: message, (), now)


class Drawings:
    """Counts what the worker really has to draw."""

    def __init__(self, workers: WorkerPool) -> None:
        self._workers, self.count = workers, 0

    async def draw(self, request: ChartRequest) -> bytes | None:
        self.count += 1
        png: bytes = await self._workers.charts.call(request.function, request, timeout=30)
        return png


def resident() -> float:
    """Megabytes that this process holds."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 1e6


async def answers(sandbox: SandboxProcess, stop: asyncio.Event) -> list[float]:
    """Seconds to each answer that somebody gets, one question after the other."""
    seconds: list[float] = []
    while not stop.is_set():
        user = CURIOUS[len(seconds) % len(CURIOUS)]
        had = len(await sandbox.ask("messages", chat_id=user))
        began = time.perf_counter()
        await sandbox.ask("say", text=QUESTIONS[len(seconds) % len(QUESTIONS)], user=user)
        while len(await sandbox.ask("messages", chat_id=user)) == had and time.perf_counter() - began < 60:
            await asyncio.sleep(0.01)
        seconds.append(time.perf_counter() - began)
        await asyncio.sleep(1.5)
    return seconds


class Noting:
    """A transport that notes when each message was handed to it."""

    def __init__(self, transport: Transport) -> None:
        self._transport, self.times = transport, list[float]()

    async def send(self, message: OutgoingMessage) -> Sent | Failure:
        self.times.append(time.perf_counter())
        return await self._transport.send(message)

    def rate(self) -> float:
        """Messages a second, the last hundredth left out: what the server told to wait comes a second late."""
        last = int(0.99 * len(self.times))
        return (last - 1) / (self.times[last] - self.times[1])


async def fan_out(bot: Bellwether, sandbox: SandboxProcess, photo: bytes, now: int, rate: float) -> list[Figure]:
    began = time.perf_counter()
    queued = await bot.store.run(fire, photo, now)
    queueing = time.perf_counter() - began
    began, cpu, most = time.perf_counter(), time.process_time(), resident()
    stop, noting = asyncio.Event(), Noting(bot.outbox._transport)
    bot.outbox._transport = noting
    asking = asyncio.create_task(answers(sandbox, stop))
    bot.outbox.wake()
    while (depth := await bot.store.run(queue_depth)).queued or depth.sending:
        most = max(most, resident())
        await asyncio.sleep(0.5)
    took, cpu = time.perf_counter() - began, time.process_time() - cpu
    stop.set()
    seconds = await asking
    counts = await sandbox.ask("counts")
    off = (await bot.store.run(count_subscribers)).get("unreachable", 0)
    return [
        Figure(f"queue {queued:,} deliveries in one transaction", queueing, "s"),
        Figure(f"deliveries: of {rate:,.0f} a second", 100 * noting.rate() / rate, "%", 90, more_is_better=True),
        Figure("until the last one, told to wait by the server or not", took, "s"),
        Figure("a delivery: processor of the bot, questions included", 1000 * cpu / queued, "ms", 0.8),
        Figure("not arrived, though nobody blocked the bot", queued - off - counts["pictures"], "", 0),
        Figure("most in any second of the clock, answers included", counts["busiest"], "", rate),
        Figure("presses that were not answered", counts["pressed"] - counts["answered"], "", 0),
        of_rounds("a question meanwhile", seconds, "s"),
        Figure("95 of 100 questions are answered within", quantile(seconds, 0.95), "s", 1.0),
        Figure("memory of the bot at most", most, "MB", 250),
    ]


async def one_chart(sandbox: SandboxProcess, drawings: Drawings) -> list[Figure]:
    had, drawn = (await sandbox.ask("counts"))["pictures"], drawings.count
    began = time.perf_counter()
    await sandbox.ask("all_say", text="/chart IWM", first=FIRST_READER + 10, people=ASKERS)
    wanted = 0.95 * ASKERS  # some have blocked the bot
    while (await sandbox.ask("counts"))["pictures"] - had < wanted and time.perf_counter() - began < LONGEST_SECONDS:
        await asyncio.sleep(0.1)
    took = time.perf_counter() - began
    return [
        Figure(f"{ASKERS:,} ask for one chart: drawn", drawings.count - drawn, "times", 1),
        Figure(
            f"{ASKERS:,} ask for one chart: 95 of 100 have it, at 30 a second",
            took,
            "s",
            LONGEST_SECONDS - 1,
            waits=True,
        ),
    ]


async def main(subscribers: int, readers: int, rate: float) -> int:
    as_served()
    workers = WorkerPool()
    drawings = Drawings(workers)
    external = External(fetch_simulated, workers.external.sessions, PictureCache(drawings.draw).draw)
    await workers.external.sessions("XNYS", START, LAST_DAY)
    photo = await drawings.draw(MarketChart(bars=Bars.empty("IWM", Timeframe.D1), title="IWM"))
    assert photo is not None
    with tempfile.TemporaryDirectory() as folder:
        async with SandboxProcess("tests.bench.loaded_bot_api") as sandbox:
            clock = LeapingClock(START)
            bot = bot_of(Path(folder), sandbox, clock, external, rate)
            try:
                await bot.store.run(subscribe, subscribers, readers)
                await sandbox.ask("crowd", first=FIRST_READER, people=readers, blocked=BLOCKED, press=PRESS)
                for user in CURIOUS:
                    await sandbox.ask("add_person", user_id=user, first_name="Curious")
                await bot.look()
                await bot.start(3_600, never)
                await sandbox.ask("limit")
                figures = await fan_out(bot, sandbox, photo, clock.now(), rate)
                figures += await one_chart(sandbox, drawings)
            finally:
                await bot.close()
                await workers.close()
    return tell(figures)


if __name__ == "__main__":
    options = argparse.ArgumentParser(prog="python -m tests.bench.bench_scale")
    options.add_argument("--subscribers", type=int, default=1_000_000)
    options.add_argument("--readers", type=int, default=30_000)
    options.add_argument("--rate", type=float, default=1_000)
    given = options.parse_args()
    sys.exit(asyncio.run(main(given.subscribers, given.readers, given.rate)))
