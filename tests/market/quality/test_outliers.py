"""A price that stands alone is doubted, and one that something bears out believed."""

from dataclasses import replace
from statistics import median

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.market.quality.outliers import chance_repeats, quantile, suspect_prices, usual_range
from bot.signals.bars import Bars
from bot.signals.timeframe import DAY, Timeframe
from tests.market.oddities import calm, like, told


@pytest.fixture
def iwm(new_york):
    return calm(new_york)


def unit(bars: Bars, at: int = -1) -> float:
    return float(usual_range(bars)[at])


def beyond(bars: Bars, name: str, ranges: float, at: int = -1) -> Bars:
    """The bars with a high (or low) that many usual ranges beyond both closes."""
    closes = bars.close[at], bars.close[at - 1]
    price = max(closes) + ranges * unit(bars, at) if name == "high" else min(closes) - ranges * unit(bars, at)
    return told(bars, at, **{name: float(price)})


def found(bars: Bars, sister: Bars | None = None, first: int = 0, **options: bool) -> list[tuple[int, set[str]]]:
    return [
        (int(np.searchsorted(bars.start, doubt.start)), set(doubt.prices))
        for doubt in suspect_prices(bars, sister, first, **options)
    ]


def test_calm_bars_are_beyond_doubt(iwm):
    assert found(iwm) == []
    assert found(iwm, like(iwm)) == []


@pytest.mark.parametrize("name", ["high", "low"])
def test_what_the_sister_did_not_do_is_doubted(iwm, name):
    odd = beyond(iwm, name, 3.0)
    assert found(odd, like(iwm)) == [(59, {name})]
    (doubt,) = suspect_prices(odd, like(iwm), 0)
    assert doubt.prices == {name: float(getattr(odd, name)[-1])}
    assert doubt.reason == f"the {name} stands alone: neither the close nor RUT went there"


@pytest.mark.parametrize("name", ["high", "low"])
def test_what_the_sister_did_too_is_believed(iwm, name):
    assert found(beyond(iwm, name, 3.0), like(beyond(iwm, name, 3.0))) == []
    assert found(beyond(iwm, name, 4.0), like(beyond(iwm, name, 2.0))) == []  # a panic: how far each went may differ


@pytest.mark.parametrize("name", ["high", "low"])
def test_a_sister_bears_out_no_more_than_she_moved_herself(iwm, name):
    assert found(beyond(iwm, name, 25.0), like(beyond(iwm, name, 2.0))) == [(59, {name})]


@pytest.mark.parametrize("name", ["high", "low"])
def test_what_the_close_bears_out_is_believed(iwm, name):
    sign = 1 if name == "high" else -1
    odd = told(beyond(iwm, name, 6.0), close=float(iwm.close[-2] + sign * 6.0 * unit(iwm)))
    assert found(odd, like(iwm)) == []
    assert found(odd) == []


def test_without_a_sister_it_takes_more_and_more_still_of_a_low(iwm):
    assert found(beyond(iwm, "high", 4.9)) == []
    assert found(beyond(iwm, "high", 5.1)) == [(59, {"high"})]
    assert found(beyond(iwm, "low", 7.9)) == []
    assert found(beyond(iwm, "low", 8.1)) == [(59, {"low"})]
    assert found(beyond(iwm, "high", 7.9), crypto=True) == []
    assert found(beyond(iwm, "high", 8.1), crypto=True) == [(59, {"high"})]


@pytest.mark.parametrize("name", ["high", "low"])
def test_after_a_wild_bar_of_crypto_the_next_may_be_wild_too(iwm, name):
    other = "low" if name == "high" else "high"
    roused = beyond(iwm, other, 7.0, at=58)
    assert found(beyond(roused, name, 12.0), crypto=True) == []
    assert (59, {name}) in found(beyond(iwm, name, 12.0), crypto=True)
    assert (59, {name}) in found(beyond(roused, name, 60.0), crypto=True)


def test_a_double_by_chance_is_none_where_closes_often_repeat(new_york):
    iwm = calm(new_york, 120)
    coarse = replace(iwm, close=np.repeat(iwm.close[::2], 2))
    names = ("open", "high", "low", "close")
    again = told(coarse, **{name: float(getattr(coarse, name)[-2]) for name in names})
    assert chance_repeats(again)[-1]
    assert not chance_repeats(told(again, volume=float(again.volume[-2])))[-1]
    assert not chance_repeats(told(again, volume=0.0))[-1]
    assert not chance_repeats(told(again, volume=np.nan))[-1]
    assert not chance_repeats(told(iwm, close=float(iwm.close[-2])))[-1]


def test_without_a_sister_what_reached_far_lately_may_reach_far_again(iwm):
    used_to = beyond(iwm, "high", 3.0, at=40)
    assert found(beyond(used_to, "high", 12.0)) == []
    assert found(beyond(used_to, "high", 13.0)) == [(59, {"high"})]


