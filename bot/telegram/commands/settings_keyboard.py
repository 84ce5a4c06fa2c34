"""Buttons under a chat's settings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from bot.alert import Buttons
from bot.subscriber import Preferences
from bot.telegram.parsing.time_zones import COMMON, zone_label
from bot.views.chats.preferences import DAYS, SEVERITIES, clock_time

OVERVIEW: Buttons = (
    (("Severity", "/settings severity"), ("Sound", "/settings sound")),
    (("Quiet hours", "/settings quiet"), ("Time zone", "/settings zone")),
    (("Digest", "/settings digest"), ("Pictures", "/settings pictures")),
    (("🔇 Muted", "/mute"), ("🔔 Prices", "/tell")),
    (("« Alerts", "/choose"),),
)

_BACK = (("« Settings", "/settings"),)
_NIGHTS = ((1_320, 420), (1_380, 480), (0, 420))
_HOURS = (420, 480, 540, 720, 1_080, 1_320)
_PER_ROW = 3

Row = tuple[tuple[str, str], ...]


def choices(topic: str, preferences: Preferences) -> Buttons:
    """What can be chosen for one setting; what is chosen already is marked."""
    rows = {
        "severity": _severity,
        "sound": _sound,
        "quiet": _quiet,
        "zone": _zone,
        "digest": _digest,
        "pictures": _pictures,
    }[topic](preferences)
    return (*rows, _BACK)


def zones(names: Sequence[str], current: str) -> Buttons:
    """One button for each time zone."""
    return _rows(_choice(zone_label(name), f"zone {name}", chosen=name == current) for name in names)


def _severity(preferences: Preferences) -> Buttons:
    texts = ("All", "Normal and high", "High only")
    return tuple(
        (_choice(text, f"severity {SEVERITIES[rank]}", chosen=preferences.least == rank),)
        for rank, text in enumerate(texts)
    )


def _sound(preferences: Preferences) -> Buttons:
    texts = ("All", "Normal and high", "High only", "None")
    names = ("all", "normal", "high", "none")
    return tuple(
        (_choice(text, f"sound {names[rank]}", chosen=preferences.silent_below == rank),)
        for rank, text in enumerate(texts)
    )


def _quiet(preferences: Preferences) -> Buttons:
    now = (preferences.quiet_from, preferences.quiet_to)
    nights = _rows(
        _choice(f"{clock_time(a)}–{clock_time(b)}", f"quiet {clock_time(a)}-{clock_time(b)}", chosen=now == (a, b))
        for a, b in _NIGHTS
    )
    off = (_choice("No quiet hours", "quiet off", chosen=preferences.quiet_from is None),)
    if preferences.quiet_from is None:
        return (*nights, off)
    manner = (
        _choice("Silently", "quiet silent", chosen=not preferences.hold),
        _choice("Wait until they end", "quiet hold", chosen=preferences.hold),
    )
    high = _choice(
        "High severity as usual",
        f"quiet high {'off' if preferences.high_passes else 'on'}",
        chosen=preferences.high_passes,
    )
    return (*nights, off, manner, (high,))


def _pictures(preferences: Preferences) -> Buttons:
    light = _choice("Light", "pictures light", chosen=not preferences.dark)
    return ((light, _choice("Dark", "pictures dark", chosen=preferences.dark)),)


def _zone(preferences: Preferences) -> Buttons:
    return zones(COMMON, preferences.time_zone)


def _digest(preferences: Preferences) -> Buttons:
    on, weekly = preferences.digest is not None, preferences.digest_day is not None
    how = (
        _choice("Off", "digest off", chosen=not on),
        _choice("Daily", "digest daily", chosen=on and not weekly),
        _choice("Weekly", "digest weekly", chosen=on and weekly),
    )
    if not on:
        return (how,)
    hours = (
        _choice(clock_time(hour), f"digest {clock_time(hour)}", chosen=preferences.digest == hour) for hour in _HOURS
    )
    days = (
        _choice(day[:3], f"digest {day[:3].lower()}", chosen=preferences.digest_day == n) for n, day in enumerate(DAYS)
    )
    return (how, *_rows(hours), *(_rows(days, 4) if weekly else ()))


def _rows(buttons: Iterable[tuple[str, str]], per_row: int = _PER_ROW) -> tuple[Row, ...]:
    made = tuple(buttons)
    return tuple(made[at : at + per_row] for at in range(0, len(made), per_row))


def _choice(text: str, argument: str, *, chosen: bool) -> tuple[str, str]:
    return f"• {text}" if chosen else text, f"/settings {argument}"


_ROWS: Mapping[str, Callable[[Preferences], Buttons]] = {
    "severity": _severity,
    "sound": _sound,
    "quiet": _quiet,
    "zone": _zone,
    "digest": _digest,
    "pictures": _pictures,
}
