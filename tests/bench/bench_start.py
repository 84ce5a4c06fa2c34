"""Time until the bot answers and has scanned, and the memory of all its processes, with the shipped config.

Run: python -m tests.bench.bench_start

A bot as a subprocess with every shipped market and rule, against a Bot API server and all vendors on loopback. Memory
is told twice: resident pages of a process, and of all processes together with what they share counted once (PSS).
Beside it stands what the same libraries cost in one process, which is what the workers save. At last a million people
subscribe, and an alert comes for all of them.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bot.sandbox.users import SOMEBODY
from bot.store.sqlite import Database
from tests.bench.bot_in_process import FIRST_READER, subscribe_all
from tests.bench.bot_in_subprocess import SubprocessBot, bot_in_subprocess
from tests.bench.figures import Figure, of_rounds, tell

ROUNDS = 3
READERS = 1_000_000
CROWDED_MB = 130.0
LONGEST_SECONDS = 60.0
ALL_IN_ONE = "import telegram.ext, yfinance, ccxt, sqlite_utils, exchange_calendars, PIL.ImageDraw"


def resident(pid: int) -> float:
    """Megabytes."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * 4_096 / 1e6


def shared_once(pid: int) -> float:
    """Megabytes, each page divided by the processes that share it."""
    told = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(re.search(r"Pss: +(\d+) kB", told)[1]) * 1_024 / 1e6  # type: ignore[index]


def children(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(each) for each in found]


async def started() -> dict[str, float]:
    """Seconds, then megabytes after an alert has been drawn and sent."""
    told: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        async with bot_in_subprocess(Path(folder)) as bot:
            began = time.perf_counter()
            bot.sandbox.say("/status")
            await bot.start()
            await bot.sandbox.wait_for(SOMEBODY, 1, timeout=60)
            told["start to the answer of /status"] = time.perf_counter() - began
            await bot.settled()
            told["start to all histories in the database"] = time.perf_counter() - began
            await alerted(bot)
            assert bot.process is not None
            processes = [bot.process.pid, *children(bot.process.pid)]
            told["the bot's process"] = resident(processes[0])
            told["all processes, shared pages once"] = sum(map(shared_once, processes))
            told["all processes, resident"] = sum(map(resident, processes))
    return told


async def alerted(bot: SubprocessBot) -> None:
    """Somebody subscribes, an alert comes, its chart is drawn, and a look later all is quiet."""
    bot.sandbox.say("/subscribe")
    await bot.sandbox.wait_for(SOMEBODY, 2, timeout=30)
    await bot.looked()
    bot.new_record()
    await bot.until(
        "SELECT count(*) FROM deliveries WHERE state = 'sent' AND message IN (SELECT message FROM message_events)"
    )
    await bot.looked(3)


async def crowded() -> tuple[float, float]:
    """Megabytes of the bot with READERS people in its table; at most while it queues an alert for them and begins."""
    with tempfile.TemporaryDirectory() as folder:
        async with bot_in_subprocess(Path(folder)) as bot:
            await bot.start()
            await bot.settled()
            await bot.looked(2)
            await asyncio.to_thread(_subscribe, bot.folder / "bellwether.db")
            await bot.looked(3)
            assert bot.process is not None
            at_rest = most = resident(bot.process.pid)
            bot.new_record()
            ends = time.monotonic() + LONGEST_SECONDS
            while time.monotonic() < ends and bot.count("SELECT coalesce(max(id), 0) FROM deliveries") < READERS:
                most = max(most, resident(bot.process.pid))
                await asyncio.sleep(0.1)
            assert bot.count("SELECT coalesce(max(id), 0) FROM deliveries") >= READERS, "nothing was queued"
            for _ in range(20):
                most = max(most, resident(bot.process.pid))
                await asyncio.sleep(0.1)
            return at_rest, most


def _subscribe(file: Path) -> None:
    with contextlib.closing(sqlite3.connect(file, timeout=60)) as db:
        for first in range(FIRST_READER, FIRST_READER + READERS, 50_000):
            subscribe_all(Database(db, execute_plugins=False), range(first, first + 50_000))


GOALS = {
    "start to the answer of /status": ("s", 2.5),
    "start to all histories in the database": ("s", 15.0),
    "the bot's process": ("MB", 110.0),
    "all processes, shared pages once": ("MB", 300.0),
    "all processes, resident": ("MB", None),
}


def one_process() -> Figure:
    measure_it = "print(int(open('/proc/self/statm').read().split()[1]) * 4096 / 1e6)"
    code = f"{ALL_IN_ONE}\n{measure_it}"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    return Figure("the libraries alone, imported in one process", float(told), "MB", peer=True)


def main() -> int:
    rounds = [asyncio.run(started()) for _ in range(ROUNDS)]
    figures = [of_rounds(name, [each[name] for each in rounds], *unit) for name, unit in GOALS.items()]
    at_rest, most = asyncio.run(crowded())
    crowd = [
        Figure(
            f"the bot's process, {READERS:,} subscribers in its table", at_rest, "MB", GOALS["the bot's process"][1]
        ),
        Figure(f"the bot's process at most, an alert for {READERS:,}", most, "MB", CROWDED_MB),
    ]
    return tell([*figures, *crowd, one_process()])


if __name__ == "__main__":
    sys.exit(main())
