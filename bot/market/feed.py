"""A market's sources, asked side by side, each behind a circuit breaker of its own."""

from __future__ import annotations

import asyncio
import math
import random
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from bot.market import breaker as breakers
from bot.market.breaker import Breaker
from bot.market.expected_bars import between
from bot.market.model import FetchAnswer, FetchRequest, Market, MarketKind, Source, SourceError, SourceErrorKind
from bot.signals.sessions import Sessions
from bot.signals.timeframe import Instant, Timeframe
from bot.turns import Turns
from bot.worker.client import WorkerError, WorkerTimeout

Call = Callable[[FetchRequest], Awaitable[FetchAnswer]]

HEDGE_S = 1.25
"""Seconds for which a source has told nobody anything, after which the next one is asked beside it.

Who waits for his turn at a source that is at work so does not take it for one that hangs.
"""

LONGEST_HEDGES = 2
"""Times HEDGE_S after which all are asked that there are, and an answer that nobody has borne out has to do."""

SECOND_TRY_S = 1.0
"""Seconds after which a market is asked for once more, where what kept its sources from answering may have passed."""

_MAY_PASS = (SourceErrorKind.UNREACHABLE, SourceErrorKind.BROKEN)
"""A connection that broke, a server that stumbled, half a body. A source that is slow or asks to wait is left alone."""

_FIGURES = (MarketKind.MACRO, MarketKind.SERIES)
"""Kinds of markets that are in no hurry."""


class LeftAloneError(SourceError):
    """A source was not asked, because of what it said to an earlier question."""


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
    def asked(self) -> bool:
        """Whether any source was asked at all."""
        return any(not isinstance(error, LeftAloneError) for error in self.errors)

    @property
    def shut(self) -> bool:
        """Whether every source that was asked had simply nothing to say."""
        return bool(self.errors) and all(error.kind is SourceErrorKind.NO_DATA for error in self.errors)


