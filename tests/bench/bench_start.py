"""Time until the bot answers, memory that it holds, time that a scan takes.

`python -m tests.bench.bench_start`: a bot as a subprocess, against a Bot API server, Yahoo and an exchange on loopback.
Prints seconds from the start to the answer of /status and to the end of the first scan, and resident megabytes of the
bot's process and its workers; beside them what the same imports cost in one process, which is what the workers save.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bot.sandbox.users import SOMEBODY
from tests.acceptance.running_bot import RunningBot, running_bot

ALL_IN_ONE = "import telegram.ext, yfinance, ccxt, sqlite_utils, exchange_calendars, matplotlib.figure"


def resident(pid: int) -> float:
    """Megabytes."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * 4_096 / 1e6


def children(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(each) for each in found]


async def until_scanned(bot: RunningBot) -> None:
    while True:
        with (
            contextlib.suppress(sqlite3.Error),
            contextlib.closing(sqlite3.connect(bot.folder / "bellwether.db")) as db,
        ):
            if db.execute("SELECT count(*) FROM runs WHERE ok = 1").fetchone()[0]:
                return
        await asyncio.sleep(0.05)


async def measure(folder: Path) -> None:
    async with running_bot(folder) as bot:
        began = time.perf_counter()
        bot.sandbox.say("/status")
        await bot.start()
        await bot.sandbox.wait_for(SOMEBODY, 1, timeout=30)
        print(f"start to the answer of /status   {time.perf_counter() - began:6.2f} s   (goal 2.5)")
        async with asyncio.timeout(60):
            await until_scanned(bot)
        print(f"start to the end of the first scan {time.perf_counter() - began:4.2f} s   (goal 12)")
        assert bot.process is not None
        workers = children(bot.process.pid)
        print(f"bot's process after a scan       {resident(bot.process.pid):6.0f} MB  (goal 120)")
        print(f"workers                          {sum(map(resident, workers)):6.0f} MB  (goal: 320 with the bot's)")
        with contextlib.closing(sqlite3.connect(bot.folder / "bellwether.db")) as db:
            runs = db.execute("SELECT count(*) FROM runs WHERE ok = 1").fetchone()[0]
        print(f"scans so far                     {runs:6d}")
        await bot.stop()


def one_process() -> None:
    measure_it = "print(time.time() - t, int(open('/proc/self/statm').read().split()[1]) * 4096 / 1e6)"
    code = f"import time; t = time.time()\n{ALL_IN_ONE}\n{measure_it}"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    print(f"for comparison, all libraries imported in one process: {float(told[0]):.1f} s, {float(told[1]):.0f} MB")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        asyncio.run(measure(Path(name)))
    one_process()
