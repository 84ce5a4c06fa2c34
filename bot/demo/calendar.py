"""The demo's days: when the bot looks, and how long each session takes to read."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Protocol

from bot.app.bellwether import Bellwether
from bot.app.clock import LeapingClock
from bot.demo.screen import Screen
from bot.signals.sessions import Sessions
from bot.signals.timeframe import DAY, Instant, day_of
from bot.store.outbox.queue import next_due, queue_depth
from bot.store.sqlite import Database
from bot.store.subscribers.digest_schedules import digest_schedules

LOOK_AFTER_CLOSE = 20 * 60
"""Seconds after a close at which the demo looks: a little more than a bar needs to settle."""

HOUR = 3_600
DELIVERY_SECONDS = 20.0
"""Seconds for what is due to be delivered, before the next look comes anyway."""

_POLL_SECONDS = 0.02
_PACED_SECONDS = 10.0
"""Seconds within which what is due next is waited for: a chat gets one message a second."""

_READING_SESSIONS = 2
"""Sessions' time that one message is given to be read in, up to `_MAX_READING_SESSIONS` for all of a day."""

_MAX_READING_SESSIONS = 7
_ANSWER_SESSIONS = 4
"""Sessions' time that an answer is given to be read in."""


class MessageCounter(Protocol):
    """A chat that counts the messages shown in it."""

    @property
    def shown(self) -> int:
        """Messages so far."""
        ...


class SessionPace:
    """How long a session takes: `pace` seconds, and for who `reads` longer when there is something to read."""

    def __init__(self, pace: float, *, reads: bool) -> None:
        self._pace = pace
        self._reads = reads
        self._until = 0.0
        self.paused = False
        self.typing: Callable[[], bool] = bool

    def linger(self) -> None:
        """The person has written: give them the time to read the answer."""
        self._until = time.monotonic() + self._pace * _ANSWER_SESSIONS

    async def rest(self, messages: int) -> None:
        """Let a session's time pass, in which so many messages are read; it stands still while somebody types."""
        share = min(1 + _READING_SESSIONS * messages, _MAX_READING_SESSIONS) if self._reads else 1
        self._until = max(self._until, time.monotonic() + self._pace * share)
        while time.monotonic() < self._until or self.paused or self.typing():  # noqa: ASYNC110  # keys and clock, not one event
            await asyncio.sleep(_POLL_SECONDS)


class DemoCalendar:
    """Leaps from hour to hour of each day; looks at midnight and after the close, as far as anything is due."""

    def __init__(
        self, bot: Bellwether, clock: LeapingClock, calendar: Sessions, screen: Screen, pace: SessionPace
    ) -> None:
        self._bot = bot
        self._clock = clock
        self._closes = dict(zip(calendar.start.tolist(), calendar.closes.tolist(), strict=True))
        self._last = int(calendar.start[-1])
        self._screen = screen
        self._pace = pace

    async def play(self, first: Instant, sessions: int, chat: MessageCounter) -> Instant:
        """So many sessions from midnight of the day `first` on; returns the day after them."""
        day = first
        while sessions and day <= self._last:
            before = chat.shown
            close = self._closes.get(day)
            self._screen.begin_day(day_of(day))
            await self._pass(day, close)
            self._screen.end_day(session=close is not None)
            told = chat.shown - before
            sessions -= close is not None
            if told or close is not None:
                await self._pace.rest(told)
            day += DAY
        return day

    async def _pass(self, day: Instant, close: Instant | None) -> None:
        looks = {day + LOOK_AFTER_CLOSE} | ({close + LOOK_AFTER_CLOSE} if close is not None else set())
        hours = range(day + HOUR, day + DAY, HOUR)
        for moment in sorted(looks.union(hours)):
            if moment not in looks and not await self._digest_or_delivery_may_be_due():
                continue
            self._clock.leap(moment)
            await (self._bot.look() if moment in looks else self._bot.send_digests())
            await self._delivered()

    async def _digest_or_delivery_may_be_due(self) -> bool:
        """Whether anything may fall due between two looks: a digest, or what quiet hours hold back."""
        store = self._bot.store
        return await store.run(next_due) is not None or bool(await store.run(digest_schedules))

    async def _delivered(self) -> None:
        """Return when nothing is due any more, which what quiet hours hold back is not; or when patience ends."""
        until = time.monotonic() + DELIVERY_SECONDS
        while await self._is_due() and time.monotonic() < until:
            self._bot.outbox.wake()
            await asyncio.sleep(_POLL_SECONDS)

    async def _is_due(self) -> bool:
        due, sending = await self._bot.store.run(_under_way)
        return sending > 0 or (due is not None and due <= self._clock.time() + _PACED_SECONDS)


def _under_way(db: Database) -> tuple[float | None, int]:
    """When the next delivery is due, and how many are being sent, at one instant."""
    return next_due(db), queue_depth(db).sending
