"""A market's sources, asked one after another, each behind a circuit breaker of its own."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
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
    def shut(self) -> bool:
        """Whether every source that was asked had simply nothing to say."""
        return bool(self.errors) and all(error.kind is SourceErrorKind.NO_DATA for error in self.errors)


class Feed:
    """Asks sources in the order of the config, and remembers by name which of them are ill."""

    def __init__(self, call: Call, chance: Callable[[], float] = random.random) -> None:
        self._call = call
        self._chance = chance
        self._breakers: dict[str, Breaker] = {}

    async def fetch(
        self,
        market: Market,
        timeframe: Timeframe,
        sessions: Sessions,
        since: Instant,
        now: Instant,
        *,
        after: str = "",
    ) -> FetchAnswer:
        """The first source's answer that is one; raises NoSource with every error.

        `sessions` hold those from `since` to `now`, and may hold others, which the sources are not told. `after`
        names a source that has been asked: only those behind it are.
        """
        errors: list[SourceError] = []
        asked_for = between(sessions, since, now)
        for source in _behind(market.sources, after):
            request = FetchRequest(market.name, timeframe, source, asked_for, since, now)
            try:
                answer = await self._ask(request)
            except SourceError as error:
                errors.append(error)
            else:
                return replace(answer, problems=(*map(str, errors), *answer.problems))
        raise NoSource(market.name, tuple(errors))

    def states(self) -> dict[str, Breaker]:
        """What is remembered of each source that was ever asked."""
        return dict(self._breakers)

    async def _ask(self, request: FetchRequest) -> FetchAnswer:
        name = request.source.name
        breaker = self._breakers.get(name, Breaker())
        if not breaker.allows(request.now):
            raise SourceError(SourceErrorKind.UNREACHABLE, name, f"left alone after: {breaker.last_error}")
        try:
            answer = await self._called(request)
        except SourceError as error:
            self._breakers[name] = breakers.failed(
                self._breakers.get(name, breaker),
                error.kind,
                str(error),
                request.now,
                self._chance(),
                error.retry_after,
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


def _behind(sources: tuple[Source, ...], after: str) -> tuple[Source, ...]:
    """The sources behind the one of that name; none behind a stranger, who might be one of them."""
    names = [source.name for source in sources]
    if not after:
        return sources
    return sources[names.index(after) + 1 :] if after in names else ()


def _failure(kind: SourceErrorKind, source: Source, error: WorkerError) -> SourceError:
    return SourceError(kind, source.name, f"{source.symbol}: {error}")
