"""Crypto exchanges as sources, by ccxt, and which exchanges it knows, without the five seconds of its import."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from bot.market.model import Source
from bot.market.source_type import Accounts, SourceType

KIND = "exchange"


@lru_cache(maxsize=1)
def exchange_ids() -> frozenset[str]:
    """The ids of all of ccxt's exchanges, read off the names of its files; none where ccxt is not installed.

    ccxt has one file for each exchange and its package imports them all: what is imported here is nothing.
    """
    found = find_spec("ccxt")
    folders = found.submodule_search_locations if found else None
    files = (file for folder in folders or () for file in Path(folder).glob("*.py"))
    return frozenset(file.stem for file in files if not file.stem.startswith("_"))


def known_exchange(exchange: str) -> bool:
    """Whether ccxt has such an exchange; True for any where it can't be told."""
    return exchange in exchange_ids() or not exchange_ids()


def _on_every_exchange(value: Any, options: Mapping[str, Any], accounts: Accounts) -> tuple[Source, ...]:
    """The coin `value` on each of the config's exchanges, in their order; options of the market win."""
    return tuple(
        Source(KIND, each.id, f"{value}/{each.quote}", {**each.options, **options}) for each in accounts.exchanges
    )


SOURCE = SourceType(KIND, str, "bot.market.vendors.ccxt:fetch", _on_every_exchange)
