"""Look watch: tells the operators when looks have been breaking off for minutes, and when they succeed again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bot.views.operator import notices

PATIENCE_SECONDS = 300.0
"""Seconds for which looks may fail, a disk being full or a rule being edited, before somebody is woken."""


class LookWatch:
    """Told of every look. `monotonic` gives the seconds of a clock that nobody sets."""

    def __init__(self, tell: Callable[[str], Awaitable[None]], monotonic: Callable[[], float]) -> None:
        self._tell = tell
        self._monotonic = monotonic
        self._failing_since: float | None = None
        self._told = False

    async def succeeded(self) -> None:
        """A look was done to its end."""
        told, self._failing_since, self._told = self._told, None, False
        if told:
            await self._tell(notices.looks_again())

    async def failed(self, why: str) -> None:
        """A look broke off."""
        now = self._monotonic()
        if self._failing_since is None:
            self._failing_since = now
        elif not self._told and now - self._failing_since >= PATIENCE_SECONDS:
            self._told = True
            await self._tell(notices.looks_fail(why))
