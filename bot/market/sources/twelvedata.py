"""Twelve Data as a source: daily bars of US shares and funds, with a free key."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import numpy as np

from bot.market.http import get_json
from bot.market.model import FetchAnswer, FetchRequest, SourceError, SourceErrorKind
from bot.market.normalize import Rows, answered, nothing
from bot.market.source_type import SourceType, keyed
from bot.signals.timeframe import Timeframe, day_of, start_of

KIND = "twelvedata"
SOURCE = SourceType(
    KIND,
    str,
    "bot.market.sources.twelvedata:fetch",
    keyed(KIND),
    key="TWELVEDATA_API_KEY",
    with_key="a second source for US funds, 700 sessions deep, that settles doubtful prices and bears out closes"
    " (free at twelvedata.com)",
)

_ADDRESS = "https://api.twelvedata.com"
_COLUMNS = ("open", "high", "low", "close", "volume")

MOST_ROWS = 700
"""Rows asked for at once: an answer costs a credit for each hundred, and a free key has 8 credits a minute."""

_CODES = {
    401: SourceErrorKind.REFUSED,
    403: SourceErrorKind.REFUSED,
    404: SourceErrorKind.UNKNOWN_SYMBOL,
    414: SourceErrorKind.BROKEN,
    429: SourceErrorKind.RATE_LIMITED,
    500: SourceErrorKind.UNREACHABLE,
}
"""By the code inside of an answer, which often comes with HTTP status 200."""


def fetch(request: FetchRequest) -> FetchAnswer:
    """The newest MOST_ROWS daily bars at most, split-adjusted and not dividend-adjusted.

    Options: `key`, and `base_url` for a server that stands in for Twelve Data. Raises SourceError.
    """
    if request.timeframe is not Timeframe.D1:
        detail = f"{request.source.symbol}: no bars of {request.timeframe} here; allowed: 1d"
        raise SourceError(SourceErrorKind.NO_DATA, KIND, detail)
    document = get_json(KIND, _address(request), {"Authorization": f"apikey {request.source.options['key']}"})
    rows = _rows(document, request.source.symbol)
    if not rows:
        return nothing(request, "no rows")
    starts = np.array([start_of(str(row["datetime"])[:10]) for row in rows], dtype=np.int64)
    columns = np.array([[row.get(name) for row in rows] for name in _COLUMNS], dtype=np.float64)  # numbers are texts
    return answered(request, Rows(starts, columns))


def _address(request: FetchRequest) -> str:
    base_url = str(request.source.options.get("base_url", _ADDRESS))
    asked = {
        "symbol": request.source.symbol,
        "interval": "1day",
        "start_date": day_of(max(request.since, 0)).isoformat(),
        "end_date": f"{day_of(request.now).isoformat()} 23:59:59",
        "outputsize": min(len(request.sessions) + 1, MOST_ROWS),
        "adjust": "splits",
    }
    return f"{base_url}/time_series?{urlencode(asked)}"


def _rows(document: Any, symbol: str) -> list[Any]:
    """The rows of an answer, oldest first; raises SourceError for what is said in their place."""
    if isinstance(document, dict) and document.get("status") == "error":
        said = str(document.get("message", ""))[:200]
        raise SourceError(_kind(document.get("code"), said), KIND, f"{symbol}: {said}")
    values = document.get("values") if isinstance(document, dict) else None
    if not isinstance(values, list):
        raise SourceError(SourceErrorKind.BROKEN, KIND, f"{symbol}: no values in the answer")
    return sorted(values, key=lambda row: str(row["datetime"]))


def _kind(code: Any, said: str) -> SourceErrorKind:
    if code == 400:
        return SourceErrorKind.UNKNOWN_SYMBOL if "symbol" in said else SourceErrorKind.NO_DATA
    return _CODES.get(code, SourceErrorKind.BROKEN)
