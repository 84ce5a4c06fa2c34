"""Questions to the hostile server by each of the bot's clients, in a process of its own, and what memory they took."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

from telegram.error import TelegramError

from bot.market.model import FetchRequest, Source, SourceError
from bot.market.sources.registry import ask, source_types
from bot.signals.sessions import Sessions
from bot.signals.timeframe import Timeframe, start_of
from bot.telegram.sending.aiohttp_request import AiohttpRequest

NOW = start_of("2026-11-20T12:00Z")
SOURCES = {
    "yahoo": ("IWM", {}),
    "exchange": ("BTC/USDT", {"rateLimit": 1}),
    "exchange with its markets": ("BTC/USDT:USDT", {"rateLimit": 1}),
    "coingecko": ("total", {}),
    "tiingo": ("IWM", {"key": "a-key-of-tiingo"}),
    "twelvedata": ("IWM", {"key": "a-key-of-twelvedata"}),
    "defillama": ("stablecoins", {}),
    "alternative_me": ("fear_greed", {}),
    "binance_funding": ("BTCUSDT", {}),
    "fred": ("WALCL", {}),
}
QUESTIONS = {
    "fund_snapshot": ("bot.market.vendors.yahoo_funds:fund_snapshot", "IWM"),
    "earnings_totals": ("bot.market.vendors.yahoo_funds:earnings_totals",),
}


def asked(client: str, url: str) -> tuple[str, int, int]:
    """What one client said of the server's answer, and this process's memory in MB before and at its most."""
    Path("/proc/self/clear_refs").write_text("5")  # the most from now on
    before = memory("VmHWM")
    return said(client, url), before, memory("VmHWM")


def said(client: str, url: str) -> str:
    if client == "telegram":
        return asyncio.run(_telegram(url))
    try:
        if client in QUESTIONS:
            function, *arguments = QUESTIONS[client]
            return f"told {ask(function, 'yahoo', client, *arguments, {'base_url': url}, NOW)}"
        kind = client.partition(" ")[0]
        symbol, options = SOURCES[client]
        source = Source(kind, "binance" if kind == "exchange" else kind, symbol, {"base_url": url, **options})
        sessions = Sessions.round_the_clock(NOW - 40 * 86_400, NOW)
        since = NOW - 30 * 86_400
        request = FetchRequest("MARKET", Timeframe.D1, source, sessions, since, NOW)
        return f"told {len(ask(source_types()[kind].fetch, kind, symbol, request).bars)} bars"
    except SourceError as error:
        return f"{error.kind}: {error}"


async def _telegram(url: str) -> str:
    request = AiohttpRequest()
    await request.initialize()
    try:
        status, body = await request.do_request(f"{url}/bot1:x/getMe", "POST")
        return f"{status}: {len(AiohttpRequest.parse_json_payload(body))} keys"
    except TelegramError as error:
        return f"{type(error).__name__}: {error}"
    finally:
        await request.shutdown()


def memory(what: str) -> int:
    """A figure of /proc/self/status in MB."""
    found = re.search(rf"{what}:\s+(\d+)", Path("/proc/self/status").read_text())
    assert found
    return int(found[1]) // 1024
