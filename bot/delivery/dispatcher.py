"""Dispatcher: claimed deliveries wait in their order for picture, place and pace, and go or are put back."""

from __future__ import annotations

import asyncio
from asyncio import Task
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.delivery.photo_cache import PhotoCache
from bot.delivery.rate_limit import RateLimiter
from bot.delivery.reachability import Reachability
from bot.delivery.recording import Attempt, PutBack, Recorder
from bot.delivery.sliding_window import Departure
from bot.store.outbox.claim import ClaimedDelivery

TICK_SECONDS = 0.005
"""Shortest sleep: what comes late by so little is caught up with."""

_AHEAD_SECONDS = 0.2  # for so long deliveries are claimed ahead: the store may be busy for a while
_LEAST_AHEAD = 16
_FASTEST = 10_000  # messages a second for which that holds


@dataclass(frozen=True, slots=True)
class Turn:
    """A claimed delivery that is to go with `photo` as soon as it may; `suspicions` as they were when it lined up."""

    claimed: ClaimedDelivery
    photo: bytes | str | None
    suspicions: int


class Dispatcher:
    """Lets one after the other go, in their order; many at once where there are places and time for them.

    `go` is called with each whose turn has come, once its place in flight is taken; `has_room` where more may be
    claimed. Nothing goes any more once it is `stopping`.
    """

    def __init__(
        self,
        limiter: RateLimiter,
        photos: PhotoCache,
        reach: Reachability,
        recorder: Recorder,
        stopping: asyncio.Event,
        go: Callable[[Turn, Departure], None],
        has_room: Callable[[], None],
        *,
        monotonic: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        self._limiter, self._photos, self._reach, self._recorder = limiter, photos, reach, recorder
        self._stopping, self._go, self._has_room = stopping, go, has_room
        self._monotonic, self._sleep = monotonic, sleep
        self._most_ahead = max(_LEAST_AHEAD, int(min(limiter.rate, _FASTEST) * _AHEAD_SECONDS))
        self._ahead: dict[int, ClaimedDelivery] = {}  # what waits and was not recalled, by id
        self._turns: deque[Turn] = deque()  # the first one waits for a place in flight and for the pace
        self._after_upload: set[Task[None]] = set()
        self._pacer: Task[None] | None = None
        self._woken = asyncio.Event()

    @property
    def room(self) -> int:
        """How many more may be claimed, once half are gone; 0 before that."""
        free = self._most_ahead - len(self._ahead)
        return free if 2 * free >= self._most_ahead else 0

    def add(self, claimed: ClaimedDelivery) -> None:
        """It was claimed: it lines up, after its picture's upload where another one is at that."""
        self._ahead[claimed.id] = claimed
        if self._photos.is_uploading(claimed):
            task = asyncio.create_task(self._line_up_after_upload(claimed))
            self._after_upload.add(task)
            task.add_done_callback(self._after_upload.discard)
        else:
            self._line_up(claimed)

    def recall(self, chat_id: int | None) -> None:
        """What waits for this chat, or for any, is put back when its turn comes."""
        for claimed in [each for each in self._ahead.values() if chat_id in {None, each.chat_id}]:
            del self._ahead[claimed.id]

    def wake(self) -> None:
        """A place in flight is free, or it is time to stop."""
        self._woken.set()

    async def _line_up_after_upload(self, claimed: ClaimedDelivery) -> None:
        await self._photos.uploaded(claimed)
        self._line_up(claimed)

    def _line_up(self, claimed: ClaimedDelivery) -> None:
        self._turns.append(Turn(claimed, self._photos.of(claimed), self._reach.suspicions))
        if self._pacer is None:
            self._pacer = asyncio.create_task(self._pace())

    async def _pace(self) -> None:
        while self._turns:
            turn, now = self._turns[0], self._monotonic()
            if self._outdated(turn, now):
                self._put_back(PutBack())  # the order is made anew afterwards
            elif (wait := self._limiter.wait_chat(turn.claimed.chat_id, now)) > 0:
                self._put_back(PutBack(max(TICK_SECONDS, wait)))  # less is nothing to a clock that counts since 1970
            elif self._recorder.under_way >= self._limiter.in_flight:
                self._woken.clear()
                await self._woken.wait()
            elif (wait := self._limiter.wait_global(now)) > 0:
                await self._sleep(max(TICK_SECONDS, wait))
            else:
                self._recorder.under_way += 1
                self._go(self._next(), self._limiter.record(turn.claimed.chat_id, now))
        self._pacer = None

    def _outdated(self, turn: Turn, now: float) -> bool:
        """Whether something has happened since it was claimed for which it must not go, or not so."""
        if self._stopping.is_set() or now < self._limiter.paused_until or turn.claimed.id not in self._ahead:
            return True
        held_back = self._reach.suspicions != turn.suspicions or self._reach.refused_chats
        return bool(held_back) or self._photos.is_refused(turn.claimed, turn.photo)

    def _put_back(self, put_back: PutBack) -> None:
        turn = self._next()
        self._photos.done(turn.claimed, turn.photo)
        self._recorder.keep(Attempt(turn.claimed, put_back))

    def _next(self) -> Turn:
        """Take the first one out of the line."""
        turn = self._turns.popleft()
        self._ahead.pop(turn.claimed.id, None)
        if self.room:
            self._has_room()
        return turn
