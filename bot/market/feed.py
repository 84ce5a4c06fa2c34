"""A market's sources, asked side by side, each behind a circuit breaker of its own."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from bot.market import breaker as breakers
from bot.market.breaker import Breaker
from bot.market.expected_bars import between
from bot.market.model import FetchAnswer, FetchRequest, Market, Source, SourceError, SourceErrorKind
from bot.signals.sessions import Sessions
from bot.signals.timeframe import Instant, Timeframe
from bot.worker.client import WorkerError, WorkerTimeout

Call = Callable[[FetchRequest], Awaitable[FetchAnswer]]


class NoSource(Exception):  # noqa: N818  # named for the fact
    """No source of a market gave bars; `errors` say why, in the order in which they were tried."""

    def __init__(self, market: str, errors: tuple[SourceError, ...]) -> None:
        super().__init__(market, errors)
        self.market = market
        self.errors = errors

    def __str__(self) -> str:
        return f"{self.market}: " + ("; ".join(map(str, self.errors)) or "no source is configured")

    @property
    def brief(self) -> str:
        """Source by source what is wrong, in two words each."""
        return "; ".join(f"{error.source}: {error.kind}" for error in self.errors) or "no source is configured"

    @property
    def any_works(self) -> bool:
        """Whether a source answered, and has nothing of this market: the rest of them may be out of order."""
        return any(error.kind in (SourceErrorKind.NO_DATA, SourceErrorKind.UNKNOWN_SYMBOL) for error in self.errors)

    @property
    def shut(self) -> bool:
        """Whether every source that was asked had simply nothing to say."""
        return bool(self.errors) and all(error.kind is SourceErrorKind.NO_DATA for error in self.errors)


HEDGE_S = 3.0
"""Seconds without an answer after which the next source is asked too.

Where one has answered, one more is asked to bear it out, once, after half of them.
"""


class Feed:
    """Asks a market's sources side by side, and remembers which of them are ill.

    A source is asked one thing at a time, or as many as `at_once` says of its kind. A question that nobody waits for
    any longer runs on to its own time limit, so that its source is judged by it.
    """

    def __init__(
        self,
        call: Call,
        jitter: Callable[[], float] = random.random,
        hedge: float | None = HEDGE_S,
        at_once: Mapping[str, int] | None = None,
    ) -> None:
        self._call = call
        self._at_once = at_once or {}
        self._jitter = jitter
        self._hedge = hedge
        self._breakers: dict[str, Breaker] = {}
        self._turns: dict[str, asyncio.Semaphore] = {}
        self._left: set[asyncio.Task[FetchAnswer]] = set()

    async def fetch(
        self,
        market: Market,
        timeframe: Timeframe,
        sessions: Sessions,
        since: Instant,
        now: Instant,
        *,
        want: int = 1,
        asked: Collection[str] = (),
    ) -> list[FetchAnswer]:
        """The first `want` sources' answers that are some, in the order of the config; fewer where no more answer.

        The errors of those that gave none are among the problems of the first answer. `sessions` hold those from
        `since` to `now`, and may hold others, which the sources are not told. `asked` names sources that are not asked
        again. Raises NoSource with every error where nobody answers.
        """
        span = between(sessions, since, now)
        sources = [source for source in market.sources if source.name not in asked]
        requests = [FetchRequest(market.name, timeframe, source, span, since, now) for source in sources]
        outcomes = await self._side_by_side(requests, want)
        answers = [outcome for outcome in outcomes if isinstance(outcome, FetchAnswer)]
        errors = [outcome for outcome in outcomes if isinstance(outcome, SourceError)]
        if not answers:
            raise NoSource(market.name, tuple(errors))
        first = replace(answers[0], problems=(*map(str, errors), *answers[0].problems))
        return [first, *answers[1:]][:want]

    def states(self) -> dict[str, Breaker]:
        """What is remembered of each source that was ever asked."""
        return dict(self._breakers)

    async def close(self) -> None:
        """Let go of the questions that run on though nobody waits for them."""
        for task in self._left:
            task.cancel()
        await asyncio.gather(*self._left, return_exceptions=True)

    async def _side_by_side(self, requests: Sequence[FetchRequest], want: int) -> list[FetchAnswer | SourceError]:
        """What each source that was asked came to, in their order; those still at it when enough have answered not."""
        tasks: list[asyncio.Task[FetchAnswer]] = []
        patience, hedged = want, False
        try:
            while True:
                running = [task for task in tasks if not task.done()]
                answered = sum(task.done() and task.exception() is None for task in tasks)
                while len(tasks) < len(requests) and answered + len(running) < max(want, patience):
                    tasks.append(asyncio.create_task(self._ask(requests[len(tasks)])))
                    running.append(tasks[-1])
                if answered >= want or not running:
                    break
                another = bool(answered) and len(requests) > want
                hedge = self._hedge / 2 if self._hedge and another else self._hedge
                done, _ = await asyncio.wait(running, timeout=hedge, return_when=asyncio.FIRST_COMPLETED)
                if not done and answered:
                    if hedged or len(tasks) == len(requests):
                        break
                    hedged = True  # one more may bear the answer out
                patience += 0 if done else 1
        finally:
            self._leave([task for task in tasks if not task.done()])
        return [_outcome(task) for task in tasks if task.done()]

    def _leave(self, tasks: Iterable[asyncio.Task[FetchAnswer]]) -> None:
        """Let questions run on that nobody waits for."""
        for task in tasks:
            self._left.add(task)
            task.add_done_callback(self._forget)

    def _forget(self, task: asyncio.Task[FetchAnswer]) -> None:
        self._left.discard(task)
        if not task.cancelled():
            task.exception()  # what it was is in the breaker

    async def _ask(self, request: FetchRequest) -> FetchAnswer:
        places = self._at_once.get(request.source.kind, 1)
        async with self._turns.setdefault(request.source.name, asyncio.Semaphore(places)):
            return await self._ask_in_turn(request)

    async def _ask_in_turn(self, request: FetchRequest) -> FetchAnswer:
        name = request.source.name
        breaker = self._breakers.get(name, Breaker())
        if not breaker.allows(request.now):
            raise SourceError(SourceErrorKind.UNREACHABLE, name, f"left alone after: {breaker.last_error}")
        try:
            answer = await self._called(request)
        except SourceError as error:
            self._breakers[name] = breakers.failed(
                breaker, error.kind, str(error), request.now, self._jitter(), error.retry_after
            )
            raise
        self._breakers[name] = breakers.succeeded(breaker)
        return replace(answer, bars=replace(answer.bars), forming=replace(answer.forming))  # frozen anew after the pipe

    async def _called(self, request: FetchRequest) -> FetchAnswer:
        try:
            return await self._call(request)
        except WorkerTimeout as error:
            raise _failure(SourceErrorKind.TIMEOUT, request.source, error) from error
        except WorkerError as error:
            raise _failure(SourceErrorKind.BROKEN, request.source, error) from error


def _outcome(task: asyncio.Task[FetchAnswer]) -> FetchAnswer | SourceError:
    """The answer or the source's error; raises whatever else the task raised."""
    error = task.exception()
    return error if isinstance(error, SourceError) else task.result()


def _failure(kind: SourceErrorKind, source: Source, error: WorkerError) -> SourceError:
    return SourceError(kind, source.name, f"{source.symbol}: {error}")
