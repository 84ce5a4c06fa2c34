"""What one source lacks or tells oddly is settled by the next one, and by nothing that can't be compared."""

import dataclasses

import numpy as np
import pytest

from bot.market.model import FetchAnswer, Market, MarketKind, Source
from bot.market.quality.gate import Gated
from bot.market.quality.reconcile import GateContext, first_open, reconcile
from bot.signals.bars import Bars
from bot.signals.timeframe import DAY, Timeframe, label, start_of
from tests.market.oddities import answer, calm, like, told

NOW = start_of("2026-11-20T22:00Z")
SOURCES = tuple(Source("csv", name, "IWM") for name in ("yahoo", "csv", "third"))
IWM = Market("IWM", "IWM", MarketKind.EQUITY, "XNYS", SOURCES, sister="RUT")
RUT = dataclasses.replace(IWM, name="RUT", kind=MarketKind.INDEX)
LAST = start_of("2026-11-20")


@pytest.fixture(scope="module")
def iwm(new_york):
    return calm(new_york, 320)


@pytest.fixture
def settle(new_york, iwm):
    """The last week as several sources tell it, where all before and the sister are known."""

    def settle(
        *told_by: Bars, known: Bars = iwm, sister: Bars | None = None, market: Market = IWM, since=None
    ) -> Gated:
        weeks = [each.slice(int(np.searchsorted(each.start, iwm.start[313])), len(each)) for each in told_by]
        answers = [answer(week, name) for week, name in zip(weeks, ("yahoo", "csv", "third"), strict=False)]
        context = GateContext(market, new_york, NOW, since, known.prefix(313), like(sister or iwm))
        return reconcile(answers, context)

    return settle


def without(bars: Bars, at: int) -> Bars:
    return bars.prefix(at).merged(bars.slice(at + 1, len(bars)))


def at_once(bars: Bars, factor: float, at: int = -1) -> Bars:
    """A whole bar at another price."""
    return told(
        bars, at, **{name: float(getattr(bars, name)[at]) * factor for name in ("open", "high", "low", "close")}
    )


def closing(bars: Bars, factor: float) -> Bars:
    """The last close, and what has to hold it, times a factor."""
    close = float(bars.close[-1]) * factor
    return told(bars, close=close, high=max(close, float(bars.high[-1])), low=min(close, float(bars.low[-1])))


def test_where_all_is_well_both_are_named(settle, iwm):
    found = settle(iwm, iwm)
    assert (found.notes, found.held, found.doubts, len(found.bars)) == ((), (), (), 7)
    assert found.confirmed[LAST] == ("csv",)
    assert settle(iwm).confirmed == {}


def test_two_sources_that_agree_on_a_high_are_believed(settle, iwm):
    found = settle(told(iwm, high=400.0), told(iwm, high=400.3))
    assert (found.bars.high[-1], found.doubts) == (400.0, ())
    assert found.notes == ("csv: IWM: settles what was odd on 2026-11-20",)


def test_a_source_that_knows_better_is_believed(settle, iwm):
    better = told(iwm, high=float(iwm.high[-1]) * 1.001)
    found = settle(told(iwm, high=400.0), better)
    assert (found.bars.high[-1], found.doubts) == (better.high[-1], ())


def test_a_source_with_another_lie_settles_nothing_and_the_next_does(settle, iwm):
    odd, other = told(iwm, high=400.0), told(iwm, high=500.0)
    found = settle(odd, other)
    assert np.isnan(found.bars.high[-1])
    assert len(found.doubts) == 1
    assert settle(odd, other, iwm).bars.high[-1] == iwm.high[-1]


def test_a_zero_is_filled_in(settle, iwm):
    found = settle(told(iwm, open=0.0), iwm)
    assert (found.bars.open[-1], found.doubts) == (iwm.open[-1], ())


@pytest.mark.parametrize("factor", [1.03, 1.3, 10, 0.9])
def test_a_doubted_close_that_another_source_has_too_is_believed(settle, iwm, factor):
    odd = closing(iwm, factor)
    assert len(settle(odd).held) == 1
    found = settle(odd, odd)
    assert (found.held, found.bars.close[-1], found.confirmed[LAST]) == ((), odd.close[-1], ("csv",))
    assert found.notes == ("csv: IWM: bears out 2026-11-20",)


