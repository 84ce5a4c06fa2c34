"""Which column of a file is what, by the names in its header."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from bot.market.csv_form.names import (
    EAST_ASIAN,
    ENGLISH,
    FOREIGN,
    FOREIGN_TIMES,
    OTHER_FIGURES,
    TIMES,
    VALUES,
)

_KNOWN: Mapping[str, tuple[str, ...]] = {what: (*ENGLISH[what], *FOREIGN[what], *EAST_ASIAN[what]) for what in ENGLISH}
_FOREIGN_NAMES = frozenset(name for names in (*FOREIGN.values(), FOREIGN_TIMES) for name in names)
_UNNAMED = frozenset({"", "index", "unnamed: 0"})
_OF_SYMBOL = re.compile(
    r"(?P<first>[\w.^=&-]+?)(?: - |[. ])(?P<what>open|high|low|close|volume|adjusted|adj close)"
    r"|(?P<then>open|high|low|close|volume|adjusted|adj close)(?: - |[. ])(?P<last>[\w.^=&-]+)"
)
_EXPLAINED = re.compile(r"((?:adj )?close)\W+(?:adjusted )?close price adjusted .*")
_CODE = re.compile(r"[A-Z][A-Z0-9]{2,}")


class Columns(NamedTuple):
    """Positions of the columns that a file has; `times` begin with the one to go by.

    `foreign` headers are of a language that writes a decimal comma, and days before months. `repeated` are the names
    that stand twice, so that nobody knows which is meant; of a volume that stands twice none is taken. `symbols` are
    those that the names of the columns begin or end with.
    """

    times: tuple[int, ...]
    numbers: Mapping[str, int]
    repeated: tuple[str, ...]
    foreign: bool
    symbols: tuple[str, ...] = ()

    @property
    def enough(self) -> bool:
        """Whether the columns tell of bars: a time and a close."""
        return bool(self.times) and "close" in self.numbers


def plain_name(name: str) -> str:
    """A column's name without capitals, units, a number before it and signs around: `1. open`, `<CLOSE>`, `Vol.`."""
    text = name.strip().strip("<>*").lower()
    if found := re.search(r"\s*\(([^)]*)\)$", text):
        of_another = OTHER_FIGURES & set(re.findall(r"[a-z]+", found[1]))
        text = (
            " ".join((text[: found.start()], found[1])) if of_another or "stück" in found[1] else text[: found.start()]
        )
    text = re.sub(r"^\d+[a-z]?\.\s*", "", text).rstrip(".")
    text = " ".join(text.replace("_", " ").split())
    return _EXPLAINED.sub(r"\1", text)


def columns_of(header: Sequence[str], market: str = "") -> Columns:
    """What the names of a header tell. A first column without a name holds the times where no other does.

    `market` is what the file is called; a column of that name is its close where there is no other figure.
    """
    names = [plain_name(each) for each in header]
    if {"o", "h", "l", "c"} <= set(names):  # called by letters: a capital T is the symbol then, and a small t the time
        names = ["" if each.strip() == "T" else name for name, each in zip(names, header, strict=True)]
    symbols: tuple[str, ...] = ()
    if _KNOWN_CLOSES.isdisjoint(names):
        names, symbols = _without_symbol(names, header, market)
    times = [at for name in TIMES for at, each in enumerate(names) if each == name]
    repeated = [name for name in TIMES if names.count(name) > 1]
    if not times and names[0] in _UNNAMED:
        times = [0]
    numbers: dict[str, int] = {}
    for what, known in _KNOWN.items():
        chosen = next((name for name in known if name in names), None)
        if chosen is None or (what == "volume" and _several_volumes(chosen, names)):
            continue
        numbers[what] = names.index(chosen)
        repeated += [chosen] if names.count(chosen) > 1 else []
    if "close" not in numbers and len(times) == 1 and len(names) == 2 and _is_value(header, times[0], market):
        numbers = {"close": 1 - times[0]}
    return Columns(tuple(times), numbers, tuple(repeated), not _FOREIGN_NAMES.isdisjoint(names), symbols)


_KNOWN_CLOSES = frozenset(_KNOWN["close"])


def _several_volumes(chosen: str, names: Sequence[str]) -> bool:
    """Whether it is open which of several columns counts shares: one of that name, or one that counts money."""
    others = [name for name in names if "umsatz" in name] if chosen == "umsatz" else [chosen]
    return names.count(chosen) > 1 or len(others) > 1


def _without_symbol(names: list[str], header: Sequence[str], market: str) -> tuple[list[str], tuple[str, ...]]:
    """The names without the symbol in each, as in `IWM.Open` and `Close IWM`, and the symbols where there are several.

    A symbol is written in capitals, or as the file is called: `log close` is of none.
    """
    found = [_OF_SYMBOL.fullmatch(name) for name in names]
    symbols = {each["first"] or each["last"] for each in found if each}
    closes = [each for each in found if each and (each["what"] or each["then"]) == "close"]
    written = " ".join(header)
    if not closes or symbols & OTHER_FIGURES or any(each.upper() not in written for each in symbols - {market.lower()}):
        return names, ()
    if len(symbols) > 1:
        return names, tuple(sorted(symbols))
    return [each["what"] or each["then"] if each else name for each, name in zip(found, names, strict=True)], ()


def _is_value(header: Sequence[str], time: int, market: str) -> bool:
    """Whether the one column beside the times is the market's figure, by its name."""
    name, when = header[1 - time].strip(), header[time].strip()
    words = set(re.findall(r"[a-z]+", name.lower()))
    if words & OTHER_FIGURES:
        return False
    fred = plain_name(when) == "observation date" or when == "DATE"
    return (
        plain_name(name) in VALUES
        or name.upper() == market.upper()
        or (fred and _CODE.fullmatch(name) is not None)
        or re.fullmatch(r".*\bprice(?: \(close\))?", name, re.IGNORECASE) is not None
    )
