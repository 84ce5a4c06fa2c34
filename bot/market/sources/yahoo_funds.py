"""What does Yahoo say of a fund today, and of how many small companies lose money? (Runs in the worker process.)"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from datetime import UTC, datetime
from math import isfinite
from typing import Any

import yfinance
from yfinance import EquityQuery

from bot.market.model import SourceError, SourceErrorKind
from bot.market.sources.yahoo_session import asked, session
from bot.market.vendor_snapshots import EarningsTotals, FundSnapshot
from bot.signals.timeframe import DAY, Instant

SOURCE = "yahoo"

Noted = tuple[tuple[Instant, float], ...]
"""Instants and numbers of shares."""

_SHARES_BACK = 45 * DAY
"""Seconds back in which a number of shares is looked for: Yahoo notes one when it changes."""

_EXCHANGES = ("NMS", "NGM", "NCM", "NYQ", "ASE")
"""Where US companies are listed, as Yahoo calls Nasdaq's three tiers, the NYSE and its sister for small companies."""

_SMALLEST, _LARGEST = 150e6, 7e9
"""Market capitalisation in dollars between which a company is a small cap, unless the options say else."""


def fund_snapshot(symbol: str, options: Mapping[str, Any], now: Instant) -> FundSnapshot:
    """What Yahoo says of a fund. Raises SourceError, with NO_DATA where it says neither assets nor a price of a share.

    The option `base_url` names a server that stands in for Yahoo.
    """
    ticker = yfinance.Ticker(symbol, session=session(options))
    with asked(SOURCE, symbol), warnings.catch_warnings(action="ignore"):
        info = _sound(lambda: ticker.info, symbol)
        noted = _noted(ticker, symbol, now - _SHARES_BACK, now)
    assets, nav = _number(info.get("totalAssets")), _number(info.get("navPrice"))
    if assets is None and nav is None:
        raise SourceError(SourceErrorKind.NO_DATA, SOURCE, f"{symbol}: neither assets nor a net asset value")
    shares_at, shares = noted[-1] if noted else (None, None)
    return FundSnapshot(now, symbol, assets, nav, shares, shares_at)


def earnings_totals(options: Mapping[str, Any], now: Instant) -> EarningsTotals:
    """Counts of US small caps by the sign of their net income over the last four quarters. Raises SourceError.

    Options: `smallest` and `largest`, dollars of market capitalisation; `base_url` as in `fund_snapshot`. Companies
    whose net income Yahoo does not know are in neither count.
    """
    smallest = float(options.get("smallest", _SMALLEST))
    largest = float(options.get("largest", _LARGEST))
    small = [
        EquityQuery("eq", ["region", "us"]),
        EquityQuery("is-in", ["exchange", *_EXCHANGES]),
        EquityQuery("btwn", ["intradaymarketcap", smallest, largest]),
    ]
    with asked(SOURCE, "screener"), warnings.catch_warnings(action="ignore"):
        negative, rest = (
            _total(EquityQuery("and", [*small, EquityQuery(sign, ["netincomeis.lasttwelvemonths", 0])]), options)
            for sign in ("lt", "gte")
        )
    if not negative + rest:
        raise SourceError(SourceErrorKind.NO_DATA, SOURCE, "screener: found no company at all")
    return EarningsTotals(now, negative + rest, negative, smallest, largest)


def fund_shares(symbol: str, options: Mapping[str, Any], since: Instant, now: Instant) -> Noted:
    """The numbers of shares outstanding that Yahoo has noted of a fund from `since` to `now`. Raises SourceError.

    Oldest first; none where Yahoo keeps no such list. It notes a number when it learns of it, not every day.
    """
    ticker = yfinance.Ticker(symbol, session=session(options))
    with asked(SOURCE, symbol), warnings.catch_warnings(action="ignore"):
        return _noted(ticker, symbol, since, now)


def _noted(ticker: Any, symbol: str, since: Instant, now: Instant) -> Noted:
    first, last = (datetime.fromtimestamp(each, UTC) for each in (since, now))
    found = _sound(lambda: ticker.get_shares_full(start=first, end=last), symbol)
    if found is None:
        return ()
    stamps = found.index.tz_localize(None)  # yfinance takes Yahoo's stamps, which are UTC, for local ones
    instants = stamps.to_numpy().astype("datetime64[s]").astype("int64").tolist()
    known = [(at, number) for at, value in zip(instants, found.tolist(), strict=True) if (number := _number(value))]
    return tuple(sorted(each for each in known if since <= each[0] <= now))


def _total(query: EquityQuery, options: Mapping[str, Any]) -> int:
    found = _sound(lambda: yfinance.screen(query, size=1, session=session(options)), "screener")
    total = found.get("total")
    if not isinstance(total, int) or total < 0:
        raise SourceError(SourceErrorKind.BROKEN, SOURCE, f"screener: no total (got {total!r})")
    return total


def _sound(ask: Any, symbol: str) -> Any:
    """What a question brings; a body that yfinance stumbles over is a broken answer."""
    try:
        return ask()
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        raise SourceError(SourceErrorKind.BROKEN, SOURCE, f"{symbol}: {type(error).__name__}: {error}"[:300]) from error


def _number(given: Any) -> float | None:
    """A number above 0; None for whatever else a vendor says."""
    known = isinstance(given, int | float) and not isinstance(given, bool) and isfinite(given) and given > 0
    return float(given) if known else None