def test_a_sister_without_that_session_is_no_sister(iwm):
    odd = beyond(iwm, "high", 3.0, at=40)
    sister = like(iwm)
    short = sister.slice(0, 40).merged(sister.slice(41, 60))
    assert found(odd, sister) == [(40, {"high"})]
    assert found(odd, short) == []


def test_a_sister_that_is_late_is_waited_for_and_one_that_is_dead_is_not(iwm):
    odd = beyond(iwm, "high", 3.0)
    (doubt,) = suspect_prices(odd, like(iwm).prefix(59), 0)
    assert doubt.reason == "the high stands alone, and RUT has no bar yet"
    assert len(suspect_prices(odd, like(iwm).prefix(55), 0)) == 1
    assert suspect_prices(odd, like(iwm).prefix(54), 0) == []
    assert found(iwm, like(iwm).prefix(59)) == []


def test_an_open_beyond_what_the_sister_reached_is_doubted_with_the_high(iwm):
    odd = beyond(iwm, "high", 4.0)
    odd = told(odd, open=float(odd.high[-1]))
    assert found(odd, like(iwm)) == [(59, {"open", "high"})]


@pytest.mark.parametrize(("name", "reach"), [("high", 1.2), ("low", 1.2)])
def test_an_open_and_a_high_that_are_yesterdays_are_doubted(iwm, name, reach):
    before = beyond(iwm, name, reach, at=-2)
    closes = float(before.close[-2])
    odd = told(before, open=float(before.open[-2]), close=closes, **{name: float(getattr(before, name)[-2])})
    assert found(odd) == [(59, {"open", name})]
    assert found(odd, like(odd)) == []
    near = told(odd, open=float(odd.open[-2]) + 0.01)
    assert found(near) == []


def test_yesterdays_high_once_more_does_no_harm_where_the_close_is_near(iwm):
    odd = told(iwm, open=float(iwm.open[-2]), high=float(iwm.high[-2]), close=float(iwm.high[-2]) - 0.01)
    assert found(odd) == []


def test_only_what_lies_behind_the_first_position_is_judged(iwm):
    odd = beyond(beyond(iwm, "high", 9.0), "high", 9.0, at=30)
    assert [at for at, _ in found(odd, like(iwm))] == [30, 59]
    assert [at for at, _ in found(odd, like(iwm), first=31)] == [59]
    assert found(odd, like(iwm), first=60) == []


def test_too_little_is_known_at_first(new_york):
    short = calm(new_york, 10)
    assert found(told(short, high=900.0)) == []
    assert found(Bars.empty("IWM", Timeframe.D1)) == []


def test_an_unknown_price_is_no_doubt(iwm):
    assert found(told(iwm, high=np.nan, low=np.nan, open=np.nan), like(iwm)) == []
    assert found(iwm, told(like(iwm), high=np.nan, close=np.nan)) == []


prices = st.one_of(st.floats(1, 1000), st.just(np.nan))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(prices, prices, prices), min_size=1, max_size=60))
def test_the_usual_range_is_the_median_of_the_known_ones_before(rows):
    high, low, close = np.array(rows, dtype=float).T
    start = np.arange(len(rows), dtype=np.int64) * DAY
    bars = Bars("X", Timeframe.D1, start, start + 1, close, high, low, close, close)
    ranges = []
    for at, (top, bottom, _) in enumerate(rows):
        before = rows[at - 1][2] if at else np.nan
        reached = [[each for each in (price, before) if not np.isnan(each)] for price in (top, bottom)]
        ranges.append(max(reached[0]) - min(reached[1]) if all(reached) else np.nan)
    for at, value in enumerate(usual_range(bars)):
        known = [each for each in ranges[max(0, at - 20) : at] if not np.isnan(each)]
        assert value == pytest.approx(median(known)) if len(known) >= 10 else np.isnan(value)


@settings(max_examples=40, deadline=None)
@given(st.integers(10, 59), st.floats(-3, 12), st.sampled_from(["high", "low"]), st.floats(0.01, 100))
def test_a_verdict_does_not_depend_on_what_follows_nor_on_the_scale(new_york_calm, at, ranges, name, scale):
    odd = beyond(new_york_calm, name, ranges, at=at)
    whole = [each for each in found(odd, like(new_york_calm)) if each[0] <= at]
    assert found(odd.prefix(at + 1), like(new_york_calm).prefix(at + 1)) == whole
    assert found(like(odd, "IWM", scale), like(new_york_calm)) == found(odd, like(new_york_calm))


@pytest.fixture(scope="module")
def new_york_calm(new_york):
    return calm(new_york)


@given(
    st.lists(st.floats(0, 1e9, allow_subnormal=False), min_size=1, max_size=300), st.sampled_from([0.0, 0.5, 0.95, 1.0])
)
def test_the_quantile_is_numpys(known: list[float], share: float):
    assert quantile(np.array(known), share) == np.quantile(known, share)
