"""Chores: old hours of crypto go, as far as no rule reads them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from bot.app.jobs import Jobs
from bot.market.model import Market, MarketKind
from bot.queries.market_data import MarketData
from bot.rulebook.book import load_book
from bot.scan.bar_cache import BarCache
from bot.scan.series import PASSING_KEPT_S
from bot.signals.bars import Bars
from bot.signals.timeframe import DAY, Timeframe
from bot.store.bars import load_bars, save_bars
from bot.store.store import Store

NOW = 1_699_920_000
H1 = Timeframe.H1
COINS = ("BTC", "ETH", "SOL")
MARKETS = {name: Market(name, name, MarketKind.CRYPTO, "24/7") for name in COINS} | {
    "ALTS": Market("ALTS", "Altcoins", MarketKind.BASKET, "24/7", (), ("ETH", "SOL")),
}
HOURLY = "title: Hourly\nmarket: ETH\ntimeframe: 1h\nwhen: close > highest(close, 20)[1]\nheadline: x\n"


def an_hour_of_each_day(market: str, timeframe: Timeframe = H1, days: int = 200) -> Bars:
    start = np.arange(NOW - days * DAY, NOW, DAY, dtype=np.int64)
    close = np.linspace(90, 110, days)
    return Bars(market, timeframe, start, start + timeframe.seconds, close, close, close, close, close)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = Store(tmp_path / "bot.db")
    for coin in COINS:
        for timeframe in (H1, Timeframe.D1):
            await opened.run(save_bars, an_hour_of_each_day(coin, timeframe), "test", NOW)
    yield opened
    await opened.close()


async def after_pruning(store: Store, rules: Path) -> tuple[dict[str, int], dict[str, int]]:
    """Hourly bars of each coin in the store, and in memory."""
    market_data = MarketData(BarCache(store, MARKETS), MARKETS, ("BTC", "ALTS"), lambda *_: "")
    for coin in COINS:
        await market_data.bars(coin, H1)
    book = load_book(rules, frozenset(MARKETS))
    await Jobs(store, lambda: NOW, market_data, lambda: book, None).prune()
    kept = {coin: len(await store.run(load_bars, coin, H1)) for coin in COINS}
    assert all([len(await store.run(load_bars, coin, Timeframe.D1)) == 200 for coin in COINS])
    return kept, {coin: len(await market_data.bars(coin, H1)) for coin in COINS}


async def test_hours_that_no_rule_reads_go_and_days_stay(store: Store, tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "hourly.yaml").write_text(HOURLY)
    expected = {"BTC": PASSING_KEPT_S // DAY, "ETH": 200, "SOL": PASSING_KEPT_S // DAY}
    assert await after_pruning(store, rules) == (expected, expected)


async def test_nothing_goes_while_a_rule_file_is_broken(store: Store, tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "broken.yaml").write_text("title: [")
    kept, _ = await after_pruning(store, rules)
    assert kept == dict.fromkeys(COINS, 200)
