"""Crypto exchanges as sources, by ccxt, and which exchanges it knows, without the five seconds of its import."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator

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
    """The coin or pair `value` on each of the config's exchanges, in their order; options of the market win."""
    return tuple(
        Source(KIND, each.id, value if "/" in value else f"{value}/{each.quote}", {**each.options, **options})
        for each in accounts.exchanges
    )


def _coin_or_pair(given: str) -> str:
    """A coin as SOL, in the quote of each exchange, or a pair as SOL/BTC, in its own."""
    if not _PAIR.fullmatch(given):
        raise ValueError(f"neither a coin nor a pair (got {given!r}); allowed: like SOL, or SOL/BTC")
    if found := _JOINED.fullmatch(given):
        raise ValueError(f"a coin and a quote in one (got {given!r}); allowed: {found[1]}, or {found[1]}/{found[2]}")
    return given


_PAIR = re.compile(r"[A-Z0-9]{1,20}(?:/[A-Z0-9]{2,10})?")
_JOINED = re.compile(r"([A-Z0-9]{3,})(USDT|USDC|USD|EUR)")

SOURCE = SourceType(
    KIND,
    Annotated[str, AfterValidator(_coin_or_pair)],
    "bot.market.vendors.ccxt:fetch",
    _on_every_exchange,
    strict=True,  # one client for an exchange, which knows the one market that it is asked for
)
