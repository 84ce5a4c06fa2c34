"""The queue of updates that wait for the bot, with Telegram's offsets."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any, Final

from bot.sandbox.errors import ApiError, bad
from bot.sandbox.http import Params

UNASKED: Final = frozenset({"chat_member", "message_reaction", "message_reaction_count"})  # only if named
MAX_POLL_SECONDS: Final = 50
MAX_UPDATES: Final = 100
TWO_POLLERS: Final = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"


class Updates:
    """A queue with Telegram's offset semantics: an update stays until a later offset confirms it."""

    def __init__(self) -> None:
        self._next_id = 1
        self._waiting: deque[dict[str, Any]] = deque()
        self._allowed: frozenset[str] | None = None
        self._poll: asyncio.Future[None] | None = None

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, kind: str, body: dict[str, Any]) -> int:
        """Queue an update, unless the bot did not ask for its kind; returns its id."""
        update_id = self._next_id
        self._next_id += 1
        wanted = kind not in UNASKED if self._allowed is None else kind in self._allowed
        if wanted:
            self._waiting.append({"update_id": update_id, kind: body})
            self._wake()
        return update_id

    @property
    def polled(self) -> bool:
        """Whether the bot waits for an update just now."""
        return self._poll is not None

    def _wake(self) -> None:
        if self._poll is not None and not self._poll.done():
            self._poll.set_result(None)

    def forget(self) -> None:
        """Drop what waits (drop_pending_updates)."""
        self._waiting.clear()

    async def get(self, params: Params) -> list[dict[str, Any]]:
        """`getUpdates`. A second poller ends the first one's request with 409."""
        self._allow(params)
        if self._poll is not None and not self._poll.done():
            self._poll.set_exception(ApiError(409, TWO_POLLERS))
        self._confirm(params.number("offset"))
        timeout = min(max(params.number("timeout"), 0), MAX_POLL_SECONDS)
        if not self._waiting and timeout:
            await self._wait(timeout)
        limit = params.number("limit", MAX_UPDATES)
        return list(self._waiting)[: limit if 1 <= limit <= MAX_UPDATES else MAX_UPDATES]

    def release(self) -> None:
        """Answer the poll that waits, with what there is."""
        self._wake()

    async def _wait(self, seconds: float) -> None:
        poll: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._poll = poll
        try:
            async with asyncio.timeout(seconds):
                await poll
        except TimeoutError:
            return
        finally:
            if self._poll is poll:
                self._poll = None

    def _allow(self, params: Params) -> None:
        kinds = params.json("allowed_updates", "allowed updates")
        if kinds is None:
            return
        if not isinstance(kinds, list) or not all(isinstance(kind, str) for kind in kinds):
            raise bad("can't parse allowed updates: expected an Array of String")
        self._allowed = frozenset(kinds) or None

    def _confirm(self, offset: int) -> None:
        if offset < 0:
            while len(self._waiting) > -offset:
                self._waiting.popleft()
        while offset > 0 and self._waiting and self._waiting[0]["update_id"] < offset:
            self._waiting.popleft()
