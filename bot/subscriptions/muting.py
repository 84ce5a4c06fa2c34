"""Muting: no alerts of a rule, or of any, in a chat until an instant."""

from __future__ import annotations

from bot.signals.timeframe import DAY, Instant
from bot.store.store import Store
from bot.store.subscribers.mutes import FOR_GOOD, mute, unmute
from bot.subscriber import Chat

ALL_RULES = ""
DEFAULT_MUTE_ALL_SECONDS = DAY


async def mute_rule(store: Store, chat: Chat, rule: str, until: Instant, now: Instant) -> bool:
    """Mute a rule (ALL_RULES: any) until then. False where the chat is no subscriber."""
    return await store.run(mute, chat.chat_id, chat.thread_id, min(until, FOR_GOOD), now, rule)


async def unmute_rule(store: Store, chat: Chat, rule: str) -> bool:
    """End a mute. Returns whether there was one."""
    return await store.run(unmute, chat.chat_id, chat.thread_id, rule)
