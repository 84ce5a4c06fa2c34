"""Latency from a new closed bar in the store to the first message at the Bot API, and of answers meanwhile.

Run: python -m tests.bench.bench_road [ROUNDS]

The whole bot with every shipped rule on simulated markets, 1,000 subscribers, charts drawn in a worker, the Bot API in
another process. A round is a session with an alert; what lies between is looked at in one go, as after a pause. Its
parts are told one by one, and what the bot's processor does meanwhile, which says nearly the same on a busy machine.
Then somebody asks for a chart while the alert is on its way to the thousand.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from bot.charts.request import ChartRequest, Draw
from bot.delivery.transport import Failure, OutgoingMessage, Sent
from bot.scan import compose, scanner
from bot.store.bars import save_all
from bot.store.outbox.queue import queue_depth
from bot.store.stories import record_story
from tests.bench.bot_in_process import FIRST_READER, InProcessBot, bot_in_process
from tests.bench.figures import Figure, of_rounds, quantile, tell

READERS = 1_000
GOAL_MS = 150.0
COMMAND_GOAL_S = 1.0
LONGEST_SECONDS = 120.0
ROUNDS = 60
MARKETS = ("IWM", "IWN", "SPY", "RUT", "BTC")
"""Each asked for once: a second answer would come from the bot's memory."""

PARTS = ("saved to judged", "judge", "evidence", "chart", "record")
SIDE_BY_SIDE = ("evidence", "chart")
EVIDENCE = ("alert_evidence", "alert_facts", "surroundings")
"""What the composer asks of evidence."""


