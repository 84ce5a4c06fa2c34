"""/start, /subscribe, /unsubscribe: how a chat gets alerts and ends them."""

from __future__ import annotations

import re
from dataclasses import replace

from bot.delivery.transport import OutgoingMessage
from bot.store.subscribers.mutes import FOR_GOOD, mute, mutes_of, unmute
from bot.store.subscribers.subscribers import remove_subscription, subscribe, subscriber, unsubscribe
from bot.subscriber import Chat
from bot.subscriptions.permissions import Grant
from bot.telegram.command import Command, CommandRequest, Permission, Reply, button
from bot.telegram.commands.subscription_panel import SubscriptionOptions, panel
from bot.telegram.parsing.subscription_target import EVERYTHING, Targets, UnknownTarget, parse_target, targets_of
from bot.telegram.services import Services
from bot.views.alerts.buttons import rule_meant
from bot.views.chats import access, onboarding
from bot.views.chats import subscription_panel as words

RING_AGAIN = 3_600
"""Seconds within which coming and going rings the operators only once; /approve lists who waits."""

_CHOICE = re.compile(r"(?:([+-])(all|rule|tag|severity)(?::(\S{1,64}))?\s*)?(\d{1,3})?")
_GET = (("Get alerts", "/subscribe all"),)
_CHOOSE = (("Choose", "/choose"),)


async def start(services: Services, request: CommandRequest) -> Reply:
    """Greet; bring back what a block switched off; with a rule's id from a link, subscribe to it."""
    if request.argument:
        return await ask_for_alerts(services, request)
    known = await services.store.run(subscriber, request.chat.chat_id, request.chat.thread_id)
    if known is not None and known.state == "unreachable" and await request.may_change():
        back = await come_back(services, request)
        again = await services.store.run(subscriber, request.chat.chat_id, request.chat.thread_id)
        active = again is not None and again.state == "active"
        return Reply(onboarding.welcome(subscribed=True), (_CHOOSE,)) if active else back
    active = known is not None and known.state == "active"
    return Reply(onboarding.welcome(subscribed=active), (_CHOOSE if active else _GET,))


async def ask_for_alerts(services: Services, request: CommandRequest) -> Reply:
    """Subscribe the chat to a rule, a tag or a severity; without an argument to everything, or show what it gets."""
    if not await request.may_change():
        return Reply(onboarding.not_allowed(group=True), aside=True)
    topics = targets_of(services.rulebook())
    what = parse_target(request.argument, topics)
    if isinstance(what, UnknownTarget):
        return Reply(access.nothing_of_that_name(what.said, what.near, _examples(topics)))
    choices = await choices_of(services, request.chat)
    if not request.argument and choices.known is not None and choices.known.state == "active":
        shown = panel(choices)
        return replace(shown, html=f"{onboarding.subscribed(new=False)}\n{shown.html}")
    answer = await _enter(services, request, what)
    if answer.aside:
        return answer
    return replace(answer, buttons=panel(await choices_of(services, request.chat)).buttons)


async def end_alerts(services: Services, request: CommandRequest) -> Reply:
    """End all alerts of the chat, or those of a rule, a tag or a severity."""
    topics = targets_of(services.rulebook())
    what = parse_target(request.argument, topics)
    if what == EVERYTHING:
        was = await services.store.run(unsubscribe, request.chat.chat_id, request.chat.thread_id, services.now())
        return Reply(onboarding.unsubscribed(was=was), (_GET,))
    choices = await choices_of(services, request.chat)
    if isinstance(what, UnknownTarget):
        what = next((each for each in sorted(choices.wants) if each[1] == request.argument.strip()), what)
    if isinstance(what, UnknownTarget):
        return Reply(access.nothing_of_that_name(what.said, what.near, (), command="unsubscribe"))
    return await _leave(services, request, what, choices)


async def choose(services: Services, request: CommandRequest) -> Reply:
    """What a press of one of the panel's buttons asks for, then the panel as it is now."""
    found = _CHOICE.fullmatch(request.argument)
    if found is None:
        return Reply(access.dead_button(), aside=True)
    sign, kind, value, page = found.groups()
    refusal = await _switch(services, request, sign, (kind, value or "")) if sign else None
    if refusal is not None and refusal.aside:
        return refusal
    shown = panel(await choices_of(services, request.chat), int(page or 0))
    return shown if refusal is None else replace(shown, others=refusal.others)


async def come_back(services: Services, request: CommandRequest) -> Reply:
    """Make the chat active again on the terms that it had, or on the usual ones."""
    known = await services.store.run(subscriber, request.chat.chat_id, request.chat.thread_id)
    wants = known.subscriptions if known is not None else ()
    return await _enter(services, request, wants[0] if wants else EVERYTHING)


