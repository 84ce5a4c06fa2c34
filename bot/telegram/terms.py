"""The command by which a chat sets its terms: /settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from bot.delivery.walltime import zone_of
from bot.messages import muting
from bot.messages import terms as words
from bot.signals.timeframe import Instant
from bot.store.subscribers import subscriber
from bot.store.terms import Terms, set_terms
from bot.telegram import spoken, termbuttons
from bot.telegram.command import Answer, Asked, Command, Who
from bot.telegram.desk import Desk
from bot.telegram.reading import canonical
from bot.telegram.zones import zone_meant

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
}

Change = Terms | tuple[str, ...] | None
"""Other terms; names of time zones that may have been meant; None for what is not understood."""


async def show_or_set(desk: Desk, asked: Asked) -> Answer:
    """The chat's settings, one of them with its choices, or the change that was asked for."""
    known = await desk.store.do(subscriber, asked.chat.chat_id, asked.chat.thread_id)
    if known is None:
        return Answer(muting.no_subscriber(), aside=asked.pressed)
    said = asked.argument.strip()
    if not said:
        return _overview(known.terms, desk.now())
    head, _, value = said.partition(" ")
    topic = _topic(head)
    if topic is None:
        return Answer(words.not_understood(said))
    if not value.strip():
        return _choices(topic, known.terms, desk.now())
    changed = _CHANGES[topic](known.terms, value.strip())
    if not isinstance(changed, Terms):
        return _missed(said, value, changed)
    await desk.store.do(set_terms, asked.chat.chat_id, asked.chat.thread_id, changed, desk.now())
    desk.wake()  # what was held for the night may go now
    return _choices(topic, changed, desk.now()) if asked.pressed else _overview(changed, desk.now())


def _overview(terms: Terms, now: Instant) -> Answer:
    return Answer(words.settings(terms, _clock(terms, now)), termbuttons.OVERVIEW, in_place=True)


def _choices(topic: str, terms: Terms, now: Instant) -> Answer:
    text = words.topic(topic, terms, _clock(terms, now))
    return Answer(text, termbuttons.choices(topic, terms), in_place=True)


def _missed(said: str, value: str, near: tuple[str, ...] | None) -> Answer:
    if near is None:
        return Answer(words.not_understood(said))
    return Answer(words.no_zone(value, near), termbuttons.zones(near, ""))


def _clock(terms: Terms, now: Instant) -> str:
    return datetime.fromtimestamp(now, UTC).astimezone(zone_of(terms.time_zone)).strftime("%H:%M")


def _topic(head: str) -> str | None:
    word = canonical(head)
    return next((topic for topic, names in _TOPICS.items() if word in names), None)


def _severity(terms: Terms, said: str) -> Change:
    word = canonical(said)
    least = {"all": 0, "any": 0, **{name: rank for rank, name in enumerate(words.SEVERITIES)}}.get(word)
    return None if least is None else replace(terms, least=least)


def _sound(terms: Terms, said: str) -> Change:
    word = canonical(said)
    rank = {"all": 0, "on": 0, **dict.fromkeys(_NO, 3), **{name: rank for rank, name in enumerate(words.SEVERITIES)}}
    return replace(terms, silent_below=rank[word]) if word in rank else None


def _quiet(terms: Terms, said: str) -> Change:
    word = canonical(said)
    if word in {"hold", "wait", "silent"}:
        return replace(terms, hold=word != "silent")
    if word in {"high-on", "high-off"}:
        return replace(terms, high_passes=word == "high-on")
    if word in _NO:
        return replace(terms, quiet_from=None, quiet_to=None)
    span = spoken.span_of_day(said)
    return None if span is None else replace(terms, quiet_from=span[0], quiet_to=span[1])


def _zone(terms: Terms, said: str) -> Change:
    meant = zone_meant(said)
    return replace(terms, time_zone=meant) if isinstance(meant, str) else meant


def _digest(terms: Terms, said: str) -> Change:
    """Off; daily or weekly, a weekday, an hour, in any order: what is not said stays as it is."""
    if canonical(said) in _NO:
        return replace(terms, digest=None, digest_day=None)
    changed: Terms | None = replace(terms, digest=_MORNING) if terms.digest is None else terms
    for part in said.lower().split():
        if part not in _FILLERS and changed is not None:
            changed = _digest_part(changed, part)
    return changed


def _digest_part(terms: Terms, part: str) -> Terms | None:
    day, minute = _weekday(part), spoken.minute_of_day(part)
    if part in {"daily", "day"}:
        return replace(terms, digest_day=None)
    if part in {"weekly", "week"}:
        return terms if terms.digest_day is not None else replace(terms, digest_day=_SATURDAY)
    if day is not None:
        return replace(terms, digest_day=day)
    return None if minute is None else replace(terms, digest=minute)


def _weekday(part: str) -> int | None:
    """Three letters of a weekday's name are enough."""
    return next((n for n, day in enumerate(words.DAYS) if len(part) >= 3 and day.lower().startswith(part)), None)


_CHANGES: Mapping[str, Callable[[Terms, str], Change]] = {
    "severity": _severity,
    "sound": _sound,
    "quiet": _quiet,
    "zone": _zone,
    "digest": _digest,
}

COMMANDS = (
    Command(
        "settings",
        "severity, sound, quiet hours, time zone, digest",
        show_or_set,
        Who.CHAT_ADMINS,
        "[severity | sound | quiet | zone | digest]",
        aliases=("setting", "options", "config", "set"),
    ),
)
