"""/mute, /unmute: what a chat keeps quiet, and until when."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.delivery.local_time import zone_of
from bot.rulebook.book import Rulebook
from bot.rulebook.rule_definition import RuleDefinition
from bot.signals.timeframe import DAY, Instant
from bot.store.subscribers.mutes import FOR_GOOD, mutes_of
from bot.store.subscribers.subscribers import EVERYTHING
from bot.subscriber import Preferences
from bot.subscriptions.muting import (
    ALL_RULES,
    DEFAULT_MUTE_ALL_SECONDS,
    bring_back,
    mute_rules,
    muted_ahead,
    muted_until,
    unmute_rule,
)
from bot.subscriptions.options import Target
from bot.subscriptions.preferring import preferences_of
from bot.telegram.command import Command, CommandRequest, HelpGroup, Permission, Reply
from bot.telegram.keyboard import button, button_row
from bot.telegram.parsing.durations import Duration
from bot.telegram.parsing.mute_questions import answer_recurring, ask_when, ask_which_stretch, quiet_hours_rows
from bot.telegram.parsing.mute_target import SPARED, rules_of, targets_to_mute, word_of
from bot.telegram.parsing.mute_times import no_time, odd_time, split_time
from bot.telegram.parsing.mute_words import names, shown, stretch, title, together
from bot.telegram.parsing.resolve import Ambiguous, NotFound, ask_which, exactly
from bot.telegram.parsing.subscription_target import target_names, unknown_tag
from bot.telegram.parsing.until import Until, split_named_time
from bot.telegram.parsing.windows import Recurring, Window
from bot.telegram.services import Services
from bot.views.alerts.buttons import WORD_LIMIT, rule_word
from bot.views.chats import mutes as texts
from bot.views.formatting import html

_EACH_OF_THEM = frozenset({"rules", "all rules", "each", "the rest", "every rule"})
_ALWAYS = "24/7"
"""The calendar of markets that trade on weekends."""

_MAX_LISTED = 20
_MAX_TITLE_CHARACTERS = 40
_BACK = (("« Alerts", "/choose"), ("⚙️ Settings", "/settings"))
_DAY, _WEEK = "24h", "7d"
_WEEK_SECONDS = 7 * DAY
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
    """End a mute, and send what it kept back a moment ago; without an argument the only one, or list them."""
    reply = await _unmute(services, request)
    back = await bring_back(services.store, request.chat, services.now())
    if not back:
        return reply
    services.wake()
    return replace(reply, html=f"{reply.html}\n{texts.come_after_all(back)}")


async def _unmute(services: Services, request: CommandRequest) -> Reply:
    said = request.argument.strip()
    book, chat = services.rulebook(), request.chat
    muted = await services.store.run(mutes_of, chat.chat_id, chat.thread_id, services.now())
    muted += await muted_ahead(services.store, chat, services.now())
    if not said and len({each.rule for each in muted}) == 1 and not request.pressed:
        said = _word(muted[0].rule)  # there is but one that can be meant
    if not said:
        return await _list(services, request)
    gone = next((each.rule for each in muted if each.rule and exactly(said, each.rule)), None)
    found = (("rule", gone),) if gone else targets_to_mute(book, said)
    rules = rules_of(book, found) if isinstance(found, tuple) else ()
    if said.casefold() in _EACH_OF_THEM and not isinstance(found, tuple):
        found, rules = tuple(("rule", each.rule) for each in muted if each.rule), tuple(each.rule for each in muted)
    was = [await unmute_rule(services.store, chat, rule) for rule in rules]
    if request.pressed:
        return await _list(services, request)
    if not isinstance(found, tuple):
        return _ask(book, found, said, said, "unmute")
    if not rules:
        return Reply(texts.severity_is_a_setting())
    all_until = await muted_until(services.store, chat, services.now())
    known = await preferences_of(services.store, chat) or Preferences()
    all_muted = shown(all_until, known) if all_until is not None else ""
    ahead = [each for each in await muted_ahead(services.store, chat, services.now()) if each.rule == ALL_RULES]
    if ahead and not all_muted:
        all_muted = stretch(ahead[0].begins, ahead[0].until, known)
    left = {each.rule for each in muted} - set(rules)
    if EVERYTHING in found and left:
        return Reply(
            texts.muted_on_their_own(len(left), was=any(was)), button_row(("Unmute these, too", "unmute", "rules"))
        )
    return Reply(texts.unmuted(names(book, found), was=any(was), all_muted=all_muted))


async def _mute(services: Services, request: CommandRequest) -> Reply:
    book, said, now = services.rulebook(), request.argument.strip(), services.now()
    known = await preferences_of(services.store, request.chat)
    if known is None:
        return Reply(texts.no_subscriber())
    zone = zone_of(known.time_zone)
    rest, span = split_time(book, said, now, zone)
    if isinstance(span, Recurring):
        return answer_recurring(span, _on_weekends(services), now, zone)
    targets = targets_to_mute(book, rest)
    if span is None and isinstance(targets, NotFound):
        rest, span = split_named_time(said, now, zone)
        targets = targets_to_mute(book, rest)
    odd = await _not_understood(services, request, rest, span, known) if isinstance(targets, NotFound) else None
    length = said.replace(rest, "", 1).strip()
    refused = odd or (no_time(span, length) if not isinstance(span, Window) else None)
    if refused is not None:
        return Reply(refused)
    if not isinstance(targets, tuple):
        return _ask(book, targets, said, rest)
    spared = any(kind == SPARED for kind, _ in targets)
    word = rest if spared and len(rest) <= WORD_LIMIT else word_of(targets)
    if isinstance(span, Window):
        return await _mute_ahead(services, request, targets, span, known, word)
    return await _mute_targets(services, request, targets, span, known, word)


def _on_weekends(services: Services) -> list[RuleDefinition]:
    markets = services.market_data.markets
    always = {name for name, market in markets.items() if market.calendar == _ALWAYS}
    return [written for written in services.rulebook().enabled if written.rule.market in always]


async def _mute_ahead(
    services: Services,
    request: CommandRequest,
    targets: tuple[Target, ...],
    window: Window,
    known: Preferences,
    word: str,
) -> Reply:
    """Mute what begins later; where the words leave open when it begins or ends, ask."""
    book, zone = services.rulebook(), zone_of(known.time_zone)
    rules = rules_of(book, targets)
    if not rules:
        return Reply(texts.severity_is_a_setting())
    if not window.readings and not window.begins:
        return Reply(texts.over_already(window.said) if window.past else texts.no_end(window.said))
    if len(window.readings) != 1:
        return ask_which_stretch(window, word, zone)
    ((begins, until),) = window.readings
    await mute_rules(services.store, request.chat, rules, until, services.now(), shorten=True, begins=begins)
    through = None
    if window.whole_day is not None:
        start = datetime.fromtimestamp(begins, zone)
        argument = f"{word} from {start:%Y-%m-%d %H:%M} through {window.whole_day}"
        through = (f"Through {window.whole_day:%a}", "hush", argument)
    rows = button_row(*filter(None, [through]), ("Unmute", "unmute", word))
    told = texts.muted_ahead(names(book, targets), stretch(begins, until, known))
    return Reply(told, (*rows, *quiet_hours_rows(window.clocks)))


async def _mute_targets(
    services: Services,
    request: CommandRequest,
    targets: tuple[Target, ...],
    span: Duration | Until | None,
    known: Preferences,
    word: str,
) -> Reply:
    book, now = services.rulebook(), services.now()
    rules = rules_of(book, targets)
    if not rules:
        return Reply(texts.severity_is_a_setting())
    if isinstance(span, Until) and (len(span.instants) > 1 or span.later):
        return ask_when(span, word, now, zone_of(known.time_zone))
    until, single = _end_of(span, targets, now), len(targets) == 1 and targets[0][0] == "rule"
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
    kept = [(title(book, rule), shown(end, known)) for rule, end in longer.items()]
    what, end = names(book, targets), shown(until, known)
    if EVERYTHING in targets and kept:
        return texts.nothing_shorter(kept[0][1])
    if kept and len(targets) == 1 and targets[0][0] == "rule":
        return texts.muted(what, end, was=kept[0][1])
    return texts.muted(what, end, kept=kept)


async def _not_understood(
    services: Services, request: CommandRequest, rest: str, span: Duration | Until | Window | None, known: Preferences
) -> str | None:
    """What is wrong with words that name no rule: "off", or as `odd_time` says."""
    now, zone = services.now(), zone_of(known.time_zone)
    if any(word.casefold() in _OFF for word in rest.split()) and span is None:
        until = await muted_until(services.store, request.chat, now)
        return texts.off("" if until is None else shown(until, known))
    return odd_time(request.argument.strip(), rest, span, now, zone)


def _end_of(span: Duration | Until | None, targets: tuple[Target, ...], now: Instant) -> Instant:
    if isinstance(span, Until):
        return span.instants[0]
    nearly_all = EVERYTHING in targets or any(kind == SPARED for kind, _ in targets)
    seconds = span.seconds if span is not None else DEFAULT_MUTE_ALL_SECONDS if nearly_all else None
    return FOR_GOOD if seconds is None else now + seconds


def _through(span: Duration | Until | None, word: str) -> tuple[str, str, str] | None:
    """The button for whoever meant the end of the day, not its beginning."""
    if not isinstance(span, Until) or span.whole_day is None:
        return None
    return f"Through {span.whole_day:%a}", "hush", f"{word} through {span.whole_day}"


async def _list(services: Services, request: CommandRequest) -> Reply:
    book = services.rulebook()
    muted = await services.store.run(mutes_of, request.chat.chat_id, request.chat.thread_id, services.now())
    ahead = await muted_ahead(services.store, request.chat, services.now())
    known = await preferences_of(services.store, request.chat) or Preferences()
    named = together([(each.rule, shown(each.until, known)) for each in muted], book)
    named += together([(each.rule, stretch(each.begins, each.until, known)) for each in ahead], book)
    rules = list(dict.fromkeys(each.rule for each in (*muted, *ahead)))[:_MAX_LISTED]
    rows = [
        (button(f"🔔 Unmute {html.clip(_named(book, rule) or 'all', _MAX_TITLE_CHARACTERS)}", "unmute", _word(rule)),)
        for rule in rules
    ]
    for_all = (button("All for 24 h", "hush", f"all {_DAY}"), button("All for 7 days", "hush", f"all {_WEEK}"))
    return Reply(texts.mute_list(named), (*rows, for_all, (("A rule …", "/hush"),), _BACK), in_place=True)


def _named(book: Rulebook, rule: str) -> str | None:
    return None if rule == ALL_RULES else title(book, rule)


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
    titles = {rule: title(book, rule) for rule in found.names}
    length = said.replace(rest, "", 1).strip()
    return ask_which("rule", command, found, titles, argument=lambda rule: f"{rule_word(rule)} {length}".strip())


def _word(rule: str) -> str:
    return rule_word(rule) if rule != ALL_RULES else "all"


COMMANDS = (
    Command(
        "mute",
        "keep a rule, or everything, quiet for a while",
        mute_command,
        Permission.CHAT_ADMINS,
        "[RULE | tag:TAG | all except RULE] [24h | until friday | from friday to monday | forever]",
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
