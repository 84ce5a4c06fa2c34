"""/mute, /unmute: what a chat keeps quiet, and until when."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.delivery.local_time import zone_of
from bot.rulebook.book import Rulebook
from bot.signals.timeframe import DAY, Instant
from bot.store.subscribers.mutes import FOR_GOOD, mutes_of
from bot.store.subscribers.subscribers import EVERYTHING
from bot.subscriber import Preferences
from bot.subscriptions.muting import ALL_RULES, DEFAULT_MUTE_ALL_SECONDS, mute_rules, muted_until, unmute_rule
from bot.subscriptions.options import Target
from bot.subscriptions.preferring import preferences_of
from bot.telegram.command import Command, CommandRequest, HelpGroup, Permission, Reply
from bot.telegram.keyboard import button, button_row
from bot.telegram.parsing.durations import Duration, split_duration
from bot.telegram.parsing.mute_target import rules_of, targets_to_mute
from bot.telegram.parsing.resolve import Ambiguous, NotFound, ask_which, exactly
from bot.telegram.parsing.subscription_target import target_names, unknown_tag
from bot.telegram.parsing.until import Until, split_named_time, split_until
from bot.telegram.services import Services
from bot.views.alerts.buttons import rule_word
from bot.views.chats import mutes as texts
from bot.views.formatting import html

_MAX_LISTED = 20
_MAX_TITLE_CHARACTERS = 40
_MAX_SECONDS = 100 * 365 * DAY
_BACK = (("« Alerts", "/choose"), ("⚙️ Settings", "/settings"))
_DAY, _WEEK = "24h", "7d"
_WEEK_SECONDS = 7 * DAY
_BARE_NUMBER = re.compile(r"^\d+(?:[.,]\d+)?(?!\S|\s*(?:s|secs?|seconds?)\b)|(?<!\S)\d+(?:[.,]\d+)?$")
_ODD_LENGTH = re.compile(
    r"(?<!\S)[-−‐‑‒–—+~<>]?\s?\d[\d.,]*(?:\s?[-–—]\s?\d[\d.,]*)?(?:\s?(?:s|secs?|seconds?)|[a-z]*)(?!\S)", re.IGNORECASE
)
_OFF = frozenset({"off", "stop", "end", "none", "no", "cancel", "undo", "unmute"})


async def mute_command(services: Services, request: CommandRequest) -> Reply:
    """Mute a rule or everything for a while or for good; without an argument list what is muted."""
    if not request.argument.strip():
        return await _list(services, request)
    reply = await _mute(services, request)
    # Under an alert the reply is a word in passing: the alert stays as it is.
    return replace(reply, aside=request.pressed)


async def mute_from_list(services: Services, request: CommandRequest) -> Reply:
    """The same from the list's own buttons: the list is shown as it is then. Without an argument: which rule?"""
    if not request.argument.strip():
        return await _choose_rule(services, request)
    await _mute(services, request)
    return await _list(services, request)


async def unmute_command(services: Services, request: CommandRequest) -> Reply:
    """End a mute; without an argument list what is muted."""
    said = request.argument.strip()
    if not said:
        return await _list(services, request)
    book, chat = services.rulebook(), request.chat
    muted = await services.store.run(mutes_of, chat.chat_id, chat.thread_id, services.now())
    gone = next((each.rule for each in muted if each.rule and exactly(said, each.rule)), None)
    found = (("rule", gone),) if gone else targets_to_mute(book, said)
    rules = rules_of(book, found) if isinstance(found, tuple) else ()
    was = [await unmute_rule(services.store, chat, rule) for rule in rules]
    if request.pressed:
        return await _list(services, request)
    if not isinstance(found, tuple):
        return _ask(book, found, said, said, "unmute")
    if not rules:
        return Reply(texts.severity_is_a_setting())
    all_until = await muted_until(services.store, chat, services.now())
    known = await preferences_of(services.store, chat) or Preferences()
    all_muted = _shown(all_until, known) if all_until is not None else ""
    return Reply(texts.unmuted(_names(book, found), was=any(was), all_muted=all_muted))


async def _mute(services: Services, request: CommandRequest) -> Reply:
    book, said, now = services.rulebook(), request.argument.strip(), services.now()
    known = await preferences_of(services.store, request.chat)
    if known is None:
        return Reply(texts.no_subscriber())
    rest, span = _split(book, said, now, zone_of(known.time_zone))
    targets = targets_to_mute(book, rest)
    if span is None and isinstance(targets, NotFound):
        rest, span = split_named_time(said, now, zone_of(known.time_zone))
        targets = targets_to_mute(book, rest)
    odd = await _not_understood(services, request, rest, span, known) if isinstance(targets, NotFound) else None
    refused = odd or _no_time(span, said.replace(rest, "", 1).strip())
    if refused is not None:
        return refused
    if not isinstance(targets, tuple):
        return _ask(book, targets, said, rest)
    return await _mute_targets(services, request, targets, span, known)


