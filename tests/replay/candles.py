"""Candles as the exchanges answer with them, each in its own way."""

from __future__ import annotations

from typing import Any

from tests.replay.world import Answer, Row, World, told

_LATEST = 1e12
_SECONDS = {"5m": 300, "15m": 900, "30m": 1800, "1h": 3600, "4h": 14400, "1d": 86400}
_MINUTES = {str(seconds // 60): name for name, seconds in _SECONDS.items()}
_GRANULARITY = {
    "FIVE_MINUTE": "5m", "FIFTEEN_MINUTE": "15m", "THIRTY_MINUTE": "30m", "ONE_HOUR": "1h",
    "FOUR_HOUR": "4h", "ONE_DAY": "1d",
}  # fmt: skip
_KRAKEN_NAMES = {"XBTUSD": "XXBTZUSD", "ETHUSD": "XETHZUSD", "LTCUSD": "XLTCZUSD", "XRPUSD": "XXRPZUSD"}


def _text(value: float | None) -> str | None:
    return None if value is None else str(value)


def binance(world: World, query: dict[str, str]) -> Answer:
    """GET /api/v3/klines: oldest first from startTime on, 500 unless `limit` says else, 1000 at most."""
    if not world.known(query["symbol"]):
        return told({"code": -1121, "msg": "Invalid symbol."}, 400)
    interval = query["interval"]
    first = int(query.get("startTime", 0)) / 1000 - world.overlap * _SECONDS[interval]
    rows = world.between(query["symbol"], interval, first, _LATEST)
    length = _SECONDS[interval] * 1000
    return told([_kline(row, length) for row in rows[: min(int(query.get("limit", 500)), 1000)]])


def _kline(row: Row, length: int) -> list[Any]:
    start = int(row[0]) * 1000
    return [start, *map(_text, row[1:6]), start + length - 1, "0", 8, "0", "0", "0"]


def kraken(world: World, query: dict[str, str]) -> Answer:
    """GET /0/public/OHLC: after `since`, but never more than the last 720 closed candles and the unfinished one."""
    pair = query["pair"].replace("XBT", "BTC").replace("XDG", "DOGE")
    if not world.known(pair):
        return told({"error": ["EQuery:Unknown asset pair"]})
    rows = world.between(pair, _MINUTES[query["interval"]], float(query.get("since", 0)) + 1, _LATEST)[-721:]
    told_rows = [[int(row[0]), *map(_text, row[1:5]), "0.0", _text(row[5]), 3] for row in rows]
    last = int(rows[-2][0]) if len(rows) > 1 else 0
    return told({"error": [], "result": {_KRAKEN_NAMES.get(query["pair"], query["pair"]): told_rows, "last": last}})


def coinbase(world: World, product: str, query: dict[str, str]) -> Answer:
    """GET …/products/{id}/candles: newest first, at most 350, and only what lies between start and end."""
    symbol = product.replace("-", "")
    if not world.known(symbol):
        return told({"error": "NOT_FOUND", "error_details": "valid product_id is required"}, 404)
    rows = world.between(symbol, _GRANULARITY[query["granularity"]], float(query["start"]), float(query["end"]))
    names = ("start", "open", "high", "low", "close", "volume")
    candles = [dict(zip(names, [str(int(row[0])), *map(_text, row[1:6])], strict=True)) for row in rows[:350]]
    return told({"candles": candles[::-1]})


def okx(world: World, query: dict[str, str]) -> Answer:
    """GET /api/v5/market/candles: newest first, between `before` and `after`, both excluded."""
    symbol = query["instId"].replace("-", "")
    if not world.known(symbol):
        return told({"code": "51001", "msg": "Instrument ID does not exist", "data": []})
    interval = query["bar"].lower().removesuffix("utc")
    first, last = int(query.get("before", 0)) / 1000, int(query.get("after", _LATEST * 1000)) / 1000
    rows = [row for row in world.between(symbol, interval, first, last) if first < row[0] < last]
    data = [[str(int(row[0]) * 1000), *map(_text, row[1:6]), "0", "0", "1"] for row in rows[: int(query["limit"])]]
    return told({"code": "0", "msg": "", "data": data[::-1]})


def bybit(world: World, query: dict[str, str]) -> Answer:
    """GET /v5/market/kline: newest first, from `start` on."""
    if not world.known(query["symbol"]):
        return told({"retCode": 10001, "retMsg": "Not supported symbols", "result": {}})
    interval = _MINUTES.get(query["interval"], "1d")
    rows = world.between(query["symbol"], interval, int(query.get("start", 0)) / 1000, _LATEST)
    data = [[str(int(row[0]) * 1000), *map(_text, row[1:6]), "0"] for row in rows[: int(query["limit"])]]
    result = {"symbol": query["symbol"], "category": query["category"], "list": data[::-1]}
    return told({"retCode": 0, "retMsg": "OK", "result": result})
