"""Sources asked side by side: one that hangs delays no other market, and what it says later is taken when it comes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from bot.market.feed import Feed
from bot.market.model import FetchAnswer, FetchRequest, Market, MarketKind, Source
from bot.scan.bar_cache import BarCache
from bot.scan.calendars import Calendars
from bot.scan.fetching.fetch_plan import Schedule
from bot.scan.fetching.fetcher import BarFetcher
from bot.scan.series import Series
from bot.signals.bars import Bars
from bot.signals.sessions import Sessions
from bot.signals.timeframe import DAY, Instant, Timeframe, start_of
from bot.store.store import Store

NOW = start_of("2020-06-01T01:00Z")
FIRST = start_of("2020-02-22")


def market(name: str, *sources: str, sister: str = "") -> Market:
    return Market(
        name, name, MarketKind.INDEX, "24/7", tuple(Source("csv", each, name) for each in sources), (), sister
    )


MARKETS = {
    "BTC": market("BTC", "exchange"),
    "ETH": market("ETH", "exchange", "slow"),
    "RUT": market("RUT", "slow", sister="IWM"),
    "IWM": market("IWM", "quick", sister="RUT"),
}


@dataclass
class Vendors:
    """Every source has the same calm bars; "slow" answers once it is let go."""

    let_go: asyncio.Event = field(default_factory=asyncio.Event)
    asked: list[str] = field(default_factory=list)
    last: float = 1.0
    """Where the last close of the quick source is, as a ratio of what it would be."""

    async def __call__(self, request: FetchRequest) -> FetchAnswer:
        self.asked.append(f"{request.source.name} {request.market}")
        if request.source.name == "slow":
            await self.let_go.wait()
        start = np.arange(FIRST, request.now - DAY + 1, DAY)
        close = 100 + np.sin(np.arange(len(start)))
        close[-1] *= self.last if request.source.name == "quick" else 1.0
        bars = Bars(request.market, Timeframe.D1, start, start + DAY, close, close + 2, close - 2, close, close)
        return FetchAnswer(bars, Bars.empty(request.market, Timeframe.D1), request.source.name)


@dataclass
class Fetching:
    fetcher: BarFetcher
    vendors: Vendors
    arrived: list[int]

    async def gather(self, *names: str, now: Instant = NOW, read: Collection[str] | None = None) -> set[str]:
        series: list[Series] = [(name, Timeframe.D1) for name in names]
        judged = None if read is None else [(name, Timeframe.D1) for name in read]
        return {each.series[0] for each in await self.fetcher.gather(series, now, read=judged)}

    async def up_to_yesterday(self) -> None:
        """Both sisters are known up to the day before."""
        self.vendors.let_go.set()
        assert await self.gather("IWM", "RUT") == {"IWM", "RUT"}
        self.vendors.let_go.clear()
        self.arrived.clear()

    async def answer(self) -> None:
        """The slow source answers, and its answer has arrived."""
        self.vendors.let_go.set()
        async with asyncio.timeout(20):
            while not self.arrived:
                await asyncio.sleep(0.01)


@pytest.fixture
async def fetching(tmp_path: Path) -> AsyncIterator[Fetching]:
    store = Store(tmp_path / "bellwether.db")
    vendors, arrived = Vendors(), []

    async def sessions(_calendar: str, _first: Instant, _last: Instant) -> Sessions:
        return Sessions.round_the_clock(0, NOW + DAY)

    feed = Feed(vendors, hedge=0.05)
    cache, calendars = BarCache(store, MARKETS), Calendars(store, sessions)
    fetcher = BarFetcher(
        store, cache, feed, calendars, MARKETS, Schedule(), patience=0.4, arrived=lambda: arrived.append(1)
    )
    yield Fetching(fetcher, vendors, arrived)
    await fetcher.close()
    await feed.close()
    await store.close()


async def test_a_source_that_hangs_delays_no_other_market(fetching: Fetching) -> None:
    assert await fetching.gather("RUT", "BTC", "ETH") == {"BTC", "ETH"}
    assert await fetching.gather("RUT", "BTC") == set()
    assert fetching.vendors.asked.count("slow RUT") == 1


@pytest.mark.parametrize(("read", "waits"), [(["BTC", "RUT"], 2), (["BTC"], 1)])
async def test_what_no_rule_reads_is_less_waited_for(
    fetching: Fetching, monkeypatch: pytest.MonkeyPatch, read: list[str], waits: int
) -> None:
    real, limits = asyncio.wait, list[float | None]()

    async def wait(tasks: list[asyncio.Task[object]], *, timeout: float | None, return_when: str) -> object:  # noqa: ASYNC109
        limits.append(timeout)
        return await real(tasks, timeout=timeout, return_when=return_when)

    monkeypatch.setattr("bot.scan.fetching.fetcher.asyncio.wait", wait)
    assert await fetching.gather("BTC", "RUT", read=read) == {"BTC"}
    assert len([limit for limit in limits if limit is not None and limit > 0.05]) == waits


async def test_what_an_earlier_round_asked_is_taken_by_any_later_one(fetching: Fetching) -> None:
    assert await fetching.gather("ETH", "RUT") == {"ETH"}
    await fetching.answer()
    assert await fetching.gather("BTC") == {"BTC", "RUT"}


async def test_what_it_says_later_is_taken_then_and_somebody_is_told(fetching: Fetching) -> None:
    assert await fetching.gather("RUT") == set()
    assert fetching.arrived == []
    await fetching.answer()
    assert await fetching.gather("RUT") == {"RUT"}


async def test_a_whole_history_waits_for_that_of_its_sister(fetching: Fetching) -> None:
    assert await fetching.gather("IWM", "RUT") == set()
    await fetching.answer()
    assert await fetching.gather("IWM", "RUT") == {"IWM", "RUT"}


async def test_a_new_bar_is_judged_alone_where_the_sister_keeps_it_waiting(fetching: Fetching) -> None:
    await fetching.up_to_yesterday()
    assert await fetching.gather("IWM", "RUT", now=NOW + DAY) == {"IWM"}
    assert await fetching.gather("IWM", "RUT", now=NOW + DAY + 60) == set()
    await fetching.answer()
    assert await fetching.gather("IWM", "RUT", now=NOW + DAY + 120) == {"RUT"}


@pytest.mark.parametrize("leap", [1.2, 0.8, 100.0])
async def test_an_odd_bar_waits_for_the_sister_and_is_judged_by_her(fetching: Fetching, leap: float) -> None:
    await fetching.up_to_yesterday()
    fetching.vendors.last = leap
    assert await fetching.gather("IWM", "RUT", now=NOW + DAY) == set()
    assert await fetching.gather("IWM", "RUT", now=NOW + DAY + 60) == set()
    assert fetching.vendors.asked.count("quick IWM") == 2
    await fetching.answer()
    await fetching.gather("IWM", "RUT", now=NOW + DAY + 120)
    assert ("stands alone" if leap < 30 else "as in another unit") in fetching.fetcher.health[
        "IWM", Timeframe.D1
    ].trouble
    assert len(fetching.fetcher.health["IWM", Timeframe.D1].odd) == 1


async def test_an_odd_bar_does_not_wait_for_a_sister_that_hangs_forever(
    fetching: Fetching, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fetching.up_to_yesterday()
    monkeypatch.setattr("bot.scan.fetching.questions.ODD_PATIENCE_S", 1.5)
    fetching.vendors.last = 1.06
    assert await fetching.gather("IWM", "RUT", now=NOW + DAY) == set()
    async with asyncio.timeout(20):
        while not fetching.arrived:
            await asyncio.sleep(0.01)
    assert await fetching.gather("IWM", "RUT", now=NOW + DAY + 60) == {"IWM"}
    assert fetching.fetcher.health["IWM", Timeframe.D1].odd == ()


async def test_a_whole_history_brings_nobody_back_again_and_again(
    fetching: Fetching, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.scan.fetching.questions.ODD_PATIENCE_S", 0.0)
    assert await fetching.gather("IWM", "RUT") == set()
    assert await fetching.gather("IWM", "RUT") == set()
    await asyncio.sleep(0.1)
    assert fetching.arrived == []


async def test_a_second_source_that_hangs_is_done_without(fetching: Fetching) -> None:
    assert await fetching.gather("ETH") == {"ETH"}
    assert fetching.vendors.asked == ["exchange ETH", "slow ETH"]
    assert fetching.fetcher.health["ETH", Timeframe.D1].source == "exchange"


async def test_two_sources_that_agree_are_both_named(fetching: Fetching) -> None:
    fetching.vendors.let_go.set()
    assert await fetching.gather("ETH") == {"ETH"}
    assert fetching.fetcher.health["ETH", Timeframe.D1].source == "exchange and slow"
