"""Yahoo and CoinGecko, of the present only: a fund, a screen, the whole crypto market."""

from __future__ import annotations

import json
from typing import Any

from tests.replay.world import Answer, Fund, World, told

QUOTE_SUMMARY = "/v10/finance/quoteSummary/"
QUOTE = "/v7/finance/quote"
TIMESERIES = "/ws/fundamentals-timeseries/v1/finance/timeseries/"
SCREENER = "/v1/finance/screener"
GLOBAL = "/api/v3/global"


def present(world: World, path: str, query: dict[str, str]) -> Answer | None:
    """An answer of one of these endpoints; None for another path."""
    if path.startswith(QUOTE_SUMMARY):
        return _quote_summary(world, path.removeprefix(QUOTE_SUMMARY))
    if path == QUOTE:
        return told(
            {"quoteResponse": {"result": [{"symbol": query.get("symbols"), "language": "en-US"}], "error": None}}
        )
    if path.startswith(TIMESERIES):
        return _timeseries(world, path.removeprefix(TIMESERIES), query)
    if path == GLOBAL:
        return told({"data": world.crypto}) if world.crypto else Answer(404, "{}")
    return None


def screened(world: World, body: str) -> Answer:
    """How many companies a screen finds: `world.screens` says it by what is asked of their net income."""
    document = json.loads(body)
    asked = _condition(document["query"], "netincomeis.lasttwelvemonths")
    found = {"start": 0, "count": 1, "total": world.screens[asked], "quotes": [{"symbol": "ABC"}], "useRecords": False}
    return told({"finance": {"result": [found], "error": None}})


def _condition(query: dict[str, Any], field: str) -> str:
    """The operator that a query puts between a field and its bound; "" where it does not name the field."""
    if query["operands"][0] == field:
        return str(query["operator"])
    inner = (each for each in query["operands"] if isinstance(each, dict))
    return next((found for each in inner if (found := _condition(each, field))), "")


def _quote_summary(world: World, symbol: str) -> Answer:
    fund = world.funds.get(symbol)
    if fund is None:
        error = {"code": "Not Found", "description": f"Quote not found for symbol: {symbol}"}
        return told({"quoteSummary": {"result": None, "error": error}}, 404)
    known = {name: value for name, value in (("totalAssets", fund.assets), ("navPrice", fund.nav)) if value is not None}
    result = {
        "quoteType": {"quoteType": "ETF", "symbol": symbol, "timeZoneFullName": "America/New_York", "maxAge": 1},
        "summaryDetail": {"maxAge": 1, "currency": "USD", **known},
    }
    return told({"quoteSummary": {"result": [result], "error": None}})


def _timeseries(world: World, symbol: str, query: dict[str, str]) -> Answer:
    fund = world.funds.get(symbol, Fund())
    asked = query.get("type", "shares_out")
    result: dict[str, Any] = {"meta": {"symbol": [symbol], "type": [asked]}}
    first, last = int(query["period1"]), int(query["period2"])
    noted = [(at, number) for at, number in fund.shares if first <= at <= last]
    if asked == "shares_out" and noted:
        result |= {"timestamp": [at for at, _ in noted], "shares_out": [number for _, number in noted]}
    return told({"timeseries": {"result": [result], "error": None}})
