"""Yahoo's chart endpoint."""

from __future__ import annotations

import struct
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.replay.world import Answer, Row, World, told

_RANGES = ["1d", "5d", "1mo", "3mo", "6mo", "1y", "2y", "5y", "10y", "ytd", "max"]
_LATEST = 1e12
_AFTER_DIVIDENDS = 0.97
"""What adjusted closes are of the true ones: whoever takes them for prices has wrong ones."""


def chart(world: World, symbol: str, query: dict[str, str]) -> Answer:
    """An answer of v8/finance/chart, or its 404."""
    if not world.known(symbol):
        return told(_error("Not Found", "No data found, symbol may be delisted"), 404)
    interval = query.get("interval", "1d")
    if "range" in query:
        rows = world.between(symbol, interval, 0, _LATEST)[-1:]
    else:
        rows = world.between(symbol, interval, float(query["period1"]), float(query["period2"]) - 1)
    result: dict[str, Any] = {"meta": _meta(world, symbol, interval, rows)}
    if rows:
        result["timestamp"] = [row[0] for row in rows]
    events: dict[str, Any] = {}
    paid = {at: amount for at, amount in world.dividends.get(symbol, {}).items() if any(row[0] == at for row in rows)}
    if paid and "div" in query.get("events", ""):
        events["dividends"] = {str(at): {"amount": amount, "date": at} for at, amount in paid.items()}
    split = {at: ratio for at, ratio in world.splits.get(symbol, {}).items() if any(row[0] == at for row in rows)}
    if split and "split" in query.get("events", ""):
        events["splits"] = {str(int(at)): _split(at, ratio) for at, ratio in split.items()}
    if events:
        result["events"] = events
    result["indicators"] = _indicators(rows, daily=interval == "1d")
    return told({"chart": {"result": [result], "error": None}})


def _split(at: float, ratio: float) -> dict[str, Any]:
    return {"date": int(at), "numerator": ratio, "denominator": 1, "splitRatio": f"{ratio:g}:1"}


def _error(code: str, description: str) -> dict[str, Any]:
    return {"chart": {"result": None, "error": {"code": code, "description": description}}}


def _indicators(rows: list[Row], *, daily: bool) -> dict[str, Any]:
    if not rows:
        return {"quote": [{}], **({"adjclose": [{}]} if daily else {})}
    names = ("open", "high", "low", "close", "volume")
    quote = {name: [_narrow(row[at + 1]) for row in rows] for at, name in enumerate(names)}
    adjusted = [None if close is None else close * _AFTER_DIVIDENDS for close in quote["close"]]
    return {"quote": [quote], **({"adjclose": [{"adjclose": adjusted}]} if daily else {})}


def _narrow(value: float | None) -> float | None:
    """Prices reach us as 32-bit numbers widened to 64."""
    return None if value is None else struct.unpack("f", struct.pack("f", value))[0]


def _meta(world: World, symbol: str, interval: str, rows: list[Row]) -> dict[str, Any]:
    listing = world.listings[symbol]
    zone = ZoneInfo(listing.timezone)
    last = rows[-1][0] if rows else 0
    meta: dict[str, Any] = {
        "currency": "USD",
        "symbol": symbol,
        "exchangeName": "PCX",
        "instrumentType": listing.instrument,
        "firstTradeDate": 959_347_800,
        "regularMarketTime": last,
        "hasPrePostMarketData": False,
        "gmtoffset": int(datetime.fromtimestamp(last, zone).utcoffset().total_seconds()),
        "timezone": datetime.fromtimestamp(last, zone).tzname(),
        "exchangeTimezoneName": listing.timezone,
        "priceHint": 2,
        "dataGranularity": interval,
        "range": "",
        "validRanges": _RANGES,
    }
    if interval != "1d":
        days = sorted({datetime.fromtimestamp(row[0], zone).date() for row in rows})
        meta["tradingPeriods"] = [[_period(day, zone)] for day in days]
    return meta


def _period(day: Any, zone: ZoneInfo) -> dict[str, Any]:
    whole = zone.key == "UTC"
    opens = datetime(day.year, day.month, day.day, 0 if whole else 9, 0 if whole else 30, tzinfo=zone)
    closes = opens + (timedelta(hours=23, minutes=59) if whole else timedelta(hours=6, minutes=30))
    return {
        "timezone": opens.tzname(),
        "start": int(opens.astimezone(UTC).timestamp()),
        "end": int(closes.astimezone(UTC).timestamp()),
        "gmtoffset": int(opens.utcoffset().total_seconds()),
    }
