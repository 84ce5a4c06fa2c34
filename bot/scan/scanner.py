"""One look at the markets: fetch what is due, evaluate the rules, record what is told and to whom."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bot import __version__
from bot.market.model import Market
from bot.rulebook.book import Rulebook
from bot.rulebook.rule_definition import RuleDefinition
from bot.scan.bar_cache import BarCache
from bot.scan.calendars import Calendars
from bot.scan.completeness import WAIT_FOR_MISSING_BARS_S, complete_before, first_missing, still_trading
from bot.scan.compose import AlertComposer, Timing
from bot.scan.context import context_markets
from bot.scan.evaluate import BarSets, RuleResult, RuleState, evaluate_rules
from bot.scan.fetch import BarFetcher, Fetched, Health
from bot.scan.fetch_plan import RECENT_CRYPTO_S, Schedule, Series, is_basket, recent_crypto, series_of, wanted
from bot.scan.notices import tell_operators
from bot.scan.status import SCAN, Snapshot, market_status, next_look, save_snapshot
from bot.signals.replay.rule import Trigger
from bot.signals.sessions import Sessions
from bot.signals.timeframe import DAY, Instant, Timeframe
from bot.store.alerts import Watermark, events_of, record, watermark
from bot.store.runs import finish_run, start_run
from bot.store.store import Store
from bot.views.operator.status import MarketStatus

log = logging.getLogger(__name__)

MEMORY = 400 * DAY
"""How far back the events told of a rule are looked at: longer than any follow-up lasts."""


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
    """What the operator decided about looking: markets, the crypto in every alert, times, catching up."""

    markets: Mapping[str, Market]
    crypto: tuple[str, ...]
    schedule: Schedule
    catch_up: int
    simulated: bool = False


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
        outlook: ScanSettings,
        store: Store,
        bar_cache: BarCache,
        fetcher: BarFetcher,
        calendars: Calendars,
        composer: AlertComposer,
        rulebook: Callable[[], Rulebook],
        listeners: ScanHooks | None = None,
    ) -> None:
        self._outlook = outlook
        self._store = store
        self._bar_cache = bar_cache
        self._fetcher = fetcher
        self._calendars = calendars
        self._composer = composer
        self._rulebook = rulebook
        self._listeners = listeners or ScanHooks()
        self._context = context_markets(outlook.markets, outlook.crypto)
        self._waiting: dict[str, Instant] = {}

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
        series = wanted(book.rules.values(), self._outlook.markets, self._context)
        await self._bar_cache.open(series)
        read = {each for rule in book.rules.values() for each in series_of(rule)}
        before = self._bar_cache.all(read)
        live = [each for each in series if each in self._live(book)]
        if await self._fetcher.expects(series, now, round_the_clock=True):
            self._listeners.expecting()
        if await self._fetcher.expects(series, now):
            await self._gather_recent_crypto(now)
        arrivals = await self._fetcher.gather(series, now, live=live)
        known = self._bar_cache.forming
        forming = {each: known[each] for each in live if each in known and len(known[each])}
        world = BarSets(self._bar_cache.all(read), before, forming)
        held: dict[str, str] = {}
        cases = {id_: await self._case(rule, arrivals, now, held) for id_, rule in book.rules.items() if rule.enabled}
        findings = await asyncio.to_thread(evaluate_rules, book.rules, cases, world)
        queued = sum([await self._record(finding, cases[finding.written.rule.id], now) for finding in findings])
        snapshot = await self._snapshot(book, series, now)
        await self._store.run(save_snapshot, snapshot, now)
        noticed = await self._store.run(tell_operators, snapshot, now)
        return Scan(tuple(arrivals), queued, noticed, held)

    async def _gather_recent_crypto(self, now: Instant) -> None:
        """Crypto to the hour, before the bar comes that may make an alert: its subscribers ask how crypto is now."""
        hourly = recent_crypto(self._outlook.markets, self._outlook.crypto)
        await self._bar_cache.open(hourly)
        await self._fetcher.gather(hourly, now, first=now - RECENT_CRYPTO_S)

    async def _case(
        self, written: RuleDefinition, arrivals: Sequence[Fetched], now: Instant, held: dict[str, str]
    ) -> RuleState:
        """What is known of a rule before it is asked."""
        mark = await self._store.run(watermark, written.rule.id)
        limit = await self._limit(written, mark, now, held)
        stored = await self._store.run(events_of, written.rule.id, now - MEMORY) if mark else []
        read = {each for name in written.markets for each in (self._outlook.markets[name].members or (name,))}
        revised = [arrival.revised[0] for arrival in arrivals if arrival.revised and arrival.series[0] in read]
        return RuleState(mark, limit, tuple(stored), min(revised, default=None))

    def _live(self, book: Rulebook) -> set[Series]:
        """Series whose forming bars the intraday rules want, baskets not among them."""
        rules = [rule for rule in book.rules.values() if rule.enabled and rule.rule.trigger is Trigger.INTRADAY]
        return {each for rule in rules for each in series_of(rule)}

    async def _limit(
        self, written: RuleDefinition, mark: Watermark | None, now: Instant, held: dict[str, str]
    ) -> Instant:
        """The instant before which all bars that a rule reads are there; past its patience it goes on without."""
        rule = written.rule
        own = self._bar_cache.bars(rule.market, rule.timeframe)
        at = own.position(mark.bar) if mark else None
        after = int(own.end[at]) if at is not None else now
        missing = {name: await self._missing(name, after, now) for name in sorted(written.markets)}
        lost = [name for name, instant in missing.items() if instant is not None and name != rule.market]
        limit = complete_before(missing.values(), now)
        if limit > now:
            self._waiting.pop(rule.id, None)
            return limit
        since = self._waiting.setdefault(rule.id, now)
        if now - since >= WAIT_FOR_MISSING_BARS_S:
            return now + 1
        if lost or (len(own) and int(own.end[-1]) > limit):
            held[rule.id] = f"waits for {', '.join(name for name, instant in missing.items() if instant == limit)}"
        return limit

    async def _missing(self, name: str, after: Instant, now: Instant) -> Instant | None:
        """Close of the first session after `after` that a market, or a living member of a basket, lacks."""
        market = self._outlook.markets[name]
        sessions = await self._calendars.sessions(market.calendar, now)
        settled = now - self._outlook.schedule.settle
        if not is_basket(market):
            return first_missing(self._bar_cache.bars(name), sessions, after, settled)
        members = [self._bar_cache.bars(member) for member in market.members]
        missing = [first_missing(bars, sessions, after, settled) for bars in members if still_trading(bars, now)]
        return min((instant for instant in missing if instant is not None), default=None)

    async def _record(self, finding: RuleResult, case: RuleState, now: Instant) -> int:
        """Keep one rule's news with their messages, and move its watermark."""
        rule = finding.written.rule
        if not finding.events and case.mark == Watermark(finding.upto, rule.digest):
            return 0
        timing = Timing(now, self._outlook.schedule.settle, self._outlook.catch_up)
        news = [await self._composer.compose(finding, event, timing) for event in finding.events]
        for event in finding.events:
            log.info("%s: %s at the bar of %s", event.alert, event.kind, event.label)
        place = (rule.id, rule.market, rule.timeframe.value)
        queued = await self._store.run(record, *place, news, finding.upto, rule.digest, now)
        if queued:
            self._listeners.queued()
        return queued

    async def _snapshot(self, book: Rulebook, series: list[Series], now: Instant) -> Snapshot:
        known = {name: await self._calendars.sessions(self._outlook.markets[name].calendar, now) for name, _ in series}
        daily = [name for name, timeframe in series if timeframe is Timeframe.D1]
        states = tuple(self._status_of(name, known[name], now) for name in daily)
        return Snapshot(
            version=__version__,
            markets=states,
            next_scan=next_look(known.values(), now, self._outlook.schedule),
            rules=sum(rule.enabled for rule in book.rules.values()),
            broken=tuple(str(problem) for problem in book.problems),
            stale=tuple(sorted(book.stale)),
            simulated=self._outlook.simulated,
        )

    def _status_of(self, name: str, sessions: Sessions, now: Instant) -> MarketStatus:
        health = self._fetcher.health.get((name, Timeframe.D1), Health())
        return market_status(self._bar_cache.bars(name), sessions, health, now, self._outlook.schedule)
