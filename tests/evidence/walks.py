"""Bars for tests of the evidence and of the messages: drawn by hypothesis, or made by hand."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from hypothesis import strategies as st

from bot.evidence.event_study.event_study import Signals
from bot.signals.bars import Bars
from bot.signals.timeframe import DAY, Timeframe

FIRST = 1_577_836_800
"""2020-01-01, a Wednesday."""


def daily(closes: Sequence[float], first: int = FIRST, market: str = "IWM", hour: int = 21) -> Bars:
    """Consecutive days with these closes, half a point between low and high."""
    close = np.array(closes, dtype=np.float64)
    start = first + DAY * np.arange(len(closes), dtype=np.int64)
    volume = np.full(len(closes), 1_000.0)
    return Bars(market, Timeframe.D1, start, start + hour * 3_600, close, close + 0.25, close - 0.25, close, volume)


closes = st.one_of(st.floats(0.01, 1e6), st.sampled_from([float("nan"), float("inf"), 0.0, -3.0, 100.0, 100.0]))


@st.composite
def walks(draw: st.DrawFn) -> Bars:
    """Up to forty bars with gaps of one to five days, equal closes, and closes that no price can be."""
    values = draw(st.lists(st.tuples(closes, st.sampled_from([1, 1, 1, 2, 3, 5])), max_size=40))
    close = np.array([value for value, _ in values], dtype=np.float64)
    start = FIRST + DAY * np.cumsum(np.array([gap for _, gap in values], dtype=np.int64))
    return Bars("IWM", Timeframe.D1, start, start + 75_600, close, close, close, close, close)


@st.composite
def long_walks(draw: st.DrawFn, market: str = "BTC") -> Bars:
    """UTC days of a crypto market: a hundred to three hundred bars, with some gaps and bad closes."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    size = draw(st.integers(100, 300))
    gap = random.choice([1, 1, 1, 1, 1, 2, 3, 4, 8], size) if draw(st.booleans()) else np.ones(size, dtype=np.int64)
    start = FIRST + DAY * np.cumsum(gap.astype(np.int64))
    steps = random.choice([-0.05, 0.0, 0.02, 0.05], size) if draw(st.booleans()) else random.normal(0, 0.04, size)
    close = 100 * np.exp(np.cumsum(steps))
    for bad in draw(st.lists(st.sampled_from([math.nan, 0.0, -1.0, math.inf]), max_size=4)):
        close[random.integers(size)] = bad
    return Bars(market, Timeframe.D1, start, start + DAY, close, close, close, close, np.ones(size))


@st.composite
def firings(draw: st.DrawFn, most: int = 12) -> Signals:
    """Some sessions of an equity, from before the crypto market's first bar until after its last."""
    days = draw(st.lists(st.integers(-20, 420), max_size=most, unique=True).map(sorted))
    start = FIRST + DAY * np.array(days, dtype=np.int64)
    since = FIRST - 30 * DAY if draw(st.booleans()) else int(start[0] + 75_600) if days else FIRST
    return Signals("rule", "IWM", Timeframe.D1, start, start + 75_600, since)
