"""Chat actions such as "sending a photo…", shown while a reply is on its way."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from telegram import Bot
from telegram.constants import ChatAction
from telegram.error import TelegramError

from bot.subscriber import Chat

REFRESH_SECONDS = 4.0
"""Seconds after which it is shown anew: Telegram takes it away after five."""

Show = Callable[[Chat], Awaitable[None]]


def uploading(bot: Bot) -> Show:
    """Shows "sending a photo…" in a chat; where that can't be done, nothing is shown."""

    async def show(chat: Chat) -> None:
        with contextlib.suppress(TelegramError):
            await bot.send_chat_action(chat.chat_id, ChatAction.UPLOAD_PHOTO, message_thread_id=chat.thread_id or None)

    return show


class ChatActionSender:
    """Shows something in a chat for as long as a block lasts. The block waits for none of it."""

    def __init__(self, show: Show) -> None:
        self._show = show
        self._under_way: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def during(self, chat: Chat) -> AsyncIterator[None]:
        """Show it until the block ends."""
        over = asyncio.Event()
        task = asyncio.create_task(self._keep(chat, over), name="telegram:activity")
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        try:
            yield
        finally:
            over.set()

    async def _keep(self, chat: Chat, over: asyncio.Event) -> None:
        while not over.is_set():
            await self._show(chat)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(REFRESH_SECONDS):
                    await over.wait()
