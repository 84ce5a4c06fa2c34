"""/start, /subscribe, /unsubscribe: how a chat gets alerts and ends them."""

from __future__ import annotations

import re
from dataclasses import replace

from bot.delivery.transport import OutgoingMessage
from bot.store.subscribers.subscribers import EVERYTHING, subscriber
from bot.subscriber import Chat
from bot.subscriptions.muting import ALL_RULES, unmute_rule
from bot.subscriptions.options import SubscriptionOptions, Target, load_options
from bot.subscriptions.subscribing import (
    SubscribeOutcome,
    SubscribeResult,
    UnsubscribeOutcome,
    narrow_to,
    resubscribe_chat,
    subscribe_chat,
    unsubscribe_chat,
    unsubscribe_from,
)
from bot.telegram.command import Command, CommandRequest, HelpGroup, Permission, Reply
from bot.telegram.commands.subscription_panel import panel
from bot.telegram.keyboard import button, button_if_fits
from bot.telegram.parsing.resolve import Ambiguous, NotFound, ask_which, exactly
from bot.telegram.parsing.subscription_target import TargetNames, parse_targets, target_names, unknown_tag
from bot.telegram.services import Services
from bot.telegram.throttle import Throttle
from bot.views.alerts.buttons import rule_word
from bot.views.chats import access, onboarding
from bot.views.chats import subscription_panel as texts
from bot.views.chats.mutes import no_tag
from bot.views.formatting import html

_CHOICE = re.compile(r"(?:([+-])(all|rule|tag|severity)(?::(\S{1,64}))?\s*)?(\d{1,3})?")
_ONLY = re.compile(r"only\s+(.+)", re.IGNORECASE | re.DOTALL)
_GET = (("Get alerts", "/subscribe all"),)
_CHOOSE = (("Choose", "/choose"),)
_MAX_TAG_CHARACTERS = 30
_OF_A_LINK = re.compile(r"true|(?:ref|utm|src|from|inline)(?:[_-]?\w+)?", re.IGNORECASE)
"""What links carry that tells where somebody comes from."""


async def start(services: Services, request: CommandRequest) -> Reply:
    """Greet; bring back what a block switched off; with a rule's id from a link, subscribe to it.

    A link may tell where somebody comes from (?start=ref_x, ?startgroup=true): then it is a greeting like others.
    """
    rules = target_names(services.rulebook()).rules
    if any(exactly(request.argument, rule, title) for rule, title in rules.items()):
        return await subscribe_command(services, request)
    known = await services.store.run(subscriber, request.chat.chat_id, request.chat.thread_id)
    if known is not None and known.state == "unreachable" and await request.may_change():
        back = await come_back(services, request)
        again = await services.store.run(subscriber, request.chat.chat_id, request.chat.thread_id)
        active = again is not None and again.state == "active"
        return Reply(onboarding.welcome(subscribed=True), (_CHOOSE,)) if active else back
    active = known is not None and known.state == "active"
    text = onboarding.welcome(subscribed=active)
    if request.argument.strip() and not _OF_A_LINK.fullmatch(request.argument.strip()):
        text = f"{onboarding.no_rule_to_start(request.argument.strip())}\n\n{text}"
    return Reply(text, (_CHOOSE if active else _GET,))


async def subscribe_command(services: Services, request: CommandRequest) -> Reply:
    """Subscribe the chat to rules, tags or a severity; without an argument to everything, or show what it gets.

    "only" before them ends every other subscription.
    """
    if not await request.may_change():
        return Reply(onboarding.not_allowed(group=True), aside=True)
    names = target_names(services.rulebook())
    only = _ONLY.fullmatch(request.argument)
    targets = parse_targets(only[1] if only else request.argument, names)
    if not isinstance(targets, tuple):
        return _ask(targets, names, "subscribe")
    options = await _options(services, request.chat)
    if not request.argument and options.active:
        shown = panel(options)
        return replace(shown, html=f"{onboarding.subscribed(new=False)}\n{shown.html}")
    reply = _together([await _subscribe(services, request, target) for target in targets], targets)
    if only and not reply.aside:
        await narrow_to(services.store, request.chat, targets, services.now())
        reply = replace(reply, html=access.only_targets(targets), buttons=()) if options.active else reply
    if reply.aside:
        return reply
    after = await _options(services, request.chat)
    silent = texts.muted_still(len(after.muted_of(targets)), all_muted=ALL_RULES in after.muted) if after.active else ""
    said = "\n".join(filter(None, (reply.html, silent)))
    return replace(reply, html=said, buttons=(*reply.buttons, *panel(after).buttons))


