"""A whole watch over a world of two markets, with a real store, and sources that a test scripts."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np

from bot.app.components import build_scan
from bot.app.rule_reloader import RuleReloader
from bot.app.workers import External
from bot.charts.request import ChartRequest, Draw
from bot.market.model import (
    FetchAnswer,
    FetchRequest,
    Market,
    MarketKind,
    Source,
    SourceError,
    SourceErrorKind,
)
from bot.scan.scanner import Scan, Scanner
from bot.scan.status import read_status
from bot.settings import Settings
from bot.signals.bars import Bars
from bot.signals.sessions import Sessions
from bot.signals.timeframe import Instant, Timeframe
from bot.store.store import Store
from bot.store.subscribers.subscribers import subscribe
from bot.subscriber import Chat
from bot.views.operator.status_facts import StatusFacts
from tests.scan.test_fetch_plan import weekdays

READER = Chat(5, 0, "private", "Reader")
FIRST = "2020-01-01"
CALENDAR = weekdays(FIRST, 600)

RECORD = """
title: A record
market: RUT
timeframe: 1d
when: close > highest(close, 20)[1]
level: highest(close, 20)[1]
quiet: 5 bars
follow: {for: 4 bars, failed: close < level}
headline: "RUT closes at {close:.2f}, above {level:.2f}"
"""


@dataclass
class Town:
    """The sources' state: closes by market from the first session on; `down` markets give an error."""

    store: Store
    scanner: Scanner
    book: RuleReloader
    closes: dict[str, list[float]]
    down: set[str] = field(default_factory=set)
    hidden: dict[str, set[int]] = field(default_factory=dict)
    highs: dict[str, dict[int, float]] = field(default_factory=dict)
    forming: dict[str, float] = field(default_factory=dict)
    pictures: list[ChartRequest] = field(default_factory=list)
    draws: Draw | None = None
    asked: list[FetchRequest] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    hangs: bool = False

    async def look(self, session: int, *, later: int = 1_200) -> Scan:
        """One look so many seconds after the close of a session."""
        return await self.scanner.scan(int(CALENDAR.closes[session]) + later)

    async def subscribe(self, now: Instant) -> None:
        await self.store.run(subscribe, READER, now)

    async def texts(self) -> list[str]:
        """The texts of all deliveries, oldest first."""
        return await self.store.run(
            lambda db: [
                row[0]
                for row in db.execute("SELECT html FROM deliveries d JOIN messages e ON e.id = d.message ORDER BY d.id")
            ]
        )

    async def kinds(self) -> list[str]:
        """What was recorded of the rules, delivered or not; what the operator is told is not among it."""
        return await self.store.run(
            lambda db: [row[0] for row in db.execute("SELECT kind FROM events WHERE kind <> 'notice' ORDER BY id")]
        )

    async def status(self) -> StatusFacts:
        """What the bot says of itself."""
        return await self.store.run(read_status, 0)

    async def trouble(self, market: str) -> str:
        """What the status says is wrong with a market."""
        return next(each.error for each in (await self.status()).markets if each.name == market)

    async def fetch(self, request: FetchRequest) -> FetchAnswer:
        self.asked.append(request)
        if request.market in self.down:
            raise SourceError(SourceErrorKind.TIMEOUT, "test", "it hangs")
        whole = self.bars(request.market)
        at = [
            each
            for each in range(len(whole))
            if each not in self.hidden.get(request.market, ()) and request.since <= int(whole.start[each])
        ]
        picked = {name: getattr(whole, name)[at] for name in ("start", "end", "open", "high", "low", "close", "volume")}
        bars = Bars(request.market, Timeframe.D1, **picked).known_at(request.now)
        return FetchAnswer(bars, self._forming(request.market, len(bars) and int(bars.start[-1])), "test")

    def _forming(self, market: str, last: Instant) -> Bars:
        """The bar of the session after the last closed one, at the price that it has so far."""
        if market not in self.forming:
            return Bars.empty(market, Timeframe.D1)
        at = int(CALENDAR.start.searchsorted(last, side="right"))
        price = np.array([self.forming[market]])
        span = slice(at, at + 1)
        return Bars(
            market, Timeframe.D1, CALENDAR.start[span], CALENDAR.closes[span], price, price, price, price, price
        )

    def bars(self, market: str) -> Bars:
        close = np.array(self.closes[market])
        count, high = len(close), close + 1
        for at, price in self.highs.get(market, {}).items():
            high[at] = price
        return Bars(
            market,
            Timeframe.D1,
            CALENDAR.start[:count],
            CALENDAR.closes[:count],
            close,
            high,
            close - 1,
            close,
            close,
        )


def build(
    folder: Path, rules: dict[str, str], closes: dict[str, list[float]], catch_up: int = 5, sister: str = ""
) -> Town:
    """A town with these rules and prices; its database and rules stay in `folder` for the next one.

    `sister` is every market's but its own.
    """
    (folder / "rules").mkdir(exist_ok=True)
    for name, text in rules.items():
        (folder / "rules" / f"{name}.yaml").write_text(text)
    markets = {
        name: Market(
            name,
            name,
            MarketKind.INDEX,
            "TEST",
            (Source("csv", f"test-{name}", name),),
            sister=sister if sister != name else "",
        )
        for name in closes
    }
    store = Store(folder / "bellwether.db")
    book = RuleReloader(folder / "rules", frozenset(markets))
    settings = Settings(catch_up=catch_up, crypto=())
    town = Town(store, None, book, closes)  # type: ignore[arg-type]  # set two lines below

    async def sessions(_calendar: str, _first: Instant, _last: Instant) -> Sessions:
        return CALENDAR

    async def draw(chart: ChartRequest) -> bytes | None:
        town.pictures.append(chart)
        if town.hangs:
            await asyncio.Event().wait()
        return None if town.draws is None else await town.draws(chart)

    external = External(town.fetch, sessions, draw, warm=lambda: town.told.append("expecting"))
    wake = partial(town.told.append, "queued")
    town.scanner = build_scan(settings, markets, store, external, book, wake=wake).scanner
    return town


def wave(count: int) -> list[float]:
    """Closes from 86 to 95 that never make a new high after the first ten."""
    return [95.0 - at * 7 % 10 for at in range(count)]
