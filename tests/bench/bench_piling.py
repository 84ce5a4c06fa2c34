"""Whether questions to sources that hang pile up, look after look: threads, open files and memory of all processes.

Run: python -m tests.bench.bench_piling [LOOKS] [WORD …]   (the ways of `bench_hanging` whose name has all the words)

The shipped config, a bot as a subprocess that looks every second, ten minutes apart by its clock: so each look asks
again for what it has got no answer to. It ends with 1 where the last half of the looks has more of anything than the
quarter before it. A hundred looks take four minutes.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bench.bench_hanging import Kind, kinds
from tests.bench.bench_latency import ALWAYS, ANSWER_SECONDS, EVENING
from tests.bench.bot_in_subprocess import SubprocessBot, bot_in_subprocess

STEP_S = 600
MORE = {"threads": 4, "files": 12, "megabytes": 12.0}
"""By how much the most of the last half may exceed that of the second quarter."""

ASKED = (
    "Yahoo says nothing",
    "Yahoo, Binance and the macro series says nothing",
    "all but Twelve Data: no answer to a",
)
"""The ways that are tried where no word is given."""


@dataclass(frozen=True)
class Held:
    """What the bot and its workers hold at one moment."""

    processes: int
    threads: int
    files: int
    megabytes: float


async def looks(kind: Kind, count: int) -> list[Held]:
    """What is held after each look of so many, none of which gets an answer from these sources."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        async with bot_in_subprocess(Path(folder), gated=kind.gated) as bot:
            await bot.start(EVENING)
            await bot.settled()
            for path, fault in kind.faults.items():
                bot.vendor.world.fail(path, times=ALWAYS, **fault)
            bot.vendor.world.fail("/", times=ALWAYS, delay=ANSWER_SECONDS, body=None)
            if kind.shut is not None and bot.gate is not None:
                bot.gate.shut(kind.shut)
            return [await _after_look(bot) for _ in range(count)]


async def _after_look(bot: SubprocessBot) -> Held:
    await bot.set_clock(STEP_S)
    done = "SELECT count(*) FROM runs WHERE ok = 1"
    await bot.until(done, bot.count(done) + 1)
    assert bot.process is not None
    return _held([bot.process.pid, *_children(bot.process.pid)])


def _children(pid: int) -> list[int]:
    """The processes that a process has started and that are still there."""
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        found += [int(each) for each in (task / "children").read_text().split()]
    return found


def _held(pids: Sequence[int]) -> Held:
    threads = files = pages = alive = 0
    for pid in pids:
        try:
            threads += sum(1 for _ in Path(f"/proc/{pid}/task").iterdir())
            files += sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())
            pages += int(Path(f"/proc/{pid}/statm").read_text().split()[1])
            alive += 1
        except OSError:
            continue  # it has ended meanwhile
    return Held(alive, threads, files, pages * os.sysconf("SC_PAGE_SIZE") / 1e6)


def piled(found: Sequence[Held]) -> list[str]:
    """What there is more of in the last half than in the quarter before it."""
    before, after = found[len(found) // 4 : len(found) // 2], found[len(found) // 2 :]
    return [
        f"{what}: {most(before, what):.0f} to {most(after, what):.0f}"
        for what, more in MORE.items()
        if most(after, what) - most(before, what) > more
    ]


def most(found: Sequence[Held], what: str) -> float:
    return max(getattr(each, what) for each in found)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("looks", nargs="?", type=int, default=100)
    parser.add_argument("words", nargs="*", metavar="WORD")
    asked = parser.parse_args()
    chosen = [kind for words in ([asked.words] if asked.words else [[each] for each in ASKED]) for kind in kinds(words)]
    wrong = 0
    for kind in chosen:
        found = asyncio.run(looks(kind, asked.looks))
        print(f"{kind.name}: {len(found)} looks")
        for at in sorted({0, len(found) // 4, len(found) // 2, len(found) - 1}):
            each = found[at]
            told = f"{each.processes} processes, {each.threads} threads, {each.files} files, {each.megabytes:.0f} MB"
            print(f"  after look {at + 1:4}: {told}")
        print(
            f"  at the most: {most(found, 'threads')} threads, {most(found, 'files')} files, "
            f"{most(found, 'megabytes'):.0f} MB",
            flush=True,
        )
        for what in piled(found):
            print(f"  PILES UP: {what}")
            wrong += 1
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
