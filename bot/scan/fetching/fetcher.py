"""One round of fetching: ask for what is due, let the gate judge, store what passed, keep each source's health."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from bot.market.feed import Feed, NoSource
from bot.market.model import FetchAnswer, Market, MarketKind
from bot.scan.bar_cache import BarCache
from bot.scan.calendars import Calendars
from bot.scan.completeness import lacking, late_starts
from bot.scan.fetch_plan import FIRST_SESSION, MACRO_RETRY_S, Need, Schedule, Series, need, overlap, sources_wanted
from bot.scan.fetching.answers import Answers, AskAgain, Checked, Fetched, up_to_last
from bot.scan.fetching.gatekeeper import Gatekeeper
from bot.scan.fetching.health import Health
from bot.signals.bars import Bars
from bot.signals.timeframe import Instant
from bot.store.bars import save_all
from bot.store.store import Store

CONTEXT_PATIENCE = 0.8
"""Times a round's patience for which series are waited for that no rule reads: an alert goes without them."""

SISTER_PATIENCE = 1.8
"""Times a round's patience for which a market that has answered waits for its sister; then it is judged alone."""

ODD_PATIENCE_S = 3.0
"""Seconds after its question for which a new bar waits for the sister that it needs; then she counts as not reached."""

BORNE_OUT_S = 1.0
"""Seconds for sources that are asked later to bear an odd bar out; what was said before is judged then without them."""

