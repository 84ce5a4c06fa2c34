"""Sessions by calendar: computed in the worker, kept in the store, served from memory."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace

import numpy as np

from bot.market.releases import ruled_sessions
from bot.scan.fetching.fetch_plan import FIRST_SESSION
from bot.signals.sessions import Sessions
from bot.signals.timeframe import DAY, Instant
from bot.store.bars import load_sessions, save_sessions
from bot.store.store import Store
from bot.worker.errors import WorkerError

log = logging.getLogger(__name__)

HORIZON = 300 * DAY
"""Seconds ahead that a calendar is computed for; exchange_calendars knows a year."""

FRESH = 250 * DAY
"""A calendar that reaches less far is computed anew: once in seven weeks, for new holidays and closures."""

Compute = Callable[[str, Instant, Instant], Awaitable[Sessions]]


class Calendars:
    """Sessions by calendar: computed in the worker, kept in the store, served from memory."""

    def __init__(self, store: Store, compute: Compute, closures: frozenset[Instant] = frozenset()) -> None:
        self._store = store
        self._compute = compute
        self._closures = np.array(sorted(closures), dtype=np.int64)
        self._known: dict[str, Sessions] = {}

    async def sessions(self, calendar: str, now: Instant) -> Sessions:
        """Sessions of a calendar from 1985 to months ahead of `now`; what the store has if computing fails."""
        known = self._known.get(calendar)
        if known is None or int(known.closes[-1]) < now + FRESH:
            # computed here and kept, since every look asks many times
            ruled = ruled_sessions(calendar, FIRST_SESSION, now + HORIZON)
            if ruled is not None:
                self._known[calendar] = ruled
                return ruled
        if known is None:
            known = self._without_closures(await self._store.run(load_sessions, calendar))
        if not len(known) or int(known.closes[-1]) < now + FRESH:
            known = await self._renewed(calendar, known, now)
        self._known[calendar] = known
        return known

    async def kept(self, calendar: str) -> Sessions:
        """Sessions of an exchange's calendar, as far as they are known or in the store; nothing is computed for it."""
        known = self._known.get(calendar)
        return self._without_closures(await self._store.run(load_sessions, calendar)) if known is None else known

    async def _renewed(self, calendar: str, known: Sessions, now: Instant) -> Sessions:
        """The calendar computed anew; while that fails, what is known of it."""
        try:
            computed = await self._compute(calendar, FIRST_SESSION, now + HORIZON)
        except WorkerError as error:
            if not len(known):
                raise
            log.warning("%s: the calendar could not be renewed: %s", calendar, error)
            return known
        await self._store.run(save_sessions, computed)
        return self._without_closures(computed)

    def _without_closures(self, sessions: Sessions) -> Sessions:
        """The operator's word on days that the library does not know to be closed."""
        keep = ~np.isin(sessions.start, self._closures)
        return replace(sessions, start=sessions.start[keep], opens=sessions.opens[keep], closes=sessions.closes[keep])
