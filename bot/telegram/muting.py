"""Commands by which a chat keeps things quiet: /mute, /unmute."""

from __future__ import annotations

from dataclasses import replace

from bot.messages import html
from bot.messages import muting as words
from bot.messages.buttons import rule_meant, rule_word
from bot.rulebook.book import Rulebook
from bot.store.mutes import FOR_GOOD, mute, mutes_of, unmute
from bot.telegram import spoken
from bot.telegram.choosing import Nothing, Several, ask_which, choose
from bot.telegram.command import Answer, Asked, Command, Who, button
from bot.telegram.desk import Desk
from bot.telegram.topics import EVERYTHING, Unknown, topic_of, topics_of

_ALL = ""
_SHOWN = 20
_TITLE = 40
_BACK = (("« Alerts", "/choose"), ("⚙️ Settings", "/settings"))
_DAY, _WEEK = "24h", "7d"


async def keep_quiet(desk: Desk, asked: Asked) -> Answer:
    """Mute a rule or everything for a while or for good; without an argument list what is muted."""
    if not asked.argument.strip():
        return await _listed(desk, asked)
    answer = await _mute(desk, asked)
    # Under an alert the answer is a word in passing: the alert stays as it is.
    return replace(answer, aside=asked.pressed)


async def keep_quiet_here(desk: Desk, asked: Asked) -> Answer:
    """The same from the list's own buttons: the list is shown as it is then. Without an argument: which rule?"""
    if not asked.argument.strip():
        return await _which(desk, asked)
    await _mute(desk, asked)
    return await _listed(desk, asked)


async def let_speak(desk: Desk, asked: Asked) -> Answer:
    """End a mute; without an argument list what is muted."""
    said = asked.argument.strip()
    if not said:
        return await _listed(desk, asked)
    muted = await desk.store.do(mutes_of, asked.chat.chat_id, asked.chat.thread_id, desk.now())
    found = rule_meant(said, [each.rule for each in muted if each.rule]) or _rule_meant(desk.rulebook(), said)
    rule = found if isinstance(found, str) else None
    was = rule is not None and await desk.store.do(unmute, asked.chat.chat_id, asked.chat.thread_id, rule)
    if asked.pressed:
        return await _listed(desk, asked)
    return Answer(words.unmuted(_title(desk.rulebook(), rule or said) if rule != _ALL else None, was=was))


async def _mute(desk: Desk, asked: Asked) -> Answer:
    what, wanted = spoken.split_length(asked.argument)
    book = desk.rulebook()
    rule = _rule_meant(book, what)
    if not isinstance(rule, str):
        return _ask(book, rule, asked.argument.strip()[len(what) :].strip())
    seconds = wanted or (spoken.length(_DAY) if rule == _ALL else spoken.FOR_GOOD)
    until = min(desk.now() + seconds, FOR_GOOD) if isinstance(seconds, int) else FOR_GOOD
    if not await desk.store.do(mute, asked.chat.chat_id, asked.chat.thread_id, until, desk.now(), rule):
        return Answer(words.no_subscriber())
    title = _title(book, rule) if rule != _ALL else None
    others = (button("7 days", "hush", f"{_word(rule)} {_WEEK}"), button("For good", "hush", f"{_word(rule)} forever"))
    return Answer(words.muted(title, _end(until)), ((*others, button("Unmute", "unmute", _word(rule))),))


async def _listed(desk: Desk, asked: Asked) -> Answer:
    book = desk.rulebook()
    muted = await desk.store.do(mutes_of, asked.chat.chat_id, asked.chat.thread_id, desk.now())
    named = [(None if each.rule == _ALL else _title(book, each.rule), _end(each.until)) for each in muted]
    rows = [
        (button(f"🔔 Unmute {html.clip(title or 'all', _TITLE)}", "unmute", _word(each.rule)),)
        for each, (title, _) in list(zip(muted, named, strict=True))[:_SHOWN]
    ]
    for_all = (button("All for 24 h", "hush", f"all {_DAY}"), button("All for 7 days", "hush", f"all {_WEEK}"))
    return Answer(words.mute_list(named), (*rows, for_all, (("A rule …", "/hush"),), _BACK), in_place=True)


async def _which(desk: Desk, asked: Asked) -> Answer:
    muted = await desk.store.do(mutes_of, asked.chat.chat_id, asked.chat.thread_id, desk.now())
    silent = {each.rule for each in muted}
    rules = [each for each in desk.rulebook().enabled if each.rule.id not in silent][:_SHOWN]
    rows = [(button(html.clip(each.title, _TITLE), "hush", f"{_word(each.rule.id)} forever"),) for each in rules]
    return Answer(words.which_rule(), (*rows, (("« Back", "/mute"),)), in_place=True)


def _ask(book: Rulebook, found: Several | Nothing, length: str) -> Answer:
    if isinstance(found, Nothing):
        return Answer(words.not_understood(found.said))
    titles = {rule: _title(book, rule) for rule in found.names}
    return ask_which("rule", "mute", found, titles, argument=lambda rule: f"{rule_word(rule)} {length}".strip())


def _rule_meant(book: Rulebook, said: str) -> str | Several | Nothing:
    """The rule's id, "" for all of them."""
    what = topic_of(said, topics_of(book))
    if not isinstance(what, Unknown):
        return what[1] if what == EVERYTHING or what[0] == "rule" else Nothing(said, None)
    return rule_meant(said, book.rules) or choose(said, {rule: _title(book, rule) for rule in book.rules})


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
        Who.CHAT_ADMINS,
        "[RULE] [24h | 7d | forever]",
        aliases=("mutes", "muted", "snooze"),
    ),
    Command("unmute", "let it speak again", let_speak, Who.CHAT_ADMINS, "[RULE]", aliases=("unsnooze",), listed=False),
    Command("hush", "mute from the list", keep_quiet_here, Who.CHAT_ADMINS, listed=False, typed=False),
)