class Feed:
    """Asks a market's sources side by side, and remembers which of them are ill.

    A source is asked one thing at a time, or as many as `at_once` says of its kind, and more only beside what hangs;
    never so of kinds in `strict`. A question that nobody waits for any longer runs on to its own time limit, so that
    its source is judged by it.
    """

    def __init__(
        self,
        call: Call,
        jitter: Callable[[], float] = random.random,
        hedge: float | None = HEDGE_S,
        at_once: Mapping[str, int] | None = None,
        second_try: float | None = None,
        strict: Collection[str] = (),
    ) -> None:
        self._call = call
        self._at_once = at_once or {}
        self._jitter = jitter
        self._hedge = math.inf if hedge is None else hedge
        self._second_try = second_try
        self._heard: dict[str, float] = {}
        self._answered: dict[str, float] = {}
        self._breakers: dict[str, Breaker] = {}
        self._strict = strict
        self._turns: dict[tuple[str, str], Turns] = {}
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
        again. Raises NoSource with every error where nobody answers; prices are asked for twice before.
        """
        span = between(sessions, since, now)
        sources = [source for source in market.sources if source.name not in asked]
        requests = [FetchRequest(market.name, timeframe, source, span, since, now) for source in sources]
        began = asyncio.get_running_loop().time()
        outcomes = await self._side_by_side(requests, want, began)
        if self._second_try is not None and market.kind not in _FIGURES and _may_pass(outcomes):
            await asyncio.sleep(self._second_try)
            outcomes = await self._side_by_side(requests, want, began)
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

    async def _side_by_side(
        self, requests: Sequence[FetchRequest], want: int, began: float
    ) -> list[FetchAnswer | SourceError]:
        """What each source that was asked came to, in their order; those still at it when enough have answered not.

        `began`: when the first of all questions was put, by the loop's clock.
        """
        tasks: list[asyncio.Task[FetchAnswer]] = []
        clock = asyncio.get_running_loop().time
        # `want` sources are asked, and one more `beside` them each time that those at work have told nobody anything
        # for a hedge; at `late_at` all that there are, and from then on one answer will do.
        late_at, hedged_at = began + LONGEST_HEDGES * self._hedge, clock()
        beside = 0
        try:
            while True:
                running = [at for at, task in enumerate(tasks) if not task.done()]
                answered = sum(task.done() and task.exception() is None for task in tasks)
                while len(tasks) < len(requests) and answered + len(running) < want + beside:
                    running.append(len(tasks))
                    tasks.append(asyncio.create_task(self._ask(requests[len(tasks)])))
                if not running or answered >= (1 if clock() >= late_at else want):
                    break
                names = [requests[at].source.name for at in running]
                until = self._hedge_at(names, hedged_at, late_at) if len(tasks) < len(requests) else math.inf
                if clock() >= until:
                    beside, hedged_at = len(requests) if clock() >= late_at else beside + 1, clock()
                    continue
                until = min(until, late_at) if answered else until
                await _first_of([tasks[at] for at in running], None if until == math.inf else until - clock())
        finally:
            self._leave([task for task in tasks if not task.done()])
        return [_outcome(task) for task in tasks if task.done()]

    def _hedge_at(self, names: Iterable[str], since: float, late_at: float) -> float:
        """When another source is asked beside these, the last one having been asked at `since`."""
        heard = max(since, *(self._heard.get(name, since) for name in names))
        return min(heard + self._hedge, late_at)

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
        source = request.source
        turns = self._turns.get((source.kind, source.name))
        if turns is None:
            turns = Turns(self._at_once.get(source.kind, 1), strict=source.kind in self._strict)
            self._turns[source.kind, source.name] = turns
        async with turns.turn(breakers.topic_of(request)) as turn:
            try:
                return await self._ask_in_turn(request)
            except LeftAloneError:
                turn.tells = False
                raise

    async def _ask_in_turn(self, request: FetchRequest) -> FetchAnswer:
        name, clock = request.source.name, asyncio.get_running_loop().time
        topic = breakers.topic_of(request)
        breaker = self._breakers.get(name, Breaker())
        if not breaker.allows(topic, request.now):
            raise LeftAloneError(SourceErrorKind.UNREACHABLE, name, f"left alone after: {breaker.last_error}")
        asked = clock()
        try:
            answer = await self._called(request)
        except SourceError as error:
            if error.kind in breakers.ANSWERS:
                self._answered[name] = clock()
            breaker = self._breakers.get(name, Breaker())  # as it is now: others have been asked meanwhile
            others = self._answered.get(name, -math.inf) >= asked
            self._breakers[name] = breakers.failed(
                breaker,
                topic,
                error.kind,
                str(error),
                request.now,
                self._jitter(),
                error.retry_after,
                answers_others=others,
            )
            raise
        finally:
            self._heard[name] = clock()
        self._answered[name] = clock()
        self._breakers[name] = breakers.succeeded(breaker)
        return replace(answer, bars=replace(answer.bars), forming=replace(answer.forming))  # frozen anew after the pipe

    async def _called(self, request: FetchRequest) -> FetchAnswer:
        try:
            return await self._call(request)
        except WorkerTimeout as error:
            raise _failure(SourceErrorKind.TIMEOUT, request.source, error) from error
        except WorkerError as error:
            raise _failure(SourceErrorKind.BROKEN, request.source, error) from error


async def _first_of(tasks: Sequence[asyncio.Task[FetchAnswer]], seconds: float | None) -> None:
    """Until one of them has ended, for so long at most."""
    await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)


def _may_pass(outcomes: Sequence[FetchAnswer | SourceError]) -> bool:
    """Whether nobody has answered, and one of them might if it were asked again."""
    errors = [outcome for outcome in outcomes if isinstance(outcome, SourceError)]
    again = any(error.kind in _MAY_PASS and not isinstance(error, LeftAloneError) for error in errors)
    return again and len(errors) == len(outcomes)


def _outcome(task: asyncio.Task[FetchAnswer]) -> FetchAnswer | SourceError:
    """The answer or the source's error; raises whatever else the task raised."""
    error = task.exception()
    return error if isinstance(error, SourceError) else task.result()


def _failure(kind: SourceErrorKind, source: Source, error: WorkerError) -> SourceError:
    return SourceError(kind, source.name, f"{source.symbol}: {error}")
