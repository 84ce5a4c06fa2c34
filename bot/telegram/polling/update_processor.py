"""In which order, and how many at a time, are updates answered?"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Coroutine
from typing import Any
from weakref import WeakValueDictionary

from telegram import Update
from telegram.ext import BaseUpdateProcessor

AT_A_TIME = 4
WAITING = 256
LANE_LENGTH = 128


class PerChatUpdateProcessor(BaseUpdateProcessor):
    """A lane for each chat: its updates one after another, in order; of all lanes a few at a time.

    So answers never take more than a few connections from the alerts, and one chat's slow question holds up
    no other chat. A lane with LANE_LENGTH updates in it takes no more: those are dropped.
    """

    def __init__(self, at_a_time: int = AT_A_TIME, waiting: int = WAITING, lane_length: int = LANE_LENGTH) -> None:
        super().__init__(max_concurrent_updates=waiting)
        self._places = asyncio.Semaphore(waiting)
        self._slots = asyncio.Semaphore(at_a_time)
        self._lane_length = lane_length
        self._processor: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()
        self._lengths: Counter[int] = Counter()
        self._tasks: set[asyncio.Task[Any]] = set()

    async def initialize(self) -> None:
        """Nothing to open."""

    async def shutdown(self) -> None:
        """Nothing to close."""

    async def admit(self) -> None:
        """Wait until there is a place for one more update; `process_update` gives it back."""
        await self._places.acquire()

    async def do_process_update(self, update: object, coroutine: Awaitable[Any]) -> None:
        """Wait for the chat's turn, then work on it."""
        try:
            await self._line_up(chat_of(update), coroutine)
        finally:
            _discard(coroutine)
            self._places.release()

    async def abandon(self) -> None:
        """Break off what is still being worked on."""
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _line_up(self, key: int, coroutine: Awaitable[Any]) -> None:
        if self._lengths[key] >= self._lane_length:
            return
        task = asyncio.current_task()
        assert task is not None
        self._lengths[key] += 1
        self._tasks.add(task)
        try:
            await self._in_turn(key, coroutine)
        finally:
            self._tasks.discard(task)
            self._lengths[key] -= 1
            if not self._lengths[key]:
                del self._lengths[key]

    async def _in_turn(self, key: int, coroutine: Awaitable[Any]) -> None:
        lane = self._processor.get(key)
        if lane is None:
            lane = self._processor[key] = asyncio.Lock()
        async with lane, self._slots:
            await coroutine


def chat_of(update: object) -> int:
    """The chat's id; 0 for what has none."""
    chat = update.effective_chat if isinstance(update, Update) else None
    return chat.id if chat else 0


def _discard(coroutine: Awaitable[Any]) -> None:
    """Close what was never begun; nothing happens to what has ended."""
    if isinstance(coroutine, Coroutine):
        coroutine.close()
