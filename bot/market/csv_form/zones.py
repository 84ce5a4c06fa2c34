"""Names of zones beside times: how far each time is ahead of UTC, where its zone can be only one thing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np

from bot.market.csv_form.complaints import shown
from bot.signals.bars import IntArray

_ALLOWED = "allowed: an offset, as 2020-01-31 09:30:00-05:00, or a zone's name, as America/New_York"
_NAME = r"[A-Za-z]+(?:/[A-Za-z][A-Za-z0-9_+-]*)+"
_NAMED = re.compile(rf"(?P<time>.*\d(?: ?[AaPp][Mm])?)\s+\(?(?P<zone>{_NAME}|[A-Z]{{2,4}})\)?")
_BRACKETED = re.compile(rf"(?P<time>.*(?:\d|Z))\s*\[{_NAME}\]")
_IN_HEADER = re.compile(rf"\(\s*(?P<zone>{_NAME}|[A-Z]{{2,4}})\s*\)\s*$")

_CLOCKS = {
    "ET": ("America/New_York", None),
    "EST": ("America/New_York", -5),
    "EDT": ("America/New_York", -4),
    "PST": ("America/Los_Angeles", -8),
    "PDT": ("America/Los_Angeles", -7),
    "CET": ("Europe/Berlin", 1),
    "CEST": ("Europe/Berlin", 2),
}
"""Abbreviations of one place only, with the hours that it is ahead of UTC where the abbreviation tells summer."""

_SEVERAL = frozenset({"CST", "CDT", "MST", "MDT", "BST", "IST", "AST", "CT", "PT", "MT", "SST", "GST"})
"""Those that several places of the world call their time, or that a place calls its clock in summer and winter."""

_UTC = frozenset({"UTC", "GMT", "Z"})


class ZoneError(Exception):
    """A time whose zone can't be told; `at` is its position."""

    def __init__(self, at: int, message: str) -> None:
        super().__init__(message)
        self.at = at


class Zoned(NamedTuple):
    """Cells without the names of zones beside them, and these names, "" where a cell has none."""

    cells: Sequence[str]
    zones: Sequence[str]


def header_zone(name: str) -> str:
    """The zone that a column's name tells, as `time (America/New_York)`; "" where it tells none."""
    found = _IN_HEADER.search(name.strip())
    return found["zone"] if found and _is_zone(found["zone"]) else ""


def without_zones(texts: Sequence[str]) -> Zoned | None:
    """The texts without zones that stand behind their times; None where no text has one.

    A name in brackets behind an offset says nothing more: `2024-03-01T10:00-05:00[America/New_York]`.
    """
    bare = [each["time"] if (each := _BRACKETED.fullmatch(text)) else text for text in texts]
    found = [_NAMED.fullmatch(text) for text in bare]
    named = [each if each and _is_zone(each["zone"]) and each["zone"] not in _UTC else None for each in found]
    if not any(named):
        return Zoned(bare, [""] * len(bare)) if bare != list(texts) else None
    cells = [each["time"] if each else text for each, text in zip(named, bare, strict=True)]
    return Zoned(cells, [each["zone"] if each else "" for each in named])


def offsets(local: IntArray, zones: Sequence[str], texts: Sequence[str]) -> IntArray:
    """Seconds that each time is ahead of UTC; `local` are the seconds that its clock shows. Raises ZoneError.

    Of a time that a night has twice the first row is the first of them; `texts` are for the complaints.
    """
    places = {zone: _place(zone, zones.index(zone)) for zone in dict.fromkeys(zones)}
    often = Counter(zip(local.tolist(), zones, strict=True))
    newest_first = len(local) > 1 and bool(local[0] > local[-1])
    seen: Counter[tuple[int, str]] = Counter()
    found = []
    for at, key in enumerate(zip(local.tolist(), zones, strict=True)):
        place, hours = places[key[1]]
        early, late = _both(place, key[0])
        seen[key] += 1
        if hours is not None:
            if hours * 3_600 not in {early, late}:
                raise ZoneError(at, _other_season(texts[at], key[1]))
            early = late = hours * 3_600
        if early < late:
            raise ZoneError(at, f"{shown(texts[at])} is a time that {key[1]} leaves out that night; {_ALLOWED}")
        if early > late and often[key] != 2:
            raise ZoneError(at, f"{shown(texts[at])} is a time that {key[1]} has twice that night; {_ALLOWED}")
        found.append(early if (seen[key] == 1) is not newest_first else late)
    return np.array(found, dtype=np.int64)


def _is_zone(name: str) -> bool:
    return "/" in name or name in _CLOCKS or name in _SEVERAL or name in _UTC


def _place(zone: str, at: int) -> tuple[ZoneInfo | None, int | None]:
    """The place whose clock is meant, and the hours that it is ahead of UTC where the name tells them."""
    if zone in _UTC:
        return None, None
    if zone in _SEVERAL:
        raise ZoneError(at, f"{shown(zone)} may be the time of several places; {_ALLOWED}")
    name, hours = _CLOCKS.get(zone, (zone, None))
    try:
        return ZoneInfo(name), hours
    except (KeyError, ValueError, OSError):
        raise ZoneError(at, f"no such zone (got {shown(zone)}); {_ALLOWED}") from None


def _both(place: ZoneInfo | None, local: int) -> tuple[int, int]:
    """Seconds ahead of UTC: of the first time that the clock shows this, and of the last."""
    if place is None:
        return 0, 0
    clock = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=local)).replace(tzinfo=place)
    both = (clock.replace(fold=fold).utcoffset() or timedelta() for fold in (0, 1))
    early, late = (int(each.total_seconds()) for each in both)
    return early, late


def _other_season(text: str, zone: str) -> str:
    place, hours = _CLOCKS[zone]
    clock = f"{place} has another time on that day, so {zone} may mean its clock or {hours:+03d}:00"
    return f"{shown(text)}: {clock}; {_ALLOWED}"
