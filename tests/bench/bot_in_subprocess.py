"""The shipped config and rules in a bot as a subprocess; every source is answered for on loopback."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import time
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from bot.market.model import FetchRequest, Market, MarketKind, Source
from bot.market.new_york import CALENDAR, new_york_sessions
from bot.market.sources import simulated
from bot.sandbox.server import TOKEN, Sandbox
from bot.settings import load_settings
from bot.signals.bars import COLUMNS, Bars
from bot.signals.sessions import Sessions
from bot.signals.timeframe import DAY, Timeframe, start_of
from tests.acceptance.running_bot import AT, DEADLINE_SECONDS, EVE, ROOT, RunningBot
from tests.acceptance.running_bot import DAY as TODAY
from tests.bench.gate import HERE, Gate, opened
from tests.replay import Replay

FIRST = start_of("2015-01-02")
HOURS_KEPT = 40 * DAY
RECORD = "russell-2000-all-time-high"


class SubprocessBot(RunningBot):
    """A bot with every market and rule that is shipped; the vendors have nothing of TODAY, and coins up to AT.

    It looks every second, and asks again as often; or by the shipped times where `unhurried`. `addresses` are those of
    sources that stand elsewhere than the vendor.
    """

    def __init__(
        self,
        folder: Path,
        sandbox: Sandbox,
        vendor: Replay,
        *,
        unhurried: bool = False,
        keys: Mapping[str, str] | None = None,
        addresses: Mapping[str, str] | None = None,
    ) -> None:
        self._keys = dict(keys or {})
        self._addresses = dict(addresses or {})
        self.gated = bool(self._addresses)
        self.folder, self.sandbox, self.vendor, self.process = folder, sandbox, vendor, None
        self._schedule = {"look": "1 second"}
        if not unhurried:
            self._schedule |= {"settle": "60 seconds", "retry": "1 second"}
        shutil.copytree(ROOT / "rules", folder / "rules")
        rule = folder / "rules" / f"{RECORD}.yaml"  # a high of 60 sessions is enough for it, as the prices happen to be
        rule.write_text(rule.read_text("utf-8").replace("highest(close, all)", "highest(close, 60)"), "utf-8")
        (folder / "config.yaml").write_text(self._config(), "utf-8")
        (folder / "config.yaml").chmod(0o600)  # it may hold keys
        self.markets = load_settings(folder / "config.yaml", {}, folder).specs
        self.asked = dict[str, float]()
        """When each path was first asked since `watch`."""
        self.gate: Gate | None = None
        self._met, vendor.world.met = vendor.world.met, self._note
        for market in self.markets.values():
            self._list(market)

    def _config(self) -> str:
        """The shipped one, with every source told where the vendor stands."""
        config: dict[str, Any] = yaml.safe_load((ROOT / "config.example.yaml").read_text("utf-8"))
        for market in config["markets"].values():
            for source in market.get("sources", ()):
                if "exchange" not in source:
                    source["options"] = self._at(*source)
        config["rules"] = "rules"
        config["exchanges"] = [each | {"options": self._at(each["id"])} for each in config["exchanges"]]
        config["telegram"] |= {"api_url": self.sandbox.url, "operators": [self.operator]}
        config["schedule"] |= self._schedule
        config["keys"] = self._keys
        return yaml.safe_dump(config)

    def _at(self, source: str) -> dict[str, str]:
        """Where a kind of source is asked, or an exchange: the vendor, or the address that was given for it."""
        return {"base_url": self._addresses.get(source, self.vendor.url)}

    def _list(self, market: Market) -> None:
        """The vendors know the market's days up to EVE, and the hours of coins."""
        for source in market.sources:
            if source.kind == "yahoo" and market.calendar == CALENDAR:
                sessions = new_york_sessions(FIRST, start_of(EVE))
                kind = "INDEX" if source.symbol.startswith("^") else "ETF"
                rows = _rows(_simulated(market, Timeframe.D1, sessions), sessions)
                self.vendor.world.add(source.symbol, "1d", rows, instrument=kind)
                for other in {"tiingo", "twelvedata"} & self._keys.keys() & {each.kind for each in market.sources}:
                    self.vendor.world.add(f"{source.symbol}@{other}", "1d", rows)
        self._list_coin(market, AT, ("binance",))

    def _list_coin(self, market: Market, until: str, exchanges: Collection[str]) -> None:
        """The exchanges know a coin's days, and the hours that have begun."""
        now = int(datetime.fromisoformat(until).timestamp())
        for source in market.sources:
            if source.name in exchanges and market.kind is MarketKind.CRYPTO:
                for timeframe, first in ((Timeframe.D1, FIRST), (Timeframe.H1, now - HOURS_KEPT)):
                    rows = _rows(_simulated(market, timeframe, Sessions.round_the_clock(first, now)))
                    known = [row for row in rows if row[0] <= now]
                    self.vendor.world.add(source.symbol.replace("/", ""), timeframe.value, known)

    def hours_until(self, until: str) -> None:
        """The first two exchanges know of all coins what they would know by then."""
        for market in self.markets.values():
            self._list_coin(market, until, ("binance", "kraken"))

    def coins(self) -> list[str]:
        """The coins of the basket and those beside it."""
        return [name for name, market in self.markets.items() if market.kind is MarketKind.CRYPTO]

    async def set_clock(self, seconds: float) -> None:
        """Until the bot's wall clock has been set ahead by so much."""
        (self.folder / "clock-to-be").write_text(str(seconds))
        (self.folder / "clock-to-be").replace(self.folder / "clock")
        await until((self.folder / "clock").exists, DEADLINE_SECONDS, found=False)

    def new_record(self, symbol: str = "^RUT") -> None:
        """The day's bars are there: the symbol closes just above its highest of 60 days, and others with it."""
        world, opens = self.vendor.world, int(new_york_sessions(start_of(TODAY), start_of(TODAY)).opens[0])
        last = {name: world.between(name, "1d", 0, 1e12)[-1] for name in (symbol, "IWM", "IWN", "SPY")}
        highest = max(row[4] or 0.0 for row in world.between(symbol, "1d", 0, 1e12)[-60:])
        rise = 1.002 * highest / (last[symbol][4] or 1.0)
        for name, row in last.items():
            close = (row[4] or 0.0) * rise
            before = row[4] or 0.0
            bar = [opens, before, close * 1.001, before * 0.999, close, row[5]]
            for listed in (name, *(each for each, _ in list(world.rows) if each.partition("@")[0] == name)):
                world.add(listed, "1d", [bar])

    async def settled(self, seconds: float = 90.0) -> None:
        """Until all that the vendors know is in the database."""
        known = sum("@" not in symbol for symbol, _ in self.vendor.world.rows)
        async with asyncio.timeout(seconds):
            while self.count("SELECT count(*) FROM (SELECT DISTINCT market, timeframe FROM bars)") < known:
                await asyncio.sleep(0.05)

    def watch(self) -> None:
        """Note anew when each path is asked."""
        self.asked.clear()

    def _note(self, path: str, query: dict[str, str]) -> None:
        self.asked.setdefault(path, time.monotonic())
        self._met(path, query)


