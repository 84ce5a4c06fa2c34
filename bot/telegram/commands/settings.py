"""/settings: what a chat prefers, shown and changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from bot.delivery.local_time import zone_of
from bot.signals.timeframe import Instant
from bot.subscriber import Preferences
from bot.subscriptions.preferring import change_preferences, preferences_of
from bot.telegram.command import Command, CommandRequest, HelpGroup, Permission, Reply
from bot.telegram.commands import settings_keyboard
from bot.telegram.parsing import durations
from bot.telegram.parsing.command_text import normalized
from bot.telegram.parsing.mute_words import mutes_in_short
from bot.telegram.parsing.time_zones import is_ambiguous, parse_time_zone
from bot.telegram.services import Services
from bot.views.chats import mutes
from bot.views.chats import preferences as texts

_MORNING = 8 * 60
_SATURDAY = 5
_FILLERS = frozenset({"at", "on", "every", "o'clock"})
_NO = frozenset({"off", "no", "none", "never", "0", ""})
_TOPICS = {
    "severity": ("severity", "least", "minimum", "level"),
    "sound": ("sound", "silent", "silence", "ring"),
    "quiet": ("quiet", "hours", "night", "sleep", "dnd"),
    "zone": ("zone", "timezone", "time", "tz"),
    "digest": ("digest", "summary", "report"),
    "pictures": ("pictures", "picture", "charts", "chart", "theme", "mode"),
}

_LOOKS = frozenset({"dark", "light", "dark mode", "light mode"})
_SHORTCUTS = ("severity", "sound", "quiet", "dnd", "zone", "timezone", "tz", "digest", "pictures", "theme")
"""Settings that may be typed as commands: /quiet 22-7."""

Change = Preferences | tuple[str, ...] | None
"""Other preferences; names of time zones that may have been meant; None for what is not understood."""


async def settings_command(services: Services, request: CommandRequest) -> Reply:
    """The chat's settings, one of them with its choices, or the change that was asked for."""
    known = await preferences_of(services.store, request.chat)
    if known is None:
        return Reply(mutes.no_subscriber(), aside=request.pressed)
    said = f"{request.word if request.word in _SHORTCUTS else ''} {request.argument}".strip()
    if not said:
        return await _overview(services, request, known)
    head, _, value = (f"pictures {said}" if said.casefold() in _LOOKS else said).partition(" ")
    topic = _topic(head)
    if topic is None:
        return Reply(texts.not_understood(said))
    if not value.strip():
        return _choices(topic, known, services.now())
    changed = _CHANGES[topic](known, value.strip())
    if not isinstance(changed, Preferences):
        return _missed(said, topic, value, changed)
    await change_preferences(services.store, request.chat, changed, services.now(), services.wake)
    reply = _choices(topic, changed, services.now()) if request.pressed else await _overview(services, request, changed)
    idle = topic == "quiet" and changed.quiet_from is None and normalized(value) not in _NO
    return replace(reply, html=f"{texts.no_hours_yet(changed)}\n\n{reply.html}") if idle else reply


async def _overview(services: Services, request: CommandRequest, preferences: Preferences) -> Reply:
    muted = await mutes_in_short(services, request.chat)
    text = texts.settings_overview(preferences, _clock(preferences, services.now()), muted)
    return Reply(text, settings_keyboard.OVERVIEW, in_place=True)


def _choices(topic: str, preferences: Preferences, now: Instant) -> Reply:
    text = texts.topic(topic, preferences, _clock(preferences, now))
    return Reply(text, settings_keyboard.choices(topic, preferences), in_place=True)


def _missed(said: str, topic: str, value: str, near: tuple[str, ...] | None) -> Reply:
    if near is None:
        return Reply(texts.no_choice(said, topic))
    return Reply(texts.no_zone(value, near, several=is_ambiguous(value)), settings_keyboard.zones(near, ""))


def _clock(preferences: Preferences, now: Instant) -> str:
    return datetime.fromtimestamp(now, UTC).astimezone(zone_of(preferences.time_zone)).strftime("%H:%M")


def _topic(head: str) -> str | None:
    word = normalized(head)
    return next((topic for topic, names in _TOPICS.items() if word in names), None)


def _severity(preferences: Preferences, said: str) -> Change:
    word = normalized(said)
    least = {"all": 0, "any": 0, **{name: rank for rank, name in enumerate(texts.SEVERITIES)}}.get(word)
    return None if least is None else replace(preferences, least=least)


def _sound(preferences: Preferences, said: str) -> Change:
    word = normalized(said)
    rank = {"all": 0, "on": 0, **dict.fromkeys(_NO, 3), **{name: rank for rank, name in enumerate(texts.SEVERITIES)}}
    return replace(preferences, silent_below=rank[word]) if word in rank else None


def _quiet(preferences: Preferences, said: str) -> Change:
    word = normalized(said)
    if word in {"hold", "wait", "silent"}:
        return replace(preferences, hold=word != "silent")
    if word in {"high-on", "high-off"}:
        return replace(preferences, high_passes=word == "high-on")
    if word in _NO:
        return replace(preferences, quiet_from=None, quiet_to=None)
    span = durations.parse_time_range(said)
    return None if span is None else replace(preferences, quiet_from=span[0], quiet_to=span[1])


def _zone(preferences: Preferences, said: str) -> Change:
    meant = parse_time_zone(said)
    return replace(preferences, time_zone=meant) if isinstance(meant, str) else meant


def _digest(preferences: Preferences, said: str) -> Change:
    """Off; daily or weekly, a weekday, an hour, in any order: what is not said stays as it is."""
    if normalized(said) in _NO:
        return replace(preferences, digest=None, digest_day=None)
    changed: Preferences | None = replace(preferences, digest=_MORNING) if preferences.digest is None else preferences
    for part in said.lower().split():
        if part not in _FILLERS and changed is not None:
            changed = _digest_part(changed, part)
    return changed


def _digest_part(preferences: Preferences, part: str) -> Preferences | None:
    day, minute = _weekday(part), durations.parse_time_of_day(part)
    if part in {"daily", "day"}:
        return replace(preferences, digest_day=None)
    if part in {"weekly", "week"}:
        return preferences if preferences.digest_day is not None else replace(preferences, digest_day=_SATURDAY)
    if day is not None:
        return replace(preferences, digest_day=day)
    return None if minute is None else replace(preferences, digest=minute)


def _pictures(preferences: Preferences, said: str) -> Change:
    dark = {"dark": True, "black": True, "night": True, "light": False, "white": False, "day": False}
    word = normalized(said)
    return replace(preferences, dark=dark[word]) if word in dark else None


def _weekday(part: str) -> int | None:
    """Three letters of a weekday's name are enough."""
    return next((n for n, day in enumerate(texts.DAYS) if len(part) >= 3 and day.lower().startswith(part)), None)


_CHANGES: Mapping[str, Callable[[Preferences, str], Change]] = {
    "severity": _severity,
    "sound": _sound,
    "quiet": _quiet,
    "zone": _zone,
    "digest": _digest,
    "pictures": _pictures,
}

COMMANDS = (
    Command(
        "settings",
        "severity, sound, quiet hours, time zone, digest, pictures",
        settings_command,
        Permission.CHAT_ADMINS,
        "[severity | sound | quiet | zone | digest | pictures]",
        aliases=("setting", "options", "config", "set", *_SHORTCUTS),
        group=HelpGroup.ALERTS,
        example="quiet 22-7",
    ),
)
