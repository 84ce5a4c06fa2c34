"""Commands by which a chat gets alerts or ends them: /start, /subscribe, /unsubscribe."""

from __future__ import annotations

import re
from dataclasses import replace

from bot.delivery.outcome import Outgoing
from bot.messages import membership, texts
from bot.messages import wishes as words
from bot.messages.buttons import rule_meant
from bot.store.mutes import FOR_GOOD, mute, mutes_of, unmute
from bot.store.subscribers import Chat, give_up, subscribe, subscriber, unsubscribe
from bot.telegram.access import Grant
from bot.telegram.command import Answer, Asked, Command, Who, button
from bot.telegram.desk import Desk
from bot.telegram.topics import EVERYTHING, Topics, Unknown, topic_of, topics_of
from bot.telegram.wishes import Choices, panel

RING_AGAIN = 3_600
"""Seconds within which coming and going rings the operators only once; /approve lists who waits."""

_CHOICE = re.compile(r"(?:([+-])(all|rule|tag|severity)(?::(\S{1,64}))?\s*)?(\d{1,3})?")
_GET = (("Get alerts", "/subscribe all"),)
_CHOOSE = (("Choose", "/choose"),)


async def start(desk: Desk, asked: Asked) -> Answer:
    """Greet; bring back what a block switched off; with a rule's id from a link, subscribe to it."""
    if asked.argument:
        return await ask_for_alerts(desk, asked)
    known = await desk.store.do(subscriber, asked.chat.chat_id, asked.chat.thread_id)
    if known is not None and known.state == "unreachable" and await asked.may_change():
        back = await come_back(desk, asked)
        again = await desk.store.do(subscriber, asked.chat.chat_id, asked.chat.thread_id)
        active = again is not None and again.state == "active"
        return Answer(texts.welcome(subscribed=True), (_CHOOSE,)) if active else back
    active = known is not None and known.state == "active"
    return Answer(texts.welcome(subscribed=active), (_CHOOSE if active else _GET,))


async def ask_for_alerts(desk: Desk, asked: Asked) -> Answer:
    """Subscribe the chat to a rule, a tag or a severity; without an argument to everything, or show what it gets."""
    if not await asked.may_change():
        return Answer(texts.not_allowed(group=True), aside=True)
    topics = topics_of(desk.rulebook())
    what = topic_of(asked.argument, topics)
    if isinstance(what, Unknown):
        return Answer(membership.nothing_of_that_name(what.said, what.near, _examples(topics)))
    choices = await choices_of(desk, asked.chat)
    if not asked.argument and choices.known is not None and choices.known.state == "active":
        shown = panel(choices)
        return replace(shown, html=f"{texts.subscribed(new=False)}\n{shown.html}")
    answer = await _enter(desk, asked, what)
    if answer.aside:
        return answer
    return replace(answer, buttons=panel(await choices_of(desk, asked.chat)).buttons)


async def end_alerts(desk: Desk, asked: Asked) -> Answer:
    """End all alerts of the chat, or those of a rule, a tag or a severity."""
    topics = topics_of(desk.rulebook())
    what = topic_of(asked.argument, topics)
    if what == EVERYTHING:
        was = await desk.store.do(unsubscribe, asked.chat.chat_id, asked.chat.thread_id, desk.now())
        return Answer(texts.unsubscribed(was=was), (_GET,))
    choices = await choices_of(desk, asked.chat)
    if isinstance(what, Unknown):
        what = next((each for each in sorted(choices.wants) if each[1] == asked.argument.strip()), what)
    if isinstance(what, Unknown):
        return Answer(membership.nothing_of_that_name(what.said, what.near, (), command="unsubscribe"))
    return await _leave(desk, asked, what, choices)


async def choose(desk: Desk, asked: Asked) -> Answer:
    """What a press of one of the panel's buttons asks for, then the panel as it is now."""
    found = _CHOICE.fullmatch(asked.argument)
    if found is None:
        return Answer(membership.dead_button(), aside=True)
    sign, kind, value, page = found.groups()
    refusal = await _switch(desk, asked, sign, (kind, value or "")) if sign else None
    if refusal is not None and refusal.aside:
        return refusal
    shown = panel(await choices_of(desk, asked.chat), int(page or 0))
    return shown if refusal is None else replace(shown, others=refusal.others)


async def come_back(desk: Desk, asked: Asked) -> Answer:
    """Make the chat active again on the terms that it had, or on the usual ones."""
    known = await desk.store.do(subscriber, asked.chat.chat_id, asked.chat.thread_id)
    wants = known.wants if known is not None else ()
    return await _enter(desk, asked, wants[0] if wants else EVERYTHING)


