"""What one source lacks or tells oddly is settled by the next one, and by nothing that can't be compared."""

import dataclasses

import numpy as np
import pytest

from bot.market.feed import Feed
from bot.market.model import FetchAnswer, Market, MarketKind, Source, SourceError
from bot.market.model import SourceErrorKind as Kind
from bot.market.reconcile import GateContext, reconcile
from bot.signals.bars import Bars
from bot.signals.timeframe import Timeframe, label, start_of
from tests.market.oddities import answer, calm, like, told

NOW = start_of("2026-11-20T22:00Z")
SOURCES = tuple(Source("csv", name, "IWM") for name in ("yahoo", "csv", "third"))
IWM = Market("IWM", "IWM", MarketKind.EQUITY, "XNYS", SOURCES, sister="RUT")


SESSIONS = ("start", "opens", "closes")


@pytest.fixture(scope="module")
def iwm(new_york):
    return calm(new_york)


class Others:
    """What the sources behind the first have, as a feed asks for it."""

    def __init__(self, **has: Bars | SourceError) -> None:
        self.has = has
        self.asked: list[tuple[str, int]] = []

    async def __call__(self, request) -> FetchAnswer:
        self.asked.append((request.source.name, request.since))
        has = self.has.get(request.source.name, SourceError(Kind.NO_DATA, request.source.name, "IWM: nothing"))
        if isinstance(has, SourceError):
            raise has
        first = int(np.searchsorted(has.start, request.since))
        return answer(has.slice(first, len(has)), request.source.name)


def settle(others: Others, bars: Bars, sessions, known: Bars, *, market: Market = IWM, since: int | None = None):
    """The last week of `bars` as the first source tells it, where `known` are the bars before and the sister's."""
    setting = GateContext(market, sessions, NOW, since, known.prefix(53), like(known))
    return reconcile(Feed(others), answer(bars.slice(53, 60)), setting)


def without(bars: Bars, at: int) -> Bars:
    return bars.prefix(at).merged(bars.slice(at + 1, 60))


async def test_where_all_is_well_nobody_else_is_asked(new_york, iwm):
    others = Others(csv=iwm)
    found = await settle(others, iwm, new_york, iwm)
    assert (others.asked, found.notes, len(found.bars)) == ([], (), 7)


async def test_two_sources_that_agree_are_believed(new_york, iwm):
    odd = told(iwm, high=400.0)
    found = await settle(Others(csv=told(iwm, high=400.3)), odd, new_york, iwm)
    assert (found.bars.high[-1], found.doubts) == (400.0, ())
    assert found.notes == ("csv: IWM: settles what was odd on 2026-11-20",)


async def test_a_source_that_knows_better_is_believed(new_york, iwm):
    odd = told(iwm, high=400.0)
    better = told(iwm, high=float(iwm.high[-1]) * 1.001)
    found = await settle(Others(csv=better), odd, new_york, iwm)
    assert (found.bars.high[-1], found.doubts) == (better.high[-1], ())


async def test_a_source_with_another_lie_settles_nothing_and_the_next_is_asked(new_york, iwm):
    odd = told(iwm, high=400.0)
    others = Others(csv=told(iwm, high=500.0))
    found = await settle(others, odd, new_york, iwm)
    assert [name for name, _ in others.asked] == ["csv", "third"]
    assert np.isnan(found.bars.high[-1])
    assert len(found.doubts) == 1
    assert found.notes == ("third: no data: IWM: nothing",)
    found = await settle(Others(csv=told(iwm, high=500.0), third=iwm), odd, new_york, iwm)
    assert found.bars.high[-1] == iwm.high[-1]


async def test_a_missing_bar_comes_from_the_next_source(new_york, iwm):
    lacking = without(iwm, 58)
    found = await settle(Others(csv=iwm), lacking, new_york, iwm)
    assert found.bars.start.tolist() == iwm.start[53:].tolist()
    assert (found.bars.close[-2], len(found.missing)) == (iwm.close[58], 0)
    assert found.notes == ("csv: IWM: gave 2026-11-19",)


