"""Tiingo as a source: daily bars of US shares and funds, with a free key."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

import numpy as np

from bot.market.http import get_json
from bot.market.model import FetchAnswer, FetchRequest, SourceError, SourceErrorKind
from bot.market.normalize import Rows, answered, nothing
from bot.market.source_type import SourceType, keyed
from bot.signals.bars import FloatArray
from bot.signals.timeframe import Timeframe, day_of, start_of

KIND = "tiingo"
SOURCE = SourceType(
    KIND,
    str,
    "bot.market.sources.tiingo:fetch",
    keyed(KIND),
    key="TIINGO_API_KEY",
    with_key="a second source for US funds that settles doubtful prices and bears out closes (free at tiingo.com)",
)

_ADDRESS = "https://api.tiingo.com"
_PRICES = ("open", "high", "low", "close")
_SPENT = "run over your"
"""What an answer says when the hour's or the day's requests are used up, whatever its HTTP status."""


def fetch(request: FetchRequest) -> FetchAnswer:
    """Daily bars, split-adjusted and not dividend-adjusted: Tiingo's are as traded, with the splits beside them.

    Options: `key`, and `base_url` for a server that stands in for Tiingo. Raises SourceError.
    """
    if request.timeframe is not Timeframe.D1:
        detail = f"{request.source.symbol}: no bars of {request.timeframe} here; allowed: 1d"
        raise SourceError(SourceErrorKind.NO_DATA, KIND, detail)
    rows = _rows(get_json(KIND, _address(request), {"Authorization": f"Token {request.source.options['key']}"}))
    if not rows:
        return nothing(request, "no rows")
    starts = np.array([start_of(str(row["date"])[:10]) for row in rows], dtype=np.int64)
    columns = np.array([[row.get(name) for row in rows] for name in (*_PRICES, "volume")], dtype=np.float64)
    own = np.array([row.get("splitFactor") or 1.0 for row in rows], dtype=np.float64)
    factors, at = _later_splits(own), np.flatnonzero(own != 1.0)
    columns[:4] /= factors
    columns[4] *= factors
    splits = tuple(zip(starts[at].tolist(), own[at].tolist(), strict=True))
    return answered(request, Rows(starts, columns), splits=splits)


def _address(request: FetchRequest) -> str:
    base_url = str(request.source.options.get("base_url", _ADDRESS))
    first, last = (day_of(each).isoformat() for each in (max(request.since, 0), request.now))
    span = urlencode({"startDate": first, "endDate": last, "format": "json", "resampleFreq": "daily"})
    return f"{base_url}/tiingo/daily/{quote(request.source.symbol)}/prices?{span}"


def _rows(document: Any) -> list[Any]:
    """The rows of an answer, oldest first; raises SourceError for what is said in their place."""
    if isinstance(document, list):
        return sorted(document, key=lambda row: str(row["date"]))
    said = str(document.get("detail", document) if isinstance(document, dict) else document)[:200]
    kind = SourceErrorKind.RATE_LIMITED if _SPENT in said else SourceErrorKind.BROKEN
    raise SourceError(kind, KIND, said)


def _later_splits(factors: FloatArray) -> FloatArray:
    """By how much each row's price is to be divided: the product of all splits after it."""
    after = np.concatenate([factors[1:], [1.0]])
    return np.asarray(np.cumprod(after[::-1])[::-1])
