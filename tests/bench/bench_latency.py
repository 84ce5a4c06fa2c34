"""From the day's bar at the vendor to the first message at the Bot API, where each answer takes its time.

Run: python -m tests.bench.bench_latency

The shipped config with its times, a bot as a subprocess. It is started before the close; two minutes after the close
the exchanges have the hours up to it, and when the bars are due, Yahoo has them. The clock starts with the first
question for a bar of these. In some runs a source does not answer at all from the close on.
"""

from __future__ import annotations

import asyncio
import re
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.sandbox.users import SOMEBODY
from tests.acceptance.running_bot import DAY
from tests.bench.bot_in_subprocess import SubprocessBot, bot_in_subprocess
from tests.bench.figures import Figure, of_rounds, tell
from tests.bench.gate import Shut

ANSWER_SECONDS = 0.2
SLOW_SECONDS = 0.5
NEVER_SECONDS = 40.0
ROUNDS = 3
ALWAYS = 10**9
READER = SOMEBODY

EVENING = f"{DAY}T19:50:00+00:00"
"""Ten minutes before the close."""

TO_HOURS_S, TO_DUE_S = 12 * 60, 13 * 60
"""Seconds from EVENING until the hours are there, and from then until the day's bars are due."""

SKIPPED_S = 4.0
"""Seconds in which what is still being asked of the hours is answered: the clock skips the minutes that it has."""

NEWEST_LOOK = "SELECT coalesce(max(id), 0) FROM runs"

LONGEST_S = 30.0
"""Seconds in which the hours of all coins are told, where anybody tells them."""

NEVER: Mapping[str, Any] = {"delay": NEVER_SECONDS, "body": None}

RUNS: Mapping[str, tuple[float, Mapping[str, Mapping[str, Any]], float]] = {
    "each answer after 200 ms": (ANSWER_SECONDS, {}, 1.5),
    "each answer after 500 ms": (SLOW_SECONDS, {}, 5.0),
    "the exchange of the coins hangs": (ANSWER_SECONDS, {"/api/v3/klines": NEVER}, 5.0),
    "Yahoo hangs over the S&P 500": (ANSWER_SECONDS, {"/v8/finance/chart/SPY": NEVER}, 5.0),
}


@dataclass(frozen=True)
class FirstMessage:
    """Seconds until it came, its text, and how many coins of the basket it tells of at the close."""

    seconds: float
    text: str

    @property
    def coins(self) -> int:
        """9 of "Alts (9)", 5 of "Alts (5 of 9)"."""
        found = re.search(r"Alts \((\d+)", self.text)
        return int(found[1]) if found and "20:00 UTC" in self.text.rpartition("crypto at")[2] else 0


async def first_message(answer: float, faults: Mapping[str, Mapping[str, Any]]) -> FirstMessage:
    """The first message where each answer takes so long, and from the close on these paths go wrong."""
    with tempfile.TemporaryDirectory() as folder:
        async with bot_in_subprocess(Path(folder), unhurried=True) as bot:
            await waits_for_the_bar(bot, answer, faults)
            return await told_of_the_bar(bot)


async def waits_for_the_bar(
    bot: SubprocessBot, answer: float, faults: Mapping[str, Mapping[str, Any]], shut: Shut | None = None
) -> None:
    """The bot is started, the close has passed, these paths go wrong, and the gate is shut if it is to be."""
    bot.subscribe([READER])
    await bot.start(EVENING)
    await bot.settled()
    await bot.looked(2)
    for path, fault in faults.items():
        bot.vendor.world.fail(path, times=ALWAYS, **fault)
    bot.vendor.world.fail("/", times=ALWAYS, delay=answer, body=None)
    if shut is not None and bot.gate is not None:
        bot.gate.shut(shut)
    bot.hours_until(f"{DAY}T20:02:00+00:00")
    await bot.set_clock(TO_HOURS_S)
    await _hours_told(bot)
    await asyncio.sleep(SKIPPED_S)


async def told_of_the_bar(bot: SubprocessBot) -> FirstMessage:
    """The first message from when the bars are due, which the vendors then have."""
    already = len(bot.sandbox.messages(READER))
    bot.new_record()
    bot.watch()
    looks = bot.count(NEWEST_LOOK)
    await bot.set_clock(TO_DUE_S)
    while bot.count(NEWEST_LOOK) == looks:
        await asyncio.sleep(0.005)
    began = time.monotonic()
    async with asyncio.timeout(45):
        while len(bot.sandbox.messages(READER)) == already:
            await asyncio.sleep(0.005)
    heard = [at for path, at in bot.asked.items() if "/v8/" in path]
    if heard and not bot.gated:  # else it is counted from when the look began
        began = min(heard)
    return FirstMessage(time.monotonic() - began, bot.sandbox.messages(READER)[already].text)


async def _hours_told(bot: SubprocessBot) -> None:
    """Until the hours of all coins up to the close are in the database, or nobody is going to tell them."""
    query = f"SELECT count(*) FROM bars WHERE timeframe = '1h' AND start = unixepoch('{DAY} 19:00')"
    ends = time.monotonic() + LONGEST_S
    while bot.count(query) < len(bot.coins()) and time.monotonic() < ends:
        await asyncio.sleep(0.1)


def main() -> int:
    figures = []
    for name, (answer, faults, goal) in RUNS.items():
        told = [asyncio.run(first_message(answer, faults)) for _ in range(ROUNDS)]
        seconds = [each.seconds for each in told]
        figures.append(of_rounds(f"asked to first message, {name}", seconds, "s", goal, waits=True))
        coins = min(each.coins for each in told)
        figures.append(Figure(f"coins of nine in it, {name}", coins, "", 9.0, more_is_better=True))
    return tell(figures)


if __name__ == "__main__":
    sys.exit(main())
