"""Muting: no alerts of a rule, or of any, in a chat until an instant."""

from __future__ import annotations

from collections.abc import Sequence

from bot.delivery.retry_policy import MAX_AGE_SECONDS, MAX_AGE_SECONDS_HIGH
from bot.signals.timeframe import DAY, Instant
from bot.store.store import Store
from bot.store.subscribers.mutes import FOR_GOOD, Mute, mute, mutes_ahead_of, mutes_of, requeue_muted, unmute
from bot.subscriber import Chat

ALL_RULES = ""
DEFAULT_MUTE_ALL_SECONDS = DAY
SOON_SECONDS = 3_600
"""How long after a mute has dropped an alert, which waited to be sent, its end brings it back."""


async def mute_rules(
    store: Store, chat: Chat, rules: Sequence[str], until: Instant, now: Instant, *, shorten: bool, begins: Instant = 0
) -> dict[str, Instant]:
    """Mute rules (ALL_RULES: any) until then. Returns the ends of those of their mutes that were to last longer.

    Without `shorten` these stay: a rule that was kept quiet for good does not come back by the way. One that `begins`
    later leaves those that hold now as they are.
    """
    where, end = (chat.chat_id, chat.thread_id), min(until, FOR_GOOD)
    before = {each.rule: each.until for each in await store.run(mutes_of, *where, now) if each.until > end}
    for rule in rules:
        await store.run(mute, *where, end, now, rule, shorten=shorten, begins=begins)
    return {rule: before[rule] for rule in rules if rule in before}


async def muted_until(store: Store, chat: Chat, now: Instant) -> Instant | None:
    """When the mute of all rules ends; None where there is none."""
    mutes = await store.run(mutes_of, chat.chat_id, chat.thread_id, now)
    return next((each.until for each in mutes if each.rule == ALL_RULES), None)


async def muted_ahead(store: Store, chat: Chat, now: Instant) -> list[Mute]:
    """The mutes that have not begun yet, the first to come first."""
    return await store.run(mutes_ahead_of, chat.chat_id, chat.thread_id, now)


async def unmute_rule(store: Store, chat: Chat, rule: str) -> bool:
    """End a mute, and one that has not begun. Returns whether there was one."""
    return await store.run(unmute, chat.chat_id, chat.thread_id, rule)


async def bring_back(store: Store, chat: Chat, now: Instant) -> int:
    """Queue again what a mute that has just ended dropped a moment ago. Returns how many alerts come after all."""
    ages = (now - int(MAX_AGE_SECONDS), now - int(MAX_AGE_SECONDS_HIGH))
    return await store.run(requeue_muted, chat.chat_id, chat.thread_id, now, now - SOON_SECONDS, *ages)
