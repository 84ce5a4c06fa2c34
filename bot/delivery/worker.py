"""Outbox worker: sends what is queued at the pace that Telegram allows, loses nothing and doubles little."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from asyncio import Task
from collections.abc import Awaitable, Callable, Sequence

from bot.delivery.claiming import claim_due
from bot.delivery.dispatcher import TICK_SECONDS, Dispatcher, Turn
from bot.delivery.housekeeping import Housekeeping
from bot.delivery.photo_cache import PhotoCache
from bot.delivery.quiet_hours import without_sound
from bot.delivery.rate_limit import RateLimiter
from bot.delivery.reachability import Reachability
from bot.delivery.recording import Attempt, Recorder
from bot.delivery.retry_policy import Retry, decide, refused_backoff
from bot.delivery.sliding_window import Departure
from bot.delivery.transport import Failure, FailureKind, OutgoingMessage, Sent, Transport
from bot.store.outbox.claim import ClaimedDelivery
from bot.store.outbox.queue import next_due
from bot.store.outbox.requeue import release_all
from bot.store.store import Store, StoreError

log = logging.getLogger(__name__)

_IDLE_SECONDS = 30.0  # after which an idle worker looks again, woken or not
_STORE_PAUSE_SECONDS = 5.0


class OutboxWorker:
    """Sends what is queued. One to a store; everything of it runs on one event loop.

    At most `limiter.in_flight` messages are on their way, or answered and not yet on record: so many may arrive
    twice if the process is killed, and no more. `clock` gives seconds since 1970, `monotonic` those of the limiter's
    clock, on which `sleep` waits; `jitter` gives random numbers in [0, 1).
    """

    def __init__(
        self,
        store: Store,
        transport: Transport,
        limiter: RateLimiter,
        clock: Callable[[], float],
        *,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._store, self._transport, self._limiter = store, transport, limiter
        self._clock, self._monotonic, self._sleep, self._jitter = clock, monotonic, sleep, jitter
        self._photos = PhotoCache()
        self._reach = Reachability(limiter)
        self._housekeeping = Housekeeping(store, limiter, self._reach, clock, monotonic)
        self._tasks: set[Task[None]] = set()
        self._open = 0  # claimed, and what came of it not yet on record
        self._changed, self._stopping = asyncio.Event(), asyncio.Event()
        self._drained, self._left = False, True  # nothing can be claimed now; something is queued all the same
        self._recorder = Recorder(store, clock, sleep, self._stopping, self._recorded)
        self._dispatcher = Dispatcher(
            limiter,
            self._photos,
            self._reach,
            self._recorder,
            self._stopping,
            self._begin,
            self._changed.set,
            monotonic=monotonic,
            sleep=sleep,
        )

    @property
    def trouble(self) -> str | None:
        """Why all sending last had to stop; None since a message has arrived again."""
        return self._reach.complaint

    def wake(self) -> None:
        """Something was queued. Call it on the worker's event loop."""
        self._drained = False
        self._changed.set()

    def reachable(self) -> None:
        """Telegram answers again, as another part of the bot has seen: what waits for that goes at once."""
        self._reach.restored()
        self._housekeeping.outage_over()
        self.wake()

    def recall(self, chat_id: int | None) -> None:
        """What a chat wants, or all of them, may have changed: what has not left yet is put back and claimed anew."""
        self._dispatcher.recall(chat_id)

    async def run(self, stop: asyncio.Event) -> None:
        """Send until `stop`, then finish what is in flight. Begins with what a crash left under way."""
        stopper = asyncio.ensure_future(stop.wait())
        stopper.add_done_callback(lambda _: self._end())
        try:
            while not stop.is_set() and not await self._guarded(self.recover):
                pass
            while not stop.is_set():
                if not await self._guarded(self.step):
                    await self._guarded(self._idle)
        finally:
            stopper.cancel()
            await self._finish()

    async def recover(self) -> bool:
        """Put in order what the last process left, before the first step; `run` begins with it. Raises StoreError."""
        await self._housekeeping.recover()
        return True

    async def step(self) -> bool:
        """One turn: claim what may go, each to live its life, then wait until something has happened.

        False where there was nothing to do; raises StoreError where the database can't work.
        """
        self._changed.clear()
        if await self._housekeeping.tend():
            self._drained = False
        pause = self._limiter.paused_until - self._monotonic()
        room = self._dispatcher.room
        if not self._drained and pause <= 0 and room > 0:
            self._drained = self._left = True  # unless somebody wakes us meanwhile
            claims = await self._store.run(claim_due, self._clock(), room)
            self._drained, self._left = self._drained and not claims.more, claims.left
            self._open += len(claims.ready)
            for each in claims.ready:
                self._dispatcher.add(each)
        if self._open:
            await self._changed.wait()
        elif pause > 0:
            await self._pause(pause)
        elif self._drained:
            self._drained = False
            return False
        return True

    async def _deliver(self, turn: Turn, departure: Departure) -> None:
        """Send it, and hand on what came of that."""
        began = self._monotonic()
        departure.left(began)
        outcome = await self._send(turn.claimed, turn.photo)
        self._photos.done(turn.claimed, turn.photo, outcome)
        self._recorder.keep(self._consequence(turn, outcome, departure))

    async def _send(self, claimed: ClaimedDelivery, photo: bytes | str | None) -> Sent | Failure:
        silent = claimed.silent or without_sound(int(self._clock()), claimed.severity, claimed.preferences)
        message = OutgoingMessage(
            chat_id=claimed.chat_id,
            html=claimed.content.html,
            thread_id=claimed.thread_id or None,
            photo=photo,
            reply_to=claimed.reply_to,
            silent=silent,
            plain=claimed.plain,
            buttons=claimed.content.buttons,
        )
        try:
            return await self._transport.send(message)
        except Exception as error:
            # Transports do not raise. If one does, that message is lost and said to be, and no other.
            log.exception("delivery %d to chat %d: the transport failed", claimed.id, claimed.chat_id)
            return Failure(FailureKind.BAD_REQUEST, f"the transport failed: {type(error).__name__}")

    def _consequence(self, turn: Turn, outcome: Sent | Failure, departure: Departure) -> Attempt:
        """What to put on record, and in which words; what it means for all others is heeded from now on."""
        claimed, photo, now = turn.claimed, turn.photo, self._monotonic()
        if isinstance(outcome, Sent):
            uploaded = isinstance(photo, bytes)  # which takes long, and says nothing of the way there
            self._limiter.answered(None if uploaded else now - departure.at, departure)
            if self._reach.arrived(now):
                self._housekeeping.outage_over()
            return Attempt(claimed, outcome, began=departure.at)
        decision = decide(outcome, claimed, photo, self._housekeeping.trusted_time, self._jitter())
        self._reach.failed(claimed.chat_id, outcome, decision, now)
        if outcome.kind is FailureKind.GONE and (self._reach.suspicious or self._reach.refused_chats):
            decision = Retry(refused_backoff(claimed.refusals, self._jitter()), refused=True)  # nobody is given up now
        told = f"{outcome.kind} ({outcome.detail})"
        log.info("delivery %d to chat %d: %s: %s", claimed.id, claimed.chat_id, told, decision)
        return Attempt(claimed, decision, f"{outcome.kind}: {outcome.detail}", photo, departure.at)

    def _recorded(self, attempts: Sequence[Attempt]) -> None:
        """These are on record: their places are free, and their chats may have their next messages."""
        now = self._monotonic()
        self._limiter.recorded([now - each.began for each in attempts if each.began is not None])
        self._open -= len(attempts)
        self._left = self._left or any(not isinstance(each.outcome, Sent) for each in attempts)  # queued again
        if self._left:
            self._drained = False
        self._dispatcher.wake()
        self._changed.set()

    def _begin(self, turn: Turn, departure: Departure) -> None:
        task = asyncio.create_task(self._deliver(turn, departure))
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("a delivery broke off", exc_info=error)
            self._open -= 1
            self._changed.set()

    async def _idle(self) -> bool:
        due = await self._store.run(next_due)
        wait = _IDLE_SECONDS if due is None else due - self._clock()
        await self._pause(min(_IDLE_SECONDS, max(TICK_SECONDS, wait)))
        return True

    async def _guarded(self, turn: Callable[[], Awaitable[bool]]) -> bool:
        """A database that can't work is tried again later, since its disk may only be full."""
        try:
            return await turn()
        except StoreError:
            log.exception("the store can't work; trying again in %.0f s", _STORE_PAUSE_SECONDS)
            self._drained = False
            await self._pause(_STORE_PAUSE_SECONDS)
            return False

    async def _pause(self, seconds: float) -> None:
        """Until something changes, for so long at most."""
        timer = asyncio.ensure_future(self._sleep(seconds))
        timer.add_done_callback(self._poke)
        try:
            await self._changed.wait()
        finally:
            timer.remove_done_callback(self._poke)
            timer.cancel()
        self._changed.clear()

    def _poke(self, _: object) -> None:
        self._changed.set()

    def _end(self) -> None:
        self._stopping.set()
        self._dispatcher.wake()
        self._changed.set()

    async def _finish(self) -> None:
        """Wait for what is in flight and put it on record, if the store lets us."""
        self._end()
        while self._open:
            self._changed.clear()
            await self._changed.wait()
        try:
            await self._store.run(release_all)
        except StoreError:
            log.exception("the store can't work; what was claimed goes at the next start")
