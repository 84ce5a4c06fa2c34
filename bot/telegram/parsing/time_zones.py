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

_OFFSET = re.compile(r"(?:utc|gmt)?-?([+−-])(\d{1,2})(?::?00)?")
_MAX_SHOWN = 4


def parse_time_zone(said: str) -> str | tuple[str, ...]:
    """The zone's IANA name, or the names that may have been meant.

    Case and separators do not matter; a city will do, and so will UTC+2.
    """
    offset = _fixed(said)
    if offset is not None:
        return offset
    word = normalized(said)
    names = _names()
    if word in names:
        return names[word]
    cities = sorted(name for key, name in names.items() if word and key.endswith(f"-{word}"))
    if len(cities) == 1:
        return cities[0]
    near = nearest(word, _cities(), most=_MAX_SHOWN)
    return tuple(cities[:_MAX_SHOWN]) or tuple(dict.fromkeys(_cities()[each] for each in near))


def zone_label(zone: str) -> str:
    """A zone as a button calls it: New York."""
    return zone.rpartition("/")[2].replace("_", " ")


def _fixed(said: str) -> str | None:
    """UTC+2 is Etc/GMT-2 in the zones' own, turned round, way of speaking."""
    found = _OFFSET.fullmatch(re.sub(r"\s+", "", said).casefold())
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
