"""Circuit breaker per source: when to ask again after failures."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.market.model import FetchRequest, SourceErrorKind
from bot.retry import exponential
from bot.signals.timeframe import Timeframe

_FAILURES_TO_OPEN = 3
"""Failures in a row after which a source is left alone."""

FIRST_PAUSE_S = 30.0
LONGEST_PAUSE_S = 900.0
_REFUSED_PAUSE_S = 6 * 3600.0
_LONGEST_RETRY_AFTER_S = 3600.0

_OPEN_AT_ONCE = (SourceErrorKind.RATE_LIMITED, SourceErrorKind.REFUSED)
"""Failures after which even one more question would be too much."""

ANSWERS = (SourceErrorKind.NO_DATA, SourceErrorKind.UNKNOWN_SYMBOL)
"""Errors of a source that works: it has nothing for this one market."""

Topic = tuple[str, Timeframe]
"""What a question is about, as far as one may fail and another not: a symbol and a timeframe."""


def topic_of(request: FetchRequest) -> Topic:
    """What a question to a source is about."""
    return (request.source.symbol, request.timeframe)


@dataclass(frozen=True, slots=True)
class Breaker:
    """What is remembered of one source. Seconds since 1970; `shut_until` in the past means: ask.

    `failed` is when it failed last; where that lies ahead the clock was set back, and the source is asked.
    `told_so`: it is left alone by its own word, as by a 429. `failed_topics` is what has failed since its last answer.
    """

    failures: int = 0
    shut_until: float = 0.0
    last_error: str = ""
    failed: float = 0.0
    told_so: bool = False
    failed_topics: frozenset[Topic] = frozenset()

    def allows(self, topic: Topic, now: float) -> bool:
        """Whether it may be asked about this. After a pause one failure more shuts it again, for longer.

        What has not failed since its last answer is asked for in the pause too, unless the source itself told us to
        stay away: three symbols that hang say nothing of the others, and a source that is down costs each once.
        """
        return not self.pauses(now) or not (self.told_so or topic in self.failed_topics)

    def state(self, now: float) -> str:
        """One of "closed" (all is well), "open" (left alone), "half open" (the next answer decides)."""
        if self.pauses(now):
            return "open"
        return "half open" if self.failures >= _FAILURES_TO_OPEN else "closed"

    def pauses(self, now: float) -> bool:
        """Whether it is left alone, but for what has not failed."""
        return self.failed <= now < self.shut_until


def succeeded(_: Breaker) -> Breaker:
    """After an answer: all is forgotten."""
    return Breaker()


def failed(
    breaker: Breaker,
    topic: Topic,
    kind: SourceErrorKind,
    detail: str,
    now: float,
    chance: float,
    retry_after: float | None = None,
    *,
    answers_others: bool = False,
) -> Breaker:
    """After an error about `topic`. `chance` in [0, 1) spreads the pauses over half to all of their length.

    The pause doubles with each failure after it; what the source asks for by `retry_after` is the least, within an
    hour. Where it `answers_others`, having answered since it was asked this, only its own word makes it ill.
    """
    if kind in ANSWERS:
        return succeeded(breaker)
    topics, told_so = breaker.failed_topics | {topic}, kind in _OPEN_AT_ONCE
    if not told_so and (answers_others or breaker.pauses(now)):
        return replace(breaker, failed_topics=topics)
    failures = max(breaker.failures + 1, _FAILURES_TO_OPEN if told_so else 0)
    if failures < _FAILURES_TO_OPEN:
        return Breaker(failures, breaker.shut_until, detail, now, failed_topics=topics)
    pause = _pause(failures, kind, chance)
    least = min(retry_after or 0.0, _LONGEST_RETRY_AFTER_S)
    return Breaker(failures, now + max(least, pause), detail, now, told_so, topics)


def _pause(failures: int, kind: SourceErrorKind, chance: float) -> float:
    first, longest = (
        (_REFUSED_PAUSE_S, _REFUSED_PAUSE_S) if kind is SourceErrorKind.REFUSED else (FIRST_PAUSE_S, LONGEST_PAUSE_S)
    )
    return exponential(failures - _FAILURES_TO_OPEN, chance, first=first, longest=longest)
