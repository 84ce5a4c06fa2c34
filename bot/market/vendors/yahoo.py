"""Bars of a Yahoo symbol, asked for by yfinance."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np

from bot.market.figures import released
from bot.market.model import FetchAnswer, FetchRequest, SourceError, SourceErrorKind
from bot.market.normalize import Rows, answered, nothing
from bot.market.vendors.yfinance_client import history
from bot.signals.bars import IntArray
from bot.signals.timeframe import DAY, Instant, Timeframe, day_of

_REACH_S = {
    Timeframe.M5: 59 * DAY,
    Timeframe.M15: 59 * DAY,
    Timeframe.M30: 59 * DAY,
    Timeframe.H1: 729 * DAY,
    Timeframe.H4: 729 * DAY,
}
"""Seconds back from now that Yahoo's bars within a day go."""

_FIRST_START = 2 * DAY
"""yfinance takes a start of 0 for none, and then asks for a month."""

_PRICES = ["Open", "High", "Low", "Close", "Volume"]


def fetch(request: FetchRequest) -> FetchAnswer:
    """Bars of a Yahoo symbol, split-adjusted and not dividend-adjusted.

    The option `base_url` names a server that stands in for Yahoo. Raises SourceError, and whatever yfinance
    raises when it stumbles over a body.
    """
    try:
        frame = history(
            request.source.symbol, request.source.options, *_range(request), str(request.timeframe), actions=True
        )
    except SourceError as failure:
        if failure.kind is SourceErrorKind.NO_DATA:
            return nothing(request, failure.detail.partition(": ")[2])
        raise
    rows = _rows(frame, request.timeframe)
    return answered(request, rows, splits=_splits(frame, rows) if request.timeframe is Timeframe.D1 else ())


def fetch_dividends(request: FetchRequest) -> FetchAnswer:
    """The amount that a share or fund paid on each session's date, 0 on most; per share, split-adjusted.

    Option: `base_url`. Raises as `fetch`.
    """
    if request.timeframe is not Timeframe.D1:
        raise SourceError(SourceErrorKind.NO_DATA, request.source.name, f"{request.source.symbol}: allowed: 1d")
    symbol, options = request.source.symbol, request.source.options
    frame = history(symbol, options, *_range(request), str(request.timeframe), actions=True)
    starts = _starts(frame, request.timeframe).tolist()
    amounts = frame["Dividends"].to_numpy(dtype=np.float64, na_value=np.nan).tolist()
    return released(request, dict(zip(starts, amounts, strict=True)))


def _range(request: FetchRequest) -> tuple[Any, Any]:
    """First instant asked for and the one behind the last; a daily range is one of local dates."""
    if request.timeframe is Timeframe.D1:
        return day_of(max(request.since, _FIRST_START)).isoformat(), day_of(request.now + DAY).isoformat()
    first = max(request.since, request.now - _REACH_S[request.timeframe])
    return _moment(first), _moment(request.now + request.timeframe.seconds)


def _moment(instant: Instant) -> datetime:
    return datetime.fromtimestamp(instant, UTC)


def _rows(frame: Any, timeframe: Timeframe) -> Rows:
    """Starts in seconds, whatever unit pandas has: the local date's midnight for daily rows, else the instant."""
    return Rows(_starts(frame, timeframe), frame[_PRICES].to_numpy(dtype=np.float64, na_value=np.nan).T)


def _starts(frame: Any, timeframe: Timeframe) -> IntArray:
    index = frame.index.tz_localize(None) if timeframe is Timeframe.D1 else frame.index.tz_convert(None)
    return np.asarray(index.to_numpy().astype("datetime64[s]").astype(np.int64))


def _splits(frame: Any, rows: Rows) -> tuple[tuple[Instant, float], ...]:
    """The splits that stand beside the bars: the first day in new shares, and how many came of one."""
    if "Stock Splits" not in frame:
        return ()
    ratios = frame["Stock Splits"].to_numpy(dtype=np.float64, na_value=0.0)
    at = np.flatnonzero(ratios > 0)
    return tuple(zip(rows.starts[at].tolist(), ratios[at].tolist(), strict=True))
