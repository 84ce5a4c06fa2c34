"""What never comes is asked for a few times a close, then ever more seldom; what comes late is found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from bot.market.feed import Feed
from bot.market.model import FetchAnswer, FetchRequest, Market, MarketKind, Source, SourceError, SourceErrorKind
from bot.scan.bar_cache import BarCache
from bot.scan.calendars import Calendars
from bot.scan.fetching.fetch_plan import LONGEST_RETRY_S, PROMPT_TRIES, Schedule, last_close, retry_after
from bot.scan.fetching.fetcher import BarFetcher
from bot.scan.series import RECENT_CRYPTO_S, Series
from bot.signals.bars import Bars
from bot.signals.sessions import Sessions
from bot.signals.timeframe import DAY, Instant, Timeframe, start_of
from bot.store.store import Store
from tests.scan.test_fetch_plan import weekdays

HOUR = 3_600
SCHEDULE = Schedule()
START = start_of("2020-11-09")
"""A Monday."""
STOCKS = weekdays("2020-09-01", 120)
ROUND_THE_CLOCK = Sessions.round_the_clock(START - 60 * DAY, START + 30 * DAY)
A_FEW = PROMPT_TRIES + 8
"""Prompt tries and those of the rest of a day, each after twice the time of the one before."""

MARKETS = {
    "COIN": Market("COIN", "Coin", MarketKind.CRYPTO, "24/7", (Source("csv", "a", "COIN"), Source("csv", "b", "COIN"))),
    "RUT": Market("RUT", "RUT", MarketKind.INDEX, "TEST", (Source("csv", "a", "RUT"),)),
}


@dataclass
class Watch:
    """The real fetcher, feed, breakers and store; `says` is the source, `asked` when it was asked."""

    fetcher: BarFetcher
    asked: list[Instant] = field(default_factory=list)
    says: Callable[[FetchRequest], FetchAnswer] | None = None

    async def run(self, series: Series, begin: Instant, end: Instant, *, live: bool = False) -> int:
        """Look every five minutes. Returns how many times a source was asked."""
        before = len(self.asked)
        for now in range(begin, end, 300):
            hours = series[1] is Timeframe.H1
            until = last_close(Timeframe.D1, STOCKS, now - 90, live=live) if hours else None
            on = {"first": now - RECENT_CRYPTO_S, "until": until} if hours else {"live": [series] if live else []}
            await self.fetcher.fetch(await self.fetcher.due([series], now, **on), now)  # type: ignore[arg-type]
        return len(self.asked) - before


@pytest.fixture
async def watch(tmp_path: Path) -> Watch:
    store = Store(tmp_path / "bellwether.db")
    cache = BarCache(store, MARKETS)

    async def sessions(calendar: str, _first: Instant, _last: Instant) -> Sessions:
        return ROUND_THE_CLOCK if calendar == "24/7" else STOCKS

    async def call(request: FetchRequest) -> FetchAnswer:
        made.asked.append(request.now)
        assert made.says is not None
        return made.says(request)

    made = Watch(BarFetcher(store, cache, Feed(call), Calendars(store, sessions), MARKETS, SCHEDULE))
    await cache.open([("COIN", Timeframe.H1), ("COIN", Timeframe.D1), ("RUT", Timeframe.D1)])
    return made


def error(kind: SourceErrorKind) -> Callable[[FetchRequest], FetchAnswer]:
    def says(request: FetchRequest) -> FetchAnswer:
        raise SourceError(kind, request.source.name, "none")

    return says


def days_to(last: Instant) -> Callable[[FetchRequest], FetchAnswer]:
    """A source with every session's bar up to `last`, each as soon as it has closed."""

    def says(request: FetchRequest) -> FetchAnswer:
        sessions = STOCKS if request.market == "RUT" else ROUND_THE_CLOCK
        there = (sessions.start >= request.since) & (sessions.closes <= min(request.now, last))
        start, end = sessions.start[there], sessions.closes[there]
        price = np.full(len(start), 5.0)
        bars = Bars(request.market, request.timeframe, start, end, price, price, price, price, price)
        return FetchAnswer(bars, Bars.empty(request.market, request.timeframe), request.source.name)

    return says


@pytest.mark.parametrize("live", [False, True])
@pytest.mark.parametrize("kind", [SourceErrorKind.NO_DATA, SourceErrorKind.UNKNOWN_SYMBOL])
async def test_a_coin_without_hours_is_asked_for_a_few_times(
    watch: Watch, kind: SourceErrorKind, *, live: bool
) -> None:
    watch.says = error(kind)
    sources = 2
    assert await watch.run(("COIN", Timeframe.H1), START, START + DAY, live=live) <= A_FEW * sources
    assert await watch.run(("COIN", Timeframe.H1), START + DAY, START + 3 * DAY, live=live) <= 2 * 4 * sources


async def test_nor_is_it_where_one_of_its_sources_is_down_for_good(watch: Watch) -> None:
    kinds = {"a": SourceErrorKind.REFUSED, "b": SourceErrorKind.NO_DATA}
    watch.says = lambda request: error(kinds[request.source.name])(request)
    assert await watch.run(("COIN", Timeframe.H1), START, START + DAY) <= A_FEW * 2


@pytest.mark.parametrize("live", [False, True])
@pytest.mark.parametrize("market", ["RUT", "COIN"])
async def test_a_market_that_has_ended_is_asked_for_a_few_times_a_close(
    watch: Watch, market: str, *, live: bool
) -> None:
    watch.says = days_to(START - 3 * DAY)
    series = (market, Timeframe.D1)
    await watch.run(series, START - 3 * DAY, START - 2 * DAY)
    assert await watch.run(series, START - 2 * DAY, START + 5 * DAY, live=live) <= 7 * (A_FEW + 1) * 2


async def test_the_bar_after_an_unknown_day_off_is_asked_for_as_ever(watch: Watch) -> None:
    """Wednesday has no bar; Thursday's comes at its close plus an hour and is there with the next try."""
    off, series = START + 2 * DAY, ("RUT", Timeframe.D1)
    thursday = off + DAY + 21 * HOUR
    watch.says = days_to(off)
    await watch.run(series, START, thursday + HOUR)
    watch.says = days_to(thursday)
    watch.asked.clear()
    await watch.run(series, thursday + HOUR, thursday + HOUR + SCHEDULE.retry + 300)
    assert watch.asked
    assert watch.asked[0] <= thursday + HOUR + SCHEDULE.retry


async def test_an_outage_is_left_to_the_breaker_and_its_end_is_found(watch: Watch) -> None:
    series = ("RUT", Timeframe.D1)
    watch.says = days_to(START)
    await watch.run(series, START - 2 * DAY, START)
    watch.says = error(SourceErrorKind.TIMEOUT)
    begin, end = START + 21 * HOUR, START + 33 * HOUR
    assert await watch.run(series, begin, end) <= (end - begin) // SCHEDULE.retry
    watch.says = days_to(end)
    watch.asked.clear()
    await watch.run(series, end, end + 3 * SCHEDULE.retry)
    assert watch.asked


def test_the_time_to_the_next_question_only_grows_to_its_longest() -> None:
    gaps = [retry_after(600, tries) for tries in range(200)]
    assert gaps[:PROMPT_TRIES] == [600] * PROMPT_TRIES
    assert all(gap <= after <= 2 * gap for gap, after in pairwise(gaps))
    assert gaps[-1] == LONGEST_RETRY_S
    assert retry_after(2 * LONGEST_RETRY_S, 50) == 2 * LONGEST_RETRY_S
