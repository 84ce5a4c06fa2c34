"""One round of fetching: ask for what is due, let the gate judge, store what passed, keep each series' health."""

from __future__ import annotations

import asyncio
from asyncio import Future
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from bot.market.feed import Feed
from bot.market.model import Market, MarketKind
from bot.scan.bar_cache import BarCache
from bot.scan.calendars import Calendars
from bot.scan.completeness import lacking, late_starts
from bot.scan.fetching.answers import Answers, AskAgain, Checked, Fetched
from bot.scan.fetching.fetch_plan import FIRST_SESSION, MACRO_RETRY_S, Need, Schedule, need
from bot.scan.fetching.gatekeeper import Gatekeeper
from bot.scan.fetching.health import Health
from bot.scan.fetching.questions import OpenQuestions
from bot.scan.series import Series
from bot.signals.bars import Bars
from bot.signals.timeframe import Instant
from bot.store.bars import save_all
from bot.store.store import Store

CONTEXT_PATIENCE = 0.8
"""Times a round's patience for which series are waited for that no rule reads: an alert goes without them."""

SISTER_PATIENCE = 1.8
"""Times a round's patience for which a market that has answered waits for its sister; then it is judged alone."""


class BarFetcher:
    """Asks for the series that are due, lets the gate judge, stores what passed.

    A round waits `patience` seconds for the series that rules read, less for others, None: until all have answered.
    What comes later is taken by a later round, and `arrived` is called when it is there.
    """

    def __init__(
        self,
        store: Store,
        bar_cache: BarCache,
        feed: Feed,
        calendars: Calendars,
        markets: Mapping[str, Market],
        schedule: Schedule,
        patience: float | None = None,
        arrived: Callable[[], None] = lambda: None,
    ) -> None:
        self._store = store
        self._bar_cache = bar_cache
        self._calendars = calendars
        self._markets = markets
        self._schedule = schedule
        self._patience = patience
        self.health: dict[Series, Health] = {}
        self._questions = OpenQuestions(feed, calendars, markets, self.health, arrived, patience=patience is not None)
        self._gatekeeper = Gatekeeper(bar_cache, calendars, markets, self.health)

    async def gather(
        self, wanted: Iterable[Series], now: Instant, *, read: Collection[Series] | None = None
    ) -> list[Fetched]:
        """Fetch what is due of `wanted` by itself; see `due` and `fetch`."""
        return await self.fetch(await self.due(wanted, now), now, read=read)

    async def due(
        self,
        wanted: Iterable[Series],
        now: Instant,
        *,
        live: Collection[Series] = (),
        first: Instant = FIRST_SESSION,
        until: Instant | None = None,
    ) -> list[Need]:
        """What is to be asked now of `wanted`, apart from what is being asked.

        Of those in `live` the forming bar is wanted too. `first` is where series begin that are new. `until`, as in
        `need`: only those are due that lack a bar which has ended by then.
        """
        needs = [
            await self._need(each, now, live=each in live, first=first, until=until)
            for each in wanted
            if each not in self._questions
        ]
        return [need for need in needs if need is not None]

    async def fetch(
        self, needs: Sequence[Need], now: Instant, *, read: Collection[Series] | None = None
    ) -> list[Fetched]:
        """Ask for all of it side by side; a source that fails or hangs spoils nothing but its own.

        Rules read the series in `read`, all by default; the others are less waited for. What an earlier round has
        asked and not been told is taken where it comes, and not waited for.

        A market is judged when its sister has been heard, by her bar of the same day; where she keeps it waiting,
        without her if its move is one that it may make while she stands still, and a little later in any case.
        """
        brought = await self._take()
        for due in needs:
            self._questions.ask(due, now)
        asked = [due.series for due in needs]
        judged = asked if read is None else [each for each in asked if each in read]
        brought += await self._taken_within(CONTEXT_PATIENCE, lambda: self._questions.unanswered(asked))
        brought += await self._taken_within(1 - CONTEXT_PATIENCE, lambda: self._questions.unanswered(judged))
        brought += await self._taken_within(SISTER_PATIENCE - 1, lambda: self._sisters_unanswered(judged))
        return brought + await self._take(alone=True)

    def warm(self, series: Iterable[Series], now: Instant) -> None:
        """Ask each first source of these once, for nothing: process, connection and cookie are there when it counts."""
        self._questions.warm(series, now)

    async def close(self) -> None:
        """Let go of the questions that are still open."""
        await self._questions.close()

    async def _taken_within(
        self, share: float, unanswered: Callable[[], list[Future[Answers | None]]]
    ) -> list[Fetched]:
        """Take what comes until none is `unanswered` any more, for that share of the patience at most."""
        clock = asyncio.get_running_loop().time
        until = None if self._patience is None else clock() + share * self._patience
        brought: list[Fetched] = []
        while questions := unanswered():
            left = None if until is None else max(0.0, until - clock())
            any_answered = await self._questions.wait(questions, left)
            brought += await self._take()
            if not any_answered or (until is not None and clock() >= until):
                break
        return brought

    def _sisters_unanswered(self, series: Collection[Series]) -> list[Future[Answers | None]]:
        """The questions about the sisters of those that have answered."""
        answered = [each for each in self._questions.answered() if each in series]
        return self._questions.unanswered(dict.fromkeys(map(self._gatekeeper.sister, answered)))

    async def _need(
        self, series: Series, now: Instant, *, live: bool, first: Instant, until: Instant | None
    ) -> Need | None:
        sessions = await self._calendars.sessions(self._markets[series[0]].calendar, now)
        health = self.health.get(series, Health())
        bars = self._bar_cache.bars(*series)
        last = int(bars.start[-1]) if len(bars) else None
        macro = self._markets[series[0]].kind is MarketKind.MACRO
        missing = lacking(bars, sessions, now)
        schedule = replace(self._schedule, retry=MACRO_RETRY_S) if macro else self._schedule
        odd = max((*health.odd, *missing), default=None)
        due = need(series, last, sessions, health.asked, now, schedule, live=live, first=first, odd=odd, until=until)
        return replace(due, since=min(due.since, missing[0])) if due is not None and missing else due

    async def _take(self, *, alone: bool = False) -> list[Fetched]:
        """Judge and store what has come, as far as the sisters have been heard too.

        `alone`: the others too, as far as they don't need their sisters.
        """
        answered = self._questions.answered()
        early = {each for each in answered if self._waits_for_sister(each)}
        taken = {each: self._questions.take(each) for each in answered if alone or each not in early}
        given = {each: answers for each, answers in taken.items() if answers is not None}
        fresh = {each: await self._gatekeeper.witness(answers) for each, answers in given.items()}
        for each in early & given.keys():
            if await self._gatekeeper.needs_sister(given[each]):
                self._questions.put_back(given.pop(each))
        return await self._keep(await self._judged([*given.values()], fresh))

    def _waits_for_sister(self, series: Series) -> bool:
        """Whether a market that has answered waits for its sister's answer; a whole history does so however long."""
        if not self._questions.unanswered([self._gatekeeper.sister(series)]):
            return False
        answers = self._questions.answer(series)
        whole = answers is not None and answers.need.since == FIRST_SESSION
        return whole or asyncio.get_running_loop().time() < self._questions.odd_until(series)

    async def _judged(self, given: Sequence[Answers], fresh: Mapping[Series, Bars]) -> list[Checked]:
        """What the gate says of the answers; what it wants to hear first is asked for."""
        checked = []
        for answers in given:
            found = await self._gatekeeper.judge(answers, fresh)
            if isinstance(found, AskAgain):
                self._questions.ask_again(found, answers.now)
            else:
                checked.append(found)
        return checked

    async def _keep(self, judged: Sequence[Checked]) -> list[Fetched]:
        """Store what passed of all answers of a round, at once."""
        if not judged:
            return []
        brought = [(each.passed.bars, each.given.answers[0].source) for each in judged]
        late = [late_starts(self._bar_cache.bars(*each.given.need.series), each.passed.bars) for each in judged]
        saved = await self._store.run(save_all, brought, max(each.given.now for each in judged))
        for each in judged:
            self._bar_cache.add(each.passed.bars)
            self._bar_cache.set_forming(each.given.answers[0].forming)
        for each, new in zip(judged, saved, strict=True):
            series = each.given.need.series
            self.health[series] = self.health[series].after(each, brought=new.added > 0)
        return [
            Fetched(each.given.need.series, new.added, tuple(sorted({*new.revised, *starts})))
            for each, new, starts in zip(judged, saved, late, strict=True)
        ]
