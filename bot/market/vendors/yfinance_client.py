"""The only file that imports yfinance: its session, its questions to Yahoo, and what its errors mean."""

from __future__ import annotations

import math
import os
import tempfile
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yfinance
from curl_cffi import CurlECode
from curl_cffi import requests as http
from curl_cffi.curl import CURL_WRITEFUNC_ERROR
from yfinance import EquityQuery
from yfinance.cache import get_cookie_cache, get_tz_cache
from yfinance.data import YfData
from yfinance.exceptions import YFException, YFPricesMissingError, YFRateLimitError, YFTzMissingError

from bot.market.http_client import LARGEST_BODY_BYTES
from bot.market.model import SourceError, SourceErrorKind
from bot.signals.timeframe import Instant

SOURCE_NAME = "yahoo"

REQUEST_TIMEOUT_S = 10.0
"""Seconds for one HTTP request; yfinance itself would wait 30 for a cookie."""

QUESTION_S = 30.0
"""Seconds for all requests of one question: half of what a process has for it that is given up then."""

COOKIE_URL = "https://fc.yahoo.com"
COOKIE_KEPT_S = 600.0
"""Seconds for which the page that brings the cookie is not asked for again.

yfinance asks for it before each question where it can't keep the cookie in a file, one question at a time.
"""

PRELIMINARY_S = 3.0
"""Seconds for a cookie, a consent or a crumb. All questions wait for it, and bars are told without.

Who was silent for so long, or said more than LARGEST_PRELIMINARY_BYTES, is not asked again for COOKIE_KEPT_S.
"""

LARGEST_PRELIMINARY_BYTES = 1_000_000

_PRELIMINARY_HOSTS = frozenset({"fc.yahoo.com", "guce.yahoo.com", "consent.yahoo.com"})
_CRUMB_PATH = "/v1/test/getcrumb"

_KINDS = (
    (YFRateLimitError, SourceErrorKind.RATE_LIMITED),
    (YFTzMissingError, SourceErrorKind.UNKNOWN_SYMBOL),
    (http.exceptions.Timeout, SourceErrorKind.TIMEOUT),
    (http.exceptions.HTTPError, SourceErrorKind.BROKEN),
    (http.exceptions.InvalidJSONError, SourceErrorKind.BROKEN),
    (http.exceptions.RequestException, SourceErrorKind.UNREACHABLE),
)
"""The first family that an error belongs to counts; what belongs to none is a broken answer."""


class OversizeAnswerError(http.exceptions.InvalidJSONError):
    """An answer that was given up on the way, since it unpacks to more than any of Yahoo's."""


class ToldToWaitError(YFRateLimitError):  # type: ignore[misc]  # yfinance has no types
    """Yahoo has had too many questions; `retry_after` are the seconds that it names, if any."""

    def __init__(self, retry_after: float | None) -> None:
        super().__init__()
        self.retry_after = retry_after


class _Question(threading.local):
    """When the question has to be done that this thread is at, on the monotonic clock."""

    ends = math.inf


_question = _Question()


class Session(http.Session[Any]):
    """Yahoo as yfinance talks to it, with a shorter wait and a largest answer, or another server in Yahoo's place."""

    def __init__(self, base_url: str) -> None:
        super().__init__(impersonate="chrome")
        self._base_url = base_url
        self._cookie_page: tuple[Any, float, int] | None = None  # with when it came, and how many cookies there were
        self._silent: dict[str, float] = {}  # preliminary addresses, and when they kept us waiting in vain

    def request(self, method: Any, url: str, *arguments: Any, **options: Any) -> Any:
        """As the library's; the cookie's page is remembered for a while, and who did not answer for it.

        Raises ToldToWaitError and HTTPError where yfinance would get another cookie and ask the same again at once.
        """
        if _is_preliminary(url):
            return self._preliminary(method, url, *arguments, **options)
        return _accepted(self._request(method, url, *arguments, **options))

    def _preliminary(self, method: Any, url: str, *arguments: Any, **options: Any) -> Any:
        """A cookie, a consent or a crumb: asked for with less patience, and not again for a while."""
        if self._cookie_page is not None and url == COOKIE_URL:
            page, came, cookies = self._cookie_page
            if time.monotonic() - came < COOKIE_KEPT_S and len(self.cookies) >= cookies:
                return page
        if time.monotonic() < self._silent.get(url, -math.inf) + COOKIE_KEPT_S:
            raise http.exceptions.Timeout("it did not answer a while ago")
        options["timeout"] = min(options.get("timeout") or PRELIMINARY_S, PRELIMINARY_S)
        try:
            page = self._request(method, url, *arguments, most=LARGEST_PRELIMINARY_BYTES, **options)
        except (http.exceptions.Timeout, OversizeAnswerError) as error:
            self._silent[url] = time.monotonic()
            raise http.exceptions.Timeout(str(error)) from error  # which yfinance goes on without
        if url == COOKIE_URL:
            self._cookie_page = (page, time.monotonic(), len(self.cookies))
        return page

    def _request(self, method: Any, url: str, *arguments: Any, most: int = LARGEST_BODY_BYTES, **options: Any) -> Any:
        left = _question.ends - time.monotonic()
        if left <= 0:
            raise http.exceptions.Timeout(f"no answer within {QUESTION_S:g} s")
        options["timeout"] = min(options.get("timeout") or REQUEST_TIMEOUT_S, REQUEST_TIMEOUT_S, left)
        if self._base_url:
            parts = urlsplit(url)
            url = self._base_url + parts.path + (f"?{parts.query}" if parts.query else "")
        body = bytearray()

        def keep(chunk: bytes) -> int:
            """Called with what is unpacked, piece by piece; the transfer ends at the first that is too much."""
            if len(body) + len(chunk) > most:
                return CURL_WRITEFUNC_ERROR
            body.extend(chunk)
            return len(chunk)

        try:
            answer = super().request(method, url, *arguments, **{**options, "content_callback": keep})
        except http.exceptions.RequestException as error:
            if error.code == CurlECode.WRITE_ERROR:
                raise OversizeAnswerError(f"an answer of more than {most // 1_000_000} MB") from None
            raise
        answer.content = bytes(body)
        return answer


