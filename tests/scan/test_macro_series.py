"""Macro series from HTTP on loopback to the store: figures that are revised, in another unit, missing or late."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.market.feed import Feed
from bot.market.model import FetchAnswer, FetchRequest, Market, MarketKind, Source
from bot.market.releases import ruled_sessions
from bot.market.sources import registry
from bot.scan.bar_cache import BarCache
from bot.scan.calendars import Calendars
from bot.scan.fetching.fetch_plan import MACRO_RETRY_S, Schedule
from bot.scan.fetching.fetcher import BarFetcher
from bot.scan.fetching.health import Health
from bot.scan.status import market_status
from bot.signals.bars import Bars
from bot.signals.sessions import Sessions
from bot.signals.timeframe import DAY, Instant, Timeframe, day_of, start_of
from bot.store.bars import load_bars
from bot.store.store import Store
from bot.views.operator.status_facts import MarketState
from tests.replay import Replay
from tests.replay.world import HTML_ERROR

SERIES = ("NFCI", Timeframe.D1)
FIRST = start_of("2023-01-06")
WEEKS = 60


def week(at: int) -> str:
    return day_of(FIRST + at * 7 * DAY).isoformat()


def released(at: int) -> Instant:
    """An hour after a week's figure is surely public."""
    return FIRST + at * 7 * DAY + 6 * DAY + 15 * 3_600


@dataclass
class Fed:
    """FRED behind the real source, feed, gate and store; `rows` are what it tells today, by weeks."""

    replay: Replay
    store: Store
    fetcher: BarFetcher
    cache: BarCache
    sessions: Sessions
    rows: dict[str, float]

    async def look(self, now: Instant) -> Bars:
        """What the store has after a look at `now`."""
        public = [(day, value) for day, value in sorted(self.rows.items()) if start_of(day) <= now]
        self.replay.world.figures["fredgraph.csv NFCI"] = public
        await self.fetcher.gather([SERIES], now)
        return await self.store.run(load_bars, *SERIES)

    def health(self) -> Health:
        return self.fetcher.health[SERIES]


@pytest.fixture
async def fed(tmp_path: Path) -> AsyncIterator[Fed]:
    with Replay() as replay:
        source = Source("fred", "fred", "NFCI", {"base_url": replay.url})
        markets = {"NFCI": Market("NFCI", "Conditions", MarketKind.MACRO, "releases/nfci", (source,))}
        store = Store(tmp_path / "bellwether.db")

        async def fetch(request: FetchRequest) -> FetchAnswer:
            return await asyncio.to_thread(registry.fetch, request)

        async def no_library(calendar: str, first: Instant, last: Instant) -> Sessions:
            raise AssertionError(f"{calendar} from {first} to {last} follows a rule")

        feed, cache, calendars = Feed(fetch), BarCache(store, markets), Calendars(store, no_library)
        fetcher = BarFetcher(store, cache, feed, calendars, markets, Schedule())
        sessions = ruled_sessions("releases/nfci", FIRST, FIRST + 1_000 * DAY)
        assert sessions is not None
        yield Fed(replay, store, fetcher, cache, sessions, {week(at): 5.0 + at / 100 for at in range(WEEKS)})
        await fetcher.close()
        await feed.close()
        await store.close()


async def test_a_new_figure_is_stored_once_it_is_public_and_a_revised_one_takes_its_place(fed: Fed) -> None:
    bars = await fed.look(released(40))
    assert (len(bars), bars.close[-1]) == (41, 5.40)
    fed.rows[week(39)] = 5.77
    bars = await fed.look(released(41))
    assert (len(bars), bars.close[-3], bars.close[-1]) == (42, 5.77, 5.41)
    fed.rows[week(5)] = 9.0  # older than what is asked for again: it stays as it was known
    assert (await fed.look(released(42))).close[5] == 5.05


async def test_a_figure_in_another_unit_is_held_and_said_and_the_next_good_one_is_taken(fed: Fed) -> None:
    await fed.look(released(40))
    fed.rows[week(41)] = 5_410.0
    bars = await fed.look(released(41))
    assert len(bars) == 41
    assert "another unit" in fed.health().trouble
    fed.rows[week(41)] = 5.41
    assert (await fed.look(released(41) + MACRO_RETRY_S)).close[-1] == 5.41


async def test_a_week_that_is_missing_spoils_nothing_and_is_taken_when_it_comes(fed: Fed) -> None:
    await fed.look(released(40))
    late = fed.rows.pop(week(41))
    assert len(await fed.look(released(42))) == 42
    fed.rows[week(41)] = late
    bars = await fed.look(released(43))
    assert bars.close[-3:].tolist() == [5.41, 5.42, 5.43]


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 504, "body": HTML_ERROR},
        {"status": 429, "body": "Too Many Requests"},
        {"status": 200, "body": HTML_ERROR},
        {"drop": True},
    ],
)
async def test_a_source_that_fails_leaves_the_figure_before_and_is_asked_again_in_hours(
    fed: Fed, fault: dict[str, object]
) -> None:
    known = await fed.look(released(40))
    fed.replay.world.fail("fredgraph", times=1, **fault)
    assert len(await fed.look(released(41))) == len(known)
    assert "fred" in fed.health().trouble
    asked = len(fed.replay.world.requests)
    await fed.look(released(41) + 3_600)
    assert len(fed.replay.world.requests) == asked
    bars = await fed.look(released(41) + MACRO_RETRY_S + 3_600)
    assert len(bars) == 42


async def test_a_figure_that_no_longer_stands_is_stale(fed: Fed) -> None:
    bars = await fed.look(released(40))
    marked = fed.cache.bars(*SERIES)
    assert len(marked) == len(bars)

    def state(now: Instant) -> MarketState:
        return market_status(marked, fed.sessions, Health(), now, Schedule()).state

    assert state(released(41) + 7 * DAY) is MarketState.FRESH
    assert state(released(43)) is MarketState.STALE
