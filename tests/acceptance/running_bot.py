"""A bot as its operator runs it: a subprocess with its config, a Bot API server, Yahoo and an exchange on loopback."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.sandbox.server import TOKEN, Sandbox
from bot.store.database import open_database
from bot.store.subscribers.subscribers import subscribe
from bot.subscriber import Chat
from tests.replay import Replay

ROOT = Path(__file__).parents[2]
EVE = "2025-09-17"
DAY = "2025-09-18"
AT = f"{DAY}T20:10:00+00:00"
"""Ten minutes after the close of DAY."""

RECORD = 2_442.74
DEADLINE_SECONDS = 45.0
"""Seconds for anything to happen, on a machine that has much else to do."""

SHIPPED = (ROOT / "rules" / "russell-2000-all-time-high.yaml").read_text("utf-8")

CONFIG = """
telegram: {{api_url: {api}, operators: [{operator}]}}
markets:
  RUT: {{title: Russell 2000, kind: index, sources: [{{yahoo: ^RUT, options: {{base_url: {vendor}}}}}]}}
  BTC: {{title: Bitcoin, kind: crypto, sources: [{{exchange: BTC}}]}}
crypto: [BTC]
exchanges: [{{id: binance, quote: USDT, options: {{base_url: {vendor}}}}}]
schedule: {{settle: 60 seconds, retry: 1 second, look: 1 second}}
"""


class RunningBot:
    """Start it, feed it a bar, kill it, start it again."""

    operator = 9_000_000_001

    def __init__(self, folder: Path, sandbox: Sandbox, vendor: Replay) -> None:
        self.folder = folder
        self.sandbox = sandbox
        self.vendor = vendor
        self.process: asyncio.subprocess.Process | None = None
        sandbox.add_person(
            self.operator, "Operator"
        )  # else what they are told waits for them, and the outbox is not empty
        config = CONFIG.format(api=sandbox.url, vendor=vendor.url, operator=self.operator)
        (folder / "config.yaml").write_text(config)
        (folder / "rules").mkdir()
        self.write_rule("russell-2000-all-time-high", SHIPPED)
        self.list_index("^RUT")
        vendor.world.add("BTCUSDT", "1d", coin_bars(DAY))

    def write_rule(self, name: str, text: str) -> None:
        (self.folder / "rules" / f"{name}.yaml").write_text(text)

    def list_index(self, symbol: str) -> None:
        """The source knows an index that stays below its record up to EVE."""
        self.vendor.world.add(symbol, "1d", index_bars(EVE), instrument="INDEX")

    def add_index(self, name: str) -> None:
        """One more index in the config, with the shipped rule's like on it; before the start."""
        line = f"  {name}: {{title: {name}, kind: index, sources: [{{yahoo: ^{name}, "
        line += f"options: {{base_url: {self.vendor.url}}}}}]}}\n"
        config = self.folder / "config.yaml"
        config.write_text(config.read_text().replace("crypto:", f"{line}crypto:", 1))
        self.write_rule(f"{name.lower()}-record", SHIPPED.replace("RUT", name).replace("Russell 2000", name))
        self.list_index(f"^{name}")

    def subscribe(self, chats: Iterable[int]) -> None:
        """These have subscribed at an earlier time; before the start."""
        with contextlib.closing(open_database(self.folder / "bellwether.db")) as db:
            for chat in chats:
                self.sandbox.add_person(chat, f"Reader {chat}")
                subscribe(db, Chat(chat, 0, "private", f"Reader {chat}"), stamp(EVE, 0, 0))

    async def start(self, at: str = AT) -> None:
        """The bot runs; returns at once."""
        log = (self.folder / "bot.log").open("ab")
        environ = {**os.environ, "TELEGRAM_TOKEN": self.sandbox.token, "PYTHONPATH": str(ROOT)}
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.acceptance.at", at, "run", cwd=self.folder, env=environ, stdout=log, stderr=log
        )
        log.close()

    async def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """End it; its exit code."""
        assert self.process is not None
        self.process.send_signal(how)
        async with asyncio.timeout(DEADLINE_SECONDS):
            return await self.process.wait()

    def new_record(self, symbol: str = "^RUT", close: float = 2_467.70) -> None:
        """The source has the day's bar: the first close above the record."""
        self.vendor.world.add(symbol, "1d", [[stamp(DAY, 13, 30), 2_440.0, 2_470.0, 2_435.0, close, 4e9]])

    def count(self, query: str) -> int:
        """The number that a query of the bot's database gives; 0 while there is no such table."""
        path = self.folder / "bellwether.db"
        if not path.is_file():
            return 0
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
            try:
                return int(db.execute(query).fetchone()[0])
            except sqlite3.OperationalError:
                return 0

    def text(self, query: str) -> str:
        """The text that a query of the bot's database gives; "" where there is no such row."""
        with contextlib.closing(sqlite3.connect(f"file:{self.folder / 'bellwether.db'}?mode=ro", uri=True)) as db:
            row = db.execute(query).fetchone()
            return str(row[0]) if row else ""

    async def until(self, query: str, least: int = 1) -> None:
        """Until a query of the bot's database gives at least so much."""
        async with asyncio.timeout(DEADLINE_SECONDS):
            while self.count(query) < least:
                await asyncio.sleep(0.05)

    async def looked(self, times: int = 1) -> None:
        """Until the bot has looked so often again, from the first step to the last, and nothing waits to be sent."""
        begun = self.count("SELECT coalesce(max(id), 0) FROM runs")
        await self.until(f"SELECT count(*) FROM runs WHERE ok = 1 AND id > {begun}", times)
        await self.until("SELECT count(*) = 0 FROM deliveries WHERE state IN ('queued', 'sending')")

    def log(self) -> str:
        return (self.folder / "bot.log").read_text()


@contextlib.asynccontextmanager
async def running_bot(folder: Path, token: str = TOKEN) -> AsyncIterator[RunningBot]:
    sandbox = Sandbox(token=token)
    await sandbox.start()
    with Replay() as vendor:
        built = RunningBot(folder, sandbox, vendor)
        try:
            yield built
        finally:
            if built.process is not None and built.process.returncode is None:
                await built.stop(signal.SIGKILL)
            await sandbox.close()


def index_bars(last: str) -> list[list[float]]:
    """Three years of an index that stays below the record of its 300th bar, up to the session of `last`."""
    closes = [RECORD - 20 - (at * 37) % 300 for at in range(800)]
    closes[299] = RECORD
    days = _weekdays_back(last, len(closes))
    return [[stamp(day, 13, 30), c, c + 5, c - 5, c, 4e9] for day, c in zip(days, closes, strict=True)]


def coin_bars(last: str) -> list[list[float]]:
    """A hundred days of a coin that gains a hundred dollars a day; the last one is still forming."""
    end = datetime.fromisoformat(last).replace(tzinfo=UTC)
    return [
        [int((end - timedelta(days=99 - at)).timestamp()), c := 100_000.0 + 100 * at, c + 50, c - 50, c, 1e3]
        for at in range(100)
    ]


def stamp(day: str, hour: int, minute: int) -> int:
    return int(datetime.fromisoformat(day).replace(hour=hour, minute=minute, tzinfo=UTC).timestamp())


def _weekdays_back(last: str, count: int) -> list[str]:
    day, days = datetime.fromisoformat(last), []
    while len(days) < count:
        if day.weekday() < 5:
            days.append(day.date().isoformat())
        day -= timedelta(days=1)
    return days[::-1]