async def unsubscribe_command(services: Services, request: CommandRequest) -> Reply:
    """End all alerts of the chat, or those of rules, tags or a severity."""
    names = target_names(services.rulebook())
    targets = parse_targets(request.argument, names)
    if isinstance(targets, tuple) and EVERYTHING in targets:
        was = await unsubscribe_chat(services.store, request.chat, services.now())
        return Reply(onboarding.unsubscribed(was=was), (_GET,))
    if not isinstance(targets, tuple):  # perhaps a rule or tag that is there no more
        options = await _options(services, request.chat)
        gone = next((each for each in sorted(options.targets) if each[1] == request.argument.strip()), None)
        if gone is None:
            return _ask(targets, names, "unsubscribe")
        targets = (gone,)
    replies = []
    for target in targets:
        others = [each for each in targets if each != target]
        options = (await _options(services, request.chat)).without(others)
        outcome = await unsubscribe_from(services.store, request.chat, target, options, services.now())
        replies.append(_ended(outcome, target, options))
    mutes = [row for reply in replies for row in reply.buttons if row not in {_CHOOSE, _GET}]
    common = [row for row in replies[-1].buttons if row in {_CHOOSE, _GET}]
    said = "\n".join(dict.fromkeys(reply.html for reply in replies))
    return replace(replies[-1], html=said, buttons=(*mutes, *common))


async def choose(services: Services, request: CommandRequest) -> Reply:
    """What a press of one of the panel's buttons asks for, then the panel as it is now."""
    found = _CHOICE.fullmatch(request.argument)
    if found is None:
        return Reply(access.dead_button(), aside=True)
    sign, kind, value, page = found.groups()
    reply = await _switch(services, request, sign, (kind, value or "")) if sign else None
    if reply is not None and reply.aside:
        return reply
    shown = panel(await _options(services, request.chat), int(page or 0))
    return shown if reply is None else replace(shown, others=reply.others)


async def come_back(services: Services, request: CommandRequest) -> Reply:
    """Make the chat active again with the subscriptions that it had, or with all."""
    grant = services.access.may_subscribe(request.user_id)
    result = await resubscribe_chat(services.store, request.chat, grant, services.now())
    return _subscribed(services, request, EVERYTHING, result)


async def _options(services: Services, chat: Chat) -> SubscriptionOptions:
    return await load_options(services.store, chat, services.rulebook().enabled, services.now())


async def _switch(services: Services, request: CommandRequest, sign: str, target: Target) -> Reply | None:
    """Do what a button says. The reply is to be read where it is an aside; its messages to others are to be sent."""
    options = await _options(services, request.chat)
    kind, word = target
    known = [*options.names(kind), *(name for each, name in options.targets if each == kind)]
    value = next((name for name in known if word in {name, rule_word(name)}), None)
    if value is None or (sign == "+" and value not in options.names(kind)):
        return Reply(texts.gone(word), aside=True)
    if sign == "-":
        await unsubscribe_from(services.store, request.chat, (kind, value), options, services.now())
        return None
    rule = options.rule(value) if kind == "rule" else None
    if rule is not None and options.wanted(rule):
        await unmute_rule(services.store, request.chat, value)
        return None
    return await _subscribe(services, request, (kind, value))


async def _subscribe(services: Services, request: CommandRequest, target: Target) -> Reply:
    grant = services.access.may_subscribe(request.user_id)
    result = await subscribe_chat(services.store, request.chat, target, grant, services.now())
    return _subscribed(services, request, target, result)


def _together(replies: list[Reply], targets: tuple[Target, ...]) -> Reply:
    """One reply for several subscriptions; where all of them are refused, or wait, that is said once."""
    if len(replies) == 1:
        return replies[0]
    said = "\n".join(dict.fromkeys(reply.html for reply in replies))
    others = tuple(message for reply in replies for message in reply.others)
    only = button_if_fits("Only these", "subscribe", f"only {', '.join(map(_argument, targets))}")
    included = all(reply.buttons for reply in replies) and only is not None
    return replace(replies[0], html=said, others=others, buttons=((only,),) if included and only is not None else ())