class Stopwatch:
    """Seconds of each part of a look, and the instants at which it begins and ends."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = defaultdict(float)
        self.stored = self.recorded = self.answered = self._processor = 0.0
        self.told = asyncio.Event()

    def watch(self, place: InProcessBot) -> None:
        """From now on."""
        transport = place.bot.outbox._transport
        for name in EVIDENCE:
            setattr(compose, name, self._timed(getattr(compose, name), "evidence"))
        self._run, place.bot.store.run = place.bot.store.run, self._stored  # type: ignore[method-assign]
        self._send, transport.send = transport.send, self._sent  # type: ignore[method-assign]
        self._evaluate, scanner.evaluate_rules = scanner.evaluate_rules, self._judging

    def begin(self) -> None:
        self.spent.clear()
        self.stored = self.recorded = self.answered = 0.0
        self.told.clear()

    def wrap_draw(self, draw: Draw) -> Draw:
        """What draws as `draw` does, its seconds being those of the chart."""

        async def timed(chart: ChartRequest) -> bytes | None:
            began = time.perf_counter()
            try:
                return await draw(chart)
            finally:
                self.spent["chart"] += time.perf_counter() - began

        return timed

    def _timed(self, real: Callable[..., Any], part: str) -> Callable[..., Any]:
        def timed(*arguments: Any) -> Any:
            began = time.perf_counter()
            try:
                return real(*arguments)
            finally:
                self.spent[part] += time.perf_counter() - began

        return timed

    async def _stored(self, fn: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        began = time.perf_counter()
        result = await self._run(fn, *arguments, **named)
        ended = time.perf_counter()
        if fn is save_all and any(bars.market == "RUT" for bars, _ in arguments[0]):
            self.stored, self._processor = ended, time.process_time()
        if fn is record_story:
            self.spent["record"] += ended - began
            if result and not self.recorded:
                self.recorded = ended
        return result

    def _judging(self, *arguments: Any) -> Any:
        began = time.perf_counter()
        self.spent["saved to judged"] = began - self.stored
        try:
            return self._evaluate(*arguments)
        finally:
            self.spent["judge"] = time.perf_counter() - began

    async def _sent(self, message: OutgoingMessage) -> Sent | Failure:
        outcome = await self._send(message)
        if self.recorded and not self.answered:
            self.answered = time.perf_counter()
            self.spent["processor"] = time.process_time() - self._processor
            self.told.set()
        return outcome


async def rounds(place: InProcessBot, scanner: Stopwatch, wanted: int) -> list[dict[str, float]]:
    """One line of figures for each session with an alert; fewer than wanted where they take long."""
    lines: list[dict[str, float]] = []
    ends = time.monotonic() + LONGEST_SECONDS
    while len(lines) < wanted and (time.monotonic() < ends or len(lines) < 2):
        await place.before_next_firing()
        await place.forget_what_waits()
        await emptied(place)
        await place.next_session()
        scanner.begin()
        looked = await place.bot.look()
        assert looked is not None
        if looked.queued < READERS or not scanner.spent["chart"]:
            await place.forget_what_waits()
            continue
        await asyncio.wait_for(scanner.told.wait(), 30)
        line = {part: scanner.spent[part] for part in PARTS}
        line["alerts"] = looked.queued / READERS
        line["record to message"] = scanner.answered - scanner.recorded
        line["processor"] = scanner.spent["processor"]
        line["whole"] = scanner.answered - scanner.stored
        lines.append(line)
        await place.forget_what_waits()
        await emptied(place)
    return lines


async def emptied(place: InProcessBot) -> None:
    while (await place.bot.store.run(queue_depth)).sending:
        await asyncio.sleep(0.02)


async def charts_of(place: InProcessBot, chat: int) -> int:
    return sum(bool(each["photo"]) for each in await place.sandbox.ask("messages", chat_id=chat))


def figures(cold: dict[str, float], lines: list[dict[str, float]]) -> list[Figure]:
    """The road as a whole, then its parts: medians of the rounds with one alert."""
    whole = sorted(1000 * line["whole"] for line in lines)
    alone = [line for line in lines if line["alerts"] == 1] or lines
    return [
        replace(
            of_rounds(f"p95 of the rounds, {READERS:,} subscribers", whole, "ms", GOAL_MS), value=quantile(whole, 0.95)
        ),
        of_rounds("half of the rounds", whole, "ms"),
        *(
            of_rounds(f"{part} (evidence and chart at the same time)" if part in SIDE_BY_SIDE else part, told, "ms")
            for part in (*PARTS, "record to message")
            for told in [[1000 * line[part] for line in alone]]
        ),
        of_rounds("processor of the bot meanwhile", [1000 * line["processor"] for line in alone], "ms"),
        Figure("the first alert, with no worker for charts yet", 1000 * cold["whole"], "ms"),
    ]


async def answers_meanwhile(place: InProcessBot) -> list[Figure]:
    """A person asks for a chart while the fan-out runs."""
    asker, seconds = FIRST_READER + READERS + 5, list[float]()
    await place.sandbox.ask("add_person", user_id=asker, first_name="Asker")
    looked = None
    while looked is None or looked.queued < READERS:
        await place.next_session()
        looked = await place.bot.look()
    for said in range(1, len(MARKETS) + 1):
        began = time.perf_counter()
        await place.sandbox.ask("say", text=f"/chart {MARKETS[said - 1]}", user=asker)
        while await charts_of(place, asker) < said:
            await asyncio.sleep(0.02)
        seconds.append(time.perf_counter() - began)
        await asyncio.sleep(1.2)  # a chat is sent one message a second
    waiting = (await place.bot.store.run(queue_depth)).queued
    await place.forget_what_waits()
    return [
        of_rounds("/chart while a fan-out runs", seconds, "s", COMMAND_GOAL_S),
        Figure("deliveries that still waited at the last answer", waiting, "", 1, more_is_better=True),
    ]


async def measured(wanted: int) -> list[Figure]:
    stopwatch = Stopwatch()
    with tempfile.TemporaryDirectory() as folder:
        async with bot_in_process(Path(folder), READERS, wrap_draw=stopwatch.wrap_draw) as place:
            stopwatch.watch(place)
            cold, *lines = await rounds(place, stopwatch, wanted + 1)
            return [*figures(cold, lines), *await answers_meanwhile(place)]


if __name__ == "__main__":
    sys.exit(tell(asyncio.run(measured(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS))))
