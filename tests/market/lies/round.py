"""Rounds of fetching over the real yfinance and ccxt, which ask a server on loopback that can be made to lie."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bot.market.feed import Feed
from bot.market.model import FetchAnswer, FetchRequest, Market, MarketKind, Source
from bot.market.sources import registry
from bot.scan.bar_cache import BarCache
from bot.scan.calendars import Calendars
from bot.scan.fetching.fetch_plan import Schedule
from bot.scan.fetching.fetcher import BarFetcher
from bot.signals.bars import PRICES, Bars
from bot.signals.sessions import Sessions
from bot.signals.timeframe import DAY, Timeframe
from bot.store.bars import save_bars
from bot.store.store import Store
from tests.market.lies.kinds import Rows
from tests.market.oddities import calm, like, told
from tests.replay import Replay

SYMBOLS = {"RUT": "^RUT", "IWM": "IWM", "BTC": "BTCUSDT"}
ANSWER_SECONDS = 600
"""Seconds after the close at which the day is asked for; the market's own settling time is shorter."""

KNOWN_UP_TO = 6
"""Bars from the end up to which the bot knows the truth when the lie comes."""


@dataclass
class Round:
    """A bot's fetching of an index, its sister and a coin, over true histories and whatever the server tells."""

    store: Store
    fetcher: BarFetcher
    bar_cache: BarCache
    server: Replay
    truth: dict[str, Bars]
    sessions: dict[str, Sessions]

    def true_rows(self, name: str) -> Rows:
        bars, sessions = self.truth[name], self.sessions[name]
        opens = sessions.opens[np.searchsorted(sessions.start, bars.start)]
        columns = [opens, *(getattr(bars, each) for each in (*PRICES, "volume"))]
        return [list(row) for row in zip(*(column.tolist() for column in columns), strict=True)]

    def tell(self, name: str, rows: Rows, symbol: str = "") -> None:
        """From now on the server has these bars of a market."""
        key = (symbol or SYMBOLS[name], "1d")
        self.server.world.rows.pop(key, None)
        instrument = "INDEX" if name == "RUT" else "ETF"
        self.server.world.add(*key, rows, instrument=instrument)

    async def look(self, name: str, later: int = ANSWER_SECONDS) -> None:
        """One round for a market and its sister, so many seconds after the last close."""
        now = int(self.truth[name].end[-1]) + later
        names = ["RUT", "IWM"] if name in {"RUT", "IWM"} else [name]
        series = [(each, Timeframe.D1) for each in names]
        await self.bar_cache.open(series)
        await self.fetcher.gather(series, now)

    def known(self, name: str) -> Bars:
        return self.bar_cache.bars(name)

    def wrong(self, name: str) -> list[str]:
        """What the bot believes that is not true, in words."""
        known, truth = self.known(name), self.truth[name]
        found = [f"{known.label(at)} is no bar" for at in np.flatnonzero(~np.isin(known.start, truth.start)).tolist()]
        _, here, there = np.intersect1d(known.start, truth.start, return_indices=True)
        for price in PRICES:
            told_, true = getattr(known, price)[here], getattr(truth, price)[there]
            found += [
                f"{known.label(int(here[at]))} {price} {told_[at]:.6g}, true {true[at]:.6g}"
                for at in np.flatnonzero(np.abs(told_ / true - 1) > 2e-3).tolist()
            ]
        return found

    def missing(self, name: str) -> int:
        """How many true bars are not known, or lack a price."""
        known, truth = self.known(name), self.truth[name]
        whole = known.start[np.isfinite(np.stack([getattr(known, price) for price in PRICES])).all(axis=0)]
        return int(np.count_nonzero(~np.isin(truth.start[-KNOWN_UP_TO - 5 :], whole)))


def markets(url: str) -> dict[str, Market]:
    yahoo = {"base_url": url}
    exchange = {"base_url": url, "rateLimit": 1}
    coins = (
        Source("exchange", "binance", "BTC/USDT", exchange),
        Source("exchange", "kraken", "BTC/USD", exchange),
    )
    return {
        "RUT": Market(
            "RUT", "Russell", MarketKind.INDEX, "XNYS", (Source("yahoo", "yahoo", "^RUT", yahoo),), (), "IWM"
        ),
        "IWM": Market("IWM", "IWM", MarketKind.EQUITY, "XNYS", (Source("yahoo", "yahoo", "IWM", yahoo),), (), "RUT"),
        "BTC": Market("BTC", "Bitcoin", MarketKind.CRYPTO, "24/7", coins),
    }


async def begin(folder: Path, server: Replay, sessions: dict[str, Sessions], seed: int = 1) -> Round:
    """Everything is true so far, and known up to a week ago; the sources have it all, truly."""
    server.world.reset()
    iwm = calm(sessions["XNYS"], 320, seed=seed)
    rut = told(like(iwm), volume=0.0)
    rut = Bars("RUT", rut.timeframe, rut.start, rut.end, rut.open, rut.high, rut.low, rut.close, iwm.volume)
    truth = {"IWM": iwm, "RUT": rut, "BTC": _coin(iwm, seed)}
    store = Store(folder / f"{seed}.db")
    declared = markets(server.url)
    bar_cache = BarCache(store, declared)

    async def compute(calendar: str, _first: int, _last: int) -> Sessions:
        return sessions[calendar]

    async def ask(request: FetchRequest) -> FetchAnswer:
        return await asyncio.to_thread(registry.fetch, request)

    fetcher = BarFetcher(
        store, bar_cache, Feed(ask, lambda: 0.0), Calendars(store, compute), declared, Schedule(settle=60, retry=60)
    )
    for bars in truth.values():
        await store.run(save_bars, bars.prefix(len(bars) - KNOWN_UP_TO), "yahoo", 0)
    own = {name: sessions[declared[name].calendar] for name in truth}
    made = Round(store, fetcher, bar_cache, server, truth, own)
    for name in truth:
        made.tell(name, made.true_rows(name))
    made.tell("BTC", made.true_rows("BTC"), "BTCUSD")
    return made


def _coin(iwm: Bars, seed: int) -> Bars:
    """The same moves, five times as wild, on days without a pause."""
    last = int(iwm.start[-1])
    start = np.arange(last - (len(iwm) - 1) * DAY, last + 1, DAY)
    close = 60_000 * np.exp(3 * np.log(iwm.close / iwm.close[0])) * (1 + seed / 1000)
    opened = np.concatenate([close[:1], close[:-1]]) * 1.0005
    high, low = np.fmax(opened, close) * 1.006, np.fmin(opened, close) * 0.994
    return Bars("BTC", Timeframe.D1, start, start + DAY, opened, high, low, close, iwm.volume)
