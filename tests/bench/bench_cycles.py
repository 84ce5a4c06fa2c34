"""Memory of the bot's process and its workers, look after look, with the shipped config.

Run: python -m tests.bench.bench_cycles [LOOKS] [--seconds N]

The whole bot with every shipped market and rule in this process; simulated prices are made in the data worker. Ten
minutes lie between two looks; bars come, alerts go out to three chats, charts are drawn, old rows are pruned each
day. It ends after `--seconds` at the latest and says how many looks that were: some 2,000 in the 90 that it has by
itself. For ten thousand, ten weeks of the bot's time, `10000 --seconds 1500`.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.bench_start import resident
from tests.bench.bot_in_process import bot_in_process
from tests.bench.figures import Figure, tell

STEP = 600
LOOKS_A_DAY = 24 * 3_600 // STEP
FLAT = 3.0
"""Megabytes between the first quarter and the end that still count as flat: a month of bars is kept."""


async def cycles(wanted: int, seconds: float) -> list[tuple[int, float, float]]:
    """(looks so far, megabytes of the bot, megabytes of its workers), about twenty of them."""
    begun, told = time.monotonic(), list[tuple[int, float, float]]()
    with tempfile.TemporaryDirectory() as folder:
        async with bot_in_process(Path(folder), 3, apart=True) as place:
            for look in range(1, wanted + 1):
                place.clock.leap(place.clock.now() + STEP)
                await place.bot.look()
                if look % LOOKS_A_DAY == 0:
                    await place.bot.prune()
                last = look == wanted or time.monotonic() - begun > seconds
                if look % max(1, wanted // 20) == 0 or last:
                    gc.collect()
                    workers = sum(resident(pid) for _, pid in place.workers() if pid is not None)
                    told.append((look, resident(os.getpid()), workers))
                if last:
                    break
    return told


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("looks", nargs="?", type=int, default=2_000)
    parser.add_argument("--seconds", type=float, default=90.0)
    asked = parser.parse_args()
    told = asyncio.run(cycles(asked.looks, asked.seconds))
    for look, bot, workers in told:
        print(f"{look:6d} looks  bot {bot:6.1f} MB, workers {workers:6.1f} MB")
    (first, before, _), (last, after, workers) = told[len(told) // 4], told[-1]
    print(f"growth is that from look {first} to look {last}")
    return tell(
        [
            Figure("growth of the bot's process in the last three quarters", after - before, "MB", FLAT, growth=True),
            Figure("the bot's process, this bench's own parts in it", after, "MB"),
            Figure("both workers", workers, "MB"),
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
