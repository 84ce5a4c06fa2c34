"""Which exchanges does ccxt know, without the five seconds that its import takes?"""

from __future__ import annotations

from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path


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