@pytest.mark.parametrize("factor", [1.03, 1.3, 10, 0.9])
def test_a_doubted_close_gives_way_to_another_sources(settle, iwm, factor):
    found = settle(closing(iwm, factor), iwm)
    assert (found.held, found.bars.close[-1]) == ((), iwm.close[-1])
    assert found.notes == ("csv: IWM: gave 2026-11-20",)


def test_two_sources_that_differ_hold_the_bar_and_a_third_decides(settle, iwm):
    one, other = closing(iwm, 1.004), closing(iwm, 0.995)
    found = settle(one, other)
    assert found.held == (
        f"IWM 2026-11-20: its sources differ (yahoo {one.close[-1]:.10g} and csv {other.close[-1]:.10g})",
    )
    assert (found.suspect.tolist(), len(found.bars)) == ([LAST], 6)
    assert settle(one, other, one).bars.close[-1] == one.close[-1]
    assert settle(one, other, other).bars.close[-1] == other.close[-1]
    assert len(settle(one, other, closing(iwm, 1.013)).held) == 1
    assert settle(one, other, since=LAST + DAY).held == ()  # what was known before is not disputed


def test_a_missing_bar_comes_from_the_next_source(settle, iwm):
    found = settle(without(iwm, 318), iwm)
    assert found.bars.start.tolist() == iwm.start[313:].tolist()
    assert (found.bars.close[-2], len(found.missing)) == (iwm.close[318], 0)
    assert found.notes == ("csv: IWM: gave 2026-11-19",)


def test_the_newest_bar_too_where_it_is_expected(settle, iwm):
    found = settle(iwm.prefix(319), iwm, since=LAST)
    assert (len(found.bars), len(found.missing)) == (7, 0)


def test_a_bar_once_more_comes_from_the_next_source(settle, iwm):
    again = told(iwm, **{name: float(getattr(iwm, name)[-2]) for name in ("open", "high", "low", "close")})
    found = settle(again, iwm)
    assert (found.held, found.suspect.tolist(), found.bars.close[-1]) == ((), [], iwm.close[-1])


def test_a_split_that_another_source_shows_too_stays_held_and_a_leap_of_an_index_does_not(settle, iwm):
    half = at_once(iwm, 0.5)
    found = settle(half, half)
    assert (len(found.bars), len(found.held)) == (6, 1)
    assert settle(half, half, market=RUT).held == ()


def test_a_source_on_another_scale_is_not_used(settle, iwm):
    lacking = without(told(iwm, high=400.0), 317)
    found = settle(lacking, like(iwm, "IWM", 0.97))
    assert (len(found.missing), len(found.doubts), len(found.bars)) == (1, 1, 6)
    assert found.notes == ("csv: IWM: its closes are others, not used",)


def test_a_source_with_only_the_one_bar_must_fit_on(settle, iwm):
    found = settle(iwm.prefix(319), iwm.slice(319, 320), since=LAST)
    assert len(found.missing) == 0
    assert len(settle(iwm.prefix(319), like(iwm, "IWM", 1.5).slice(319, 320), since=LAST).missing) == 1


def test_what_is_open(settle, new_york, iwm):
    context = GateContext(IWM, new_york, NOW)
    assert first_open(settle(iwm), context) is None
    assert first_open(settle(without(iwm, 318)), context) == iwm.start[318]
    assert first_open(settle(closing(iwm, 2)), context) == LAST
    assert first_open(settle(told(iwm, high=400.0)), context) == LAST


def test_a_bar_on_a_holiday_is_nobodys_business(new_york, iwm):
    names = ("start", "opens", "closes")
    keep = new_york.start != iwm.start[318]
    sessions = dataclasses.replace(new_york, **{name: getattr(new_york, name)[keep] for name in names})
    context = GateContext(IWM, sessions, NOW, history=iwm.prefix(313), sister=like(iwm))
    found = reconcile([answer(iwm.slice(313, 320))], context)
    assert (found.suspect.tolist(), first_open(found, context)) == ([iwm.start[318]], None)


