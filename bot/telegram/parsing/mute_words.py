"""How mutes read: titles of rules, and times by the chat's own clock."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.delivery.local_time import zone_of
from bot.rulebook.book import Rulebook
from bot.signals.timeframe import Instant
from bot.store.subscribers.mutes import FOR_GOOD, mutes_of
from bot.store.subscribers.subscribers import EVERYTHING
from bot.subscriber import Chat, Preferences
from bot.subscriptions.muting import ALL_RULES, muted_ahead
from bot.subscriptions.options import Target
from bot.subscriptions.preferring import preferences_of
from bot.telegram.parsing.mute_target import SPARED, rules_of
from bot.telegram.services import Services
from bot.views.chats import mutes as texts


def together(mutes: Sequence[tuple[str, str]], book: Rulebook) -> list[tuple[tuple[str, ...], str]]:
    """Titles of rules that are muted for the same time; none stand for all alerts."""
    rules: dict[tuple[bool, str], list[str]] = {}
    for rule, when in mutes:
        rules.setdefault((rule == ALL_RULES, when), []).append(title(book, rule))
    return [((), when) if for_all else (tuple(titles), when) for (for_all, when), titles in rules.items()]


async def mutes_in_short(services: Services, chat: Chat) -> str:
    """What is muted in a chat or will be, in a line; empty where nothing is."""
    now, known = services.now(), await preferences_of(services.store, chat) or Preferences()
    muted = await services.store.run(mutes_of, chat.chat_id, chat.thread_id, now)
    ahead = await muted_ahead(services.store, chat, now)
    for_all = next((shown(each.until, known) for each in muted if each.rule == ALL_RULES), None)
    nearest = [each for each in ahead if (each.begins, each.until) == (ahead[0].begins, ahead[0].until)]
    begins = stretch(ahead[0].begins, ahead[0].until, known) if ahead else ""
    later = 0 if any(each.rule == ALL_RULES for each in nearest) else len(nearest)
    return texts.in_short(for_all, sum(each.rule != ALL_RULES for each in muted), begins, later)


def title(book: Rulebook, rule: str) -> str:
    """What a rule is called; its id where it is gone."""
    written = book.rules.get(rule)
    return written.title if written is not None else rule


def names(book: Rulebook, targets: tuple[Target, ...]) -> texts.Muted:
    """What is muted, in the words of the chat: all, tags with the titles of their rules, rules."""
    if EVERYTHING in targets:
        return texts.Muted()
    tags = tuple(name for kind, name in targets if kind == "tag")
    spared = tuple(title(book, name) for kind, name in targets if kind == SPARED)
    tagged = rules_of(book, tuple(each for each in targets if each[0] == "tag"))
    rules = rules_of(book, targets)
    beside = tuple(title(book, rule) for rule in rules if rule not in tagged) if tags else ()
    return texts.Muted(tags, tuple(title(book, rule) for rule in rules), spared, beside)


def stretch(begins: Instant, until: Instant, known: Preferences) -> str:
    start = datetime.fromtimestamp(begins, zone_of(known.time_zone))
    return texts.stretch(
        start, datetime.fromtimestamp(until, start.tzinfo) if until < FOR_GOOD else None, known.time_zone
    )


def shown(until: Instant, known: Preferences) -> str:
    """Until when, by the chat's own clock."""
    at = datetime.fromtimestamp(until, zone_of(known.time_zone)) if until < FOR_GOOD else None
    return texts.until(at, known.time_zone)
