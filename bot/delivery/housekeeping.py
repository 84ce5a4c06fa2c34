"""Housekeeping of the outbox: clocks that were set, pauses that outlive a restart, messages that grew too old."""

from __future__ import annotations

import logging
from collections.abc import Callable

from bot.delivery.rate_limit import RateLimiter
from bot.delivery.reachability import Reachability
from bot.delivery.retry_policy import MAX_AGE_SECONDS, MAX_AGE_SECONDS_HIGH
from bot.severity import Severity
from bot.store.meta import HELD_BACK, delete_value, get_value, save_pause, sending_pause, set_value
from bot.store.notices import notice
from bot.store.outbox.expiry import drop_too_late
from bot.store.outbox.requeue import requeue_interrupted, retry_after_restart, retry_now
from bot.store.sqlite import Database
from bot.store.store import Store
from bot.views.operator.notices import chats_refused

log = logging.getLogger(__name__)

HOLD_BACK_SECONDS = 900.0
"""How long alerts wait where many chats are said not to be there, before they are tried again."""

_SWEEP_SECONDS = 60.0  # between two looks for what has become too old
_BACK_SECONDS = 1.0
_AHEAD_SECONDS = 3_600.0
_DOUBT_SECONDS = 600.0  # a clock that is wrong after a start or a resume is righted within minutes


class Housekeeping:
    """What is done between two claims. `clock` gives seconds since 1970, `monotonic` those of a clock nobody sets.

    Due times in the store are by the clock on the wall, which may be set back: then what waits for a time that has
    become far goes at once. A clock that leaps far ahead gives nothing up for its age until it had time to be righted.
    Where many chats are said not to be there, alerts are held back, and the operators told.
    """

    def __init__(
        self,
        store: Store,
        limiter: RateLimiter,
        reach: Reachability,
        clock: Callable[[], float],
        monotonic: Callable[[], float],
    ) -> None:
        self._store, self._limiter, self._reach = store, limiter, reach
        self._clock, self._monotonic = clock, monotonic
        self._offset = self._trusted = clock() - monotonic()
        self._set_back = self._outage_over = False
        self._next_sweep = self._doubtful_until = 0.0
        self._kept_pause = limiter.flood_until
        self._held_until: float | None = None

    @property
    def trusted_time(self) -> float:
        """Seconds since 1970 by which messages grow old: a clock that has just leaped ahead is not believed."""
        now = self._monotonic()
        return now + self._trusted if now < self._doubtful_until else self._clock()

    def outage_over(self) -> None:
        """Telegram can be reached again: what waits for another attempt goes at once."""
        self._outage_over = True

    async def recover(self) -> None:
        """Put in order what the last process left. Raises StoreError."""
        now = self._clock()
        found = await self._store.run(requeue_interrupted, now)
        await self._store.run_in_parts(retry_after_restart, now)
        if pause := await self._store.run(sending_pause, now):
            self._limiter.pause(self._monotonic() + pause.until - now)
            self._kept_pause = self._limiter.flood_until
        if await self._store.run(get_value, HELD_BACK) is not None:
            self._reach.suspect()
            self._held_until = self._monotonic() + HOLD_BACK_SECONDS
        if found:
            doubles = min(found, self._limiter.in_flight)
            log.warning("%d claimed deliveries go again after a crash; about %d arrive twice", found, doubles)

    async def tend(self) -> bool:
        """Do what has to be done now; returns whether something may have become due by it. Raises StoreError."""
        self._look_at_clock()
        await self._keep_pause()
        due = await self._hold_back()
        if self._set_back or self._outage_over:
            every, now = self._set_back, self._clock()
            await self._store.run_in_parts(retry_now, now, every=every)
            self._set_back, self._outage_over, due = False, False, True
        seconds = self._monotonic()
        if seconds >= max(self._next_sweep, self._doubtful_until):
            self._next_sweep = seconds + _SWEEP_SECONDS
            ages = (self._clock(), MAX_AGE_SECONDS, MAX_AGE_SECONDS_HIGH)
            await self._store.run_in_parts(drop_too_late, *ages)
        return due

    async def _keep_pause(self) -> None:
        """A pause that Telegram asks for holds over a restart, and is told."""
        if self._limiter.flood_until != self._kept_pause:
            self._kept_pause = self._limiter.flood_until
            until = self._clock() + self._kept_pause - self._monotonic()
            await self._store.run(save_pause, until, "Telegram asks for a pause", self._clock())

    async def _hold_back(self) -> bool:
        """Hold alerts back while so many chats are refused; returns whether they were just let go."""
        if chats := self._reach.refused_chats:
            log.error("Telegram says of %d chats that they are not there; alerts wait", chats)
            told = 0 if self._reach.suspicious else chats
            await self._store.run(hold_alerts_back, HOLD_BACK_SECONDS, told, self._clock())
            self._reach.suspect()
            self._held_until = self._monotonic() + HOLD_BACK_SECONDS
        elif self._held_until is not None and self._monotonic() >= self._held_until:
            self._held_until = None
            await self._store.run(delete_value, HELD_BACK)
            return True
        return False

    def _look_at_clock(self) -> None:
        offset = self._clock() - self._monotonic()
        if offset < self._offset - _BACK_SECONDS:
            log.warning("the clock was set back by %.0f s; what waits goes at once", self._offset - offset)
            self._set_back = True
            self._doubtful_until = 0.0
        elif offset > self._offset + _AHEAD_SECONDS:
            self._doubtful_until, self._trusted = self._monotonic() + _DOUBT_SECONDS, self._offset
        self._offset = offset


def hold_alerts_back(db: Database, seconds: float, chats: int, now: float) -> None:
    """Let alerts wait for so long; where `chats` is above 0 the operators are told that so many were refused."""
    set_value(db, HELD_BACK, str(int(now + seconds)), int(now))
    if chats:
        notice(db, chats_refused(chats, seconds), "operators", int(now), Severity.HIGH)
