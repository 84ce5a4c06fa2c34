"""How is yfinance made to talk to Yahoo, or to a server in its place, and what do its errors mean?"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yfinance
from curl_cffi import requests as http
from yfinance.data import YfData
from yfinance.exceptions import YFException, YFPricesMissingError, YFRateLimitError, YFTzMissingError

from bot.market.model import SourceError, SourceErrorKind

LONGEST_WAIT = 10.0
"""Seconds for one HTTP request; yfinance itself would wait 30 for a cookie."""

_KINDS = (
    (YFRateLimitError, SourceErrorKind.RATE_LIMITED),
    (YFTzMissingError, SourceErrorKind.UNKNOWN_SYMBOL),
    (http.exceptions.Timeout, SourceErrorKind.TIMEOUT),
    (http.exceptions.HTTPError, SourceErrorKind.BROKEN),
    (http.exceptions.InvalidJSONError, SourceErrorKind.BROKEN),
    (http.exceptions.RequestException, SourceErrorKind.UNREACHABLE),
)
"""The first family that an error belongs to counts; what belongs to none is a broken answer."""


class Session(http.Session[Any]):
    """Yahoo as yfinance talks to it, with a shorter wait, or another server in Yahoo's place."""

    def __init__(self, base_url: str) -> None:
        super().__init__(impersonate="chrome")
        self._base_url = base_url

    def request(self, method: Any, url: str, *arguments: Any, **options: Any) -> Any:
        """As the library's."""
        options["timeout"] = min(options.get("timeout") or LONGEST_WAIT, LONGEST_WAIT)
        if self._base_url:
            parts = urlsplit(url)
            url = self._base_url + parts.path + (f"?{parts.query}" if parts.query else "")
        return super().request(method, url, *arguments, **options)


def session(options: Mapping[str, Any]) -> Session:
    """The session for a source's options: `base_url` names a server that stands in for Yahoo."""
    return _session(str(options.get("base_url", "")))


@contextmanager
def asked(source: str, symbol: str) -> Iterator[None]:
    """Around every question: yfinance's errors and those of its HTTP client leave as SourceError."""
    try:
        yield
    except (YFException, http.exceptions.RequestException) as error:
        said = " ".join(str(error).split())[:300]
        raise SourceError(_kind(error), source, f"{symbol}: {said or type(error).__name__}") from error
    finally:
        YfData.cache_get.cache_clear()  # it keeps error pages too, and would repeat them until the process ends


@lru_cache(maxsize=1)
def _session(base_url: str) -> Session:
    """One session for the life of the process: yfinance keeps it in a singleton."""
    yfinance.config.debug.hide_exceptions = False
    yfinance.set_tz_cache_location(str(_private_folder()))
    return Session(base_url)


def _private_folder() -> Path:
    """Where yfinance keeps time zones and a pickled cookie, which nobody else may write to."""
    try:
        home = Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()) / "bellwether" / "yfinance"
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        home.chmod(0o700)
    except (OSError, RuntimeError):  # RuntimeError: there is no home
        return Path(tempfile.mkdtemp(prefix="bellwether-"))
    return home


def _kind(error: Exception) -> SourceErrorKind:
    if isinstance(error, YFPricesMissingError):
        reason = str(error.yahoo_reason or "")
        if "no data found" in reason.lower():
            return SourceErrorKind.UNKNOWN_SYMBOL
        return SourceErrorKind.BROKEN if reason else SourceErrorKind.NO_DATA
    if isinstance(error, http.exceptions.HTTPError) and getattr(error.response, "status_code", 0) == 404:
        return SourceErrorKind.UNKNOWN_SYMBOL
    return next((kind for family, kind in _KINDS if isinstance(error, family)), SourceErrorKind.BROKEN)
