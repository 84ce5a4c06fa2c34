"""The chores beside looking at the markets: digests, snapshots of published figures, pruning."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from bot.delivery.digests import due_digests
from bot.queries.digest import digest_facts
from bot.queries.market_data import MarketData
from bot.rulebook.book import Rulebook
from bot.scan.hours.collector import HoursCollector
from bot.scan.series import PASSING_KEPT_S, passing
from bot.scan.snapshots import SnapshotCollector
from bot.scan.status import read_status
from bot.signals.bars import Bars
from bot.signals.timeframe import DAY, Instant, Timeframe
from bot.store.alerts import alert_events
from bot.store.bars import forget_bars
from bot.store.enqueue import forget_pictures
from bot.store.pruning import prune
from bot.store.runs import tally
from bot.store.sqlite import Database
from bot.store.store import Store, StoreError
from bot.store.subscribers.digest_schedules import queue_digest
from bot.subscriptions.price_alerts import ReachedPrice, tell_reached_prices
from bot.views.alerts.digest import Alive, render_digest
from bot.views.chats import price_alerts

log = logging.getLogger(__name__)

PICTURE_AGE_SECONDS = 7 * DAY
"""Seconds that an alert's picture is kept after it was sent to all."""


class Jobs:
    """Each may be done at any time and as often as one likes; what can't be done now is done the next time."""

    def __init__(
        self,
        store: Store,
        now: Callable[[], Instant],
        market_data: MarketData,
        book: Callable[[], Rulebook],
        collector: SnapshotCollector | None,
        hours: HoursCollector | None = None,
    ) -> None:
        self._store = store
        self._now = now
        self._market_data = market_data
        self._book = book
        self._collector = collector
        self._hours = hours

    async def digests(self, held: Mapping[str, str]) -> int:
        """Queue the digests that are due; `held` are rules that wait, and for what. Returns how many people get one."""
        queued = 0
        for due in await self._store.run(due_digests, self._now()):
            status = await self._store.run(read_status, self._now())
            span = (due.period.since, due.period.until)
            events = await self._store.run(alert_events, *span)
            known = (self._market_data, self._book(), span, events, held)
            stale, runs = status.stale_markets, status.runs
            facts = await digest_facts(*known, weekly=due.weekly, stale=stale, runs=runs)
            if due.weekly:
                facts = replace(facts, alive=await self._store.run(alive, *span))
            text = render_digest(facts)
            queued += await self._store.run(queue_digest, due.subscribers, text, due.period.name, self._now())
        return queued

    async def price_alerts(self) -> int:
        """Queue a word for every price that was reached since somebody asked to be told. Returns how many."""

        def word(reached: ReachedPrice) -> str:
            alert = reached.alert
            figures = (reached.bar, reached.close, reached.extreme)
            return price_alerts.reached(self._market_data.title(alert.market), alert.price, *figures, above=alert.above)

        async def bars_of(market: str) -> Bars:
            known = market in self._market_data.markets  # it may have left the config
            return await self._market_data.bars(market) if known else Bars.empty(market, Timeframe.D1)

        return await tell_reached_prices(self._store, bars_of, word, self._now())

    async def collect_snapshots(self) -> None:
        """Keep what vendors tell of today only."""
        if self._collector is not None:
            await self._collector.collect(self._now())

    async def collect_hours(self) -> None:
        """Fetch the hours by which past days are looked at, as far as they are due."""
        if self._hours is not None:
            await self._hours.collect(self._now)

    async def prune(self) -> None:
        """Free the space of pictures and of hourly bars that nobody needs, and of deliveries more than a year old."""
        await self._store.run(forget_pictures, self._now() - PICTURE_AGE_SECONDS)
        await self._store.run_in_parts(prune, self._now())
        await self._forget_passing_bars()

    async def _forget_passing_bars(self) -> None:
        """Forget old hours; not while a rule file is broken, since it may be the one that reads them."""
        if self._book().problems:
            return
        if self._hours is not None:
            await self._hours.forget(self._now())
        series = passing(self._book().rules.values(), self._market_data.markets, self._market_data.crypto)
        before = self._now() - PASSING_KEPT_S
        await self._store.run(forget_bars, series, before)
        self._market_data.forget(series, before)


def alive(db: Database, since: Instant, until: Instant) -> Alive:
    """How the bot fared in that time."""
    counted = tally(db, since, until)
    return Alive(counted.looks, counted.failed, counted.doubts)


async def postponed_if_store_fails(chore: Awaitable[object], what: str) -> None:
    """Do a chore; a store that can't work now only leaves it for the next time."""
    try:
        await chore
    except StoreError as error:
        log.warning("%s: left for the next time: %s", what, error)
