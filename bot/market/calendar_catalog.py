"""The calendars that exchange_calendars knows, read off its files without the half second of its import."""

from __future__ import annotations

from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from bot.signals.sessions import ROUND_THE_CLOCK

_PREFIX = "exchange_calendar_"


@lru_cache(maxsize=1)
def calendar_names() -> frozenset[str]:
    """Exchanges by their codes, as XNYS, read off the names of the library's files, and 24/7.

    The library's aliases (NYSE) and made-up calendars (24/5) are not among them.
    """
    found = find_spec("exchange_calendars")
    folders = found.submodule_search_locations if found else None
    files = (file for folder in folders or () for file in Path(folder).glob(f"{_PREFIX}*.py"))
    return frozenset(file.stem.removeprefix(_PREFIX).upper() for file in files) | {ROUND_THE_CLOCK}
