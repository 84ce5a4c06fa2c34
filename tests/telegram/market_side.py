"""A bot with markets behind its desk: real bars in a real store, rules in a real folder, a scripted draughtsman."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from bot.app.rule_reloader import RuleReloader
from bot.charts.request import ChartRequest
from bot.market.model import Market, MarketKind, Source
from bot.queries.market_data import MarketData
from bot.scan.bar_cache import BarCache
from bot.signals.bars import Bars
from bot.signals.timeframe import DAY, Timeframe
from bot.store.bars import save_bars
from bot.subscriptions.permissions import Access
from bot.telegram.services import Services
from tests.telegram.pictures import png
from tests.telegram.telegram_side import NOW, OPEN, RunningBot, running_bot

COUNT = 700
MARKETS = {
    "BTC": Market("BTC", "Bitcoin", MarketKind.CRYPTO, "24/7"),
    "ETH": Market("ETH", "Ethereum", MarketKind.CRYPTO, "24/7"),
    "SOL": Market("SOL", "Solana", MarketKind.CRYPTO, "24/7"),
    "XRP": Market("XRP", "XRP", MarketKind.CRYPTO, "24/7"),
    "ADA": Market("ADA", "Cardano", MarketKind.CRYPTO, "24/7"),
    "ALTS": Market("ALTS", "Alt basket", MarketKind.BASKET, "24/7", (), ("SOL", "XRP", "ADA")),
    "IWM": Market("IWM", "IWM (Russell 2000 ETF)", MarketKind.EQUITY, "XNYS", (Source("csv", "csv", "IWM"),)),
    "RUT": Market("RUT", "Russell 2000", MarketKind.INDEX, "XNYS", (Source("yahoo", "yahoo", "^RUT"),)),
    "SPY": Market("SPY", "S&P <500>", MarketKind.EQUITY, "XNYS"),
}
"""SPY has no bars."""

RECORD = """title: Russell record
market: RUT
timeframe: 1d
when: close > highest(close, 20)[1]
level: highest(close, 20)[1]
quiet: 5 bars
headline: "RUT closes at {close:.2f}"
why: Because <people> ask & wonder.
follow: {for: 5 bars, confirmed: 2 closes, failed: close < level}
"""
RULES = {
    "russell-record": RECORD,
    "iwm-resistance-break": RECORD.replace("Russell record", "IWM <breaks> resistance").replace("RUT", "IWM"),
    "iwm-near-record": RECORD.replace("Russell record", "IWM is near its record").replace("RUT", "IWM"),
    "spy-record": RECORD.replace("Russell record", "SPY record").replace("RUT", "SPY"),
}


@dataclass
class Town:
    """The open house, its live rules, and what the draughtsman was asked for; `png` None: he fails."""

    bot: RunningBot
    book: RuleReloader
    folder: Path
    png: bytes | None = field(default_factory=png)
    drawn: list[ChartRequest] = field(default_factory=list)
    woken: int = 0

    async def draw(self, chart: ChartRequest) -> bytes | None:
        self.drawn.append(chart)
        await asyncio.sleep(0.01)
        return self.png


def walk(market: str, seed: int, count: int = COUNT) -> Bars:
    """Daily bars that end at the last midnight before NOW."""
    steps = np.random.default_rng(seed).normal(0.0003, 0.012, count)
    close = 100 * np.exp(np.cumsum(steps))
    end = NOW - NOW % DAY - DAY * np.arange(count)[::-1]
    return Bars(market, Timeframe.D1, end - DAY, end, close, close * 1.01, close * 0.99, close, close * 0 + 1e6)


@asynccontextmanager
async def town(
    path: Path,
    access: Access = OPEN,
    rules: dict[str, str] = RULES,
    clock: Callable[[], float] = time.monotonic,
    **services: object,
) -> AsyncIterator[Town]:
    """A bot that knows its markets and rules."""
    folder = path / "rulebook"
    folder.mkdir()
    for name, text in rules.items():
        (folder / f"{name}.yaml").write_text(text)
    book = RuleReloader(folder, frozenset(MARKETS))
    assert not book.current.problems, book.current.problems
    found = Town(None, book, folder)  # type: ignore[arg-type]  # set below

    async def reload() -> None:
        book.refresh()

    def wake() -> None:
        found.woken += 1

    def furnish(services: Services) -> Services:
        market_data = MarketData(BarCache(services.store, MARKETS), MARKETS, ("BTC", "ETH", "ALTS"), lambda *_: "test")
        mine = {"market_data": market_data, "rulebook": book.book, "rule_folders": (folder,), "reload": reload}
        mine |= {"wake": wake}
        return replace(services, **{"draw": found.draw} | mine | extra)

    extra = services
    async with running_bot(path, access, furnish=furnish, clock=clock) as found.bot:
        for seed, name in enumerate(MARKETS):
            if name not in {"ALTS", "SPY"}:
                await found.bot.store.run(save_bars, walk(name, seed), "test", NOW)
        yield found
