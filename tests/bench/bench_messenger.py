"""Share of the limit that a fan-out reaches through the real transport, beside a bare client.

Run: python -m tests.bench.bench_messenger

The outbox, the messenger, python-telegram-bot and a database on disk, against a Bot API server in another process that
enforces the limits; an alert with a chart to every subscriber. The bare client posts texts over aiohttp as fast as that
server answers, and keeps nothing; beside it our texts go without a chart, too, in turn with it. The goal is on what a
message costs of this process' processor: the server takes more than half a core, so that messages a second swing with
who gets the second one.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from bot.charts.market import market_chart
from bot.charts.request import MarketChart
from bot.delivery.rate_limit import RateLimiter, in_flight_for
from bot.delivery.transport import Failure, OutgoingMessage, Sent
from bot.delivery.worker import OutboxWorker
from bot.sandbox.process import SandboxProcess
from bot.severity import Severity
from bot.signals.replay.event import AlertId, Event, EventKind
from bot.signals.timeframe import Timeframe
from bot.store.sqlite import Database
from bot.store.store import Store
from bot.store.stories import NewEvent, NewMessage, record_story
from bot.telegram.application import build_bot
from bot.telegram.sending.transport import TelegramTransport
from tests.bench.bot_in_process import FIRST_READER, as_served, subscribe_all
from tests.bench.figures import Figure, of_rounds, tell
from tests.bench.made_rules import walk

FREE, PAID, FAST = 30.0, 1_000.0, 1e9
TEXT = "🚀 <b>Russell 2000: first record close in 480 sessions</b>\n" + "A line of figures, as alerts have. " * 20
PARALLEL = in_flight_for(PAID)
ROUNDS = 7


class Noting:
    """A messenger that notes when each message that arrived was handed over, and how many were refused."""

    def __init__(self, messenger: TelegramTransport, expected: int) -> None:
        self._messenger, self._expected = messenger, expected
        self.times, self.refused, self.done = list[float](), 0, asyncio.Event()

    async def send(self, message: OutgoingMessage) -> Sent | Failure:
        began = time.perf_counter()
        outcome = await self._messenger.send(message)
        if isinstance(outcome, Sent):
            self.times.append(began)
        else:
            self.refused += 1
        if len(self.times) == self._expected:
            self.done.set()
        return outcome


def fire(db: Database, photo: bytes | None) -> int:
    now = int(time.time())
    event = Event(AlertId("r", "IWM", Timeframe.D1, now), EventKind.FIRED, now, now, 1.0, 1.0)
    return record_story(db, [NewEvent(event, "d", Severity.HIGH)], lambda _: NewMessage(TEXT, photo), (), now)


@dataclass(frozen=True)
class Run:
    """Messages a second, milliseconds of the processor for each, how many were refused, and seconds of the upload."""

    rate: float
    cost: float
    refused: int = 0
    upload: float = 0.0


async def fan_out(sandbox: SandboxProcess, photo: bytes | None, chats: int, rate: float) -> Run:
    """From the second message to the last: all wait until the first one has uploaded the picture."""
    bot = build_bot(sandbox.token, sandbox.url, at_once=PARALLEL)
    await bot.initialize()
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder) / "bench.db")
        await store.run(subscribe_all, range(FIRST_READER, FIRST_READER + chats))
        await store.run(fire, photo)
        noting, stop = Noting(TelegramTransport(bot, paid_broadcast=rate > FREE), chats), asyncio.Event()
        limiter = RateLimiter(rate, in_flight=PARALLEL if rate == FAST else None)
        worker = OutboxWorker(store, noting, limiter, time.time)
        cpu = time.process_time()
        running = asyncio.create_task(worker.run(stop))
        await asyncio.wait_for(noting.done.wait(), 60)
        cpu = time.process_time() - cpu
        stop.set()
        await running
        await store.close()
    await bot.shutdown()
    times = sorted(noting.times)
    return Run((chats - 2) / (times[-1] - times[1]), 1000 * cpu / chats, noting.refused, times[1] - times[0])


async def bare(sandbox: SandboxProcess, chats: int) -> Run:
    """A loop that only posts."""
    url, slots = f"{sandbox.url}/bot{sandbox.token}/sendMessage", asyncio.Semaphore(PARALLEL)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=PARALLEL)) as session:

        async def one(chat: int) -> None:
            body = {"chat_id": chat, "text": TEXT, "parse_mode": "HTML", "allow_paid_broadcast": True}
            async with slots, session.post(url, json=body) as response:
                assert (await response.json())["ok"]

        began, cpu = time.perf_counter(), time.process_time()
        await asyncio.gather(*(one(FIRST_READER + at) for at in range(chats)))
        return Run(chats / (time.perf_counter() - began), 1000 * (time.process_time() - cpu) / chats)


async def limited(sandbox: SandboxProcess, photo: bytes, rate: float, seconds: int) -> list[Figure]:
    await sandbox.ask("limit")
    run = await fan_out(sandbox, photo, int(rate * seconds), rate)
    await sandbox.ask("limit", on=False)
    await sandbox.ask("forget")
    return [
        Figure(f"limit {rate:,.0f}/s, photos: reached", 100 * run.rate / rate, "%", 97, more_is_better=True),
        Figure(f"limit {rate:,.0f}/s, photos: refused", run.refused, "", 0),
        Figure(f"limit {rate:,.0f}/s, photos: first to second, the upload", 1000 * run.upload, "ms"),
        Figure(f"limit {rate:,.0f}/s, photos: processor a message", run.cost, "ms"),
    ]


async def measured() -> list[Figure]:
    photo = market_chart(MarketChart(bars=walk("IWM", 1, 6_600), title="IWM"))
    as_served()
    async with SandboxProcess() as sandbox:
        for reader in range(FIRST_READER, FIRST_READER + 4_000):
            await sandbox.ask("add_person", user_id=reader, first_name="Reader")
        figures = [*await limited(sandbox, photo, FREE, 20), *await limited(sandbox, photo, PAID, 4)]
        pairs = [(await fan_out(sandbox, None, 2_000, FAST), await bare(sandbox, 2_000)) for _ in range(ROUNDS)]
    rates = [ours.rate / theirs.rate for ours, theirs in pairs]
    costs = [theirs.cost / ours.cost for ours, theirs in pairs]
    return [
        *figures,
        of_rounds("no limit, texts: messages", [ours.rate for ours, _ in pairs], "/s", more_is_better=True),
        of_rounds("no limit, texts: processor a message", [ours.cost for ours, _ in pairs], "ms"),
        of_rounds(
            "a bare client loop, texts: messages",
            [theirs.rate for _, theirs in pairs],
            "/s",
            more_is_better=True,
            peer=True,
        ),
        of_rounds(
            "a bare client loop, texts: processor a message", [theirs.cost for _, theirs in pairs], "ms", peer=True
        ),
        of_rounds("ours to the bare loop", rates, "", more_is_better=True),
        of_rounds("the bare loop's processor of ours", costs, "", 2 / 3, more_is_better=True),
    ]


if __name__ == "__main__":
    sys.exit(tell(asyncio.run(measured())))
