"""Quiet markets to put a lie into, bar by bar."""

from dataclasses import replace

import numpy as np

from bot.market.model import FetchAnswer
from bot.signals.bars import Bars
from bot.signals.sessions import Sessions
from bot.signals.timeframe import Timeframe, start_of

LAST = "2026-11-20"


def calm(sessions: Sessions, count: int = 60, market: str = "IWM", base: float = 200.0, seed: int = 1) -> Bars:
    """Daily bars up to LAST that move about one in a hundred a day, with a wick of a quarter of that on both sides."""
    last = int(np.searchsorted(sessions.start, start_of(LAST))) + 1
    start, end = sessions.start[last - count : last], sessions.closes[last - count : last]
    moves = np.random.default_rng(seed).choice([-0.01, 0.01], count) * np.linspace(0.9, 1.1, count)
    close = base * np.exp(np.cumsum(moves))
    before = np.concatenate([[base], close[:-1]])
    open_ = before * np.where(np.arange(count) % 2, 1.001, 0.999)
    wick = close * 0.0025
    high, low = np.fmax(open_, np.fmax(close, before)) + wick, np.fmin(open_, np.fmin(close, before)) - wick
    return Bars(market, Timeframe.D1, start, end, open_, high, low, close, np.full(count, 1e6) + np.arange(count))


def like(bars: Bars, market: str = "RUT", scale: float = 10.0) -> Bars:
    """A sister that does the same at another price."""
    names = ("open", "high", "low", "close")
    return replace(bars, market=market, **{name: getattr(bars, name) * scale for name in names})


def told(bars: Bars, at: int = -1, **prices: float) -> Bars:
    """The bars with some prices of one of them changed."""
    columns = {name: np.array(getattr(bars, name)) for name in prices}
    for name, price in prices.items():
        columns[name][at] = price
    return replace(bars, **columns)


def answer(bars: Bars, source: str = "yahoo") -> FetchAnswer:
    return FetchAnswer(bars, Bars.empty(bars.market, bars.timeframe), source)