def _simulated(market: Market, timeframe: Timeframe, sessions: Sessions) -> Bars:
    source = Source(simulated.KIND, "simulator", market.name, {"seed": 7})
    first, now = int(sessions.start[0]), int(sessions.closes[-1])
    return simulated.fetch(FetchRequest(market.name, timeframe, source, sessions, first, now)).bars


def _rows(bars: Bars, sessions: Sessions | None = None) -> list[list[float]]:
    """As the vendors tell them: by their opens."""
    opens = bars.start if sessions is None else sessions.opens[: len(bars)]
    columns = [getattr(bars, name).tolist() for name in COLUMNS]
    return [list(row) for row in zip(opens.tolist(), *columns, strict=True)]


@contextlib.asynccontextmanager
async def bot_in_subprocess(
    folder: Path,
    *,
    unhurried: bool = False,
    keys: Mapping[str, str] | None = None,
    gated: Collection[str] = (),
    scheme: str = "http",
) -> AsyncIterator[SubprocessBot]:
    """The bot is not started yet; it is ended in any case. Its `gate` stands before the `gated` sources."""
    sandbox = Sandbox(token=TOKEN)
    await sandbox.start()
    with Replay() as vendor:
        async with opened(vendor.url) as gate:
            addresses = dict.fromkeys(gated, f"{scheme}://{HERE}:{gate.port}")
            built = SubprocessBot(folder, sandbox, vendor, unhurried=unhurried, keys=keys, addresses=addresses)
            built.gate = gate
            try:
                yield built
            finally:
                if built.process is not None and built.process.returncode is None:
                    built.process.kill()
                    await built.process.wait()
                await sandbox.close()


async def until(told: Callable[[], bool], seconds: float, *, found: bool = True) -> None:
    """Until `told()` is what is to be found. Raises TimeoutError."""
    async with asyncio.timeout(seconds):
        while told() is not found:
            await asyncio.sleep(0.01)