async def choices_of(services: Services, chat: Chat) -> SubscriptionOptions:
    """What a chat gets and may choose from."""
    known = await services.store.run(subscriber, chat.chat_id, chat.thread_id)
    mutes = await services.store.run(mutes_of, chat.chat_id, chat.thread_id, services.now())
    return SubscriptionOptions(known, services.rulebook().enabled, mutes)


async def _switch(services: Services, request: CommandRequest, sign: str, what: tuple[str, str]) -> Reply | None:
    """Do what a button says. The answer is to be read where it is an aside; its messages to others are to be sent."""
    choices = await choices_of(services, request.chat)
    kind, word = what
    value = rule_meant(word, [*choices.names(kind), *(name for each, name in choices.wants if each == kind)])
    if value is None:
        return Reply(words.gone(word), aside=True)
    if sign == "-":
        await _leave(services, request, (kind, value), choices)
        return None
    if value not in choices.names(kind):
        return Reply(words.gone(word), aside=True)
    if kind == "rule":
        await services.store.run(unmute, request.chat.chat_id, request.chat.thread_id, value)
        if any(rule.rule.id == value and choices.wanted(rule) for rule in choices.rules):
            return None
    return await _enter(services, request, (kind, value))


async def _leave(
    services: Services, request: CommandRequest, what: tuple[str, str], choices: SubscriptionOptions
) -> Reply:
    """Give one subscription up; a rule that others bring along is muted, so that new rules still come."""
    kind, value = what
    chat = (request.chat.chat_id, request.chat.thread_id)
    had = await services.store.run(remove_subscription, *chat, what, services.now())
    rule = next((each for each in choices.rules if kind == "rule" and each.rule.id == value), None)
    if rule is not None and choices.covered(rule):
        await services.store.run(mute, *chat, FOR_GOOD, services.now(), value)
        return Reply(words.muted_instead(value))
    if had and choices.wants == {what}:
        return Reply(onboarding.unsubscribed(was=True), (_GET,))
    return Reply(words.ended_one(kind, value) if had else words.never_had(kind, value), (_CHOOSE,))


async def _enter(services: Services, request: CommandRequest, what: tuple[str, str]) -> Reply:
    grant = services.access.may_subscribe(request.user_id)
    if grant is Grant.NO:
        return Reply(access.no_access_for(request.user_id), aside=True)
    where = (request.chat.chat_id, request.chat.thread_id)
    before = await services.store.run(subscriber, *where)
    if what[0] == "rule":
        await services.store.run(unmute, *where, what[1])
    if before is not None and before.state == "active" and EVERYTHING in before.subscriptions:
        return Reply(onboarding.subscribed(new=False))
    new = await services.store.run(subscribe, request.chat, services.now(), what, pending=grant is Grant.ASK)
    after = await services.store.run(subscriber, *where)
    if after is not None and after.state == "pending":
        asking = before is None or (before.state != "pending" and services.now() - before.changed >= RING_AGAIN)
        return Reply(access.waiting(), others=requests(services, request.chat, request.name) if asking else ())
    if what == EVERYTHING:
        return Reply(onboarding.subscribed(new=new))
    return Reply(access.subscribed_to(*what, new=new))


def requests(services: Services, chat: Chat, asker: str) -> tuple[OutgoingMessage, ...]:
    """The message to each operator, with the button that says yes."""
    yes = button("Approve", "approve", access.place(chat))
    message = OutgoingMessage(0, access.request(chat, asker), buttons=((yes,),))
    return tuple(replace(message, chat_id=operator) for operator in sorted(services.access.operators))


def _examples(topics: Targets) -> list[str]:
    return [*sorted(topics.rules)[:2], *(f"tag:{tag}" for tag in sorted(topics.tags)[:1])]


COMMANDS = (
    Command("start", "say hello", start, usage="[RULE]", listed=False),
    Command(
        "subscribe",
        "get alerts in this chat, or choose which",
        ask_for_alerts,
        Permission.CHAT_ADMINS,
        "[RULE | tag:NAME | severity]",
        aliases=("follow", "sub"),
    ),
    Command(
        "unsubscribe",
        "no more alerts in this chat, or of one rule",
        end_alerts,
        Permission.CHAT_ADMINS,
        "[RULE | tag:NAME | severity]",
        aliases=("stop", "unfollow", "unsub", "end"),
        always=True,
    ),
    Command("choose", "choose the alerts of this chat", choose, Permission.CHAT_ADMINS, listed=False, typed=False),
)
