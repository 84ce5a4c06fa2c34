"""Yahoo as a source: a symbol like ^RUT or BTC-USD, free and without a key."""

from __future__ import annotations

from bot.market.source_type import SourceType, single

KIND = "yahoo"

SOURCE = SourceType(KIND, str, "bot.market.vendors.yahoo:fetch", single(KIND), at_once=6)  # as a browser
