"""Facts of /crypto: how crypto is doing now."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping

import numpy as np

from bot.evidence.correlation import correlate
from bot.evidence.performance import closes_of
from bot.evidence.risk.breadth import breadth
from bot.queries.market_data import MarketData
from bot.scan.context import LEADER, crypto_line, finer_bars
from bot.signals.bars import Bars, FloatArray, IntArray, among
from bot.signals.timeframe import DAY, Instant, Timeframe
from bot.store.snapshots import Snapshot
from bot.views.markets.crypto_now import Caps, CryptoNow

_CAPS = ("total", "alt", "btc_dominance")
_LATE_DAYS = 7
"""An asset whose prices begin so much later than a span begins late."""

_STALE = 2 * DAY
"""Seconds after which what all of crypto is worth is not told any more."""


async def crypto_now(market_data: MarketData, caps: Mapping[str, Snapshot], now: Instant) -> CryptoNow:
    """All that /crypto tells. `caps` are the newest snapshots of CRYPTO by name."""
    members = tuple(dict.fromkeys(name for each in market_data.crypto for name in market_data.markets[each].members))
    daily = {name: await market_data.bars(name) for name in (*market_data.crypto, *members, LEADER)}
    hourly = {name: await market_data.bars(name, Timeframe.H1) for name in market_data.crypto}
    return await asyncio.to_thread(_facts, market_data, daily, hourly, members, caps_of(caps, now), now)


async def crypto_closes(market_data: MarketData, now: Instant, days: int) -> dict[str, tuple[IntArray, FloatArray]]:
    """The ends and closes behind the figures of /crypto, by asset: the daily ones.

    With them stand the close that the change over so many days counts from, and the newest one.
    """
    daily = {name: await market_data.bars(name) for name in market_data.crypto}
    hourly = {name: await market_data.bars(name, Timeframe.H1) for name in market_data.crypto}

    def bars(name: str, timeframe: Timeframe) -> Bars:
        return (daily if timeframe is Timeframe.D1 else hourly).get(name, Bars.empty(name, timeframe))

    def closes(name: str) -> tuple[IntArray, FloatArray]:
        ends, prices = closes_of(daily[name], now, finer_bars(market_data.markets[name], bars))
        if not len(ends):
            return ends, prices
        base = max(int(np.searchsorted(ends, ends[-1] - days * DAY, side="right")) - 1, 0)
        kept = among(ends, daily[name].end)
        kept[[base, -1]] = True
        return ends[kept], prices[kept]

    return await asyncio.to_thread(lambda: {name: closes(name) for name in daily})


def changes_since(
    assets: Iterable[tuple[str, IntArray, FloatArray]], days: int
) -> dict[str, tuple[float, Instant | None]]:
    """The changes that the picture of so many days shows; with its beginning where an asset begins later than it."""
    known = [(name, ends, closes) for name, ends, closes in assets if len(ends) > 1]
    last = max((int(ends[-1]) for _, ends, _ in known), default=0)
    found: dict[str, tuple[float, Instant | None]] = {}
    for name, ends, closes in known:
        at = max(int(np.searchsorted(ends, ends[-1] - days * DAY, side="right")) - 1, 0)
        late = int(ends[at]) > last - (days - _LATE_DAYS) * DAY
        found[name] = float(closes[-1] / closes[at]) - 1, int(ends[at]) if late else None
    return found


def caps_of(snapshots: Mapping[str, Snapshot], now: Instant) -> Caps | None:
    """What all of crypto is worth; None where nobody said lately."""
    fresh = {name: each for name, each in snapshots.items() if now - each.at <= _STALE}
    if not fresh:
        return None
    total, altcoins, percent = (fresh[name].value if name in fresh else None for name in _CAPS)
    newest = max(fresh.values(), key=lambda each: each.at)
    return Caps(newest.at, total, altcoins, None if percent is None else percent / 100, newest.source)


def _facts(
    market_data: MarketData,
    daily: Mapping[str, Bars],
    hourly: Mapping[str, Bars],
    members: tuple[str, ...],
    caps: Caps | None,
    now: Instant,
) -> CryptoNow:
    def bars(name: str, timeframe: Timeframe) -> Bars:
        return (daily if timeframe is Timeframe.D1 else hourly).get(name, Bars.empty(name, timeframe))

    lines = {name: crypto_line(market_data.markets[name], bars, now) for name in market_data.crypto}
    benchmark = next(iter(market_data.crypto), None)
    return CryptoNow(
        now,
        tuple(line for line in lines.values() if line is not None),
        tuple(name for name, line in lines.items() if line is None),
        breadth([daily[name] for name in members], daily[benchmark], now) if members and benchmark else None,
        caps,
        tuple(correlate(daily[LEADER], daily[name], now) for name in market_data.crypto) if len(daily[LEADER]) else (),
    )
