"""The bars in memory: what has arrived is there for whoever reads, whichever thread that is."""

from __future__ import annotations

import gc
import pickle
import threading
import weakref
from pathlib import Path

import numpy as np
import pytest

from bot.market.basket import basket
from bot.market.model import Market, MarketKind
from bot.scan.bar_cache import BarCache
from bot.signals.bars import Bars
from bot.signals.sessions import ROUND_THE_CLOCK, Sessions
from bot.signals.timeframe import DAY, Timeframe
from bot.signals.weeks import weekly
from bot.store.store import Store

DAYS = 400


def bars(first: int, last: int) -> Bars:
    start = np.arange(first, last, dtype=np.int64) * DAY
    price = start / DAY + 1.0
    return Bars("IWM", Timeframe.D1, start, start + DAY, price, price, price, price, price)


async def test_a_bar_that_was_added_is_read_and_none_is_lost(tmp_path: Path) -> None:
    store = Store(tmp_path / "bot.db")
    cache, told, done = BarCache(store, {}), 0, threading.Event()
    behind: list[tuple[int, int]] = []

    def read() -> None:
        while not done.is_set():
            before = told
            if (found := len(cache.bars("IWM"))) < before:
                behind.append((found, before))

    readers = [threading.Thread(target=read) for _ in range(3)]
    for each in readers:
        each.start()
    for day in range(DAYS):
        cache.add(bars(max(0, day - 2), day + 1))
        told = day + 1
    done.set()
    for each in readers:
        each.join()
    assert not behind
    whole = cache.bars("IWM")
    assert np.array_equal(whole.start, bars(0, DAYS).start)
    assert np.array_equal(whole.close, bars(0, DAYS).close)
    await store.close()


async def test_what_is_forgotten_stays_so_and_the_newest_that_arrived_is_kept(tmp_path: Path) -> None:
    store = Store(tmp_path / "bot.db")
    cache = BarCache(store, {})
    cache.add(bars(0, 10))
    cache.add(bars(10, 12))
    cache.forget([("IWM", Timeframe.D1)], 8 * DAY)
    assert cache.bars("IWM").start.tolist() == [day * DAY for day in (8, 9, 10, 11)]
    await store.close()


COINS = ("SOL", "XRP", "BNB")
ALTS = Market("ALTS", "Altcoins", MarketKind.BASKET, ROUND_THE_CLOCK, members=COINS)
MARKETS = {name: Market(name, name, MarketKind.CRYPTO, ROUND_THE_CLOCK) for name in COINS} | {"ALTS": ALTS}

WEEKS = Sessions.round_the_clock(-7 * DAY, 1_010 * DAY)


def coin(name: str, first: int, last: int, seed: int) -> Bars:
    """Random closes, as they come from another process: the next may lie where the last one was freed."""
    start = np.arange(first, last, dtype=np.int64) * DAY
    price = np.random.default_rng(seed).uniform(50, 150, len(start))
    made: Bars = pickle.loads(pickle.dumps(Bars(name, Timeframe.D1, start, start + DAY, *[price] * 5)))
    return made


@pytest.mark.parametrize("revisions", [1, 2, 3])
async def test_what_is_computed_follows_each_revision(tmp_path: Path, revisions: int) -> None:
    store = Store(tmp_path / "bot.db")
    cache = BarCache(store, MARKETS)
    for name in COINS:
        cache.add(coin(name, 0, 1_000, 0))
    for seed in range(100):
        for turn in range(revisions):
            cache.add(coin("SOL", 999, 1_000, 10 * seed + turn))
        # Nothing here holds bars until the next turn: those that were replaced are freed.
        found, weeks = cache.bars("ALTS").close, cache.bars("SOL", Timeframe.W1).close
        assert np.array_equal(found, basket("ALTS", [cache.bars(name) for name in COINS]).close)
        assert np.array_equal(weeks, weekly(cache.bars("SOL"), WEEKS).close)
        assert cache.bars("ALTS") is cache.bars("ALTS"), "computed once"
    await store.close()


async def test_bars_that_were_replaced_are_not_kept_alive_by_what_was_computed_of_them(tmp_path: Path) -> None:
    store = Store(tmp_path / "bot.db")
    cache = BarCache(store, MARKETS)
    for name in COINS:
        cache.add(coin(name, 0, 100, 0))
    cache.bars("ALTS")
    cache.bars("SOL", Timeframe.W1)
    before = weakref.ref(cache.bars("SOL"))
    cache.add(coin("SOL", 99, 100, 1))
    cache.bars("SOL")
    gc.collect()
    assert before() is None
    await store.close()
