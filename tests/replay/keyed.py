"""Sources that want a key: Tiingo's daily prices and Twelve Data's time series, with the refusals of both."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from tests.replay.world import Answer, Row, World, told

TIINGO = "/tiingo/daily/"
TWELVEDATA = "/time_series"
KEYS = {"tiingo": "Token a-tiingo-key", "twelvedata": "apikey a-twelvedata-key"}
"""What the header `Authorization` must say; a request's headers are among its query, as `authorization`."""


def keyed(world: World, path: str, query: dict[str, str]) -> Answer | None:
    """An answer of one of these sources; None for another path."""
    if path.startswith(TIINGO):
        return _tiingo(world, path, query)
    return _twelvedata(world, query) if path == TWELVEDATA else None


def _tiingo(world: World, path: str, query: dict[str, str]) -> Answer:
    """GET /tiingo/daily/{symbol}/prices: prices as traded, with the splits beside them; only dates, oldest first."""
    if query.get("authorization") != KEYS["tiingo"]:
        return told({"detail": "Invalid token."}, 401)
    symbol = path.removeprefix(TIINGO).split("/")[0]
    if not world.known(f"{symbol}@tiingo"):
        return told({"detail": f"Error: Ticker '{symbol}' not found"}, 404)
    rows = _dated(world, f"{symbol}@tiingo", query["startDate"], query["endDate"])
    return told([_tiingo_row(row, world.splits.get(symbol, {}).get(row[0], 1.0)) for row in rows])


def _tiingo_row(row: Row, split: float) -> dict[str, Any]:
    names = ("open", "high", "low", "close", "volume")
    prices = dict(zip(names, row[1:], strict=True))
    adjusted = {f"adj{name.capitalize()}": value and value * 0.97 for name, value in prices.items()}
    return {"date": f"{_date(row)}T00:00:00.000Z", **prices, **adjusted, "divCash": 0.0, "splitFactor": split}


def _twelvedata(world: World, query: dict[str, str]) -> Answer:
    """GET /time_series: newest first, numbers as texts, and errors with HTTP status 200."""
    if query.get("authorization") != KEYS["twelvedata"]:
        return _refused(401, "**apikey** parameter is incorrect or not specified.")
    symbol = query["symbol"]
    if not world.known(f"{symbol}@twelvedata"):
        return _refused(400, f"**symbol** not found: {symbol}. Please specify it correctly.")
    rows = _dated(world, f"{symbol}@twelvedata", query["start_date"], query["end_date"][:10])
    names = ("open", "high", "low", "close", "volume")
    values = [{"datetime": _date(row), **{n: str(v) for n, v in zip(names, row[1:], strict=True)}} for row in rows]
    values = values[::-1][: int(query["outputsize"])]
    return told({"meta": {"symbol": symbol, "interval": query["interval"]}, "values": values, "status": "ok"})


def _refused(code: int, message: str) -> Answer:
    return told({"code": code, "message": message, "status": "error"})


def _dated(world: World, symbol: str, first: str, last: str) -> list[Row]:
    return [row for row in world.between(symbol, "1d", 0, 1e12) if first <= _date(row) <= last]


def _date(row: Row) -> str:
    assert row[0] is not None
    return datetime.fromtimestamp(row[0], UTC).date().isoformat()
