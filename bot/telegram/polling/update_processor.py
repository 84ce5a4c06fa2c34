"""Processing of updates: those of one chat in order, a few chats at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Coroutine
from typing import Any
from weakref import WeakValueDictionary

from telegram import Update
from telegram.ext import BaseUpdateProcessor

MAX_AT_ONCE = 4
MAX_WAITING = 256


class PerChatUpdateProcessor(BaseUpdateProcessor):
    """One lock for each chat; of all chats a few at a time.

    So replies never take more than a few connections from the alerts, and one chat's slow question holds up no
    other chat.
    """

    def __init__(self, at_once: int = MAX_AT_ONCE, waiting: int = MAX_WAITING) -> None:
        super().__init__(max_concurrent_updates=waiting)
        self._places = asyncio.Semaphore(waiting)
        self._slots = asyncio.Semaphore(at_once)
        self._locks: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()
        self.tasks: set[asyncio.Task[Any]] = set()

    async def initialize(self) -> None:
        """Nothing to open."""

    async def shutdown(self) -> None:
        """Nothing to close."""

    async def acquire(self) -> None:
        """Wait until there is a place for one more update; `process_update` gives it back."""
        await self._places.acquire()

    async def do_process_update(self, update: object, coroutine: Awaitable[Any]) -> None:
        """Wait for the chat's turn, then work on it."""
        task = asyncio.current_task()
        assert task is not None
        self.tasks.add(task)
        lock = self._locks.setdefault(chat_id_of(update), asyncio.Lock())
        try:
            async with lock, self._slots:
                await coroutine
        finally:
            if isinstance(coroutine, Coroutine):
                coroutine.close()  # what was never begun; nothing happens to what has ended
            self.tasks.discard(task)
            self._places.release()

    async def cancel_all(self) -> None:
        """Break off what is still being worked on."""
        tasks = tuple(self.tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def chat_id_of(update: object) -> int:
    """The chat's id; 0 for what has none."""
    chat = update.effective_chat if isinstance(update, Update) else None
    return chat.id if chat else 0
