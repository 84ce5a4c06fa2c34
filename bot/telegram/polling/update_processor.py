"""Processing of updates: those of a chat in order, a few chats at a time, in lanes that wait for nobody else."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from enum import StrEnum
from typing import Any
from weakref import WeakValueDictionary

from telegram import Update
from telegram.constants import ChatType
from telegram.ext import BaseUpdateProcessor

MAX_AT_ONCE = 2
"""Updates that a lane works on at once: replies never take more than a few connections from the alerts."""

MAX_WAITING = 1_500
MAX_WAITING_PER_CHAT = 24


class Lane(StrEnum):
    """Who waits for whom: what operators ask waits for nobody, and people in private not for groups."""

    OPERATORS = "operators"
    PRIVATE = "private"
    GROUPS = "groups"


class PerChatUpdateProcessor(BaseUpdateProcessor):
    """One lock for each chat, so that its updates are worked on in order; of each lane a few chats at a time."""

    def __init__(
        self,
        is_operator: Callable[[int], bool] = lambda _user: False,
        at_once: int = MAX_AT_ONCE,
        waiting: int = MAX_WAITING,
    ) -> None:
        super().__init__(max_concurrent_updates=2 * waiting)
        self._is_operator = is_operator
        self._waiting = waiting
        self._slots = {lane: asyncio.Semaphore(at_once) for lane in Lane}
        self._locks: WeakValueDictionary[tuple[int, Lane], asyncio.Lock] = WeakValueDictionary()
        self._admitted: Counter[int] = Counter()
        self.tasks: set[asyncio.Task[Any]] = set()

    async def initialize(self) -> None:
        """Nothing to open."""

    async def shutdown(self) -> None:
        """Nothing to close."""

    def admit(self, update: object) -> bool:
        """Whether there is a place for one more; `process_update` gives it back. For operators there always is."""
        chat_id, lane = chat_id_of(update), self._lane(update)
        crowded = self._admitted[chat_id] >= MAX_WAITING_PER_CHAT or self._admitted.total() >= self._waiting
        if crowded and lane is not Lane.OPERATORS:
            return False
        self._admitted[chat_id] += 1
        return True

    async def do_process_update(self, update: object, coroutine: Awaitable[Any]) -> None:
        """Wait for the chat's turn, then work on it."""
        task, lane, chat_id = asyncio.current_task(), self._lane(update), chat_id_of(update)
        assert task is not None
        self.tasks.add(task)
        lock = self._locks.setdefault((chat_id, lane), asyncio.Lock())
        try:
            async with lock, self._slots[lane]:
                await coroutine
        finally:
            if isinstance(coroutine, Coroutine):
                coroutine.close()  # what was never begun; nothing happens to what has ended
            self.tasks.discard(task)
            self._admitted[chat_id] -= 1
            if self._admitted[chat_id] <= 0:
                del self._admitted[chat_id]

    async def cancel_all(self) -> None:
        """Break off what is still being worked on."""
        tasks = tuple(self.tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _lane(self, update: object) -> Lane:
        user = update.effective_user if isinstance(update, Update) else None
        chat = update.effective_chat if isinstance(update, Update) else None
        if user is not None and self._is_operator(user.id):
            return Lane.OPERATORS
        return Lane.PRIVATE if chat is None or chat.type == ChatType.PRIVATE else Lane.GROUPS


def chat_id_of(update: object) -> int:
    """The chat's id; 0 for what has none."""
    chat = update.effective_chat if isinstance(update, Update) else None
    return chat.id if chat else 0