async def _mute_targets(
    services: Services,
    request: CommandRequest,
    targets: tuple[Target, ...],
    span: Duration | Until | None,
    known: Preferences,
) -> Reply:
    book, now = services.rulebook(), services.now()
    rules, word = rules_of(book, targets), _word_of(targets)
    if not rules:
        return Reply(texts.severity_is_a_setting())
    if isinstance(span, Until) and (len(span.instants) > 1 or span.later):
        return _ask_when(span, word, known)
    until, single = _end_of(span, rules, now), len(targets) == 1 and targets[0][0] == "rule"
    longer = await mute_rules(services.store, request.chat, rules, until, now, shorten=single)
    lengths = (("7 days", "hush", f"{word} {_WEEK}"), ("For good", "hush", f"{word} forever"))
    ends = (now + _WEEK_SECONDS, FOR_GOOD)
    first = until if single else min(longer.get(rule, until) for rule in rules)
    offered = [each for each, end in zip(lengths, ends, strict=True) if end > first or (single and end != until)]
    rows = button_row(*filter(None, (None if longer else _through(span, word), *offered)), ("Unmute", "unmute", word))
    return Reply(_told(book, targets, until, longer, known), rows)


def _told(
    book: Rulebook, targets: tuple[Target, ...], until: Instant, longer: dict[str, Instant], known: Preferences
) -> str:
    """What is muted, and which mutes were to last longer: that of the one rule that was named is shorter now."""
    kept = [(_title(book, rule), _shown(end, known)) for rule, end in longer.items()]
    names, end = _names(book, targets), _shown(until, known)
    if EVERYTHING in targets and kept:
        return texts.nothing_shorter(kept[0][1])
    if kept and len(targets) == 1 and targets[0][0] == "rule":
        return texts.muted(names, end, was=kept[0][1])
    return texts.muted(names, end, kept=kept)


async def _not_understood(
    services: Services, request: CommandRequest, rest: str, span: Duration | Until | None, known: Preferences
) -> Reply | None:
    """What is wrong with words that name no rule, where it is not their name: times that are none, or too many."""
    now, zone = services.now(), zone_of(known.time_zone)
    if any(word.casefold() in _OFF for word in rest.split()) and span is None:
        until = await muted_until(services.store, request.chat, now)
        return Reply(texts.off("" if until is None else _shown(until, known)), ((("What is muted", "/mute"),),))
    times = (split_until(rest, now, zone), split_duration(rest), split_named_time(rest, now, zone))
    if span is not None and any(time is not None for _, time in times):
        return Reply(texts.several_lengths(request.argument.strip()))
    if (number := _BARE_NUMBER.search(rest)) is not None and span is None:
        return Reply(texts.no_unit(number[0].strip()))
    odd = _ODD_LENGTH.search(rest)
    return Reply(texts.no_such_length(odd[0].strip())) if odd is not None else None


def _split(book: Rulebook, said: str, now: Instant, zone: ZoneInfo) -> tuple[str, Duration | Until | None]:
    """What is to be muted, and for how long; the name of a rule may look like a time itself."""
    if any(exactly(said, rule, written.title) for rule, written in book.rules.items()):
        return said, None
    rest, until = split_until(said, now, zone)
    return (rest, until) if until is not None else split_duration(said)


def _no_time(span: Duration | Until | None, said: str) -> Reply | None:
    """Why nothing can be muted for that long; None where it can."""
    if isinstance(span, Until) and not span.instants:
        return Reply(texts.over_already(span.said) if span.past else texts.no_end(span.said))
    if isinstance(span, Duration) and span.seconds == 0:
        return Reply(texts.no_length(said))
    if isinstance(span, Duration) and span.several:
        return Reply(texts.several_lengths(said))
    if isinstance(span, Duration) and span.seconds is not None and span.seconds >= _MAX_SECONDS:
        return Reply(texts.too_long(said))
    return None


def _end_of(span: Duration | Until | None, rules: tuple[str, ...], now: Instant) -> Instant:
    if isinstance(span, Until):
        return span.instants[0]
    seconds = span.seconds if span is not None else DEFAULT_MUTE_ALL_SECONDS if rules == (ALL_RULES,) else None
    return FOR_GOOD if seconds is None else now + seconds


