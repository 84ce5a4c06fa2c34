"""The calendars that exchange_calendars knows, read off its files without the half second of its import."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from bot.signals.sessions import ROUND_THE_CLOCK

_PREFIX = "exchange_calendar_"


_SYMBOLS = {
    "XLON": ".L ^FTSE ^FTMC",
    "XETR": ".DE ^GDAXI ^MDAXI ^STOXX ^STOXX50E",
    "XFRA": ".F",
    "XPAR": ".PA ^FCHI",
    "XAMS": ".AS ^AEX",
    "XBRU": ".BR ^BFX",
    "XLIS": ".LS",
    "XMIL": ".MI",
    "XMAD": ".MC ^IBEX",
    "XSWX": ".SW ^SSMI",
    "XWBO": ".VI ^ATX",
    "XSTO": ".ST ^OMX",
    "XCSE": ".CO",
    "XHEL": ".HE",
    "XOSL": ".OL",
    "XDUB": ".IR",
    "XWAR": ".WA",
    "XPRA": ".PR",
    "XBUD": ".BD",
    "ASEX": ".AT",
    "XIST": ".IS",
    "XTAE": ".TA",
    "XJSE": ".JO",
    "XTKS": ".T ^N225",
    "XHKG": ".HK ^HSI",
    "XSHG": ".SS .SZ",
    "XKRX": ".KS .KQ ^KS11",
    "XTAI": ".TW ^TWII",
    "XSES": ".SI ^STI",
    "XBKK": ".BK",
    "XBOM": ".NS .BO ^BSESN ^NSEI",
    "XASX": ".AX ^AXJO ^AORD",
    "XNZE": ".NZ",
    "XTSE": ".TO .V ^GSPTSE",
    "BVMF": ".SA ^BVSP",
    "XMEX": ".MX ^MXX",
    "CMES": "=F =X",
}
"""By calendar, how symbols of Yahoo's end that are traded there, and its indices."""

_BY_SYMBOL = {ending: calendar for calendar, endings in _SYMBOLS.items() for ending in endings.split()}
_ENDING = re.compile(r"\^[A-Z0-9]+$|[.=][A-Z]{1,3}$")
_SHARE_CLASSES = frozenset({".A", ".B", ".C", ".K", ".U", ".WS"})
"""How American symbols may end, as BRK.B."""


def foreign_calendar(symbol: str) -> str | None:
    """The calendar of a symbol of Yahoo's that is hardly traded in New York; "" where it is not known, else None."""
    found = _ENDING.search(symbol.upper())
    if found is None or found[0] in _SHARE_CLASSES:
        return None
    return _BY_SYMBOL.get(found[0], None if found[0].startswith("^") else "")


@lru_cache(maxsize=1)
def calendar_names() -> frozenset[str]:
    """Exchanges by their codes, as XNYS, read off the names of the library's files, and 24/7.

    The library's aliases (NYSE) and made-up calendars (24/5) are not among them.
    """
    found = find_spec("exchange_calendars")
    folders = found.submodule_search_locations if found else None
    files = (file for folder in folders or () for file in Path(folder).glob(f"{_PREFIX}*.py"))
    return frozenset(file.stem.removeprefix(_PREFIX).upper() for file in files) | {ROUND_THE_CLOCK}
