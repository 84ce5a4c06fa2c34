"""A simulated market as a source: bars computed from a seed and a scenario, for the demonstration and tests."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from bot.market.expected_bars import expected_bars
from bot.market.model import FetchAnswer, FetchRequest, MarketKind, SourceError, SourceErrorKind
from bot.market.simulation.prices import CHARACTERS, DAYS, character_of, daily_closes, day_index, is_dark, noise
from bot.market.simulation.within_day import pace_of, stretches, walks_of
from bot.market.source_type import SourceType, single
from bot.signals.bars import Bars, FloatArray, IntArray
from bot.signals.sessions import ROUND_THE_CLOCK

KIND = "simulated"
SOURCE = SourceType(KIND, None, "bot.market.sources.simulated:fetch", single(KIND))

_THURSDAY = 3
"""Weekday of the world's first day, Monday being 0."""


def is_simulated(name: str, kind: MarketKind) -> bool:
    """Whether there is such a market in the simulated world: what others count and publish is not in it."""
    return kind is not MarketKind.SERIES and (kind is not MarketKind.MACRO or name in CHARACTERS)


def fetch(request: FetchRequest) -> FetchAnswer:
    """The same bars whatever `since` and `now`, which only cut; from 2015 on.

    Options: `seed` (a number), `scenario` (a name), `start` (ISO date at which its script begins, or none).
    """
    options, symbol = request.source.options, request.source.symbol
    scenario, start = str(options.get("scenario", "default")), str(options.get("start", ""))
    everyday = request.sessions.calendar == ROUND_THE_CLOCK
    try:
        dark = is_dark(symbol, scenario, start, request.now)
        world = _world(symbol, int(options.get("seed", 0)), scenario, start, everyday)
    except ValueError as error:
        raise SourceError(SourceErrorKind.NO_DATA, request.source.name, str(error)) from error
    if dark:
        raise SourceError(SourceErrorKind.UNREACHABLE, request.source.name, f"{symbol}: no answer")
    starts, ends = expected_bars(request.sessions, request.timeframe)
    wanted = (starts >= request.since) & (day_index(starts) >= 1) & (day_index(starts) < DAYS)
    starts, ends = starts[wanted], ends[wanted]
    closed = int(np.searchsorted(ends, request.now, side="right"))
    bars = _bars(request, world, starts[:closed], ends[:closed], ends[:closed])
    begun = slice(closed, closed + 1 if request.sessions.is_open(request.now) else closed)
    seen = np.minimum(ends[begun], request.now)
    return FetchAnswer(bars, _bars(request, world, starts[begun], ends[begun], seen), request.source.name)


def _bars(request: FetchRequest, world: FloatArray, starts: IntArray, ends: IntArray, seen: IntArray) -> Bars:
    """Bars with what had happened in each by the instants `seen`."""
    sessions = request.sessions
    which = np.searchsorted(sessions.closes, ends)
    opens, closes = sessions.opens[which], sessions.closes[which]
    days = day_index(sessions.start[which])
    began, until = (np.maximum(starts, opens) - opens) / (closes - opens), (seen - opens) / (closes - opens)
    if ((began == 0) & (until == 1)).all():
        first, one, other, last, volume = world[:, days]
        high, low = np.maximum(one, other), np.minimum(one, other)
        return Bars(request.market, request.timeframe, starts, ends, first, high, low, last, volume)
    symbol, seed = request.source.symbol, int(request.source.options.get("seed", 0))
    pace = pace_of(everyday=sessions.calendar == ROUND_THE_CLOCK)
    each, row = np.unique(days, return_inverse=True)
    walks = walks_of(each.tolist(), world[:4, each], pace, character_of(symbol).follows or symbol, seed)
    part = stretches(walks, row, began, until, pace)
    return Bars(request.market, request.timeframe, starts, ends, *part[:4], world[4, days] * part.volume)


@lru_cache(maxsize=64)
def _world(symbol: str, seed: int, scenario: str, start: str, everyday: bool) -> FloatArray:  # noqa: FBT001  # a cache's key
    """Open, first extreme, second extreme, close and volume of each day of the world, as (5, day)."""
    close = daily_closes(symbol, seed, scenario, start)
    before = np.concatenate([close[:1], close[:-1]])
    if not everyday:
        monday = (np.arange(DAYS) + _THURSDAY) % 7 == 0
        before[3:] = np.where(monday[3:], close[:-3], before[3:])
    spread = character_of(symbol).volatility / np.sqrt(365)
    gap = 0.0 if everyday else 0.15 * spread * noise(symbol, seed, "gap")
    opening = before * np.exp(gap)
    high = np.maximum(opening, close) * np.exp(0.4 * spread * np.abs(noise(symbol, seed, "high")))
    low = np.minimum(opening, close) * np.exp(-0.4 * spread * np.abs(noise(symbol, seed, "low")))
    rises = close >= opening
    volume = character_of(symbol).volume * np.exp(0.3 * noise(symbol, seed, "volume"))
    return np.stack([opening, np.where(rises, low, high), np.where(rises, high, low), close, volume])
