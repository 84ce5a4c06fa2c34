"""CoinGecko as a source: the capitalisation of the whole crypto market, and which part of it is Bitcoin's."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Any, Literal

import numpy as np

from bot.market.http import get_json
from bot.market.model import FetchAnswer, FetchRequest, SourceError, SourceErrorKind
from bot.market.source_type import SourceType, single
from bot.market.vendor_snapshots import GlobalSnapshot
from bot.signals.bars import Bars
from bot.signals.sessions import ROUND_THE_CLOCK
from bot.signals.timeframe import DAY, Instant, Timeframe, label

KIND = "coingecko"
SYMBOLS = ("total", "alt", "btc_dominance", "eth_dominance")
"""What a market may be made of: capitalisations in dollars, dominances in percent."""

Symbol = Literal["total", "alt", "btc_dominance", "eth_dominance"]

SOURCE = SourceType(KIND, Symbol, "bot.market.sources.coingecko:fetch", single(KIND), calendar=ROUND_THE_CLOCK)

_ADDRESS = "https://api.coingecko.com"
_KEPT_FOR_S = 120
"""Seconds for which one answer serves all that is asked: it is free a few times a minute, and no newer every time."""

_OLDEST_S = 3_600
"""Seconds after which CoinGecko's own figures are too old to be told as today's."""

_CLOSE_WINDOW_S = (-1_800, 7_200)
"""Seconds from the end of a UTC day within which what was told last is how the day closed."""

recent_snapshots: dict[str, tuple[Instant, GlobalSnapshot]] = {}
"""By server, when it was last asked and what it said."""


def global_snapshot(options: Mapping[str, Any], now: Instant) -> GlobalSnapshot:
    """The market as CoinGecko's free endpoint tells it. Raises SourceError.

    The option `base_url` names a server that stands in for CoinGecko.
    """
    base_url = str(options.get("base_url", _ADDRESS))
    asked, known = recent_snapshots.get(base_url, (None, None))
    if asked is None or known is None or not 0 <= now - asked < _KEPT_FOR_S:
        known = _read(get_json(KIND, f"{base_url}/api/v3/global"), now)
        recent_snapshots[base_url] = (now, known)
    return known


def fetch(request: FetchRequest) -> FetchAnswer:
    """One of SYMBOLS as daily bars: the day that has just closed, where its end is less than two hours ago, and today.

    CoinGecko tells the present for nothing and the past for money, so of older days there are no bars; their history is
    what the store has kept, or a file. A bar's four prices are one figure, and its volume is unknown.
    """
    symbol = request.source.symbol
    if symbol not in SYMBOLS or request.timeframe is not Timeframe.D1:
        allowed = f"allowed: {', '.join(SYMBOLS)} in daily bars"
        raise SourceError(
            SourceErrorKind.UNKNOWN_SYMBOL, request.source.name, f"{symbol} {request.timeframe}: {allowed}"
        )
    snapshot = global_snapshot(request.source.options, request.now)
    today = request.now - request.now % DAY
    closes = _CLOSE_WINDOW_S[0] <= snapshot.at - today <= _CLOSE_WINDOW_S[1] and today - DAY >= request.since
    value = snapshot.values[symbol]
    bars = _bar(request, today - DAY, value) if closes else Bars.empty(request.market, Timeframe.D1)
    late = request.since < today and not closes
    told = f"{request.source.name}: {symbol}: how {label(today - DAY, Timeframe.D1)} closed is no longer told"
    return FetchAnswer(bars, _bar(request, today, value), request.source.name, (told,) if late else ())


def _bar(request: FetchRequest, start: Instant, value: float) -> Bars:
    price = np.array([value])
    instants = np.array([start]), np.array([start + DAY])
    return Bars(request.market, Timeframe.D1, *instants, price, price, price, price, np.array([np.nan]))


def _read(document: Any, now: Instant) -> GlobalSnapshot:
    """The figures in a document; raises SourceError where one is not there or can't be."""
    try:
        data = document["data"]
        shares = data["market_cap_percentage"]
        total, btc, eth = (float(each) for each in (data["total_market_cap"]["usd"], shares["btc"], shares["eth"]))
        at = int(data["updated_at"])
    except (ValueError, KeyError, TypeError) as error:
        raise SourceError(SourceErrorKind.BROKEN, KIND, f"global: {type(error).__name__}: {error}"[:300]) from error
    if not (isfinite(total) and total > 0 and 0 < btc < 100 and 0 < eth < 100 - btc):
        raise SourceError(SourceErrorKind.BROKEN, KIND, f"global: impossible figures ({total:g}, {btc:g}, {eth:g})")
    if now - at > _OLDEST_S:
        raise SourceError(SourceErrorKind.NO_DATA, KIND, f"global: not renewed for {(now - at) // 60} minutes")
    return GlobalSnapshot(min(at, now), total, btc, eth)
