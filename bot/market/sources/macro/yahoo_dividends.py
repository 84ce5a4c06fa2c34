"""Yahoo as a source of what a fund pays out: an amount per share on each ex-date, and 0 on every other session."""

from __future__ import annotations

from bot.market.model import Source
from bot.market.source_type import SourceType
from bot.market.sources import yahoo

KIND = "yahoo_dividends"
SOURCE = SourceType(
    KIND,
    str,
    "bot.market.vendors.yahoo:fetch_dividends",
    lambda value, options, _: (Source(KIND, yahoo.KIND, str(value), options),),
    calendar="releases/ex-date",
)
