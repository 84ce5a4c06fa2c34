"""What Yahoo says of a fund today, and of how many small companies lose money."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Any

from bot.market.model import SourceError, SourceErrorKind
from bot.market.vendor_snapshots import EarningsTotals, FundSnapshot
from bot.market.vendors.yfinance_client import SOURCE_NAME, info, screened, shares
from bot.signals.timeframe import DAY, Instant

_SHARES_BACK_S = 45 * DAY
"""Seconds back in which a number of shares is looked for: Yahoo notes one when it changes."""

_EXCHANGES = ("NMS", "NGM", "NCM", "NYQ", "ASE")
"""Where US companies are listed, as Yahoo calls Nasdaq's three tiers, the NYSE and its sister for small companies."""

_SMALLEST, _LARGEST = 150e6, 7e9
"""Market capitalisation in dollars between which a company is a small cap, unless the options say else."""


def fund_snapshot(symbol: str, options: Mapping[str, Any], now: Instant) -> FundSnapshot:
    """What Yahoo says of a fund. Raises SourceError, with NO_DATA where it says neither assets nor a price of a share.

    The option `base_url` names a server that stands in for Yahoo.
    """
    told = info(symbol, options)
    counts = _share_counts(symbol, options, now)
    assets, nav = _number(told.get("totalAssets")), _number(told.get("navPrice"))
    if assets is None and nav is None:
        raise SourceError(SourceErrorKind.NO_DATA, SOURCE_NAME, f"{symbol}: neither assets nor a net asset value")
    shares_at, count = counts[-1] if counts else (None, None)
    return FundSnapshot(now, symbol, assets, nav, count, shares_at)


def earnings_totals(options: Mapping[str, Any], now: Instant) -> EarningsTotals:
    """Counts of US small caps by the sign of their net income over the last four quarters. Raises SourceError.

    Options: `smallest` and `largest`, dollars of market capitalisation; `base_url` as in `fund_snapshot`. Companies
    whose net income Yahoo does not know are in neither count.
    """
    smallest = float(options.get("smallest", _SMALLEST))
    largest = float(options.get("largest", _LARGEST))
    small: list[tuple[str, list[Any]]] = [
        ("eq", ["region", "us"]),
        ("is-in", ["exchange", *_EXCHANGES]),
        ("btwn", ["intradaymarketcap", smallest, largest]),
    ]
    negative, rest = (_total([*small, (sign, ["netincomeis.lasttwelvemonths", 0])], options) for sign in ("lt", "gte"))
    if not negative + rest:
        raise SourceError(SourceErrorKind.NO_DATA, SOURCE_NAME, "screener: found no company at all")
    return EarningsTotals(now, negative + rest, negative, smallest, largest)


def _share_counts(symbol: str, options: Mapping[str, Any], now: Instant) -> list[tuple[Instant, float]]:
    """The numbers of shares outstanding that Yahoo has learned of lately, oldest first; it keeps no daily list."""
    since = now - _SHARES_BACK_S
    found = shares(symbol, options, since, now)
    known = [(at, number) for at, value in found if (number := _number(value)) is not None]
    return sorted(each for each in known if since <= each[0] <= now)


def _total(conditions: list[tuple[str, list[Any]]], options: Mapping[str, Any]) -> int:
    total = screened(conditions, options)
    if not isinstance(total, int) or total < 0:
        raise SourceError(SourceErrorKind.BROKEN, SOURCE_NAME, f"screener: no total (got {total!r})")
    return total


def _number(given: Any) -> float | None:
    """A number above 0; None for whatever else a vendor says."""
    known = isinstance(given, int | float) and not isinstance(given, bool) and isfinite(given) and given > 0
    return float(given) if known else None
