"""Circuit breaker per source: when to ask again after failures."""

from __future__ import annotations

from dataclasses import dataclass

from bot.market.model import SourceErrorKind
from bot.retry import exponential

_FAILURES_TO_OPEN = 3
"""Failures in a row after which a source is left alone."""

_FIRST_PAUSE_S = 30.0
_LONGEST_PAUSE_S = 900.0
_REFUSED_PAUSE_S = 6 * 3600.0
_LONGEST_RETRY_AFTER_S = 3600.0

_OPEN_AT_ONCE = (SourceErrorKind.RATE_LIMITED, SourceErrorKind.REFUSED)
"""Failures after which even one more question would be too much."""

_ANSWERS = (SourceErrorKind.NO_DATA, SourceErrorKind.UNKNOWN_SYMBOL)
"""Errors of a source that works: it has nothing for this one market."""


@dataclass(frozen=True, slots=True)
class Breaker:
    """What is remembered of one source. Seconds since 1970; `shut_until` in the past means: ask.

    `failed` is when it failed last; where that lies ahead the clock was set back, and the source is asked.
    """

    failures: int = 0
    shut_until: float = 0.0
    last_error: str = ""
    failed: float = 0.0

    def allows(self, now: float) -> bool:
        """Whether it may be asked. After a pause one failure more shuts it again, for longer."""
        return now >= self.shut_until or now < self.failed

    def state(self, now: float) -> str:
        """One of "closed" (all is well), "open" (left alone), "half open" (the next answer decides)."""
        if not self.allows(now):
            return "open"
        return "half open" if self.failures >= _FAILURES_TO_OPEN else "closed"


def succeeded(_: Breaker) -> Breaker:
    """After an answer: all is forgotten."""
    return Breaker()


def failed(
    breaker: Breaker, kind: SourceErrorKind, detail: str, now: float, chance: float, retry_after: float | None = None
) -> Breaker:
    """After an error. `chance` in [0, 1) spreads the pauses over half to all of their length.

    The pause doubles with each failure; what the source asks for by `retry_after` is the least, within an hour.
    """
    if kind in _ANSWERS:
        return succeeded(breaker)
    failures = max(breaker.failures + 1, _FAILURES_TO_OPEN if kind in _OPEN_AT_ONCE else 0)
    if failures < _FAILURES_TO_OPEN:
        return Breaker(failures, breaker.shut_until, detail, now)
    first, longest = (
        (_REFUSED_PAUSE_S, _REFUSED_PAUSE_S) if kind is SourceErrorKind.REFUSED else (_FIRST_PAUSE_S, _LONGEST_PAUSE_S)
    )
    pause = exponential(failures - _FAILURES_TO_OPEN, chance, first=first, longest=longest)
    least = min(retry_after or 0.0, _LONGEST_RETRY_AFTER_S)
    return Breaker(failures, now + max(least, pause), detail, now)