async def choices_of(desk: Desk, chat: Chat) -> Choices:
    """What a chat gets and may choose from."""
    known = await desk.store.do(subscriber, chat.chat_id, chat.thread_id)
    mutes = await desk.store.do(mutes_of, chat.chat_id, chat.thread_id, desk.now())
    return Choices(known, desk.rulebook().enabled, mutes)


async def _switch(desk: Desk, asked: Asked, sign: str, what: tuple[str, str]) -> Answer | None:
    """Do what a button says. The answer is to be read where it is an aside; its messages to others are to be sent."""
    choices = await choices_of(desk, asked.chat)
    kind, word = what
    value = rule_meant(word, [*choices.names(kind), *(name for each, name in choices.wants if each == kind)])
    if value is None:
        return Answer(words.gone(word), aside=True)
    if sign == "-":
        await _leave(desk, asked, (kind, value), choices)
        return None
    if value not in choices.names(kind):
        return Answer(words.gone(word), aside=True)
    if kind == "rule":
        await desk.store.do(unmute, asked.chat.chat_id, asked.chat.thread_id, value)
        if any(rule.rule.id == value and choices.wanted(rule) for rule in choices.rules):
            return None
    return await _enter(desk, asked, (kind, value))


async def _leave(desk: Desk, asked: Asked, what: tuple[str, str], choices: Choices) -> Answer:
    """Give one subscription up; a rule that others bring along is muted, so that new rules still come."""
    kind, value = what
    chat = (asked.chat.chat_id, asked.chat.thread_id)
    had = await desk.store.do(give_up, *chat, what, desk.now())
    rule = next((each for each in choices.rules if kind == "rule" and each.rule.id == value), None)
    if rule is not None and choices.covered(rule):
        await desk.store.do(mute, *chat, FOR_GOOD, desk.now(), value)
        return Answer(words.muted_instead(value))
    if had and choices.wants == {what}:
        return Answer(texts.unsubscribed(was=True), (_GET,))
    return Answer(words.ended_one(kind, value) if had else words.never_had(kind, value), (_CHOOSE,))


async def _enter(desk: Desk, asked: Asked, what: tuple[str, str]) -> Answer:
    grant = desk.access.may_subscribe(asked.user_id)
    if grant is Grant.NO:
        return Answer(membership.stranger(asked.user_id), aside=True)
    where = (asked.chat.chat_id, asked.chat.thread_id)
    before = await desk.store.do(subscriber, *where)
    if what[0] == "rule":
        await desk.store.do(unmute, *where, what[1])
    if before is not None and before.state == "active" and EVERYTHING in before.wants:
        return Answer(texts.subscribed(new=False))
    new = await desk.store.do(subscribe, asked.chat, desk.now(), what, pending=grant is Grant.ASK)
    after = await desk.store.do(subscriber, *where)
    if after is not None and after.state == "pending":
        asking = before is None or (before.state != "pending" and desk.now() - before.changed >= RING_AGAIN)
        return Answer(membership.waiting(), others=requests(desk, asked.chat, asked.name) if asking else ())
    if what == EVERYTHING:
        return Answer(texts.subscribed(new=new))
    return Answer(membership.subscribed_to(*what, new=new))


def requests(desk: Desk, chat: Chat, asker: str) -> tuple[Outgoing, ...]:
    """The message to each operator, with the button that says yes."""
    yes = button("Approve", "approve", membership.place(chat))
    message = Outgoing(0, membership.request(chat, asker), buttons=((yes,),))
    return tuple(replace(message, chat_id=operator) for operator in sorted(desk.access.operators))


def _examples(topics: Topics) -> list[str]:
    return [*sorted(topics.rules)[:2], *(f"tag:{tag}" for tag in sorted(topics.tags)[:1])]


COMMANDS = (
    Command("start", "say hello", start, usage="[RULE]", listed=False),
    Command(
        "subscribe",
        "get alerts in this chat, or choose which",
        ask_for_alerts,
        Who.CHAT_ADMINS,
        "[RULE | tag:NAME | severity]",
        aliases=("follow", "sub"),
    ),
    Command(
        "unsubscribe",
        "no more alerts in this chat, or of one rule",
        end_alerts,
        Who.CHAT_ADMINS,
        "[RULE | tag:NAME | severity]",
        aliases=("stop", "unfollow", "unsub", "end"),
        always=True,
    ),
    Command("choose", "choose the alerts of this chat", choose, Who.CHAT_ADMINS, listed=False, typed=False),
)