def _through(span: Duration | Until | None, word: str) -> tuple[str, str, str] | None:
    """The button for whoever meant the end of the day, not its beginning."""
    if not isinstance(span, Until) or span.whole_day is None:
        return None
    return f"Through {span.whole_day:%a}", "hush", f"{word} through {span.whole_day}"


def _ask_when(span: Until, word: str, known: Preferences) -> Reply:
    zone = zone_of(known.time_zone)
    here = [datetime.fromtimestamp(at, zone) for at in span.instants]
    rows = [button_row((texts.local(at), "hush", f"{word} until {at:%Y-%m-%d %H:%M}")) for at in here]
    return Reply(texts.which_end(span.said, later=span.later), tuple(row for rows_ in rows for row in rows_))


async def _list(services: Services, request: CommandRequest) -> Reply:
    book = services.rulebook()
    muted = await services.store.run(mutes_of, request.chat.chat_id, request.chat.thread_id, services.now())
    known = await preferences_of(services.store, request.chat) or Preferences()
    named = [(None if each.rule == ALL_RULES else _title(book, each.rule), _shown(each.until, known)) for each in muted]
    rows = [
        (button(f"🔔 Unmute {html.clip(title or 'all', _MAX_TITLE_CHARACTERS)}", "unmute", _word(each.rule)),)
        for each, (title, _) in list(zip(muted, named, strict=True))[:_MAX_LISTED]
    ]
    for_all = (button("All for 24 h", "hush", f"all {_DAY}"), button("All for 7 days", "hush", f"all {_WEEK}"))
    return Reply(texts.mute_list(named), (*rows, for_all, (("A rule …", "/hush"),), _BACK), in_place=True)


async def _choose_rule(services: Services, request: CommandRequest) -> Reply:
    muted = await services.store.run(mutes_of, request.chat.chat_id, request.chat.thread_id, services.now())
    silent = {each.rule for each in muted}
    rules = [each for each in services.rulebook().enabled if each.rule.id not in silent][:_MAX_LISTED]
    rows = [
        (button(html.clip(each.title, _MAX_TITLE_CHARACTERS), "hush", f"{_word(each.rule.id)} forever"),)
        for each in rules
    ]
    return Reply(texts.which_rule(), (*rows, (("« Back", "/mute"),)), in_place=True)


def _ask(book: Rulebook, found: Ambiguous | NotFound, said: str, rest: str, command: str = "mute") -> Reply:
    if isinstance(found, NotFound):
        tag = unknown_tag(found.said)
        missing = texts.nothing_to_mute if command == "mute" else texts.nothing_to_unmute
        return Reply(missing(found.said) if tag is None else texts.no_tag(tag, sorted(target_names(book).tags)))
    titles = {rule: _title(book, rule) for rule in found.names}
    length = said.replace(rest, "", 1).strip()
    return ask_which("rule", command, found, titles, argument=lambda rule: f"{rule_word(rule)} {length}".strip())


def _title(book: Rulebook, rule: str) -> str:
    written = book.rules.get(rule)
    return written.title if written is not None else rule


def _names(book: Rulebook, targets: tuple[Target, ...]) -> texts.Muted:
    """What is muted, in the words of the chat: all, tags with the titles of their rules, rules."""
    if EVERYTHING in targets:
        return texts.Muted()
    tags = tuple(name for kind, name in targets if kind == "tag")
    return texts.Muted(tags, tuple(_title(book, rule) for rule in rules_of(book, targets)))


def _word_of(targets: tuple[Target, ...]) -> str:
    words = [rule_word(name) if kind == "rule" else f"tag:{name}" for kind, name in targets]
    return "all" if EVERYTHING in targets else ", ".join(words)


def _word(rule: str) -> str:
    return rule_word(rule) if rule != ALL_RULES else "all"


def _shown(until: Instant, known: Preferences) -> str:
    at = datetime.fromtimestamp(until, zone_of(known.time_zone)) if until < FOR_GOOD else None
    return texts.until(at, known.time_zone)


COMMANDS = (
    Command(
        "mute",
        "keep a rule, or everything, quiet for a while",
        mute_command,
        Permission.CHAT_ADMINS,
        "[RULE | tag:TAG] [24h | until friday | forever]",
        aliases=("mutes", "muted", "snooze"),
        group=HelpGroup.ALERTS,
        example="iwm-near-record until friday",
    ),
    Command(
        "unmute",
        "let it speak again",
        unmute_command,
        Permission.CHAT_ADMINS,
        "[RULE]",
        aliases=("unsnooze",),
        listed=False,
        group=HelpGroup.ALERTS,
    ),
    Command("hush", "mute from the list", mute_from_list, Permission.CHAT_ADMINS, listed=False, typed=False),
)
