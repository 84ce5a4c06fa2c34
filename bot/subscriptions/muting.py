"""Muting: no alerts of a rule, or of any, in a chat until an instant."""

from __future__ import annotations

from bot.signals.timeframe import DAY, Instant
from bot.store.store import Store
from bot.store.subscribers.mutes import FOR_GOOD, mute, unmute
from bot.subscriber import Chat

ALL_RULES = ""
DEFAULT_MUTE_ALL_SECONDS = DAY


async def mute_rule(store: Store, chat: Chat, rule: str, seconds: int | None, now: Instant) -> Instant | None:
    """Mute a rule (ALL_RULES: any) for so many seconds, None for good. The instant it ends; None: no subscriber."""
    until = FOR_GOOD if seconds is None else min(now + seconds, FOR_GOOD)
    return until if await store.run(mute, chat.chat_id, chat.thread_id, until, now, rule) else None


async def unmute_rule(store: Store, chat: Chat, rule: str) -> bool:
    """End a mute. Returns whether there was one."""
    return await store.run(unmute, chat.chat_id, chat.thread_id, rule)
