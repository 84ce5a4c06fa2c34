"""Bars for tests of the evidence and of the messages: drawn by hypothesis, or made by hand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from hypothesis import strategies as st

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
