"""Bars made up for the tests of levels and replay: random walks with gaps, plateaus and unknown prices."""

from __future__ import annotations

import numpy as np

from bot.signals.bars import Bars
from bot.signals.timeframe import DAY, Timeframe

FIRST = 1_577_836_800  # 2020-01-01


def bars_of(high, low, close, *, market="IWM", opens=None):
    close = np.asarray(close, dtype=np.float64)
    start = FIRST + DAY * np.arange(len(close), dtype=np.int64)
    high, low = np.asarray(high, dtype=np.float64), np.asarray(low, dtype=np.float64)
    opens = close.copy() if opens is None else np.asarray(opens, dtype=np.float64)
    return Bars(market, Timeframe.D1, start, start + 75_600, opens, high, low, close, np.full(len(close), 1e6))


def flat(closes, *, spread=0.0, market="IWM"):
    closes = np.asarray(closes, dtype=np.float64)
    return bars_of(closes + spread, closes - spread, closes, market=market)


def walk(seed, count, *, unknown=0.0, rounded=True, market="IWM"):
    """A random walk around 100 that comes back to its highs; rounded prices make equal highs common."""
    rng = np.random.default_rng(seed)
    steps = rng.normal(0, 1, count) + np.where(rng.random(count) < 0.05, rng.normal(0, 5, count), 0)
    close = 100 + np.cumsum(steps) * 0.5 + 4 * np.sin(np.arange(count) / 7)
    high, low = close + np.abs(rng.normal(0, 0.6, count)), close - np.abs(rng.normal(0, 0.6, count))
    if rounded:
        high, low, close = np.ceil(high), np.floor(low), np.round(close)
    for values in (high, low, close):
        values[rng.random(count) < unknown] = np.nan
    return bars_of(high, low, close, market=market)


def upside_down(bars):
    return bars_of(-bars.low, -bars.high, -bars.close, market=bars.market)