def test_what_is_long_past_is_left_as_it_is(new_york, iwm):
    odd = told(iwm, at=290, high=400.0)
    context = GateContext(IWM, new_york, NOW, sister=like(iwm))
    found = reconcile([answer(odd)], context)
    assert [label(each.start, Timeframe.D1) for each in found.doubts] == ["2026-10-12"]
    assert first_open(found, context) is None


def test_after_a_split_nobody_else_counts(new_york, iwm):
    halved = without(like(iwm, "IWM", 0.5), 318).slice(313, 319)
    split = dataclasses.replace(answer(halved), splits=((int(iwm.start[318]), 2.0),))
    found = reconcile([split, answer(iwm, "csv")], GateContext(IWM, new_york, NOW, history=iwm))
    assert (found.rescaled, found.notes) == (pytest.approx(0.5), ())


def test_a_split_that_nobody_reports_takes_two_sources(new_york, iwm):
    context = GateContext(IWM, new_york, NOW, history=iwm.prefix(319))
    halved, week = like(iwm, "IWM", 0.5).slice(313, 320), iwm.slice(313, 320)
    assert reconcile([answer(halved), answer(halved, "csv")], context).rescaled == pytest.approx(0.5)
    found = reconcile([answer(halved), answer(week, "csv")], context)
    assert (found.rescaled, found.bars.close[-1]) == (1.0, iwm.close[-1])


@pytest.mark.parametrize("factor", [100.0, 0.01])
def test_an_index_has_no_splits(new_york, iwm, factor):
    context = GateContext(RUT, new_york, NOW, history=iwm.prefix(319))
    found = reconcile([answer(like(iwm, "IWM", factor).slice(313, 320))], context)
    assert (found.rescaled, len(found.bars), len(found.held)) == (1.0, 0, 7)
    assert f"its prices are {factor:.3g} times those known" in found.held[0]


def test_the_longest_history_that_agrees_is_joined_and_its_seam_noted(new_york, iwm):
    context = GateContext(IWM, new_york, NOW)
    short, deep = iwm.slice(200, 320), like(iwm, "IWM", 1.001)
    found = reconcile([answer(short, "kraken"), answer(deep, "coinbase")], context)
    assert found.bars.start.tolist() == iwm.start.tolist()
    assert (found.bars.close[0], found.bars.close[200]) == (deep.close[0], iwm.close[200])
    assert found.notes == (f"coinbase: IWM: gave {iwm.label(0)} to {iwm.label(199)}; the seam is {iwm.label(200)}",)


@pytest.mark.parametrize(("deep", "why"), [(slice(0, 205), "only 5 bars are shared")])
def test_a_history_that_shares_too_little_is_not_joined(new_york, iwm, deep, why):
    context = GateContext(IWM, new_york, NOW)
    answers = [answer(iwm.slice(200, 320), "kraken"), answer(iwm.slice(deep.start, deep.stop), "coinbase")]
    found = reconcile(answers, context)
    assert len(found.bars) == 120
    assert why in found.notes[-1]


def test_what_the_feed_gives_may_be_one_answer_only(new_york, iwm):
    found = reconcile([FetchAnswer(iwm, Bars.empty("IWM", Timeframe.D1), "yahoo")], GateContext(IWM, new_york, NOW))
    assert len(found.bars) == 320


@pytest.mark.parametrize(("apart", "held"), [(1.014, 0), (1.016, 1), (1 / 1.014, 0), (1 / 1.017, 1)])
def test_two_exchanges_may_close_one_and_a_half_percent_apart(new_york, iwm, apart, held):
    coin = dataclasses.replace(RUT, name="BTC", kind=MarketKind.CRYPTO, sister="")
    context = GateContext(coin, new_york, NOW, LAST, iwm.prefix(313))
    week = iwm.slice(313, 320)
    close = float(iwm.close[-1]) * apart
    other = told(week, close=close, high=max(close, float(week.high[-1])), low=min(close, float(week.low[-1])))
    found = reconcile([answer(week, "binance"), answer(other, "kraken")], context)
    assert [len(found.held), 7 - len(found.bars)] == [held, held]
