"""From the day's bar at the vendor to the first message at the Bot API, where each answer takes its time.

Run: python -m tests.bench.bench_latency

The shipped config, a bot as a subprocess. The clock starts with the first question that the bot asks of anybody once
the bars are there.
In two of the runs a source does not answer at all: the exchange that crypto comes from, and Yahoo's for a fund.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from pathlib import Path

from bot.sandbox.users import SOMEBODY
from tests.bench.figures import of_rounds, tell
from tests.bench.house import house

ANSWER_SECONDS = 0.2
SLOW_SECONDS = 0.5
NEVER_SECONDS = 40.0
ROUNDS = 3
ALWAYS = 10**9
READER = SOMEBODY

RUNS = {
    "each answer after 200 ms": (ANSWER_SECONDS, "", 1.5),
    "each answer after 500 ms": (SLOW_SECONDS, "", 5.0),
    "the exchange of the coins hangs": (ANSWER_SECONDS, "/api/v3/klines", 5.0),
    "Yahoo hangs over the S&P 500": (ANSWER_SECONDS, "/v8/finance/chart/SPY", 5.0),
}


async def first_message(answer: float, hanging: str) -> float:
    """Seconds."""
    with tempfile.TemporaryDirectory() as folder:
        async with house(Path(folder)) as bot:
            bot.subscribe([READER])
            await bot.start()
            await bot.settled()
            await bot.looked(2)
            already = len(bot.sandbox.messages(READER))
            if hanging:
                bot.vendor.world.fail(hanging, times=ALWAYS, delay=NEVER_SECONDS, body=None)
            bot.vendor.world.fail("/", times=ALWAYS, delay=answer, body=None)
            bot.new_record()
            bot.watch()
            async with asyncio.timeout(45):
                while len(bot.sandbox.messages(READER)) == already:
                    await asyncio.sleep(0.005)
            return time.monotonic() - min(bot.asked.values())


def main() -> int:
    figures = []
    for name, (answer, hanging, goal) in RUNS.items():
        seconds = [asyncio.run(first_message(answer, hanging)) for _ in range(ROUNDS)]
        figures.append(of_rounds(f"asked to first message, {name}", seconds, "s", goal, waits=True))
    return tell(figures)


if __name__ == "__main__":
    sys.exit(main())
