"""/mute, /unmute: what a chat keeps quiet, and until when."""

from __future__ import annotations

from dataclasses import replace

from bot.rulebook.book import Rulebook
from bot.signals.timeframe import DAY
from bot.store.subscribers.mutes import FOR_GOOD, mutes_of
from bot.store.subscribers.subscribers import EVERYTHING
from bot.subscriptions.muting import ALL_RULES, DEFAULT_MUTE_ALL_SECONDS, mute_rule, unmute_rule
from bot.telegram.command import Command, CommandRequest, HelpGroup, Permission, Reply
from bot.telegram.keyboard import button
from bot.telegram.parsing.durations import Duration, split_duration
from bot.telegram.parsing.resolve import Ambiguous, NotFound, ask_which, exactly, resolve
from bot.telegram.parsing.subscription_target import parse_target, target_names
from bot.telegram.services import Services
from bot.views.alerts.buttons import rule_word
from bot.views.chats import mutes as texts
from bot.views.formatting import html

_MAX_LISTED = 20
_MAX_TITLE_CHARACTERS = 40
_MAX_SECONDS = 100 * 366 * DAY
_BACK = (("« Alerts", "/choose"), ("⚙️ Settings", "/settings"))
_DAY, _WEEK = "24h", "7d"


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
    found = gone or _rule_meant(book, said)
    rule = found if isinstance(found, str) else None
    was = rule is not None and await unmute_rule(services.store, chat, rule)
    if request.pressed:
        return await _list(services, request)
    if isinstance(found, Ambiguous):
        return _ask(book, found, said, said, "unmute")
    if isinstance(found, NotFound):
        return Reply(texts.nothing_to_unmute(found.said))
    return Reply(texts.unmuted(_title(book, rule or said) if rule != ALL_RULES else None, was=was))


async def _mute(services: Services, request: CommandRequest) -> Reply:
    book, said = services.rulebook(), request.argument.strip()
    rest, duration = _split(book, said)
    if duration is not None and duration.seconds == 0:
        return Reply(texts.no_length(said.replace(rest, "", 1).strip()))
    rule = _rule_meant(book, rest)
    if not isinstance(rule, str):
        return _ask(book, rule, said, rest)
    if duration is None:
        duration = Duration(DEFAULT_MUTE_ALL_SECONDS if rule == ALL_RULES else None)
    seconds = duration.seconds if duration.seconds is None or duration.seconds < _MAX_SECONDS else None
    until = await mute_rule(services.store, request.chat, rule, seconds, services.now())
    if until is None:
        return Reply(texts.no_subscriber())
    title = _title(book, rule) if rule != ALL_RULES else None
    others = (button("7 days", "hush", f"{_word(rule)} {_WEEK}"), button("For good", "hush", f"{_word(rule)} forever"))
    return Reply(texts.muted(title, _end(until)), ((*others, button("Unmute", "unmute", _word(rule))),))


def _split(book: Rulebook, said: str) -> tuple[str, Duration | None]:
    """What is to be muted, and for how long; the name of a rule may look like a length itself."""
    if any(exactly(said, rule, written.title) for rule, written in book.rules.items()):
        return said, None
    return split_duration(said)


async def _list(services: Services, request: CommandRequest) -> Reply:
    book = services.rulebook()
    muted = await services.store.run(mutes_of, request.chat.chat_id, request.chat.thread_id, services.now())
    named = [(None if each.rule == ALL_RULES else _title(book, each.rule), _end(each.until)) for each in muted]
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
        return Reply(texts.nothing_to_mute(found.said))
    titles = {rule: _title(book, rule) for rule in found.names}
    length = said.replace(rest, "", 1).strip()
    return ask_which("rule", command, found, titles, argument=lambda rule: f"{rule_word(rule)} {length}".strip())


def _rule_meant(book: Rulebook, said: str) -> str | Ambiguous | NotFound:
    """The rule's id, ALL_RULES for all of them."""
    target = parse_target(said, target_names(book))
    if isinstance(target, tuple):
        return target[1] if target == EVERYTHING or target[0] == "rule" else NotFound(said, None)
    return resolve(said, {rule: _title(book, rule) for rule in book.rules})


def _title(book: Rulebook, rule: str) -> str:
    written = book.rules.get(rule)
    return written.title if written is not None else rule


def _word(rule: str) -> str:
    return rule_word(rule) if rule != ALL_RULES else "all"


def _end(until: int) -> int | None:
    return until if until < FOR_GOOD else None


COMMANDS = (
    Command(
        "mute",
        "keep a rule, or everything, quiet for a while",
        mute_command,
        Permission.CHAT_ADMINS,
        "[RULE] [24h | 7d | forever]",
        aliases=("mutes", "muted", "snooze"),
        group=HelpGroup.ALERTS,
        example="iwm-near-record 7d",
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
