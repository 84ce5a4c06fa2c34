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
from pathlib import Path

from bot.sandbox.users import SOMEBODY
from tests.acceptance.running_bot import DAY
from tests.bench.figures import Figure, of_rounds, tell
from tests.bench.house import House, house

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

LONGEST_S = 30.0
"""Seconds in which the hours of all coins are told, where anybody tells them."""

RUNS = {
    "each answer after 200 ms": (ANSWER_SECONDS, "", 1.5),
    "each answer after 500 ms": (SLOW_SECONDS, "", 5.0),
    "the exchange of the coins hangs": (ANSWER_SECONDS, "/api/v3/klines", 5.0),
    "Yahoo hangs over the S&P 500": (ANSWER_SECONDS, "/v8/finance/chart/SPY", 5.0),
}


async def first_message(answer: float, hanging: str) -> tuple[float, int]:
    """Seconds, and how many coins of the basket the message tells of at the close."""
    with tempfile.TemporaryDirectory() as folder:
        async with house(Path(folder), unhurried=True) as bot:
            bot.subscribe([READER])
            await bot.start(EVENING)
            await bot.settled()
            await bot.looked(2)
            already = len(bot.sandbox.messages(READER))
            if hanging:
                bot.vendor.world.fail(hanging, times=ALWAYS, delay=NEVER_SECONDS, body=None)
            bot.vendor.world.fail("/", times=ALWAYS, delay=answer, body=None)
            bot.hours_until(f"{DAY}T20:02:00+00:00")
            await bot.set_clock(TO_HOURS_S)
            await _hours_told(bot)
            bot.new_record()
            bot.watch()
            await bot.set_clock(TO_DUE_S)
            async with asyncio.timeout(45):
                while len(bot.sandbox.messages(READER)) == already:
                    await asyncio.sleep(0.005)
            seconds = time.monotonic() - min(at for path, at in bot.asked.items() if "/v8/" in path)
            return seconds, _coins_told(bot.sandbox.messages(READER)[already].text)


async def _hours_told(bot: House) -> None:
    """Until the hours of all coins up to the close are in the database, or nobody is going to tell them."""
    query = f"SELECT count(*) FROM bars WHERE timeframe = '1h' AND start = unixepoch('{DAY} 19:00')"
    ends = time.monotonic() + LONGEST_S
    while bot.count(query) < len(bot.coins()) and time.monotonic() < ends:
        await asyncio.sleep(0.1)


def _coins_told(text: str) -> int:
    """9 of "Alts (9)", 5 of "Alts (5 of 9)", if crypto is told as of the close."""
    found = re.search(r"Alts \((\d+)", text)
    return int(found[1]) if found and "20:00 UTC" in text.rpartition("crypto at")[2] else 0


def main() -> int:
    figures = []
    for name, (answer, hanging, goal) in RUNS.items():
        told = [asyncio.run(first_message(answer, hanging)) for _ in range(ROUNDS)]
        seconds = [each for each, _ in told]
        figures.append(of_rounds(f"asked to first message, {name}", seconds, "s", goal, waits=True))
        coins = [float(each) for _, each in told]
        figures.append(Figure(f"coins of nine in it, {name}", min(coins), "", 9.0, more_is_better=True))
    return tell(figures)


if __name__ == "__main__":
    sys.exit(main())