log = logging.getLogger(__name__)


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
        self._feed = feed
        self._calendars = calendars
        self._markets = markets
        self._schedule = schedule
        self._patience = patience
        self._arrived = arrived
        self._in_flight: dict[Series, asyncio.Task[Answers | None]] = {}
        self._asked_at: dict[Series, float] = {}
        self._awaiting = False
        self._warming: set[asyncio.Task[None]] = set()
        self.health: dict[Series, Health] = {}
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
            if each not in self._in_flight
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
            if due.series not in self._in_flight:
                self._asked_at[due.series] = asyncio.get_running_loop().time()
                self._begin(due, now)
        asked = [due.series for due in needs]
        judged = asked if read is None else [each for each in asked if each in read]
        brought += await self._taken_within(CONTEXT_PATIENCE, lambda: self._flying(asked))
        brought += await self._taken_within(1 - CONTEXT_PATIENCE, lambda: self._flying(judged))
        brought += await self._taken_within(SISTER_PATIENCE - 1, lambda: self._sisters_flying(judged))
        return brought + await self._take(alone=True)

    def warm(self, series: Iterable[Series], now: Instant) -> None:
        """Ask each first source of these once, for nothing: process, connection and cookie are there when it counts."""
        first = {market.sources[0].name: each for each in series if (market := self._markets[each[0]]).sources}
        for each in first.values():
            task = asyncio.create_task(self._ask_for_nothing(each, now))
            self._warming.add(task)
            task.add_done_callback(self._warming.discard)

    async def _ask_for_nothing(self, series: Series, now: Instant) -> None:
        market = self._markets[series[0]]
        sessions = await self._calendars.sessions(market.calendar, now)
        since = overlap(now, sessions)
        with contextlib.suppress(NoSource):
            await self._feed.fetch(
                replace(market, sources=market.sources[:1]), series[1], sessions.since(since), since, now
            )

    async def _taken_within(
        self, share: float, flying: Callable[[], list[asyncio.Task[Answers | None]]]
    ) -> list[Fetched]:
        """Take what comes until nothing is `flying` any more, for that share of the patience at most."""
        clock = asyncio.get_running_loop().time
        until = None if self._patience is None else clock() + share * self._patience
        brought: list[Fetched] = []
        while tasks := flying():
            left = None if until is None else max(0.0, until - clock())
            self._awaiting = True
            done, _ = await asyncio.wait(tasks, timeout=left, return_when=asyncio.ALL_COMPLETED)
            self._awaiting = False
            brought += await self._take()
            if not done or (until is not None and clock() >= until):
                break
        return brought

    def _flying(self, series: Iterable[Series]) -> list[asyncio.Task[Answers | None]]:
        """The questions about these series that have no answer yet."""
        return [task for each in series if (task := self._in_flight.get(each)) and not task.done()]

    def _sisters_flying(self, series: Iterable[Series]) -> list[asyncio.Task[Answers | None]]:
        """The questions about the sisters of those that have answered."""
        there = [each for each in series if each in self._in_flight and self._in_flight[each].done()]
        return self._flying(dict.fromkeys(map(self._gatekeeper.sister, there)))

    async def close(self) -> None:
        """Let go of the questions that are still open."""
        tasks = [*self._in_flight.values(), *self._warming]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

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

    def _begin(self, due: Need, now: Instant, before: tuple[FetchAnswer, ...] = ()) -> None:
        """Ask in the background; `before` are answers to the same need that left something open."""
        task = asyncio.create_task(self._ask(due, now, before))
        self._in_flight[due.series] = task
        task.add_done_callback(lambda _: None if self._awaiting else self._arrived())

    async def _ask(self, due: Need, now: Instant, before: tuple[FetchAnswer, ...]) -> Answers | None:
        """What the sources say; None where none of them answers at all."""
        name, timeframe = due.series
        market, health = self._markets[name], self.health.get(due.series, Health())
        self.health[due.series] = replace(health, asked=replace(health.asked, tried=now))
        sessions = await self._calendars.sessions(market.calendar, now)
        asked = up_to_last(market, before)
        want = len(market.sources) - len(asked) if before else sources_wanted(due, market)
        try:
            async with asyncio.timeout_at(self._borne_out_by(due.series) if before else None):
                answers = await self._feed.fetch(
                    market, timeframe, sessions.since(due.since), due.since, now, want=want, asked=asked
                )
        except TimeoutError:
            return Answers(due, now, before, complete=True)
        except NoSource as error:
            if before:
                told = replace(before[0], problems=(*before[0].problems, *map(str, error.errors)))
                return Answers(due, now, (told, *before[1:]), complete=True)
            level = logging.DEBUG if health.trouble == error.brief else logging.WARNING  # an outage is news once
            log.log(level, "no bars: %s", error)
            unanswered = self.health[due.series].unanswered(error, due)
            # A question that was not put is asked again with the next look, and not after the time of one in vain.
            self.health[due.series] = unanswered if error.asked else replace(unanswered, asked=health.asked)
            return None
        together = (*before, *answers)
        complete = bool(before) or max(want, len(up_to_last(market, together))) >= len(market.sources)
        return Answers(due, now, together, complete)

    async def _take(self, *, alone: bool = False) -> list[Fetched]:
        """Judge and store what has come, as far as the sisters have been heard too.

        `alone`: the others too, as far as they don't need their sisters.
        """
        there = [each for each, task in self._in_flight.items() if task.done()]
        early = {each for each in there if self._sister_flies(each) and self._patient(each)}
        told = {each: self._in_flight.pop(each) for each in there if alone or each not in early}
        given = {each: answers for each, task in told.items() if (answers := task.result()) is not None}
        fresh = {each: await self._gatekeeper.witness(answers) for each, answers in given.items()}
        for each in early & given.keys():
            if await self._gatekeeper.needs_sister(given[each]):
                self._in_flight[each] = told[each]
                del given[each]
                self._come_back(self._asked_at[each] + ODD_PATIENCE_S)
        return await self._keep(await self._judged([*given.values()], fresh))

    def _sister_flies(self, series: Series) -> bool:
        """Whether the sister of a market is still being asked for."""
        task = self._in_flight.get(self._gatekeeper.sister(series))
        return task is not None and not task.done()

    def _borne_out_by(self, series: Series) -> float | None:
        """Until when an odd bar waits for what more sources say of it; None: for however long they take."""
        if self._patience is None:
            return None
        return max(self._asked_at[series] + ODD_PATIENCE_S, asyncio.get_running_loop().time() + BORNE_OUT_S)

    def _come_back(self, at: float) -> None:
        """Have somebody look again then, unless it is past."""
        loop = asyncio.get_running_loop()
        if at > loop.time():
            loop.call_at(at, self._arrived)

    def _patient(self, series: Series) -> bool:
        """Whether a market that has answered still waits for its sister; a whole history does so however long."""
        answers = self._in_flight[series].result()
        whole = answers is not None and answers.need.since == FIRST_SESSION
        return whole or asyncio.get_running_loop().time() < self._asked_at[series] + ODD_PATIENCE_S

    async def _judged(self, given: Sequence[Answers], fresh: Mapping[Series, Bars]) -> list[Checked]:
        """What the gate says of the answers; what it wants to hear first is asked for."""
        checked = []
        for answers in given:
            found = await self._gatekeeper.judge(answers, fresh)
            if isinstance(found, AskAgain):
                self._begin(found.need, answers.now, found.before)
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
