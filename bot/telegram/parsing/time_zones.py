"""Time zones as people write them: by city, by name, by offset."""

from __future__ import annotations

import re
from functools import lru_cache
from zoneinfo import available_timezones

from bot.suggest import nearest
from bot.telegram.parsing.command_text import normalized

COMMON = (
    "UTC",
    "America/New_York",
    "America/Chicago",
    "America/Los_Angeles",
    "America/Sao_Paulo",
    "Europe/London",
    "Europe/Berlin",
    "Europe/Istanbul",
    "Asia/Dubai",
    "Asia/Kolkata",
    "Asia/Singapore",
    "Asia/Tokyo",
    "Australia/Sydney",
)
"""Offered as buttons; all others can be typed."""

_ABBREVIATIONS = {
    "ast": ("America/Halifax", "Asia/Riyadh"),
    "bst": ("Europe/London", "Asia/Dhaka"),
    "cst": ("America/Chicago", "Asia/Shanghai", "America/Havana"),
    "est": ("America/New_York", "Australia/Brisbane", "America/Panama"),
    "gst": ("Asia/Dubai", "Atlantic/South_Georgia"),
    "ist": ("Asia/Kolkata", "Asia/Jerusalem", "Europe/Dublin"),
    "mst": ("America/Denver", "America/Phoenix", "Asia/Kuala_Lumpur"),
    "pst": ("America/Los_Angeles", "Asia/Manila"),
    "sst": ("Pacific/Pago_Pago", "Asia/Singapore"),
}
"""Letters that several zones are known by, some of them IANA names of their own that know no summer: always asked."""

_OFFSET = re.compile(r"(?:utc|gmt)?-?([+−-])(\d{1,2})(?::?00)?")
_FRACTIONS = {
    "+3:30": "Asia/Tehran",
    "+4:30": "Asia/Kabul",
    "+5:30": "Asia/Kolkata",
    "+5:45": "Asia/Kathmandu",
    "+6:30": "Asia/Yangon",
    "+9:30": "Australia/Darwin",
}
_FRACTION = re.compile(r"(?:utc|gmt)?(\+)0?(\d):?(30|45)")
_MAX_SHOWN = 4


def parse_time_zone(said: str) -> str | tuple[str, ...]:
    """The zone's IANA name, or the names that may have been meant.

    Case and separators do not matter; a city will do, and so will UTC+2. What several zones are called is asked.
    """
    offset = _fixed(said)
    if offset is not None:
        return offset
    word = normalized(said)
    if word in _ABBREVIATIONS:
        return _ABBREVIATIONS[word]
    names = _names()
    if word in names:
        return names[word]
    cities = sorted(name for key, name in names.items() if word and key.endswith(f"-{word}"))
    if len(cities) == 1:
        return cities[0]
    near = nearest(word, _cities(), most=_MAX_SHOWN)
    return tuple(cities[:_MAX_SHOWN]) or tuple(dict.fromkeys(_cities()[each] for each in near))


def is_ambiguous(said: str) -> bool:
    """Whether several zones are called just that."""
    word = normalized(said)
    return word in _ABBREVIATIONS or sum(key.endswith(f"-{word}") for key in _names()) > 1


def zone_label(zone: str) -> str:
    """A zone as a button calls it: New York."""
    return zone.rpartition("/")[2].replace("_", " ")


def _fixed(said: str) -> str | None:
    """UTC+2 is Etc/GMT-2 in the zones' own, turned round, way of speaking."""
    text = re.sub(r"\s+", "", said).casefold()
    part = _FRACTION.fullmatch(text)
    if part is not None:
        return _FRACTIONS.get(f"+{part[2]}:{part[3]}")
    found = _OFFSET.fullmatch(text)
    if found is None:
        return None
    hours, east = int(found[2]), found[1] == "+"
    if hours == 0:
        return "UTC"
    return f"Etc/GMT{'-' if east else '+'}{hours}" if hours <= (14 if east else 12) else None


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    """Names by their canonical form; those that only repeat others in another shape come last."""
    sorts = sorted(available_timezones(), key=lambda name: ("/" in name, name))
    return {normalized(name): name for name in sorts if not name.startswith(("posix/", "right/"))}


@lru_cache(maxsize=1)
def _cities() -> dict[str, str]:
    return {normalized(name.rpartition("/")[2]): name for name in _names().values() if "/" in name}
