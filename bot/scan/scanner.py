"""One look at the markets: fetch what is due, evaluate the rules, record what is told and to whom."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from bot import __version__
from bot.market.model import Market
from bot.rulebook.book import Rulebook
from bot.rulebook.rule_definition import RuleDefinition
from bot.scan.bar_cache import BarCache
from bot.scan.calendars import Calendars
from bot.scan.compose import StoryComposer
from bot.scan.context import context_markets
from bot.scan.corrections import wrong_figures
from bot.scan.evaluate import BarSets, RuleState, evaluate_rules
from bot.scan.fetching.answers import Fetched
from bot.scan.fetching.fetch_plan import Schedule
from bot.scan.fetching.fetcher import BarFetcher
from bot.scan.fetching.health import Health
from bot.scan.fetching.look_fetcher import LookFetcher
from bot.scan.readiness import ReadinessCheck
from bot.scan.recording.notices import tell_operators
from bot.scan.recording.recorder import StoryRecorder
from bot.scan.runs import open_runs
from bot.scan.series import Series, series_of, series_read
from bot.scan.status import SCAN, ScanSnapshot, market_status, next_look, save_scan_snapshot
from bot.signals.replay.rule import Trigger
from bot.signals.sessions import Sessions
from bot.signals.timeframe import DAY, Instant, Timeframe
from bot.signals.weeks import week_start
from bot.store.alerts import StoredEvent, Watermark, events_of, watermark
from bot.store.runs import finish_run, start_run
from bot.store.sqlite import Database
from bot.store.store import Store
from bot.views.alerts.runs import RunFacts
from bot.views.operator.status_facts import MarketStatus

MEMORY = 400 * DAY
"""How far back the events told of a rule are looked at: longer than any window of bars lasts."""


@dataclass(frozen=True, slots=True)
class Scan:
    """What one look brought: bars that came, deliveries of alerts queued, notices to the operators, rules that wait.

    `held` says of each rule that waits what it waits for.
    """

    arrivals: tuple[Fetched, ...]
    queued: int
    noticed: int
    held: Mapping[str, str]


@dataclass(frozen=True)
class ScanSettings:
    """What the operator decided about looking: markets, the crypto in every alert, times, catching up.

    `head_start` is the seconds that the first messages of an alert get before the look goes on to what waits.
    """

    markets: Mapping[str, Market]
    crypto: tuple[str, ...]
    schedule: Schedule
    catch_up: int
    simulated: bool = False
    head_start: float = 0.0


def _nobody() -> None:
    """Nobody wants to know."""


@dataclass(frozen=True)
class ScanHooks:
    """Who is told in the middle of a look, so that nothing waits for its end.

    `expecting`: a new bar is due, and with it perhaps an alert. `queued`: deliveries of an alert are in the outbox.
    """

    expecting: Callable[[], None] = _nobody
    queued: Callable[[], None] = _nobody


class Scanner:
    """The steps of the loop. The same look twice changes nothing; a look that was missed is made up for."""

    def __init__(
        self,
        settings: ScanSettings,
        store: Store,
        bar_cache: BarCache,
        fetcher: BarFetcher,
        calendars: Calendars,
        composer: StoryComposer,
        rulebook: Callable[[], Rulebook],
        hooks: ScanHooks | None = None,
    ) -> None:
        self._settings = settings
        self._store = store
        self._bar_cache = bar_cache
        self._fetcher = fetcher
        self._calendars = calendars
        self._rulebook = rulebook
        self._hooks = hooks or ScanHooks()
        self._runs: tuple[RunFacts, ...] | None = None
        self._context = context_markets(settings.markets, settings.crypto)
        schedule = settings.schedule
        self._look_fetcher = LookFetcher(
            fetcher, bar_cache, calendars, settings.markets, settings.crypto, schedule, self._hooks.expecting
        )
        self._recorder = StoryRecorder(
            store, bar_cache, composer, rulebook, schedule.settle, settings.catch_up, self._hooks.queued
        )
        self._readiness = ReadinessCheck(store, bar_cache, calendars, settings.markets, schedule.settle)

    async def scan(self, now: Instant) -> Scan:
        """Look once. Raises what the store raises; what sources or charts do wrong is in the status."""
        run = await self._store.run(start_run, SCAN, now)
        done = False
        try:
            scan = await self._scan(now)
            done = True
        finally:
            detail = "" if done else "the scan broke off; the log says where"
            await self._store.run(finish_run, run, now, ok=done, detail=detail)
        return scan

    async def _scan(self, now: Instant) -> Scan:
        book = self._rulebook()
        series = series_read(book.rules.values(), self._settings.markets, self._context)
        read = {each for rule in book.rules.values() for each in series_of(rule)}
        await self._bar_cache.open(series)
        await self._open_weeks(read, now)
        before = self._bar_cache.all(read)
        live = [each for each in series if each in self._live(book)]
        arrivals = await self._look_fetcher.fetch(book.rules.values(), series, live, now)
        known = self._bar_cache.forming
        forming = {each: known[each] for each in live if each in known and len(known[each])}
        bar_sets = BarSets(self._bar_cache.all(read), before, forming)
        enabled = {id_: rule for id_, rule in book.rules.items() if rule.enabled}
        told = await self._store.run(_told, enabled, now)
        states = {id_: await self._state(rule, *told[id_], arrivals, now) for id_, rule in enabled.items()}
        results = await asyncio.to_thread(evaluate_rules, book.rules, states, bar_sets)
        queued = await self._recorder.record(results, states, now)
        if queued:
            await asyncio.sleep(self._settings.head_start)
        if arrivals or self._runs is None:
            self._runs = await asyncio.to_thread(open_runs, book.rules, bar_sets.bars)
        held = {id_: state.waits for id_, state in states.items() if state.waits}
        snapshot = await self._snapshot(book, series, held, now)
        await self._store.run(save_scan_snapshot, snapshot, now)
        noticed = await self._store.run(tell_operators, snapshot, now)
        return Scan(tuple(arrivals), queued, noticed, held)

    async def _open_weeks(self, read: Collection[Series], now: Instant) -> None:
        """Weeks end by their calendars, which must be known before bars come."""
        weeks = [series for series in read if series[1] is Timeframe.W1]
        for calendar in {self._settings.markets[name].calendar for name, _ in weeks if name in self._settings.markets}:
            await self._calendars.sessions(calendar, now)
        members = [(each, length) for name, length in weeks for each in self._settings.markets[name].members or (name,)]
        await self._bar_cache.open([*weeks, *members])

    async def _state(
        self,
        definition: RuleDefinition,
        mark: Watermark | None,
        stored: Sequence[StoredEvent],
        arrivals: Sequence[Fetched],
        now: Instant,
    ) -> RuleState:
        """What is known of a rule before it is asked."""
        ready = await self._readiness.check(definition, mark, now)
        read = {each for name in definition.markets for each in (self._settings.markets[name].members or (name,))}
        revised = [arrival.revised[0] for arrival in arrivals if arrival.revised and arrival.series[0] in read]
        own = self._bar_cache.bars(definition.rule.market, definition.rule.timeframe)
        revised += [each.bar for each in wrong_figures(stored, own)]  # as well where a look broke off before
        first = min(revised, default=None)
        if first is not None and definition.rule.timeframe is Timeframe.W1:
            first = week_start(first)
        return RuleState(mark, ready.limit, tuple(stored), first, ready.waits)

    def _live(self, book: Rulebook) -> set[Series]:
        """Series whose forming bars the intraday rules want, baskets not among them."""
        rules = [rule for rule in book.rules.values() if rule.enabled and rule.rule.trigger is Trigger.INTRADAY]
        return {each for rule in rules for each in series_of(rule)}

    async def _snapshot(
        self, book: Rulebook, series: list[Series], held: Mapping[str, str], now: Instant
    ) -> ScanSnapshot:
        known = {name: await self._calendars.sessions(self._settings.markets[name].calendar, now) for name, _ in series}
        daily = [name for name, timeframe in series if timeframe is Timeframe.D1]
        states = tuple(self._status_of(name, known[name], now) for name in daily)
        return ScanSnapshot(
            version=__version__,
            markets=states,
            next_scan=next_look(known.values(), now, self._settings.schedule),
            rules=sum(rule.enabled for rule in book.rules.values()),
            broken=tuple(str(problem) for problem in book.problems),
            stale=tuple(sorted(book.stale)),
            simulated=self._settings.simulated,
            runs=self._runs or (),
            waiting=held,
        )

    def _status_of(self, name: str, sessions: Sessions, now: Instant) -> MarketStatus:
        health = self._fetcher.health.get((name, Timeframe.D1), Health())
        return market_status(self._bar_cache.bars(name), sessions, health, now, self._settings.schedule)


def _told(
    db: Database, rules: Mapping[str, RuleDefinition], now: Instant
) -> dict[str, tuple[Watermark | None, list[StoredEvent]]]:
    """How far each rule has been evaluated, and what was told of it lately."""
    told: dict[str, tuple[Watermark | None, list[StoredEvent]]] = {}
    for id_, definition in rules.items():
        mark, follow = watermark(db, id_), definition.rule.follow
        since = 0 if follow is not None and follow.needs_episode else now - MEMORY
        told[id_] = mark, events_of(db, id_, since) if mark else []
    return told
