"""Database watch: notices within a minute that the file was deleted, replaced or can't be written to, and tells."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from bot.store.store import Store
from bot.views.operator import notices

log = logging.getLogger(__name__)

CHECK_SECONDS = 30.0


class DatabaseWatch:
    """Tells the operators past the outbox, since that is in the database itself. `trouble` is "" where all is well."""

    def __init__(self, store: Store, tell: Callable[[str], Awaitable[None]]) -> None:
        self._store = store
        self._tell = tell
        self.trouble = ""

    async def check(self) -> None:
        """Look once; the operators are told once of a trouble, and once that it is over. Never raises."""
        before, self.trouble = self.trouble, await self._store.trouble()
        if self.trouble and not before:
            log.error("the database %s %s", self._store.path, self.trouble)
            await self._tell(notices.database_lost(str(self._store.path), self.trouble))
        elif before and not self.trouble:
            log.info("the database %s is fine again", self._store.path)
            await self._tell(notices.database_found(str(self._store.path)))
