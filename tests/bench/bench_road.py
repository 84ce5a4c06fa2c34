"""Latency from a new closed bar in the store to the first message at the Bot API, and of answers meanwhile.

Run: python -m tests.bench.bench_road [ROUNDS]

The whole bot with every shipped rule on simulated markets, 1,000 subscribers, charts drawn in a worker, the Bot API in
another process. A round is a session with an alert; its parts are told one by one. Then somebody asks for a chart while
the alert is on its way to the thousand.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from bot.delivery.transport import Failure, OutgoingMessage, Sent
from bot.scan import scanner
from bot.store.bars import save_all
from bot.store.outbox import queue_depth
from bot.store.stories import record_story
from tests.bench.town import FIRST_READER, Town, town

READERS = 1_000
GOAL = 0.250
COMMAND_GOAL = 1.0
PARTS = ("saved to judged", "judge", "evidence", "chart", "record")


class Stopwatch:
    """Seconds of each part of a look, and the instants at which it begins and ends."""

    def __init__(self, town: Town) -> None:
        self.spent: dict[str, float] = defaultdict(float)
        self.stored = self.judged = self.recorded = self.answered = 0.0
        self.told = asyncio.Event()
        composer, messenger = town.bot.scanner._composer, town.bot.outbox._attempts._messenger
        self._wrap(composer, "_levels", "evidence")
        self._wrap(composer, "_picture", "chart")
        self._run, town.bot.store.run = town.bot.store.run, self._stored  # type: ignore[method-assign]
        self._send, messenger.send = messenger.send, self._sent  # type: ignore[method-assign]
        self._judge, scanner.judge = scanner.judge, self._judging

    def begin(self) -> None:
        self.spent.clear()
        self.stored = self.recorded = self.answered = 0.0
        self.told.clear()

    def _wrap(self, owner: object, name: str, part: str) -> None:
        real: Callable[..., Awaitable[Any]] = getattr(owner, name)

        async def timed(*arguments: object) -> object:
            began = time.perf_counter()
            try:
                return await real(*arguments)
            finally:
                self.spent[part] += time.perf_counter() - began

        setattr(owner, name, timed)

    async def _stored(self, fn: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        began = time.perf_counter()
        result = await self._run(fn, *arguments, **named)
        ended = time.perf_counter()
        if fn is save_all and any(bars.market == "RUT" for bars, _ in arguments[0]):
            self.stored = ended
        if fn is record_story:
            self.spent["record"] += ended - began
            if result and not self.recorded:
                self.recorded = ended
        return result

    def _judging(self, *arguments: Any) -> Any:
        began = time.perf_counter()
        self.spent["saved to judged"] = began - self.stored
        try:
            return self._judge(*arguments)
        finally:
            self.spent["judge"] = time.perf_counter() - began

    async def _sent(self, message: OutgoingMessage) -> Sent | Failure:
        outcome = await self._send(message)
        if self.recorded and not self.answered:
            self.answered = time.perf_counter()
            self.told.set()
        return outcome


async def rounds(town: Town, scanner: Stopwatch, wanted: int) -> list[dict[str, float]]:
    """One line of figures for each session with an alert."""
    lines: list[dict[str, float]] = []
    while len(lines) < wanted:
        await town.next_session()
        scanner.begin()
        looked = await town.bot.look()
        assert looked is not None
        if looked.queued < READERS or not scanner.spent["chart"]:
            await town.forget_what_waits()
            continue
        await asyncio.wait_for(scanner.told.wait(), 30)
        line = {part: scanner.spent[part] for part in PARTS}
        line["alerts"] = looked.queued / READERS
        line["record to message"] = scanner.answered - scanner.recorded
        line["whole"] = scanner.answered - scanner.stored
        lines.append(line)
        await town.forget_what_waits()
        await emptied(town)
    return lines


async def emptied(town: Town) -> None:
    while (await town.bot.store.run(queue_depth)).sending:
        await asyncio.sleep(0.02)


async def charts_of(town: Town, chat: int) -> int:
    return sum(bool(each["photo"]) for each in await town.sandbox.ask("messages", chat_id=chat))


def quantile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def tell(cold: dict[str, float], lines: list[dict[str, float]]) -> bool:
    whole = [line["whole"] for line in lines]
    p50, p95 = statistics.median(whole), quantile(whole, 0.95)
    print(f"bar in the store to the first message, {READERS:,} subscribers, {len(lines)} rounds:")
    least, goal = 1000 * min(whole), 1000 * GOAL
    print(f"  least {least:.0f}, p50 {p50 * 1000:.0f}, p95 {p95 * 1000:.0f} ms   (goal: p95 under {goal:.0f})")
    print("  parts, medians of the rounds with one alert (evidence and chart are made at the same time):")
    alone = [line for line in lines if line["alerts"] == 1] or lines
    for part in (*PARTS, "record to message"):
        print(f"    {part:18} {statistics.median(line[part] for line in alone) * 1000:6.1f} ms")
    print(f"  alerts in a round: {min(line['alerts'] for line in lines):.0f} to {max(x['alerts'] for x in lines):.0f}")
    print(f"  the first alert, with no worker for charts yet: {cold['whole'] * 1000:.0f} ms")
    return p95 < GOAL


async def answers_meanwhile(town: Town, scanner: Stopwatch, count: int = 5) -> bool:
    """A person asks for a chart while the fan-out runs."""
    asker, seconds = FIRST_READER + READERS + 5, list[float]()
    await town.sandbox.ask("add_person", user_id=asker, first_name="Asker")
    looked = None
    while looked is None or looked.queued < READERS:
        await town.next_session()
        looked = await town.bot.look()
    for said in range(1, count + 1):
        began = time.perf_counter()
        await town.sandbox.ask("say", text="/chart IWM", user=asker)
        while await charts_of(town, asker) < said:
            await asyncio.sleep(0.02)
        seconds.append(time.perf_counter() - began)
        await asyncio.sleep(1.2)  # a chat is sent one message a second
    waiting = (await town.bot.store.run(queue_depth)).queued
    await town.forget_what_waits()
    print(f"/chart while a fan-out runs: {', '.join(f'{each:.2f}' for each in seconds)} s   (goal: under 1 s)")
    print(f"  {waiting} deliveries still waited when the last answer came")
    return waiting > 0 and max(seconds) < COMMAND_GOAL


async def main(wanted: int) -> int:
    with tempfile.TemporaryDirectory() as folder:
        async with town(Path(folder), READERS) as place:
            scanner = Stopwatch(place)
            cold, *lines = await rounds(place, scanner, wanted + 1)
            fine = tell(cold, lines)
            fine &= await answers_meanwhile(place, scanner)
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)))
