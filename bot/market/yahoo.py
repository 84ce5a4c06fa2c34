"""What does Yahoo say of a market? (The only file that knows yfinance; runs in the worker process.)"""

from __future__ import annotations

import os
import tempfile
import warnings
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import yfinance
from curl_cffi import requests as http
from yfinance.data import YfData
from yfinance.exceptions import YFException, YFPricesMissingError, YFRateLimitError, YFTzMissingError

from bot.market.rows import Rows, answered, nothing
from bot.market.spec import FetchAnswer, FetchRequest, SourceError, SourceErrorKind
from bot.signals.timeframe import DAY, Instant, Timeframe, day_of

_LONGEST_WAIT = 10.0
"""Seconds for one HTTP request; yfinance itself would wait 30 for a cookie."""

_REACH = {
    Timeframe.M5: 59 * DAY,
    Timeframe.M15: 59 * DAY,
    Timeframe.M30: 59 * DAY,
    Timeframe.H1: 729 * DAY,
    Timeframe.H4: 729 * DAY,
}
"""How far back Yahoo's bars within a day go."""

_FIRST = 2 * DAY
"""yfinance takes a start of 0 for none, and then asks for a month."""

_PRICES = ["Open", "High", "Low", "Close", "Volume"]
_KINDS = (
    (YFRateLimitError, SourceErrorKind.RATE_LIMITED),
    (YFTzMissingError, SourceErrorKind.UNKNOWN_SYMBOL),
    (http.exceptions.Timeout, SourceErrorKind.TIMEOUT),
    (http.exceptions.HTTPError, SourceErrorKind.BROKEN),
    (http.exceptions.InvalidJSONError, SourceErrorKind.BROKEN),
    (http.exceptions.RequestException, SourceErrorKind.UNREACHABLE),
)
"""The first family that an error belongs to counts; what belongs to none is a broken answer."""


class _Session(http.Session[Any]):
    """Yahoo as yfinance talks to it, with a shorter wait, or another server in Yahoo's place."""

    def __init__(self, base_url: str) -> None:
        super().__init__(impersonate="chrome")
        self._base_url = base_url

    def request(self, method: Any, url: str, *arguments: Any, **options: Any) -> Any:
        """As the library's."""
        options["timeout"] = min(options.get("timeout") or _LONGEST_WAIT, _LONGEST_WAIT)
        if self._base_url:
            url = self._base_url + urlsplit(url).path
        return super().request(method, url, *arguments, **options)


def fetch(request: FetchRequest) -> FetchAnswer:
    """Bars of a Yahoo symbol, split-adjusted and not dividend-adjusted.

    The option `base_url` names a server that stands in for Yahoo. Raises SourceError, and whatever yfinance
    raises when it stumbles over a body.
    """
    session = _session(str(request.source.options.get("base_url", "")))
    try:
        frame = _history(request, session)
    except (YFException, http.exceptions.RequestException) as error:
        failure = _classified(error, request)
        if failure.kind is SourceErrorKind.NO_DATA:
            return nothing(request, failure.detail)
        raise failure from error
    finally:
        YfData.cache_get.cache_clear()  # it keeps error pages too, and would repeat them until the process ends
    return answered(request, _rows(frame, request.timeframe))


@lru_cache(maxsize=1)
def _session(base_url: str) -> _Session:
    """One session for the life of the process: yfinance keeps it in a singleton."""
    yfinance.config.debug.hide_exceptions = False
    yfinance.set_tz_cache_location(str(_private_folder()))
    return _Session(base_url)


def _private_folder() -> Path:
    """Where yfinance keeps time zones and a pickled cookie, which nobody else may write to."""
    try:
        home = Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()) / "bellwether" / "yfinance"
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        home.chmod(0o700)
    except (OSError, RuntimeError):  # RuntimeError: there is no home
        return Path(tempfile.mkdtemp(prefix="bellwether-"))
    return home


def _history(request: FetchRequest, session: _Session) -> Any:
    first, last = _range(request)
    with warnings.catch_warnings(action="ignore"):  # what pandas tells yfinance is no news to us
        return yfinance.Ticker(request.source.symbol, session=session).history(
            start=first,
            end=last,
            interval=str(request.timeframe),
            auto_adjust=False,
            actions=False,
            keepna=True,
            timeout=_LONGEST_WAIT,
        )


def _range(request: FetchRequest) -> tuple[Any, Any]:
    """First instant asked for and the one behind the last; a daily range is one of local dates."""
    if request.timeframe is Timeframe.D1:
        return day_of(max(request.since, _FIRST)).isoformat(), day_of(request.now + DAY).isoformat()
    first = max(request.since, request.now - _REACH[request.timeframe])
    return _moment(first), _moment(request.now + request.timeframe.seconds)


def _moment(instant: Instant) -> datetime:
    return datetime.fromtimestamp(instant, UTC)


def _rows(frame: Any, timeframe: Timeframe) -> Rows:
    """Starts in seconds, whatever unit pandas has: the local date's midnight for daily rows, else the instant."""
    index = frame.index.tz_localize(None) if timeframe is Timeframe.D1 else frame.index.tz_convert(None)
    starts = index.to_numpy().astype("datetime64[s]").astype(np.int64)
    return Rows(starts, frame[_PRICES].to_numpy(dtype=np.float64, na_value=np.nan).T)


def _classified(error: Exception, request: FetchRequest) -> SourceError:
    said = " ".join(str(error).split())[:300]
    return SourceError(_kind(error), request.source.name, f"{request.source.symbol}: {said or type(error).__name__}")


def _kind(error: Exception) -> SourceErrorKind:
    if isinstance(error, YFPricesMissingError):
        reason = str(error.yahoo_reason or "")
        if "no data found" in reason.lower():
            return SourceErrorKind.UNKNOWN_SYMBOL
        return SourceErrorKind.BROKEN if reason else SourceErrorKind.NO_DATA
    if isinstance(error, http.exceptions.HTTPError) and getattr(error.response, "status_code", 0) == 404:
        return SourceErrorKind.UNKNOWN_SYMBOL
    return next((kind for family, kind in _KINDS if isinstance(error, family)), SourceErrorKind.BROKEN)
