"""Preferences of a chat, changed one at a time."""

from __future__ import annotations

from collections.abc import Callable

from bot.signals.timeframe import Instant
from bot.store.store import Store
from bot.store.subscribers.preferences import save_preferences
from bot.store.subscribers.subscribers import subscriber
from bot.subscriber import Chat, Preferences


async def preferences_of(store: Store, chat: Chat) -> Preferences | None:
    """A chat's preferences; None where it is no subscriber."""
    known = await store.run(subscriber, chat.chat_id, chat.thread_id)
    return None if known is None else known.preferences


async def change_preferences(
    store: Store, chat: Chat, preferences: Preferences, now: Instant, wake: Callable[[], None]
) -> None:
    """Save them; what was held until quiet hours end may go now, so the outbox is woken."""
    await store.run(save_preferences, chat.chat_id, chat.thread_id, preferences, now)
    wake()
