"""Candles of a crypto exchange, by ccxt."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from bot.market.http_client import MOST_REDIRECTS
from bot.market.model import FetchAnswer, FetchRequest, SourceError, SourceErrorKind
from bot.market.normalize import Rows, answered
from bot.market.sources.ccxt import exchange_ids
from bot.market.vendors.bounded_requests import AnswerTooLargeError, BoundedAdapter
from bot.market.vendors.ccxt_modules import errors, exchange_class
from bot.signals.timeframe import Instant

_MOST_PAGES = 60
_FIRST_CANDLE = 1_262_304_000
"""2010-01-01: no exchange has candles from before."""

_REQUEST_TIMEOUT_MS = 10_000

QUESTION_S = 45.0
"""Seconds after which no more page is asked for, so that one that does not come costs nobody the process."""

_PROXIED = {"requests_trust_env": True}
"""Has ccxt heed HTTPS_PROXY and NO_PROXY, as the other sources' clients do by themselves."""

_LARGEST_BODY_BYTES = 32_000_000
"""After unpacking: an exchange's list of its markets is a third of it, a page of candles a hundredth."""

_CANDLES_A_PAGE = {"binance": 1000, "binanceus": 1000, "bybit": 1000, "coinbase": 300, "okx": 300, "kraken": 720}
"""Candles that one request may ask for; 300 where it is not known."""

_MOST_ROWS_A_PAGE = 10_000

_ID_SEPARATOR = {
    **dict.fromkeys(("binance", "binanceus", "bybit", "mexc", "kraken"), ""),
    **dict.fromkeys(("coinbase", "okx", "kucoin"), "-"),
    "gate": "_",
}
"""What stands between base and quote in a market's id; exchanges that are not here are asked for their markets."""

_KRAKEN_CODES = {"BTC": "XBT", "DOGE": "XDG"}
_STATUS = re.compile(r"(?:GET|POST) \S+ (\d{3})\s")
_STATUSES = {
    "451": SourceErrorKind.REFUSED,
    "403": SourceErrorKind.REFUSED,
    "418": SourceErrorKind.RATE_LIMITED,
    "429": SourceErrorKind.RATE_LIMITED,
}
"""What ccxt takes for an outage where the body is not the exchange's own; 451 and 403: not from your country."""

_NO_SUCH_MARKET = re.compile("unknown asset pair|not_found|not found|not supported symbol", re.IGNORECASE)

_KINDS = (
    (errors.DDoSProtection, SourceErrorKind.RATE_LIMITED),
    (errors.RateLimitExceeded, SourceErrorKind.RATE_LIMITED),
    (errors.BadSymbol, SourceErrorKind.UNKNOWN_SYMBOL),
    (errors.AuthenticationError, SourceErrorKind.REFUSED),
    (errors.RequestTimeout, SourceErrorKind.TIMEOUT),
    (errors.NetworkError, SourceErrorKind.UNREACHABLE),
)
"""The first family that an error belongs to counts; what belongs to none is a broken answer."""


def fetch(request: FetchRequest) -> FetchAnswer:
    """Candles of a market ("BTC/USDT") of the exchange that the source is called after.

    Options go to ccxt's constructor, except `base_url`, which names a server that stands in for the exchange.
    Raises SourceError, and whatever ccxt raises when it stumbles over a body.
    """
    name, options = request.source.name, request.source.options
    if name not in exchange_ids():
        allowed = f"allowed: those of ccxt, such as {', '.join(sorted(_CANDLES_A_PAGE))}"
        raise SourceError(SourceErrorKind.REFUSED, name, f"unknown exchange (got {name}); {allowed}")
    exchange = _exchange(name, json.dumps(dict(options), sort_keys=True))
    try:
        candles = _candles(exchange, request)
    except errors.BaseError as error:
        raise _classified(error, exchange, request) from error
    except AnswerTooLargeError as error:
        raise SourceError(SourceErrorKind.BROKEN, name, f"{request.source.symbol}: {error}") from error
    return _answer(request, candles, exchange)


@lru_cache(maxsize=32)
def _exchange(name: str, options: str) -> Any:
    """One client for the life of the process: it keeps connections, and the pace that the exchange asks for."""
    given: dict[str, Any] = json.loads(options)
    base_url = given.pop("base_url", "")
    exchange = exchange_class(name)(
        {"timeout": _REQUEST_TIMEOUT_MS, "enableLastJsonResponse": True, **_PROXIED, **given}
    )
    exchange.parse_ohlcvs = _refusing_too_many(exchange.parse_ohlcvs)
    exchange.session.max_redirects = MOST_REDIRECTS
    for scheme in ("https://", "http://"):
        exchange.session.mount(scheme, BoundedAdapter(_LARGEST_BODY_BYTES))
    if base_url:
        exchange.urls["api"] = _redirected(exchange.urls["api"], base_url)
    return exchange


