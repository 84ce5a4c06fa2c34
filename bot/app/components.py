"""The scan and its queries, put together over a store, markets and workers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.app.rule_reloader import RuleReloader
from bot.app.workers import External
from bot.market.feed import HEDGE_S, SECOND_TRY_S, Feed
from bot.market.model import Market
from bot.market.sources.registry import source_types
from bot.queries.market_data import MarketData
from bot.scan.bar_cache import BarCache
from bot.scan.calendars import Calendars
from bot.scan.compose import StoryComposer
from bot.scan.fetching.fetch_plan import Schedule
from bot.scan.fetching.fetcher import BarFetcher
from bot.scan.fetching.health import Health
from bot.scan.hours.collector import HoursCollector
from bot.scan.scanner import ScanHooks, Scanner, ScanSettings
from bot.settings import Settings
from bot.signals.timeframe import Timeframe, midnight
from bot.store.store import Store


@dataclass(frozen=True)
class ScanComponents:
    """The loop's steps, and what answers questions out of the same bars."""

    scanner: Scanner
    market_data: MarketData
    feed: Feed
    fetcher: BarFetcher
    bar_cache: BarCache
    hours: HoursCollector

    async def close(self) -> None:
        """Let go of what is still asked of sources."""
        await self.fetcher.close()
        await self.feed.close()


def build_scan(
    settings: Settings,
    markets: Mapping[str, Market],
    store: Store,
    external: External,
    rules: RuleReloader,
    *,
    banner: str = "",
    wake: Callable[[], None] = lambda: None,
    patience: float | None = None,
    arrived: Callable[[], None] = lambda: None,
    head_start: float = 0.0,
) -> ScanComponents:
    """The scan over these settings, these markets (the settings' own, or simulated), store and workers.

    `banner` is written into every picture; where there is one, the market is a simulated one. `wake` is called when
    deliveries have been queued. A look waits `patience` seconds for sources, None: until all have answered; `arrived`
    is called when one answers later. `head_start` is as in `ScanSettings`.
    """
    schedule = Schedule(settings.schedule.settle, settings.schedule.retry, settings.schedule.live)
    closures = frozenset(midnight(day) for day in settings.schedule.closures)
    calendars = Calendars(store, external.sessions, closures)
    bar_cache = BarCache(store, markets, calendars)
    at_once = {kind: each.at_once for kind, each in source_types().items()}
    hedge, second_try = (None, None) if patience is None else (HEDGE_S, SECOND_TRY_S)
    strict = [kind for kind, each in source_types().items() if each.strict]
    feed = Feed(external.fetch, hedge=hedge, at_once=at_once, second_try=second_try, strict=strict)
    fetcher = BarFetcher(store, bar_cache, feed, calendars, markets, schedule, patience, arrived)

    def source_of(name: str, timeframe: Timeframe) -> str:
        fetched = Timeframe.D1 if timeframe is Timeframe.W1 else timeframe
        return fetcher.health.get((name, fetched), Health()).source

    composer = StoryComposer(bar_cache, markets, settings.crypto, external.draw, source_of, banner)
    scan_settings = ScanSettings(markets, settings.crypto, schedule, settings.catch_up, bool(banner), head_start)
    hooks = ScanHooks(expecting=external.warm, queued=wake)
    scanner = Scanner(scan_settings, store, bar_cache, fetcher, calendars, composer, rules.book, hooks)
    market_data = MarketData(bar_cache, markets, settings.crypto, source_of)
    hours = HoursCollector(store, bar_cache, feed, calendars, markets, rules.book)
    return ScanComponents(scanner, market_data, feed, fetcher, bar_cache, hours)
