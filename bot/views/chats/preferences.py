"""Texts of a chat's settings."""

from __future__ import annotations

from bot.subscriber import Preferences
from bot.views.formatting import html

SEVERITIES = ("low", "normal", "high")
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def settings_overview(preferences: Preferences, clock: str, muted: str = "") -> str:
    """All settings at a glance; `clock` is the time that it is in the chat's zone, `muted` what is kept quiet."""
    lines = {
        "Severity": severity(preferences),
        "Sound": sound(preferences),
        "Quiet hours": quiet(preferences),
        "Time zone": f"{zone(preferences.time_zone)}, now {clock}",
        "Digest": digest(preferences),
        "Pictures": pictures(preferences),
        **({"Muted": muted} if muted else {}),
    }
    return "\n".join(
        [
            f"⚙️ {html.bold('Settings of this chat')}",
            *(f"{name}: {value}" for name, value in lines.items()),
        ]
    )


def severity(preferences: Preferences) -> str:
    """Which severities are sent."""
    return ("all alerts", "normal and high", "high only")[preferences.least]


def sound(preferences: Preferences) -> str:
    """Which severities make a sound."""
    return ("for all alerts", "for normal and high", "for high only", "none")[preferences.silent_below]


def quiet(preferences: Preferences) -> str:
    """When it is quiet, and what that means."""
    if preferences.quiet_from is None or preferences.quiet_to is None:
        return "none"
    return f"{clock_time(preferences.quiet_from)} to {clock_time(preferences.quiet_to)}, {_manner(preferences)}"


def no_hours_yet(preferences: Preferences) -> str:
    """What stands over the settings where it is told how quiet hours are to be, and there are none."""
    return (
        f"No quiet hours are set, so nothing changes now. Once there are some, {_manner(preferences)}."
        f" {html.code('/settings quiet 22-7')} sets them."
    )


def digest(preferences: Preferences) -> str:
    """When the digest comes."""
    if preferences.digest is None:
        return "off"
    day = "daily" if preferences.digest_day is None else f"every {DAYS[preferences.digest_day]}"
    return f"{day} at {clock_time(preferences.digest)}"


def pictures(preferences: Preferences) -> str:
    """On which ground pictures are drawn."""
    return "dark" if preferences.dark else "light"


def zone(name: str) -> str:
    """A time zone as people call it: Europe/Berlin, and UTC+2 for what the zones' own names turn round."""
    sign = {"Etc/GMT-": "+", "Etc/GMT+": "−"}.get(name[:8])
    return html.escape(name) if sign is None else f"UTC{sign}{html.escape(name[8:])}"


def _manner(preferences: Preferences) -> str:
    how = "alerts wait until they end" if preferences.hold else "alerts come silently"
    return f"{how}; high severity comes as usual" if preferences.high_passes else how


def clock_time(minute: int) -> str:
    """07:05 for 425."""
    return f"{minute // 60:02}:{minute % 60:02}"


def topic(name: str, preferences: Preferences, clock: str) -> str:
    """One setting with what can be chosen, over its buttons."""
    head, now, hint = {
        "severity": (
            "Which alerts should come?",
            severity(preferences),
            "Each rule states its severity; /rules shows it.",
        ),
        "sound": ("Which alerts should make a sound?", sound(preferences), "The others come silently."),
        "quiet": ("Quiet hours", quiet(preferences), f"Other hours: {html.code('/settings quiet 21:30-6:45')}"),
        "zone": (
            "Time zone of this chat",
            f"{zone(preferences.time_zone)}, where it is {clock}",
            f"Others: {html.code('/settings zone Europe/Madrid')} or just a city.",
        ),
        "digest": (
            "A digest: where small caps and crypto stand, also when nothing happened",
            digest(preferences),
            f"Other hours: {html.code('/settings digest daily 7:30')}",
        ),
        "pictures": ("Pictures", pictures(preferences), "Alerts and answers are drawn so from now on."),
    }[name]
    return f"⚙️ {html.bold(head)}\nNow: {now}\n{hint}"


def not_understood(said: str) -> str:
    """The answer to /settings with something that is no setting."""
    examples = ("severity high", "sound high", "quiet 22-7", "zone Berlin", "digest weekly 9:00", "pictures dark")
    known = "\n".join(html.code(f"/settings {example}") for example in examples)
    return f"I don't understand {html.quoted(said)}. For example:\n{known}"


def no_choice(said: str, name: str) -> str:
    """The answer to /settings with a setting and what is no value of it."""
    values = {
        "severity": ("all", "normal", "high"),
        "sound": ("all", "normal", "high", "none"),
        "quiet": ("22-7", "21:30-6:45", "hold", "off"),
        "zone": ("Berlin", "Europe/Madrid", "UTC+2"),
        "digest": ("daily 7:30", "weekly mon 9:00", "off"),
        "pictures": ("light", "dark"),
    }[name]
    known = "\n".join(html.code(f"/settings {name} {value}") for value in values)
    return f"I don't understand {html.quoted(said)}. Try one of these:\n{known}"


def no_zone(said: str, near: tuple[str, ...], *, several: bool) -> str:
    """The answer to a time zone that there is not, or that is one of `several`."""
    if several:
        return f"{html.quoted(said)} is said of several time zones. Which one?"
    called = f"There is no time zone called {html.quoted(said)}."
    if not near:
        return f"{called} Zones are called by continent and city: {html.code('/settings zone Europe/Madrid')}"
    return f"{called} Did you mean one of these?"
