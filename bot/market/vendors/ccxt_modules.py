"""ccxt's modules one by one: its errors, and an exchange when it is asked.

`import ccxt` takes in all of its 110 exchanges, which is 45 MB and a second. Here the package is stood in for by an
empty one with the same path while a module of it is imported; whoever imports ccxt itself later gets all of it.
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec
from threading import Lock
from types import ModuleType
from typing import Any

_ONE_AT_A_TIME = Lock()


def exchange_class(name: str) -> Any:
    """The class of an exchange, one of `bot.market.sources.ccxt.exchange_ids`."""
    return getattr(_module(name), name)


def _module(name: str) -> Any:
    with _ONE_AT_A_TIME:
        if "ccxt" in sys.modules:
            return import_module(f"ccxt.{name}")
        spec = find_spec("ccxt")
        assert spec is not None
        assert spec.submodule_search_locations is not None
        package = sys.modules["ccxt"] = ModuleType("ccxt")
        package.__path__ = spec.submodule_search_locations
        try:
            return import_module(f"ccxt.{name}")
        finally:
            del sys.modules["ccxt"]


errors = _module("base.errors")
