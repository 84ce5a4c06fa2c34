"""Which column of a file is what, by the names that vendors give them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

ENGLISH: Mapping[str, tuple[str, ...]] = {
    "open": ("open", "o", "open price"),
    "high": ("high", "h", "high price"),
    "low": ("low", "l", "low price"),
    "close": ("close", "c", "close/last", "close price", "closing price", "last", "price", "last price"),
    "volume": ("volume", "v", "vol", "tickvol"),
    "symbol": ("symbol", "ticker", "name", "pair", "instrument", "asset"),
    "period": ("per", "period", "interval", "timeframe", "resolution"),
}
"""By what a row has, the names that columns of it go by, the likeliest first: as `plain_name` makes them."""

FOREIGN: Mapping[str, tuple[str, ...]] = {
    "open": ("eröffn", "eröffnung", "eröffnungskurs", "erster", "ouv", "ouverture", "apertura", "abertura"),
    "high": ("hoch", "tageshoch", "plus haut", "haut", "máximo", "massimo", "máxima", "hoog"),
    "low": ("tief", "tagestief", "plus bas", "bas", "mínimo", "minimo", "mínima", "laag"),
    "close": ("zuletzt", "schluss", "schlusskurs", "dernier", "último", "ultimo", "cierre", "fechamento", "laatste"),
    "volume": ("stuecke", "stücke", "volumen", "umsatz"),
    "symbol": (),
    "period": (),
}
"""The same in German, French, Spanish, Italian, Portuguese and Dutch."""

TIMES = (
    "unix", "unix timestamp", "epoch", "open time", "opentime", "timeopen", "t", "timestamp", "datetime", "date time",
    "gmt time", "date", "trade date", "time", "datum", "fecha", "data",
)  # fmt: skip
"""Names of columns that tell when; those that can be read in one way only come first."""

_FOREIGN_NAMES = frozenset(name for names in (*FOREIGN.values(), TIMES[-3:]) for name in names)
_UNNAMED = frozenset({"", "index", "unnamed: 0"})


@dataclass(frozen=True, slots=True)
class Columns:
    """Positions of the columns that a file has; `times` begin with the one to go by.

    `foreign` headers are of a language that writes a decimal comma, and days before months. `repeated` are the names
    that stand twice, so that nobody knows which is meant.
    """

    times: tuple[int, ...]
    numbers: Mapping[str, int]
    repeated: tuple[str, ...]
    foreign: bool

    @property
    def enough(self) -> bool:
        """Whether the columns tell of bars: a time and a close."""
        return bool(self.times) and "close" in self.numbers


def plain_name(name: str) -> str:
    """A column's name without capitals, units, a number before it and signs around: `1. open`, `<CLOSE>`, `Vol.`."""
    text = re.sub(r"\s*\([^)]*\)$", "", name.strip().strip("<>").lower())
    text = re.sub(r"^\d+[a-z]?\.\s*", "", text).rstrip(".")
    return " ".join(text.replace("_", " ").split())


def columns_of(header: Sequence[str]) -> Columns:
    """What the names of a header tell. A first column without a name holds the times where no other does."""
    names = [plain_name(each) for each in header]
    if {"o", "h", "l", "c"} <= set(names):  # called by letters: a capital T is the symbol then, and a small t the time
        names = ["" if each.strip() == "T" else name for name, each in zip(names, header, strict=True)]
    numbers: dict[str, int] = {}
    repeated = []
    for what, known in ENGLISH.items():
        chosen = next((name for name in (*known, *FOREIGN[what]) if name in names), None)
        if chosen is not None:
            numbers[what] = names.index(chosen)
            repeated += [chosen] if names.count(chosen) > 1 else []
    times = [at for name in TIMES for at, each in enumerate(names) if each == name]
    repeated += [name for name in TIMES if names.count(name) > 1]
    if not times and names[0] in _UNNAMED:
        times = [0]
    return Columns(tuple(times), numbers, tuple(repeated), not _FOREIGN_NAMES.isdisjoint(names))
