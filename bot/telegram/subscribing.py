"""Commands by which a chat gets alerts or ends them: /start, /subscribe, /unsubscribe."""

from __future__ import annotations

from dataclasses import replace

from bot.delivery.outcome import Outgoing
from bot.messages import membership, texts
from bot.store.subscribers import Chat, subscribe, subscriber, unsubscribe
from bot.telegram.access import Grant
from bot.telegram.command import Answer, Asked, Command, Who, button
from bot.telegram.desk import Desk
from bot.telegram.topics import EVERYTHING, Topics, Unknown, topic_of, topics_of


async def start(desk: Desk, asked: Asked) -> Answer:
    """Greet; bring back what a block switched off; with a rule's id from a link, subscribe to it."""
    if asked.argument:
        return await ask_for_alerts(desk, asked)
    known = await desk.store.do(subscriber, asked.chat.chat_id, asked.chat.thread_id)
    if known is not None and known.state == "unreachable" and await asked.may_change():
        back = await come_back(desk, asked)
        return Answer(texts.welcome(subscribed=True)) if desk.access.may_subscribe(asked.user_id) is Grant.YES else back
    return Answer(texts.welcome(subscribed=known is not None and known.state == "active"))


async def ask_for_alerts(desk: Desk, asked: Asked) -> Answer:
    """Subscribe the chat to everything, a rule, a tag or a severity."""
    if not await asked.may_change():
        return Answer(texts.not_allowed(group=True), aside=True)
    topics = topics_of(desk.rulebook())
    what = topic_of(asked.argument, topics)
    if isinstance(what, Unknown):
        return Answer(membership.nothing_of_that_name(what.said, what.near, _examples(topics)))
    return await _enter(desk, asked, what)


async def end_alerts(desk: Desk, asked: Asked) -> Answer:
    """End all alerts of the chat."""
    if asked.argument and topic_of(asked.argument, topics_of(desk.rulebook())) != EVERYTHING:
        return Answer(membership.ends_everything())
    was = await desk.store.do(unsubscribe, asked.chat.chat_id, asked.chat.thread_id, desk.now())
    return Answer(texts.unsubscribed(was=was))


async def come_back(desk: Desk, asked: Asked) -> Answer:
    """Make the chat active again on the terms that it had, or on the usual ones."""
    known = await desk.store.do(subscriber, asked.chat.chat_id, asked.chat.thread_id)
    wants = known.wants if known is not None else ()
    return await _enter(desk, asked, wants[0] if wants else EVERYTHING)


async def _enter(desk: Desk, asked: Asked, what: tuple[str, str]) -> Answer:
    grant = desk.access.may_subscribe(asked.user_id)
    if grant is Grant.NO:
        return Answer(membership.stranger(asked.user_id), aside=True)
    before = await desk.store.do(subscriber, asked.chat.chat_id, asked.chat.thread_id)
    if before is not None and before.state == "active" and EVERYTHING in before.wants:
        return Answer(texts.subscribed(new=False))
    new = await desk.store.do(subscribe, asked.chat, desk.now(), what, pending=grant is Grant.ASK)
    if grant is Grant.ASK and (before is None or before.state != "active"):
        asking = before is None or before.state != "pending"
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
        "get the alerts in this chat",
        ask_for_alerts,
        Who.CHAT_ADMINS,
        "[RULE | tag:NAME | severity]",
        aliases=("follow", "sub"),
    ),
    Command(
        "unsubscribe",
        "no more alerts in this chat",
        end_alerts,
        Who.CHAT_ADMINS,
        aliases=("stop", "unfollow", "unsub", "end"),
        always=True,
    ),
)
