"""Memory of the bot's process, scan after scan.

Run: python -m tests.bench.bench_cycles [CYCLES]

The whole bot with every shipped rule on simulated markets, ten minutes between two looks; bars come, alerts go out to
three chats, charts are drawn by a worker. Prints resident megabytes of this process, which is the bot's; it ends after
two minutes at the latest and says how many looks that were.
"""

from __future__ import annotations

import asyncio
import gc
import os
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.bench_start import resident
from tests.bench.town import town

STEP = 600
LONGEST = 110.0
FLAT = 3.0
"""Megabytes between the first quarter and the end that still count as flat: a month of bars is kept."""


async def cycles(wanted: int) -> list[tuple[int, float]]:
    """(looks so far, megabytes), about twenty of them."""
    begun, told = time.monotonic(), list[tuple[int, float]]()
    with tempfile.TemporaryDirectory() as folder:
        async with town(Path(folder), 3) as place:
            for look in range(1, wanted + 1):
                place.clock.leap(place.clock.now() + STEP)
                await place.bot.look()
                if look % max(1, wanted // 20) == 0:
                    gc.collect()
                    told.append((look, resident(os.getpid())))
                if time.monotonic() - begun > LONGEST:
                    break
    return told


def main(wanted: int) -> int:
    told = asyncio.run(cycles(wanted))
    for look, megabytes in told:
        print(f"{look:6d} looks  {megabytes:6.1f} MB")
    (first, before), (last, after) = told[len(told) // 4], told[-1]
    print(f"from look {first} to look {last}: {after - before:+.1f} MB (goal: flat, within {FLAT:.0f} MB)")
    print(f"the prices of the simulated world are among the {after:.0f} MB; bench_start.py tells the bot's own size")
    return 0 if after - before < FLAT else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 5_000))
