"""Sliding window of a second at Telegram's: which messages still count in it, and when another one has a place."""

from __future__ import annotations

import heapq
import itertools
import math
from collections import deque
from dataclasses import dataclass

LEAST_MARGIN_SECONDS = 0.008
"""By which the way to Telegram may take longer for one message than for another, whatever their answers say."""

MOST_MARGIN_SECONDS = 0.08
"""More than that an answer is late for other reasons."""

_ANSWERS_KEPT = 32


@dataclass(slots=True)
class Departure:
    """When a message was let go, and how many seconds later it was answered, as far as that is known.

    `left`: it has left only now, as happens where the machine is busy.
    """

    at: float
    answer: float | None = None

    def left(self, now: float) -> None:
        """From now on others wait for a second after this instant."""
        self.at = max(self.at, now)


class SlidingWindow:
    """One place for each message of `rate`; it is free again a second after Telegram had its message at the latest.

    A message was longer on its way than others by as much at most as its answer took longer than the quickest of late.
    So no two messages of one place are within a second of each other at Telegram's, and what is late delays no other.
    """

    def __init__(self, rate: float) -> None:
        self._places = max(1, int(rate))
        self._seconds = self._places / rate
        self._taken: list[tuple[float, int, Departure]] = []  # a heap: until when, as far as it was known last
        self._order = itertools.count()
        self._answers: deque[float] = deque(maxlen=_ANSWERS_KEPT)

    def take(self, at: float) -> Departure:
        """Take a place for a message that leaves at `at`, not before `free_at`."""
        if len(self._taken) == self._places:
            heapq.heappop(self._taken)
        departure = Departure(at)
        heapq.heappush(self._taken, (at + self._seconds + LEAST_MARGIN_SECONDS, next(self._order), departure))
        return departure

    def free_at(self, now: float) -> float:
        """When a place is free, as far as it is known by now."""
        while len(self._taken) == self._places:
            known, order, departure = self._taken[0]
            until = self._counts_until(departure, now)
            if until <= known:
                return known
            heapq.heapreplace(self._taken, (until, order, departure))
        return -math.inf

    def answered(self, seconds: float, departure: Departure | None) -> None:
        """Telegram took a message, and answered after so long."""
        self._answers.append(seconds)
        if departure is not None:
            departure.answer = seconds

    def _counts_until(self, departure: Departure, now: float) -> float:
        took = now - departure.at if departure.answer is None else departure.answer
        slower = took - min(self._answers, default=math.inf)  # than the quickest of late
        return departure.at + self._seconds + min(MOST_MARGIN_SECONDS, max(LEAST_MARGIN_SECONDS, slower))
