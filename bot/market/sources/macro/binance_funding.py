"""Binance's perpetual futures as a source: what longs paid shorts on a UTC day, as a share of their position."""

from __future__ import annotations

import time
from collections import defaultdict
from typing import Annotated, Any
from urllib.parse import urlencode

from pydantic import Field

from bot.market.figures import released
from bot.market.http import get_json
from bot.market.model import FetchAnswer, FetchRequest, SourceError, SourceErrorKind
from bot.market.source_type import SourceType, single
from bot.signals.timeframe import DAY, Instant

KIND = "binance_funding"
SOURCE = SourceType(
    KIND,
    Annotated[str, Field(pattern=r"^[A-Z0-9]{5,20}$")],
    "bot.market.sources.macro.binance_funding:fetch",
    single(KIND),
    calendar="releases/utc-day",
)

_ADDRESS = "https://fapi.binance.com"
_ROWS = 1_000
"""Payments that one answer holds at most: most of a year."""

_MOST_ANSWERS = 20
REQUEST_PAUSE_S = 0.7
"""Seconds between two requests: 500 in five minutes are allowed."""

_FIRST = 1_567_900_800
"""2019-09-08: before the first payment of any contract."""

_LATE = 60
"""Seconds by which a payment's stamp may be late."""


def fetch(request: FetchRequest) -> FetchAnswer:
    """The sum of a day's payments; the one at midnight is the day's that ends there. Option: `base_url`.

    Raises SourceError.
    """
    paid: dict[Instant, float] = {}
    since = max(request.since - DAY, _FIRST)
    for at in range(_MOST_ANSWERS):
        if at:
            time.sleep(REQUEST_PAUSE_S)
        rows = _asked(request, since)
        paid |= rows
        if len(rows) < _ROWS:
            break
        since = max(rows) + 1
    return released(request, _by_day(paid))


def _asked(request: FetchRequest, since: Instant) -> dict[Instant, float]:
    base_url = str(request.source.options.get("base_url", _ADDRESS))
    query = urlencode({"symbol": request.source.symbol, "startTime": since * 1_000, "limit": _ROWS})
    document: Any = get_json(KIND, f"{base_url}/fapi/v1/fundingRate?{query}")
    try:
        return {int(row["fundingTime"]) // 1_000: float(row["fundingRate"]) for row in document}
    except (KeyError, TypeError, ValueError) as error:
        said = f"{request.source.symbol}: {type(error).__name__}: {str(document)[:120]}"
        raise SourceError(SourceErrorKind.BROKEN, KIND, said) from error


def _by_day(paid: dict[Instant, float]) -> dict[Instant, float]:
    """Sums by UTC day; the first day, which may lack payments from before the question, is left out."""
    days: dict[Instant, float] = defaultdict(float)
    for at, rate in sorted(paid.items()):
        instant = at - _LATE
        days[instant - instant % DAY] += rate
    return dict(sorted(days.items())[1:])
