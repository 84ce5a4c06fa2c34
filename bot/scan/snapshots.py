"""Day-by-day notes of what vendors tell of today only: fund assets, losing companies, crypto's capitalisation."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.market.model import Market, SourceError
from bot.market.sources import coingecko, yahoo
from bot.market.vendor_snapshots import EarningsTotals, FundSnapshot, GlobalSnapshot
from bot.signals.timeframe import DAY, Instant
from bot.store.snapshots import Snapshot, keep_snapshots, latest_snapshots
from bot.store.store import Store
from bot.worker.errors import WorkerError

log = logging.getLogger(__name__)

CRYPTO = "CRYPTO"
"""What snapshots of the whole crypto market are of."""

EARNINGS = "EARNINGS"
"""What snapshots of how many companies lose money are of."""

Ask = Callable[..., Awaitable[Any]]
"""Has "package.module:function" called in the worker with the arguments that follow, and gives what it returns."""

SHARES_FRESH_S = 14 * DAY
"""How old a count of shares may be to be worth more than the assets that a fund's page names, whose day is unknown."""

Facts = FundSnapshot | EarningsTotals | GlobalSnapshot


@dataclass(frozen=True, slots=True)
class SnapshotTask:
    """One thing to note: under which market, whom to ask, and how often it changes."""

    market: str
    function: str
    arguments: tuple[object, ...]
    source: str
    every: int


def snapshot_tasks(
    markets: Mapping[str, Market], funds: tuple[str, ...], switched_off: Collection[str] = ()
) -> Iterator[SnapshotTask]:
    """What the config allows to be noted: the whole of crypto, the funds' assets, the companies' earnings.

    Sources of the kinds that are `switched_off` are not asked.
    """
    if coingecko.KIND not in switched_off:
        yield SnapshotTask(CRYPTO, "bot.market.sources.coingecko:global_snapshot", ({},), "coingecko", 3_600)
    if yahoo.KIND in switched_off:
        return
    for fund in funds:
        sources = markets[fund].sources if fund in markets else ()
        symbol = next((each.symbol for each in sources if each.kind == yahoo.KIND), None)
        if symbol is not None:
            yield SnapshotTask(fund, "bot.market.vendors.yahoo_funds:fund_snapshot", (symbol, {}), "yahoo", DAY)
    yield SnapshotTask(EARNINGS, "bot.market.vendors.yahoo_funds:earnings_totals", ({},), "yahoo", DAY)


class SnapshotCollector:
    """Keeps what is due; what can't be had is asked for at the next turn."""

    def __init__(self, store: Store, ask: Ask, tasks: tuple[SnapshotTask, ...]) -> None:
        self._store = store
        self._ask = ask
        self._tasks = tasks

    async def collect(self, now: Instant) -> int:
        """One turn. Returns how many values were saved; raises what the store raises."""
        saved = 0
        for task in self._tasks:
            if not await self._due(task, now):
                continue
            try:
                told: Facts = await self._ask(task.function, *task.arguments, now)
            except (SourceError, WorkerError) as error:
                log.warning("%s could not be had: %s", task.market, error)
                continue
            saved += await self._store.run(keep_snapshots, list(snapshots(task, told)))
        return saved

    async def _due(self, task: SnapshotTask, now: Instant) -> bool:
        known = await self._store.run(latest_snapshots, task.market, now)
        newest = max((each.at for each in known.values()), default=None)
        return newest is None or now - newest >= task.every


def snapshots(task: SnapshotTask, told: Facts) -> Iterator[Snapshot]:
    """What was told, value by value. A fund's assets are its shares times their value where the count is fresh."""
    values = dict(told.values)
    if isinstance(told, FundSnapshot) and told.shares and told.nav and _fresh(told):
        values["total_assets"] = told.shares * told.nav
    for name, value in values.items():
        yield Snapshot(task.market, name, told.at, value, task.source)


def _fresh(told: FundSnapshot) -> bool:
    return told.shares_at is not None and told.at - told.shares_at <= SHARES_FRESH_S
