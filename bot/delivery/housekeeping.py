"""Housekeeping of the outbox: clocks that were set, outages that are over, messages that grew too old."""

from __future__ import annotations

import logging
from collections.abc import Callable

from bot.delivery.retry_policy import MAX_AGE_SECONDS, MAX_AGE_SECONDS_HIGH
from bot.store.outbox import drop_too_late, requeue_interrupted, retry_now
from bot.store.store import Store

log = logging.getLogger(__name__)

_SWEEP_SECONDS = 60.0  # between two looks for what has become too old
_BACK_SECONDS = 1.0
_AHEAD_SECONDS = 3_600.0
_DOUBT_SECONDS = 600.0  # a clock that is wrong after a start or a resume is righted within minutes


class Housekeeping:
    """What is done between two claims. `clock` gives seconds since 1970, `monotonic` those of a clock nobody sets.

    Due times in the store are by the clock on the wall, which may be set back: then what waits for a time that has
    become far goes at once. A clock that leaps far ahead gives nothing up for its age until it had time to be righted.
    """

    def __init__(self, store: Store, clock: Callable[[], float], monotonic: Callable[[], float]) -> None:
        self._store, self._clock, self._monotonic = store, clock, monotonic
        self._offset = clock() - monotonic()
        self._set_back = self._outage_over = False
        self._next_sweep = self._doubtful_until = 0.0

    def outage_over(self) -> None:
        """Telegram can be reached again: what waits for another attempt goes at once."""
        self._outage_over = True

    async def recover(self, in_flight: int) -> None:
        """Put in order what the last process left. Raises StoreError."""
        found = await self._store.run(requeue_interrupted, self._clock())
        await self._store.run(retry_now, self._clock(), every=True)
        if found:
            doubles = min(found, in_flight)
            log.warning("%d claimed deliveries go again after a crash; about %d arrive twice", found, doubles)

    async def tend(self) -> bool:
        """Do what has to be done now; returns whether something may have become due by it. Raises StoreError."""
        self._look_at_clock()
        due = self._set_back or self._outage_over
        if due:
            await self._store.run(retry_now, self._clock(), every=self._set_back)
            self._set_back = self._outage_over = False
        now = self._monotonic()
        if now >= max(self._next_sweep, self._doubtful_until):
            self._next_sweep = now + _SWEEP_SECONDS
            await self._store.run(drop_too_late, self._clock(), MAX_AGE_SECONDS, MAX_AGE_SECONDS_HIGH)
        return due

    def _look_at_clock(self) -> None:
        offset = self._clock() - self._monotonic()
        if offset < self._offset - _BACK_SECONDS:
            log.warning("the clock was set back by %.0f s; what waits goes at once", self._offset - offset)
            self._set_back = True
        elif offset > self._offset + _AHEAD_SECONDS:
            self._doubtful_until = self._monotonic() + _DOUBT_SECONDS
        self._offset = offset
