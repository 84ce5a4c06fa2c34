"""How does the outbox empty itself, at the pace that Telegram allows, and lose or double nothing?"""

from __future__ import annotations

import asyncio
import logging
import random
from asyncio import Task
from collections import deque
from collections.abc import Awaitable, Callable
from functools import partial

from bot.delivery.attempts import Attempts
from bot.delivery.claiming import claim_due
from bot.delivery.rate_limit import RateLimiter
from bot.delivery.recording import write_postponed
from bot.delivery.retry_policy import MAX_AGE, MAX_AGE_HIGH
from bot.delivery.transport import Transport
from bot.store.outbox import ClaimedDelivery, Write, commit_all, drop_too_late, next_due, release, requeue_interrupted
from bot.store.sqlite import Database
from bot.store.store import Store, StoreError

log = logging.getLogger(__name__)

_SWEEP = 60.0  # seconds between two looks for what has become too old
_LOOK = 30.0  # seconds after which an idle worker looks again, woken or not
_STORE_PAUSE = 5.0
_TICK = 0.005  # shortest sleep: the pace allows catching up with four of these


class OutboxWorker:
    """Sends what is queued. One to a store; everything of it runs on one event loop.

    At most `limit_in_flight` messages are on their way, or answered and not yet on record: so many may
    arrive twice if the process is killed, and no more. `clock` gives seconds since 1970, `sleep` waits on
    that same clock, `jitter` gives random numbers in [0, 1).
    """

    def __init__(
        self,
        store: Store,
        messenger: Transport,
        pace: RateLimiter,
        clock: Callable[[], float],
        limit_in_flight: int = 8,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._store, self._pace, self._clock = store, pace, clock
        self._limit, self._sleep = limit_in_flight, sleep
        self._batch = max(2 * limit_in_flight, int(pace.rate / 5))  # what goes out in a fifth of a second
        self._ready: deque[ClaimedDelivery] = deque()
        self._marks: list[Write] = []  # of messages that were tried; each holds its place in flight
        self._puts: list[Write] = []  # of messages that go back untried
        self._in_flight = 0
        self._settling: Task[None] | None = None
        self._claiming: Task[None] | None = None
        self._drained = self._stopping = False
        self._error: BaseException | None = None
        self._changed = asyncio.Event()
        self._attempts = Attempts(messenger, pace, clock, jitter, self._tried)
        self._next_sweep = 0.0

    @property
    def trouble(self) -> str | None:
        """Why all sending last had to stop; None since a message has arrived again."""
        return self._attempts.complaint

    def wake(self) -> None:
        """Something was queued. Call it on the worker's event loop."""
        self._drained = False
        self._changed.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Send until `stop`, then finish what is in flight. Begins with what a crash left under way."""
        stopper = asyncio.ensure_future(stop.wait())
        stopper.add_done_callback(self._poke)
        try:
            while not stop.is_set() and not await self._guarded(self._recover):
                pass
            while not stop.is_set():
                if not await self._guarded(self.step):
                    await self._guarded(self._idle)
        finally:
            stopper.cancel()
            await self._finish()

    async def step(self) -> bool:
        """One turn: start what may start, then wait until something has happened.

        False where there was nothing to do; raises StoreError where the database can't work.
        """
        self._tend()
        stopped = self._pace.shut_until - self._clock()
        if self._busy() or self._ready:
            await self._pause(self._wait())
        elif stopped > 0:
            await self._pause(stopped)
        else:
            self._drained = False
            return False
        self._raise_error()
        return True

    def _busy(self) -> bool:
        return bool(self._attempts.under_way or self._settling or self._claiming)

    def _tend(self) -> None:
        now = self._clock()
        if now < self._pace.shut_until:
            self._put_back()  # the order is made anew afterwards
        while self._in_flight < self._limit and not self._stopping and self._pace.wait_any(now) <= 0:
            following = self._next_ready(now)
            if following is None:
                break
            self._in_flight += 1
            self._attempts.begin(following, now)
        if (self._marks or self._puts) and self._settling is None:
            self._settling = self._watched(asyncio.ensure_future(self._settle()))
        wanted = len(self._ready) <= self._batch // 2 and now >= self._pace.shut_until
        if wanted and self._claiming is None and not self._drained and not self._stopping:
            self._claiming = self._watched(asyncio.ensure_future(self._claim()))

    def _next_ready(self, now: float) -> ClaimedDelivery | None:
        """The next message whose chat may have one and whose picture is not just being uploaded by another."""
        held: list[ClaimedDelivery] = []
        found = None
        while self._ready and found is None:
            each = self._ready.popleft()
            wait = self._pace.wait_chat(each.chat_id, now)
            if wait > 0:
                self._puts.append(write_postponed(each, now + wait))
            elif self._attempts.must_wait(each):
                held.append(each)
            else:
                found = each
        self._ready.extendleft(reversed(held))
        return found

    def _tried(self, mark: Write | None) -> None:
        if mark is not None:
            self._marks.append(mark)
        self._changed.set()

    def _put_back(self) -> None:
        if self._ready:
            self._puts.append(partial(release, deliveries=[each.id for each in self._ready]))
            self._ready.clear()

    async def _settle(self) -> None:
        """Put on record what was tried since the last time, in one transaction, then free the places in flight."""
        marks, puts, self._marks, self._puts = self._marks, self._puts, [], []
        try:
            await self._store.run(commit_all, [*marks, *puts])
            self._in_flight -= len(marks)
            self._drained = False
        except StoreError as error:
            self._marks, self._puts, self._error = marks + self._marks, puts + self._puts, error
        finally:
            self._settling = None

    async def _claim(self) -> None:
        self._drained = True  # unless something is found, or somebody wakes us meanwhile
        try:
            taken, more = await self._store.run(self._take, self._clock(), self._batch - len(self._ready))
            self._ready.extend(taken)
            self._drained = self._drained and not more
        except StoreError as error:
            self._drained, self._error = False, error
        finally:
            self._claiming = None

    def _take(self, db: Database, now: float, limit: int) -> tuple[list[ClaimedDelivery], bool]:
        if now >= self._next_sweep:
            self._next_sweep = now + _SWEEP
            drop_too_late(db, now, MAX_AGE, MAX_AGE_HIGH)
        return claim_due(db, now, limit)

    def _watched(self, task: Task[None]) -> Task[None]:
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: Task[None]) -> None:
        self._changed.set()
        if not task.cancelled() and task.exception() is not None:
            self._error = task.exception()

    def _poke(self, _: object) -> None:
        self._changed.set()

    def _wait(self) -> float | None:
        """Seconds until the pace lets something go; None where nothing is ready or there is no place for it."""
        if not self._ready or self._in_flight >= self._limit:
            return None
        return max(_TICK, self._pace.wait_any(self._clock()))

    async def _pause(self, seconds: float | None) -> None:
        """Until something changes, or so long."""
        timer = None if seconds is None else asyncio.ensure_future(self._sleep(seconds))
        if timer is not None:
            timer.add_done_callback(self._poke)
        try:
            await self._changed.wait()
        finally:
            if timer is not None:
                timer.remove_done_callback(self._poke)
                timer.cancel()
        self._changed.clear()

    async def _idle(self) -> bool:
        due = await self._store.run(next_due)
        await self._pause(_LOOK if due is None else min(_LOOK, max(_TICK, due - self._clock())))
        return True

    async def _recover(self) -> bool:
        found = await self._store.run(requeue_interrupted, self._clock())
        if found:
            doubles = min(found, self._limit)
            log.warning("%d claimed deliveries go again after a crash; at most %d arrive twice", found, doubles)
        return True

    async def _guarded(self, turn: Callable[[], Awaitable[bool]]) -> bool:
        """A database that can't work is tried again later, since its disk may only be full."""
        try:
            return await turn()
        except StoreError:
            log.exception("the store can't work; trying again in %.0f s", _STORE_PAUSE)
            await self._pause(_STORE_PAUSE)
            return False

    async def _finish(self) -> None:
        """Wait for what is in flight and put it on record, if the store lets us."""
        self._stopping = True
        while True:
            self._put_back()
            self._tend()
            if not self._busy():
                return
            try:
                await self._pause(None)
                self._raise_error()
            except StoreError:
                log.exception("the store can't work; up to %d messages may be sent twice", self._in_flight)
                return

    def _raise_error(self) -> None:
        error, self._error = self._error, None
        if error is not None:
            raise error
