"""Open questions: what the sources are being asked in the background, and their answers until a round takes them."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from asyncio import Future
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from bot.market.feed import Feed, NoSource
from bot.market.model import FetchAnswer, Market
from bot.scan.calendars import Calendars
from bot.scan.fetching.answers import Answers, AskAgain, up_to_last
from bot.scan.fetching.fetch_plan import Need, overlap, sources_wanted
from bot.scan.fetching.health import Health
from bot.scan.series import Series
from bot.signals.timeframe import Instant

ODD_PATIENCE_S = 3.0
"""Seconds after its question for which a new bar waits for the sister that it needs; then she counts as not reached."""

BORNE_OUT_S = 1.0
"""Seconds for sources that are asked later to bear an odd bar out; what was said before is judged then without them."""

log = logging.getLogger(__name__)


class OpenQuestions:
    """Asks for series in the background, each once at a time, and holds what came of it until it is taken.

    `health` is brought up to date with who was asked, and who did not answer. `arrived` is called when an answer is
    there that nobody waits for. Without `patience` an odd bar is waited for until all sources have answered.
    """

    def __init__(
        self,
        feed: Feed,
        calendars: Calendars,
        markets: Mapping[str, Market],
        health: dict[Series, Health],
        arrived: Callable[[], None],
        *,
        patience: bool,
    ) -> None:
        self._feed, self._calendars, self._markets = feed, calendars, markets
        self._health, self._arrived, self._patience = health, arrived, patience
        self._open: dict[Series, Future[Answers | None]] = {}
        self._asked_at: dict[Series, float] = {}  # by the loop's clock, also of what is no longer open
        self._awaited = False
        self._warming: set[asyncio.Task[None]] = set()

    def __contains__(self, series: Series) -> bool:
        """Whether a series is being asked for, or its answer was not taken yet."""
        return series in self._open

    def ask(self, need: Need, now: Instant) -> None:
        """Ask for what a series needs, unless it is being asked for."""
        if need.series not in self._open:
            self._asked_at[need.series] = asyncio.get_running_loop().time()
            self._begin(need, now)

    def ask_again(self, again: AskAgain, now: Instant) -> None:
        """Ask what is open after the answers that there are; it counts as asked when it was asked first."""
        self._begin(again.need, now, again.before)

    def unanswered(self, series: Iterable[Series]) -> list[Future[Answers | None]]:
        """The questions about these series that have no answer yet."""
        return [question for each in series if (question := self._open.get(each)) and not question.done()]

    def answered(self) -> list[Series]:
        """The series whose answers can be taken."""
        return [each for each, question in self._open.items() if question.done()]

    async def wait(self, questions: Iterable[Future[Answers | None]], seconds: float | None) -> bool:
        """Until all of these are answered, for so long at most. Returns whether any is."""
        self._awaited = True
        done, _ = await asyncio.wait(questions, timeout=seconds, return_when=asyncio.ALL_COMPLETED)
        self._awaited = False
        return bool(done)

    def answer(self, series: Series) -> Answers | None:
        """What the sources say of a series that was answered; None where none of them answers at all."""
        return self._open[series].result()

    def take(self, series: Series) -> Answers | None:
        """The same, and no more in here."""
        return self._open.pop(series).result()

    def put_back(self, answers: Answers) -> None:
        """Hold answers that were taken too early; somebody is to look again when they have waited long enough."""
        loop = asyncio.get_running_loop()
        series = answers.need.series
        self._open[series] = loop.create_future()
        self._open[series].set_result(answers)
        if (until := self.odd_until(series)) > loop.time():
            loop.call_at(until, self._arrived)

    def odd_until(self, series: Series) -> float:
        """Until when an odd bar waits for the sister of its market, by the loop's clock."""
        return self._asked_at[series] + ODD_PATIENCE_S

    def warm(self, series: Iterable[Series], now: Instant) -> None:
        """Ask each first source of these once, for nothing: process, connection and cookie are there when it counts."""
        first = {market.sources[0].name: each for each in series if (market := self._markets[each[0]]).sources}
        for each in first.values():
            task = asyncio.create_task(self._ask_for_nothing(each, now))
            self._warming.add(task)
            task.add_done_callback(self._warming.discard)

    async def close(self) -> None:
        """Let go of the questions that are still open."""
        tasks: list[Future[Any]] = [*self._open.values(), *self._warming]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _ask_for_nothing(self, series: Series, now: Instant) -> None:
        name, timeframe = series
        market = replace(self._markets[name], sources=self._markets[name].sources[:1])
        sessions = await self._calendars.sessions(market.calendar, now)
        since = overlap(now, sessions)
        with contextlib.suppress(NoSource):
            await self._feed.fetch(market, timeframe, sessions.since(since), since, now)

    def _begin(self, need: Need, now: Instant, before: tuple[FetchAnswer, ...] = ()) -> None:
        task = asyncio.create_task(self._ask_rest(need, now, before) if before else self._ask(need, now))
        task.add_done_callback(lambda _: None if self._awaited else self._arrived())
        self._open[need.series] = task

    async def _ask(self, need: Need, now: Instant) -> Answers | None:
        """What the sources say; None where none of them answers at all."""
        (name, timeframe), since = need.series, need.since
        market, health = self._markets[name], self._tried(need.series, now)
        sessions = await self._calendars.sessions(market.calendar, now)
        want = sources_wanted(need, market)
        try:
            answers = tuple(await self._feed.fetch(market, timeframe, sessions.since(since), since, now, want=want))
        except NoSource as error:
            level = logging.DEBUG if health.trouble == error.brief else logging.WARNING  # an outage is news once
            log.log(level, "no bars: %s", error)
            unanswered = self._health[need.series].unanswered(error, need)
            # A question that was not put is asked again with the next look, and not after the time of one in vain.
            self._health[need.series] = unanswered if error.asked else replace(unanswered, asked=health.asked)
            return None
        complete = max(want, len(up_to_last(market, answers))) >= len(market.sources)
        return Answers(need, now, answers, complete)

    async def _ask_rest(self, need: Need, now: Instant, before: tuple[FetchAnswer, ...]) -> Answers:
        """What all sources say that were not asked yet, behind the answers `before`; these alone where it takes long.

        Who was not reached is among the problems of the first answer.
        """
        (name, timeframe), since = need.series, need.since
        market = self._markets[name]
        self._tried(need.series, now)
        sessions = await self._calendars.sessions(market.calendar, now)
        asked = up_to_last(market, before)
        want = len(market.sources) - len(asked)
        try:
            async with asyncio.timeout_at(self._borne_out_by(need.series)):
                rest = await self._feed.fetch(
                    market, timeframe, sessions.since(since), since, now, want=want, asked=asked
                )
        except TimeoutError:
            return Answers(need, now, before, complete=True)
        except NoSource as error:
            first = replace(before[0], problems=(*before[0].problems, *map(str, error.errors)))
            return Answers(need, now, (first, *before[1:]), complete=True)
        return Answers(need, now, (*before, *rest), complete=True)

    def _tried(self, series: Series, now: Instant) -> Health:
        """Note that a series is asked for now; its health before."""
        health = self._health.get(series, Health())
        self._health[series] = replace(health, asked=replace(health.asked, tried=now))
        return health

    def _borne_out_by(self, series: Series) -> float | None:
        """Until when an odd bar waits for what more sources say of it; None: for however long they take."""
        if not self._patience:
            return None
        return max(self.odd_until(series), asyncio.get_running_loop().time() + BORNE_OUT_S)
