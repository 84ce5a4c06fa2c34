"""Memory of the bot's process and its workers, look after look, with the shipped config.

Run: python -m tests.bench.bench_cycles [LOOKS] [--seconds N]

The whole bot with every shipped market and rule in this process; simulated prices are made in the data worker. Ten
minutes lie between two looks; bars come, alerts go out to three chats, charts are drawn, old rows are pruned each
day. It ends after `--seconds` at the latest and says how many looks that were: some 2,000 in the 90 that it has by
itself. For ten thousand, ten weeks of the bot's time, `10000 --seconds 1500`.

Some of the growth is by design and has an end: bars of the days that come, the levels of each market that an alert or a
command has asked for once, 24 pictures. `kept` is how much that is; by the last third most of it is there.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from bot.signals.bars import COLUMNS
from bot.signals.levels import walk
from tests.bench.bench_start import resident
from tests.bench.bot_in_process import InProcessBot, bot_in_process
from tests.bench.figures import Figure, tell

STEP = 600
LOOKS_A_DAY = 24 * 3_600 // STEP
FLAT, FULL = 3.0, 1.5
"""Megabytes of growth that still count as flat: from the first quarter to the end, in the last third."""


@dataclass(frozen=True)
class Told:
    """Megabytes after so many looks: of the bot, of what it is meant to keep, of its workers."""

    look: int
    bot: float
    kept: float
    workers: float


async def cycles(wanted: int, seconds: float) -> list[Told]:
    """About twenty of them; no garbage is collected that the bot would not have collected."""
    begun, told = time.monotonic(), list[Told]()
    with tempfile.TemporaryDirectory() as folder:
        async with bot_in_process(Path(folder), 3, apart=True) as place:
            for look in range(1, wanted + 1):
                place.clock.leap(place.clock.now() + STEP)
                await place.bot.look()
                if look % LOOKS_A_DAY == 0:
                    await place.bot.prune()
                last = look == wanted or time.monotonic() - begun > seconds
                if look % max(1, wanted // 20) == 0 or last:
                    workers = sum(resident(pid) for _, pid in place.workers() if pid is not None)
                    told.append(Told(look, resident(os.getpid()), kept(place), workers))
                if last:
                    break
    return told


def kept(place: InProcessBot) -> float:
    """Megabytes of bars, of the walks over their levels, and of pictures."""
    cache = place.bot._scan.bar_cache
    series = [*cache._bars.values(), *(computed.bars for computed in cache._computed.values())]
    columns = sum(getattr(bars, name).nbytes for bars in series for name in ("start", "end", *COLUMNS))
    walks = [each for walks in walk._walks.values() for each in walks]
    walked = sum(each.seen.nbytes + 8 * len(each.tracker.past) for each in walks)
    return (columns + walked + sum(map(len, place.pictures.values()))) / 1e6


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("looks", nargs="?", type=int, default=2_000)
    parser.add_argument("--seconds", type=float, default=90.0)
    asked = parser.parse_args()
    told = asyncio.run(cycles(asked.looks, asked.seconds))
    for each in told:
        print(
            f"{each.look:6d} looks  bot {each.bot:6.1f} MB, {each.kept:4.1f} of it kept, workers {each.workers:6.1f} MB"
        )
    quarter, third, last = told[len(told) // 4], told[len(told) * 2 // 3], told[-1]
    print(f"growth is that from look {quarter.look}, and from look {third.look}, to look {last.look}")
    return tell(
        [
            Figure(
                "growth of the bot's process in the last three quarters",
                last.bot - quarter.bot,
                "MB",
                FLAT,
                growth=True,
            ),
            Figure("of that what it is meant to keep", last.kept - quarter.kept, "MB", growth=True),
            Figure("growth of the bot's process in the last third", last.bot - third.bot, "MB", FULL, growth=True),
            Figure("the bot's process, this bench's own parts in it", last.bot, "MB"),
            Figure("both workers", max(each.workers for each in told), "MB"),
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
