"""Clocks: the system's, the demo's whose days leap, and the replay's."""

from __future__ import annotations

import time
from typing import Protocol

from bot.signals.timeframe import Instant


class Clock(Protocol):
    """What says what time it is."""

    def time(self) -> float:
        """Seconds since 1970, with fractions."""
        ...

    def now(self) -> Instant:
        """Whole seconds since 1970."""
        ...


class SystemClock:
    """The time that it is."""

    def time(self) -> float:
        """Seconds since 1970, with fractions."""
        return time.time()

    def now(self) -> Instant:
        """Whole seconds since 1970."""
        return int(self.time())


class LeapingClock:
    """A time that passes as it does, from another start on, and that can be made to leap ahead."""

    def __init__(self, start: Instant) -> None:
        self._ahead = start - time.monotonic()

    def time(self) -> float:
        """Seconds since 1970, with fractions."""
        return self._ahead + time.monotonic()

    def now(self) -> Instant:
        """Whole seconds since 1970."""
        return int(self.time())

    def leap(self, to: Instant) -> None:
        """Go on from `to`; never back."""
        self._ahead += max(0.0, to - self.time())


class VirtualClock:
    """A time that moves only when it is told to, or when somebody sleeps on it."""

    def __init__(self, start: Instant) -> None:
        self._now = float(start)

    def time(self) -> float:
        """Seconds since 1970, with fractions."""
        return self._now

    def now(self) -> Instant:
        """Whole seconds since 1970."""
        return int(self._now)

    def advance(self, to: float) -> None:
        """Move on; never back."""
        self._now = max(self._now, to)

    async def sleep(self, seconds: float) -> None:
        """Let the time pass at once."""
        self._now += seconds
