"""One round of fetching: ask for what is due, let the gate judge, store what passed, keep each source's health."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot.market.feed import Feed, NoSource
from bot.market.model import FetchAnswer, Market, MarketKind
from bot.market.quality.gate import Gated, witness
from bot.market.quality.reconcile import GateContext, first_open, reconcile
from bot.scan.bar_cache import BarCache
from bot.scan.calendars import Calendars
from bot.scan.completeness import first_expected, lacking, late_starts, unmoved
from bot.scan.fetch_plan import (
    FIRST_SESSION,
    MACRO_RETRY_S,
    OVERLAP_SESSIONS,
    Asked,
    Need,
    Schedule,
    Series,
    need,
    sources_wanted,
)
from bot.signals.bars import Bars
from bot.signals.sessions import Sessions
from bot.signals.timeframe import DAY, Instant, label
from bot.store.bars import save_all
from bot.store.store import Store

CONTEXT_PATIENCE = 0.6
"""Times a round's patience for which series are waited for that no rule reads: an alert goes without them."""

SISTER_PATIENCE = 2.0
"""Times a round's patience for which a market that has answered waits for its sister; then it is judged alone."""

STRANGE_PATIENCE_S = 3 * DAY
"""Seconds for which other prices than the known ones are held that nobody explains; then all is fetched anew."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Health:
    """How a series fares: when it was asked for, who answered last, and what is wrong now ("" if nothing).

    `source` names all sources that have the close of the newest bar. `odd` are the starts of the bars that the gate
    holds back, or lets through without a price that it doubts. `strange` is since when other prices are told than the
    known ones, without an explanation.
    """

    asked: Asked = field(default_factory=Asked)
    source: str = ""
    trouble: str = ""
    odd: tuple[Instant, ...] = ()
    strange: Instant | None = None


@dataclass(frozen=True, slots=True)
class Fetched:
    """What one fetch brought: how many bars are new, and the starts of those that change what was known.

    `revised` are those that a vendor corrected, and those that came late, after a bar that follows them.
    """

    series: Series
    added: int
    revised: tuple[Instant, ...]


@dataclass(frozen=True, slots=True)
class Answers:
    """What the sources of one series said to one need; `complete` once none is left that could be asked."""

    need: Need
    now: Instant
    answers: tuple[FetchAnswer, ...]
    complete: bool


@dataclass(frozen=True, slots=True)
class Checked:
    """The answers to one need, and what of them passed the gate."""

    given: Answers
    passed: Gated


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
        self._awaiting = False
        self.health: dict[Series, Health] = {}

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

        Of those in `live` the forming bar is wanted too. `first` is where series begin that are new. With `until`
        only those are due that lack a bar which has ended by then.
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
        without her if its move is one that it may make while she stands still.
        """
        brought = await self._take([*self._in_flight])
        for due in needs:
            if due.series not in self._in_flight:
                self._begin(due, now)
        asked = [due.series for due in needs]
        judged = asked if read is None else [each for each in asked if each in read]
        brought += await self._taken_within(CONTEXT_PATIENCE, lambda: self._flying(asked))
        brought += await self._taken_within(1 - CONTEXT_PATIENCE, lambda: self._flying(judged))
        brought += await self._taken_within(SISTER_PATIENCE - 1, lambda: self._sisters_flying(judged))
        return brought + await self._take([*self._in_flight], alone=True)

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
            brought += await self._take([*self._in_flight])
            if not done or (until is not None and clock() >= until):
                break
        return brought

    def _flying(self, series: Iterable[Series]) -> list[asyncio.Task[Answers | None]]:
        """The questions about these series that have no answer yet."""
        return [task for each in series if (task := self._in_flight.get(each)) and not task.done()]

    def _sisters_flying(self, series: Iterable[Series]) -> list[asyncio.Task[Answers | None]]:
        """The questions about the sisters of those that have answered."""
        there = [each for each in series if each in self._in_flight and self._in_flight[each].done()]
        return self._flying(dict.fromkeys((self._markets[name].sister, timeframe) for name, timeframe in there))

    async def close(self) -> None:
        """Let go of the questions that are still open."""
        for task in self._in_flight.values():
            task.cancel()
        await asyncio.gather(*self._in_flight.values(), return_exceptions=True)

    async def _need(
        self, series: Series, now: Instant, *, live: bool, first: Instant, until: Instant | None
    ) -> Need | None:
        sessions = await self._sessions(series, now)
        health = self.health.get(series, Health())
        bars = self._bar_cache.bars(*series)
        last = int(bars.start[-1]) if len(bars) else None
        macro = self._markets[series[0]].kind is MarketKind.MACRO
        missing = lacking(bars, sessions, now)
        schedule = replace(self._schedule, retry=MACRO_RETRY_S) if macro else self._schedule
        odd = max((*health.odd, *missing), default=None)
        due = need(series, last, sessions, health.asked, now, schedule, live=live, first=first, odd=odd, until=until)
        return replace(due, since=min(due.since, missing[0])) if due is not None and missing else due

    async def _sessions(self, series: Series, now: Instant) -> Sessions:
        return await self._calendars.sessions(self._markets[series[0]].calendar, now)

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
        sessions = await self._sessions(due.series, now)
        asked = _up_to_last(market, before)
        want = len(market.sources) - len(asked) if before else sources_wanted(due, market)
        try:
            answers = await self._feed.fetch(
                market, timeframe, sessions.since(due.since), due.since, now, want=want, asked=asked
            )
        except NoSource as error:
            if before:
                told = replace(before[0], problems=(*before[0].problems, *map(str, error.errors)))
                return Answers(due, now, (told, *before[1:]), complete=True)
            level = logging.DEBUG if health.trouble == error.brief else logging.WARNING  # an outage is news once
            log.log(level, "no bars: %s", error)
            self.health[due.series] = replace(self.health[due.series], trouble=error.brief)
            return None
        together = (*before, *answers)
        complete = bool(before) or max(want, len(_up_to_last(market, together))) >= len(market.sources)
        return Answers(due, now, together, complete)

    async def _take(self, wanted: Sequence[Series], *, alone: bool = False) -> list[Fetched]:
        """Judge and store what has come of the wanted series, as far as their sisters have been heard too.

        `alone`: the others too, as far as they don't need their sisters.
        """
        there = {each for each in wanted if each in self._in_flight and self._in_flight[each].done()}
        early = {each for each in there if self._sister_flies(each, there)}
        ready = [each for each in wanted if each in there and (alone or each not in early)]
        told = {each: self._in_flight.pop(each) for each in ready}
        given = {each: answers for each, task in told.items() if (answers := task.result()) is not None}
        fresh = {each: await self._witness(answers) for each, answers in given.items()}
        for each in early & given.keys():
            if await self._needs_sister(given[each]):
                self._in_flight[each] = told[each]
                del given[each]
        checked = [found for answers in given.values() if (found := await self._judge(answers, fresh)) is not None]
        return await self._keep(checked)

    async def _needs_sister(self, given: Answers) -> bool:
        """Whether the answers are a whole history, or something that is not believed if the sister has not moved."""
        if given.need.since == FIRST_SESSION:
            return True
        name, timeframe = given.need.series
        sister = self._bar_cache.bars(self._markets[name].sister, timeframe)
        context = await self._context(given, unmoved(sister, given.answers[0].bars))
        return first_open(reconcile(given.answers, context), context) is not None

    def _sister_flies(self, series: Series, there: Collection[Series]) -> bool:
        """Whether the sister of a market is still being asked for."""
        sister = (self._markets[series[0]].sister, series[1])
        return sister in self._in_flight and sister not in there

    async def _witness(self, given: Answers) -> Bars:
        """Bars of the first answer that another market may be judged by."""
        context = await self._context(given, None)
        return witness(given.answers[0], context.sessions, context.now, context.history)

    async def _judge(self, given: Answers, fresh: Mapping[Series, Bars]) -> Checked | None:
        """What passes of the answers; None where more are asked for first."""
        (name, timeframe), market = given.need.series, self._markets[given.need.series[0]]
        other = (market.sister, timeframe)
        sister = self._bar_cache.bars(*other).merged(fresh[other]) if other in fresh else self._bar_cache.bars(*other)
        context = await self._context(given, sister)
        passed = reconcile(given.answers, context)
        if passed.rescaled != 1.0:
            log.warning("%s: the source has rescaled its prices; its history is fetched anew", name)
            self._begin(Need(given.need.series, FIRST_SESSION, "rescaled"), given.now)
            return None
        open_since = first_open(passed, context)
        if open_since is not None and not given.complete:
            since = max(min(given.need.since, open_since - OVERLAP_SESSIONS * DAY), int(context.sessions.start[0]))
            self._begin(replace(given.need, since=since), given.now, given.answers)
            return None
        return Checked(given, passed)

    async def _context(self, given: Answers, sister: Bars | None) -> GateContext:
        held = self._bar_cache.bars(*given.need.series)
        sessions = await self._sessions(given.need.series, given.now)
        known = None if given.need.since == FIRST_SESSION else held
        missing = lacking(held, sessions, given.now)
        since = missing[0] if missing else first_expected(held, sessions)
        strange = self.health[given.need.series].strange
        patient = strange is None or given.now - strange < STRANGE_PATIENCE_S
        return GateContext(self._markets[given.need.series[0]], sessions, given.now, since, known, sister, patient)

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
            self._note(each)
        return [
            Fetched(each.given.need.series, new.added, tuple(sorted({*new.revised, *starts})))
            for each, new, starts in zip(judged, saved, late, strict=True)
        ]

    def _note(self, judged: Checked) -> None:
        """How the series fares after this answer."""
        (name, timeframe), passed = judged.given.need.series, judged.passed
        missing = [f"{label(start, timeframe)} is missing" for start in passed.missing[-3:].tolist()]
        doubted = [f"{name} {label(each.start, timeframe)}: {each.reason}" for each in passed.doubts[-3:]]
        problems = judged.given.answers[0].problems
        trouble = "; ".join([*passed.held, *doubted, *missing, *passed.notes, *problems][:5])
        odd = (*passed.suspect.tolist(), *(each.start for each in passed.doubts))
        before = self.health[judged.given.need.series]
        asked = replace(before.asked, answered=judged.given.now)
        strange = (before.strange or judged.given.now) if passed.strange != 1.0 else None
        self.health[judged.given.need.series] = Health(asked, _sources(judged), trouble, odd, strange)


def _sources(judged: Checked) -> str:
    """Who has the close of the newest bar: the source that told it, and those that confirmed it."""
    bars = judged.passed.bars
    confirmed = judged.passed.confirmed.get(int(bars.start[-1]), ()) if len(bars) else ()
    return " and ".join(dict.fromkeys((judged.given.answers[0].source, *confirmed)))


def _up_to_last(market: Market, answers: Sequence[FetchAnswer]) -> list[str]:
    """The sources in the order of the config up to the last one that has answered."""
    names, told = [source.name for source in market.sources], {answer.source for answer in answers}
    last = max((at for at, name in enumerate(names) if name in told), default=-1)
    return names[: last + 1]
