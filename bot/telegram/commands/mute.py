"""/mute, /unmute: what a chat keeps quiet, and until when."""

from __future__ import annotations

from dataclasses import replace

from bot.rulebook.book import Rulebook
from bot.store.subscribers.mutes import FOR_GOOD, mute, mutes_of, unmute
from bot.telegram.command import Command, CommandRequest, Permission, Reply, button
from bot.telegram.parsing import durations
from bot.telegram.parsing.resolve import Ambiguous, NotFound, ask_which, resolve
from bot.telegram.parsing.subscription_target import EVERYTHING, UnknownTarget, parse_target, targets_of
from bot.telegram.services import Services
from bot.views.alerts.buttons import rule_meant, rule_word
from bot.views.chats import mutes as words
from bot.views.formatting import html

_ALL = ""
_SHOWN = 20
_TITLE = 40
_BACK = (("« Alerts", "/choose"), ("⚙️ Settings", "/settings"))
_DAY, _WEEK = "24h", "7d"


async def keep_quiet(services: Services, request: CommandRequest) -> Reply:
    """Mute a rule or everything for a while or for good; without an argument list what is muted."""
    if not request.argument.strip():
        return await _listed(services, request)
    answer = await _mute(services, request)
    # Under an alert the answer is a word in passing: the alert stays as it is.
    return replace(answer, aside=request.pressed)


async def keep_quiet_here(services: Services, request: CommandRequest) -> Reply:
    """The same from the list's own buttons: the list is shown as it is then. Without an argument: which rule?"""
    if not request.argument.strip():
        return await _which(services, request)
    await _mute(services, request)
    return await _listed(services, request)


async def let_speak(services: Services, request: CommandRequest) -> Reply:
    """End a mute; without an argument list what is muted."""
    said = request.argument.strip()
    if not said:
        return await _listed(services, request)
    muted = await services.store.run(mutes_of, request.chat.chat_id, request.chat.thread_id, services.now())
    found = rule_meant(said, [each.rule for each in muted if each.rule]) or _rule_meant(services.rulebook(), said)
    rule = found if isinstance(found, str) else None
    was = rule is not None and await services.store.run(unmute, request.chat.chat_id, request.chat.thread_id, rule)
    if request.pressed:
        return await _listed(services, request)
    return Reply(words.unmuted(_title(services.rulebook(), rule or said) if rule != _ALL else None, was=was))


async def _mute(services: Services, request: CommandRequest) -> Reply:
    what, wanted = durations.split_duration(request.argument)
    book = services.rulebook()
    rule = _rule_meant(book, what)
    if not isinstance(rule, str):
        return _ask(book, rule, request.argument.strip()[len(what) :].strip())
    seconds = wanted or (durations.parse_duration(_DAY) if rule == _ALL else durations.FOR_GOOD)
    until = min(services.now() + seconds, FOR_GOOD) if isinstance(seconds, int) else FOR_GOOD
    if not await services.store.run(mute, request.chat.chat_id, request.chat.thread_id, until, services.now(), rule):
        return Reply(words.no_subscriber())
    title = _title(book, rule) if rule != _ALL else None
    others = (button("7 days", "hush", f"{_word(rule)} {_WEEK}"), button("For good", "hush", f"{_word(rule)} forever"))
    return Reply(words.muted(title, _end(until)), ((*others, button("Unmute", "unmute", _word(rule))),))


async def _listed(services: Services, request: CommandRequest) -> Reply:
    book = services.rulebook()
    muted = await services.store.run(mutes_of, request.chat.chat_id, request.chat.thread_id, services.now())
    named = [(None if each.rule == _ALL else _title(book, each.rule), _end(each.until)) for each in muted]
    rows = [
        (button(f"🔔 Unmute {html.clip(title or 'all', _TITLE)}", "unmute", _word(each.rule)),)
        for each, (title, _) in list(zip(muted, named, strict=True))[:_SHOWN]
    ]
    for_all = (button("All for 24 h", "hush", f"all {_DAY}"), button("All for 7 days", "hush", f"all {_WEEK}"))
    return Reply(words.mute_list(named), (*rows, for_all, (("A rule …", "/hush"),), _BACK), in_place=True)


async def _which(services: Services, request: CommandRequest) -> Reply:
    muted = await services.store.run(mutes_of, request.chat.chat_id, request.chat.thread_id, services.now())
    silent = {each.rule for each in muted}
    rules = [each for each in services.rulebook().enabled if each.rule.id not in silent][:_SHOWN]
    rows = [(button(html.clip(each.title, _TITLE), "hush", f"{_word(each.rule.id)} forever"),) for each in rules]
    return Reply(words.which_rule(), (*rows, (("« Back", "/mute"),)), in_place=True)


def _ask(book: Rulebook, found: Ambiguous | NotFound, length: str) -> Reply:
    if isinstance(found, NotFound):
        return Reply(words.not_understood(found.said))
    titles = {rule: _title(book, rule) for rule in found.names}
    return ask_which("rule", "mute", found, titles, argument=lambda rule: f"{rule_word(rule)} {length}".strip())


def _rule_meant(book: Rulebook, said: str) -> str | Ambiguous | NotFound:
    """The rule's id, "" for all of them."""
    what = parse_target(said, targets_of(book))
    if not isinstance(what, UnknownTarget):
        return what[1] if what == EVERYTHING or what[0] == "rule" else NotFound(said, None)
    return rule_meant(said, book.rules) or resolve(said, {rule: _title(book, rule) for rule in book.rules})


def _title(book: Rulebook, rule: str) -> str:
    written = book.rules.get(rule)
    return written.title if written is not None else rule


def _word(rule: str) -> str:
    return rule_word(rule) if rule != _ALL else "all"


def _end(until: int) -> int | None:
    return until if until < FOR_GOOD else None


COMMANDS = (
    Command(
        "mute",
        "keep a rule, or everything, quiet for a while",
        keep_quiet,
        Permission.CHAT_ADMINS,
        "[RULE] [24h | 7d | forever]",
        aliases=("mutes", "muted", "snooze"),
    ),
    Command(
        "unmute", "let it speak again", let_speak, Permission.CHAT_ADMINS, "[RULE]", aliases=("unsnooze",), listed=False
    ),
    Command("hush", "mute from the list", keep_quiet_here, Permission.CHAT_ADMINS, listed=False, typed=False),
)
