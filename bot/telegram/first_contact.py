"""First contact: the people who write to a bot that nobody runs yet, so that one can say "that is me"."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass

from telegram import Update
from telegram.error import TelegramError

from bot.telegram.application import build_bot, silence_library_logs

POLL_SECONDS = 5
"""Seconds that one question to Telegram waits for a message."""

PAUSE_SECONDS = 1.0
"""Seconds between two questions: what is not confirmed comes again at once."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who wrote to the bot in private: id and name as Telegram shows them."""

    user_id: int
    name: str


async def private_writers(
    token: str, api_url: str, seconds: float, proxy: str | None = None
) -> AsyncGenerator[Person, None]:
    """Everybody who writes to the bot in private, once each, until so many seconds have passed.

    What they wrote stays with Telegram, so that the bot answers it at its first start. Ends early where Telegram
    can't be asked.
    """
    silence_library_logs()
    bot = build_bot(token, api_url, proxy)
    until, seen = time.monotonic() + seconds, set[int]()
    try:
        await bot.initialize()
        while time.monotonic() < until:
            updates = await bot.get_updates(timeout=POLL_SECONDS, allowed_updates=["message"])
            fresh = [person for person in map(_writer, updates) if person is not None and person.user_id not in seen]
            for person in dict.fromkeys(fresh):
                seen.add(person.user_id)
                yield person
            if not fresh:
                await asyncio.sleep(PAUSE_SECONDS)
    except TelegramError:
        return
    finally:
        await bot.shutdown()


def _writer(update: Update) -> Person | None:
    """Who wrote it, where it is a private message."""
    user, chat = update.effective_user, update.effective_chat
    return Person(user.id, user.full_name) if user is not None and chat is not None and chat.type == "private" else None
