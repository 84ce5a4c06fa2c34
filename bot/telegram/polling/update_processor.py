"""Processing of updates: those of one chat in order, a few chats at a time, operators in a lane of their own."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any
from weakref import WeakValueDictionary

from telegram import Update
from telegram.ext import BaseUpdateProcessor

MAX_AT_ONCE = 4
MAX_OPERATORS_AT_ONCE = 2
MAX_WAITING = 256


class PerChatUpdateProcessor(BaseUpdateProcessor):
    """One lock for each chat; of all chats a few at a time. What operators ask never waits for others.

    So replies never take more than a few connections from the alerts, and one chat's slow question holds up no
    other chat.
    """

    def __init__(
        self,
        is_operator: Callable[[int], bool] = lambda _user: False,
        at_once: int = MAX_AT_ONCE,
        waiting: int = MAX_WAITING,
    ) -> None:
        super().__init__(max_concurrent_updates=2 * waiting)
        self._is_operator = is_operator
        self._places = asyncio.Semaphore(waiting)
        self._slots = {False: asyncio.Semaphore(at_once), True: asyncio.Semaphore(MAX_OPERATORS_AT_ONCE)}
        self._locks: WeakValueDictionary[tuple[int, bool], asyncio.Lock] = WeakValueDictionary()
        self.tasks: set[asyncio.Task[Any]] = set()

    async def initialize(self) -> None:
        """Nothing to open."""

    async def shutdown(self) -> None:
        """Nothing to close."""

    async def acquire(self, update: object) -> None:
        """Wait until there is a place for one more update; `process_update` gives it back."""
        if not self._from_operator(update):
            await self._places.acquire()

    async def do_process_update(self, update: object, coroutine: Awaitable[Any]) -> None:
        """Wait for the chat's turn, then work on it."""
        task, first = asyncio.current_task(), self._from_operator(update)
        assert task is not None
        self.tasks.add(task)
        lock = self._locks.setdefault((chat_id_of(update), first), asyncio.Lock())
        try:
            async with lock, self._slots[first]:
                await coroutine
        finally:
            if isinstance(coroutine, Coroutine):
                coroutine.close()  # what was never begun; nothing happens to what has ended
            self.tasks.discard(task)
            if not first:
                self._places.release()

    async def cancel_all(self) -> None:
        """Break off what is still being worked on."""
        tasks = tuple(self.tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _from_operator(self, update: object) -> bool:
        user = update.effective_user if isinstance(update, Update) else None
        return user is not None and self._is_operator(user.id)


def chat_id_of(update: object) -> int:
    """The chat's id; 0 for what has none."""
    chat = update.effective_chat if isinstance(update, Update) else None
    return chat.id if chat else 0