def _is_preliminary(url: str) -> bool:
    """Whether it leads to what comes before a question: a cookie, a consent, a crumb."""
    parts = urlsplit(url)
    return parts.hostname in _PRELIMINARY_HOSTS or parts.path == _CRUMB_PATH


def _accepted(answer: Any) -> Any:
    """The answer, unless it is one after which yfinance would trouble Yahoo for more of the same."""
    if answer.status_code == 429:
        waits = str(answer.headers.get("Retry-After") or "")
        raise ToldToWaitError(float(waits) if waits.isdigit() else None)
    if answer.status_code >= 500:
        raise http.exceptions.HTTPError(f"HTTP status {answer.status_code}", 0, answer)
    return answer


def history(
    symbol: str, options: Mapping[str, Any], start: Any, end: Any, interval: str, *, actions: bool = False
) -> Any:
    """The frame of bars that Yahoo gives, split-adjusted and not dividend-adjusted.

    `start` and `end` are ISO dates, or instants with a zone; `end` is not included. With `actions` it has columns of
    dividends and splits too. Raises SourceError.
    """
    with _errors_of(symbol):
        return _ticker(symbol, options).history(
            start=start,
            end=end,
            interval=interval,
            auto_adjust=False,
            actions=actions,
            keepna=True,
            timeout=REQUEST_TIMEOUT_S,
        )


def info(symbol: str, options: Mapping[str, Any]) -> Mapping[str, Any]:
    """What Yahoo says of a symbol beside its bars. Raises SourceError."""
    with _errors_of(symbol):
        told: Mapping[str, Any] = _sound(lambda: _ticker(symbol, options).info, symbol)
        return told


def shares(symbol: str, options: Mapping[str, Any], since: Instant, now: Instant) -> list[tuple[Instant, Any]]:
    """Instants at which Yahoo learned of a number of shares outstanding, with what it says; in no order.

    Empty where it keeps no such list. Raises SourceError.
    """
    first, last = (datetime.fromtimestamp(each, UTC) for each in (since, now))
    with _errors_of(symbol):
        found = _sound(lambda: _ticker(symbol, options).get_shares_full(start=first, end=last), symbol)
    if found is None:
        return []
    stamps = found.index.tz_localize(None)  # yfinance takes Yahoo's stamps, which are UTC, for local ones
    instants: list[int] = stamps.to_numpy().astype("datetime64[s]").astype("int64").tolist()
    return list(zip(instants, found.tolist(), strict=True))


def screened(conditions: list[tuple[str, list[Any]]], options: Mapping[str, Any]) -> Any:
    """How many companies meet all conditions, (operator, operands) as Yahoo's screener has them. Raises SourceError."""
    query = EquityQuery("and", [EquityQuery(operator, operands) for operator, operands in conditions])
    with _errors_of("screener"):
        return _sound(lambda: yfinance.screen(query, size=1, session=_session_for(options)), "screener").get("total")


def _ticker(symbol: str, options: Mapping[str, Any]) -> Any:
    return yfinance.Ticker(symbol, session=_session_for(options))


def _session_for(options: Mapping[str, Any]) -> Session:
    """The session for a source's options: `base_url` names a server that stands in for Yahoo."""
    return _session(str(options.get("base_url", "")))


@contextmanager
def _errors_of(symbol: str) -> Iterator[None]:
    """Around every question: yfinance's errors and those of its HTTP client leave as SourceError."""
    _question.ends = time.monotonic() + QUESTION_S
    try:
        with warnings.catch_warnings(action="ignore"):  # what pandas tells yfinance is no news to us
            yield
    except (YFException, http.exceptions.RequestException) as error:
        said = " ".join(str(error).split())[:300]
        after = error.retry_after if isinstance(error, ToldToWaitError) else None
        raise SourceError(_kind(error), SOURCE_NAME, f"{symbol}: {said or type(error).__name__}", after) from error
    finally:
        YfData.cache_get.cache_clear()  # it keeps error pages too, and would repeat them until the process ends
        for cache in (get_tz_cache(), get_cookie_cache()):
            if (db := getattr(cache, "db", None)) is not None:
                db.close()  # each thread opens it anew, and a question has a thread of its own


def _sound(ask: Callable[[], Any], symbol: str) -> Any:
    """What a question brings; a body that yfinance stumbles over is a broken answer."""
    try:
        return ask()
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        detail = f"{symbol}: {type(error).__name__}: {error}"[:300]
        raise SourceError(SourceErrorKind.BROKEN, SOURCE_NAME, detail) from error


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