def _refusing_too_many(parse: Callable[..., Any]) -> Callable[..., Any]:
    """The parser of a page of candles, for a page: ccxt itself takes millions of characters of text for candles."""

    def parsed(rows: Any, *arguments: Any) -> Any:
        if not isinstance(rows, list) or len(rows) > _MOST_ROWS_A_PAGE:
            raise errors.BadResponse(f"{len(rows):,} candles in one answer")
        return parse(rows, *arguments)

    return parsed


def _redirected(urls: Any, base_url: str) -> Any:
    if isinstance(urls, dict):
        return {key: _redirected(value, base_url) for key, value in urls.items()}
    return base_url + urlsplit(urls).path


def _candles(exchange: Any, request: FetchRequest) -> list[list[Any]]:
    """All candles since the request's start, page by page, no more than 60 pages back; pages may overlap."""
    _know_market(exchange, request.source.symbol)
    step = request.timeframe.seconds
    page = _CANDLES_A_PAGE.get(exchange.id, 300)
    found: list[list[Any]] = []
    cursor = max(request.since, _FIRST_CANDLE, request.now - _MOST_PAGES * page * step)
    ends = time.monotonic() + QUESTION_S
    while cursor <= request.now:
        if time.monotonic() > ends:
            raise errors.RequestTimeout(f"{exchange.id}: not all pages within {QUESTION_S:g} s")
        candles = _page(exchange, request, cursor, page)
        found += candles
        newest = max((candle[0] // 1000 for candle in candles if candle[0]), default=cursor + (page - 1) * step)
        if newest < cursor or len(found) > _MOST_PAGES * page:  # it ignores what it is asked
            break
        cursor = newest + step
    return found


def _know_market(exchange: Any, symbol: str) -> None:
    """Tell ccxt of the one market, which saves it 2 to 6 requests for all of them."""
    base, _, quote = symbol.partition("/")
    if exchange.id not in _ID_SEPARATOR or ":" in symbol:  # a colon names a contract, which has an id of another form
        exchange.load_markets()
        return
    codes = _KRAKEN_CODES if exchange.id == "kraken" else {}
    base_id, quote_id = codes.get(base, base), codes.get(quote, quote)
    market = {
        "id": base_id + _ID_SEPARATOR[exchange.id] + quote_id,
        "symbol": symbol,
        "base": base,
        "quote": quote,
        "baseId": base_id,
        "quoteId": quote_id,
        "type": "spot",
        "spot": True,
        "active": True,
    }
    exchange.set_markets([exchange.safe_market_structure(market)])


def _page(exchange: Any, request: FetchRequest, since: Instant, page: int) -> list[list[Any]]:
    symbol, timeframe = request.source.symbol, str(request.timeframe)
    candles: list[list[Any]] = exchange.fetch_ohlcv(symbol, timeframe, since=since * 1000, limit=page)
    if not candles and str(exchange.last_http_response).lstrip().startswith("<"):
        raise errors.BadResponse(f"{exchange.id} answered with a web page")
    return candles if candles or exchange.id != "kraken" else _kraken_candles(exchange, since)


def _kraken_candles(exchange: Any, since: Instant) -> list[list[Any]]:
    """Kraken's candles under whatever name it gave the market: it calls XBTUSD XXBTZUSD, and ccxt then finds none."""
    result = (exchange.last_json_response or {}).get("result") or {}
    rows: list[Any] = next((rows for key, rows in result.items() if key != "last"), [])
    return [candle for candle in map(exchange.parse_ohlcv, rows) if candle[0] and candle[0] >= since * 1000]


def _answer(request: FetchRequest, candles: list[list[Any]], exchange: Any) -> FetchAnswer:
    whole = [candle[:6] for candle in candles if len(candle) >= 6 and candle[0]]
    lost = len(candles) - len(whole)
    if lost and not whole:
        detail = f"{request.source.symbol}: {lost} rows that are no candles"
        raise SourceError(SourceErrorKind.BROKEN, exchange.id, detail)
    problems = (f"{exchange.id}: {request.source.symbol}: {lost} rows that are no candles, left out",) if lost else ()
    table = np.array(whole, dtype=np.float64).reshape(-1, 6)
    return answered(request, Rows((table[:, 0] // 1000).astype(np.int64), table[:, 1:].T), problems)


def _classified(error: Exception, exchange: Any, request: FetchRequest) -> SourceError:
    said = " ".join(str(error).split())[:300]
    headers = exchange.last_response_headers or {}
    waits = {str(key).lower(): value for key, value in headers.items()}.get("retry-after", "")
    retry_after = float(waits) if str(waits).isdigit() else None
    return SourceError(_kind(error), exchange.id, f"{request.source.symbol}: {said}", retry_after)


def _kind(error: Exception) -> SourceErrorKind:
    status = _STATUS.search(str(error)) if isinstance(error, errors.NetworkError) else None
    if status and status[1] in _STATUSES:
        return _STATUSES[status[1]]
    if isinstance(error, errors.ExchangeError) and _NO_SUCH_MARKET.search(str(error)):
        return SourceErrorKind.UNKNOWN_SYMBOL
    return next((kind for family, kind in _KINDS if isinstance(error, family)), SourceErrorKind.BROKEN)