def _subscribed(services: Services, request: CommandRequest, target: Target, result: SubscribeResult) -> Reply:
    new = result.outcome is SubscribeOutcome.NEW
    match result.outcome:
        case SubscribeOutcome.REFUSED:
            return Reply(access.no_access_for(request.user_id), aside=True)
        case SubscribeOutcome.PENDING:
            asked = approval_requests(services, request) if result.ask_operators else ()
            return Reply(access.waiting(), others=asked)
        case SubscribeOutcome.INCLUDED:
            only = button_if_fits(f"Only {access.target_name(*target)}", "subscribe", f"only {_argument(target)}")
            return Reply(access.included(*target), ((only,),) if only is not None else ())
        case _ if target == EVERYTHING:
            return Reply(onboarding.subscribed(new=new))
        case _:
            return Reply(access.subscribed_to(*target, new=new))


def _argument(target: Target) -> str:
    kind, value = target
    return f"{kind}:{rule_word(value) if kind == 'rule' else value}"


def _ended(outcome: UnsubscribeOutcome, target: Target, options: SubscriptionOptions) -> Reply:
    match outcome:
        case UnsubscribeOutcome.MUTED:
            return Reply(texts.muted_instead(target[1]))
        case UnsubscribeOutcome.ENDED_ALL:
            return Reply(onboarding.unsubscribed(was=True), (_GET,))
        case UnsubscribeOutcome.ENDED:
            return Reply(texts.ended_one(*target), (_CHOOSE,))
        case UnsubscribeOutcome.STILL_COMES:
            return _still_comes(target, options)
        case UnsubscribeOutcome.NEVER_HAD:
            return Reply(texts.never_had(*target), (_CHOOSE,))


def _still_comes(target: Target, options: SubscriptionOptions) -> Reply:
    kind, value = target
    titles = [rule.title for rule in options.brought_by_others(target)]
    everything, had = EVERYTHING in options.targets, target in options.targets
    shown = html.clip(value, _MAX_TAG_CHARACTERS)
    mute = button_if_fits(f"Mute #{shown}", "hush", f"tag:{value}") if kind == "tag" else None
    buttons = ((mute,), _CHOOSE) if mute is not None else (_CHOOSE,)
    return Reply(texts.still_comes(kind, value, titles, everything=everything, had=had), buttons)


def _ask(found: Ambiguous | NotFound, names: TargetNames, command: str) -> Reply:
    """The question what was meant; examples only of what can be subscribed to."""
    if isinstance(found, Ambiguous):
        return ask_which("rule", command, found, names.rules, argument=lambda rule: f"rule:{rule_word(rule)}")
    if (tag := unknown_tag(found.said)) is not None and found.near is None:
        return Reply(no_tag(tag, sorted(names.tags)))
    some = [*sorted(names.rules)[:2], *(f"tag:{tag}" for tag in sorted(names.tags)[:1])]
    examples = some if command == "subscribe" else []
    return Reply(access.nothing_of_that_name(found.said, found.near, examples, command=command))


def approval_requests(services: Services, request: CommandRequest) -> tuple[OutgoingMessage, ...]:
    """The message to each operator, with the button that says yes; none where this person had them asked too often.

    Who waits is listed by /approve all the same.
    """
    if services.approvals.ask(request.user_id, services.clock()) is not Throttle.ANSWER:
        return ()
    yes = button("Approve", "approve", access.place(request.chat))
    message = OutgoingMessage(0, access.request(request.chat, request.name), buttons=((yes,),))
    return tuple(replace(message, chat_id=operator) for operator in sorted(services.access.operators))


COMMANDS = (
    Command("start", "say hello", start, usage="[RULE]", listed=False, group=HelpGroup.BOT),
    Command(
        "subscribe",
        "get alerts in this chat, or choose which",
        subscribe_command,
        Permission.CHAT_ADMINS,
        "[RULE, tag:NAME, severity …]",
        aliases=("follow", "sub"),
        group=HelpGroup.ALERTS,
        example="tag:iwm",
    ),
    Command(
        "unsubscribe",
        "no more alerts in this chat, or of one rule",
        unsubscribe_command,
        Permission.CHAT_ADMINS,
        "[RULE, tag:NAME, severity …]",
        aliases=("stop", "unfollow", "unsub", "end"),
        always=True,
        group=HelpGroup.ALERTS,
    ),
    Command("choose", "choose the alerts of this chat", choose, Permission.CHAT_ADMINS, listed=False, typed=False),
)
