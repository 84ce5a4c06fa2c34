"""The bars in memory: what has arrived is there for whoever reads, whichever thread that is."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np

from bot.scan.bar_cache import BarCache
from bot.signals.bars import Bars
from bot.signals.timeframe import DAY, Timeframe
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
