"""Subscribing and unsubscribing a chat, to everything or to a rule, a tag, a severity."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from bot.signals.timeframe import Instant
from bot.store.store import Store
from bot.store.subscribers.mutes import FOR_GOOD, mute, unmute
from bot.store.subscribers.subscribers import EVERYTHING, remove_subscription, subscribe, subscriber, unsubscribe
from bot.subscriber import Chat
from bot.subscriptions.options import SubscriptionOptions, Target
from bot.subscriptions.permissions import Grant

REQUEST_AGAIN_SECONDS = 3_600
"""Within that time, coming and going asks the operators only once; their list shows who waits."""


class SubscribeOutcome(StrEnum):
    """What came of asking for alerts."""

    REFUSED = "refused"
    PENDING = "pending"  # an operator decides
    NEW = "new"
    ALREADY = "already"
    INCLUDED = "included"  # the chat gets everything; the wish is kept beside that


class UnsubscribeOutcome(StrEnum):
    """What came of giving one subscription up."""

    ENDED = "ended"
    ENDED_ALL = "ended all"  # it was the last one
    MUTED = "muted"  # others bring the rule along: it is kept quiet instead
    STILL_COMES = "still comes"  # others bring all of it, or a part
    NEVER_HAD = "never had"


@dataclass(frozen=True, slots=True)
class SubscribeResult:
    """The outcome, and whether the operators are to be asked."""

    outcome: SubscribeOutcome
    ask_operators: bool = False


async def subscribe_chat(store: Store, chat: Chat, target: Target, grant: Grant, now: Instant) -> SubscribeResult:
    """Subscribe a chat; a rule's mute ends with that."""
    if grant is Grant.NO:
        return SubscribeResult(SubscribeOutcome.REFUSED)
    where = (chat.chat_id, chat.thread_id)
    before = await store.run(subscriber, *where)
    if target[0] == "rule":
        await store.run(unmute, *where, target[1])
    new = await store.run(subscribe, chat, now, target, pending=grant is Grant.ASK)
    after = await store.run(subscriber, *where)
    if after is not None and after.state == "pending":
        changed = before is None or before.state != "pending"
        long_ago = before is None or now - before.changed >= REQUEST_AGAIN_SECONDS
        return SubscribeResult(SubscribeOutcome.PENDING, ask_operators=changed and long_ago)
    had_all = before is not None and before.state == "active" and EVERYTHING in before.subscriptions
    if had_all and target != EVERYTHING:
        return SubscribeResult(SubscribeOutcome.INCLUDED)
    return SubscribeResult(SubscribeOutcome.NEW if new else SubscribeOutcome.ALREADY)


async def narrow_to(store: Store, chat: Chat, targets: Collection[Target], now: Instant) -> None:
    """End every other subscription of a chat that has these."""
    known = await store.run(subscriber, chat.chat_id, chat.thread_id)
    for other in known.subscriptions if known is not None and set(targets) <= set(known.subscriptions) else ():
        if other not in targets:
            await store.run(remove_subscription, chat.chat_id, chat.thread_id, other, now)


async def resubscribe_chat(store: Store, chat: Chat, grant: Grant, now: Instant) -> SubscribeResult:
    """Make a chat active again with the subscriptions that it had, or with all alerts."""
    known = await store.run(subscriber, chat.chat_id, chat.thread_id)
    targets = known.subscriptions if known is not None else ()
    return await subscribe_chat(store, chat, targets[0] if targets else EVERYTHING, grant, now)


async def unsubscribe_chat(store: Store, chat: Chat, now: Instant) -> bool:
    """End all alerts of a chat. Returns whether it had any, or waited for them."""
    return await store.run(unsubscribe, chat.chat_id, chat.thread_id, now)


async def unsubscribe_from(
    store: Store, chat: Chat, target: Target, options: SubscriptionOptions, now: Instant
) -> UnsubscribeOutcome:
    """Give one subscription up; a rule that others bring along is muted, so that new rules still come."""
    kind, value = target
    where = (chat.chat_id, chat.thread_id)
    had = await store.run(remove_subscription, *where, target, now)
    rule = options.rule(value) if kind == "rule" else None
    if rule is not None and options.covered(rule):
        await store.run(mute, *where, FOR_GOOD, now, value)
        return UnsubscribeOutcome.MUTED
    if had and options.targets == {target}:
        return UnsubscribeOutcome.ENDED_ALL
    if options.brought_by_others(target):
        return UnsubscribeOutcome.STILL_COMES
    return UnsubscribeOutcome.ENDED if had else UnsubscribeOutcome.NEVER_HAD