async def test_the_newest_bar_too_where_it_is_expected(new_york, iwm):
    since = start_of("2026-11-20")
    found = await settle(Others(csv=iwm), iwm.prefix(59), new_york, iwm, since=since)
    assert (len(found.bars), len(found.missing)) == (7, 0)


async def test_a_bar_held_back_comes_from_the_next_source(new_york, iwm):
    again = told(iwm, **{name: float(getattr(iwm, name)[-2]) for name in ("open", "high", "low", "close")})
    found = await settle(Others(csv=iwm), again, new_york, iwm)
    assert (found.held, found.suspect.tolist(), found.bars.close[-1]) == ((), [], iwm.close[-1])


async def test_a_leap_that_another_source_shows_too_stays_held(new_york, iwm):
    half = told(iwm, **{name: float(getattr(iwm, name)[-1]) / 2 for name in ("open", "high", "low", "close")})
    found = await settle(Others(csv=half), half, new_york, iwm)
    assert (len(found.bars), len(found.held)) == (6, 1)


async def test_a_source_on_another_scale_is_not_used(new_york, iwm):
    lacking = without(told(iwm, high=400.0), 57)
    adjusted = like(iwm, "IWM", 0.97)
    found = await settle(Others(csv=adjusted), lacking, new_york, iwm)
    assert (len(found.missing), len(found.doubts), len(found.bars)) == (1, 1, 6)
    assert found.notes == ("csv: IWM: its closes are others, not used", "third: no data: IWM: nothing")


async def test_a_source_with_only_the_one_bar_must_fit_on(new_york, iwm):
    since = start_of("2026-11-20")
    found = await settle(Others(csv=iwm.slice(59, 60)), iwm.prefix(59), new_york, iwm, since=since)
    assert len(found.missing) == 0
    far = like(iwm, "IWM", 1.5).slice(59, 60)
    found = await settle(Others(csv=far), iwm.prefix(59), new_york, iwm, since=since)
    assert len(found.missing) == 1


async def test_another_source_is_asked_for_a_week_more_than_what_is_open(new_york, iwm):
    others = Others()
    await settle(others, without(iwm, 58), new_york, iwm)
    assert others.asked == [("csv", int(iwm.start[58]) - 7 * 86_400), ("third", int(iwm.start[58]) - 7 * 86_400)]


async def test_a_bar_on_a_holiday_is_nobodys_business(new_york, iwm):
    others = Others(csv=iwm)
    sessions = dataclasses.replace(
        new_york, **{name: getattr(new_york, name)[new_york.start != iwm.start[58]] for name in SESSIONS}
    )
    found = await settle(others, iwm, sessions, iwm)
    assert (others.asked, found.suspect.tolist()) == ([], [iwm.start[58]])


async def test_what_is_long_past_is_left_as_it_is(new_york, iwm):
    others = Others(csv=iwm)
    odd = told(iwm, at=30, high=400.0)
    setting = GateContext(IWM, new_york, NOW, sister=like(iwm))
    found = await reconcile(Feed(others), answer(odd), setting)
    assert ([label(each.start, Timeframe.D1) for each in found.doubts], others.asked) == (["2026-10-12"], [])


async def test_after_a_split_nobody_else_is_asked(new_york, iwm):
    others = Others(csv=iwm)
    halved = without(like(iwm, "IWM", 0.5), 58).slice(53, 59)
    setting = GateContext(IWM, new_york, NOW, history=iwm)
    found = await reconcile(Feed(others), answer(halved), setting)
    assert (found.rescaled, others.asked) == (pytest.approx(0.5), [])


async def test_a_market_with_one_source_keeps_its_doubts(new_york, iwm):
    market = dataclasses.replace(IWM, sources=SOURCES[:1])
    found = await settle(Others(), told(iwm, high=400.0), new_york, iwm, market=market)
    assert (len(found.doubts), found.notes) == (1, ())


async def test_two_sources_of_one_name_come_to_an_end(new_york, iwm):
    market = dataclasses.replace(IWM, sources=(SOURCES[0], SOURCES[1], SOURCES[1]))
    others = Others(csv=told(iwm, high=500.0))
    await settle(others, told(iwm, high=400.0), new_york, iwm, market=market)
    assert 1 <= len(others.asked) <= 3
