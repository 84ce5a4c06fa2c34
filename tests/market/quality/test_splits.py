"""Bars of another share count are held until they settle, and yesterday's bars told from today's."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.market.quality.outliers import suspect_prices
from bot.market.quality.splits import leapt, repeated, rescaled, unadjusted
from bot.signals.bars import Bars
from bot.signals.timeframe import Timeframe
from tests.market.oddities import calm, like, told


@pytest.fixture(scope="module")
def iwm(new_york):
    return calm(new_york)


def split(bars: Bars, first: int, ratio: float, last: int = 60) -> Bars:
    """The bars with those from `first` to `last` - 1 at another price."""
    scale = np.ones(len(bars))
    scale[first:last] = ratio
    return replace(bars, **{name: getattr(bars, name) * scale for name in ("open", "high", "low", "close")})


def held(bars: Bars, sister: Bars | None = None) -> list[int]:
    return np.flatnonzero(leapt(bars, sister)).tolist()


@pytest.mark.parametrize("ratio", [0.5, 1 / 3, 2 / 3, 0.75, 2.0, 10.0])
@pytest.mark.parametrize("first", [56, 59])
def test_a_split_served_unadjusted_is_held(iwm, ratio, first):
    assert held(split(iwm, first, ratio)) == list(range(first, 60))
    assert held(split(iwm, first, ratio), like(iwm)) == list(range(first, 60))


def test_a_new_price_is_believed_after_five_bars(iwm):
    assert held(split(iwm, 55, 0.5)) == []


@pytest.mark.parametrize("ratio", [0.1, 0.2, 0.25, 1 / 3, 0.5, 2.0, 3.0, 10.0])
def test_a_price_that_stays_at_a_splits_ratio_is_asked_about(iwm, ratio):
    ((start, told_ratio),) = unadjusted(split(iwm, 40, ratio), like(iwm))
    assert (start, told_ratio) == (int(iwm.start[40]), pytest.approx(ratio))
    assert unadjusted(split(iwm, 40, ratio), None) == [(start, told_ratio)]


def test_no_split_is_asked_about_where_none_can_be(iwm):
    assert unadjusted(iwm, like(iwm)) == unadjusted(iwm, None) == []
    assert unadjusted(split(iwm, 40, 0.7), None) == []
    assert unadjusted(split(iwm, 40, 0.5), like(split(iwm, 40, 0.6))) == []


def test_a_price_that_comes_back_was_never_there_however_long_ago(iwm):
    assert held(split(iwm, 30, 0.5, last=32)) == [30, 31]
    assert held(split(iwm, 58, 0.5, last=59)) == [58]


def test_what_the_sister_does_too_is_no_split(iwm):
    assert held(split(iwm, 58, 0.5), like(split(iwm, 58, 0.6))) == []


def test_a_crash_that_opened_near_yesterday_is_no_split(iwm):
    bars = split(iwm, 59, 0.5)
    assert held(told(bars, open=float(iwm.open[-1]))) == []


def test_what_leaps_often_may_leap(new_york):
    wild = calm(new_york)
    wild = replace(wild, close=wild.close * np.where(np.arange(60) % 2, 1.3, 1.0))
    wild = replace(wild, open=wild.close, high=wild.close * 1.2, low=wild.close * 0.8)
    assert held(wild) == []


def test_few_bars_and_none(new_york, iwm):
    assert held(iwm.prefix(1)) == []
    assert held(Bars.empty("IWM", Timeframe.D1)) == []
    assert repeated(Bars.empty("IWM", Timeframe.D1)).tolist() == []
    assert repeated(iwm.prefix(1)).tolist() == [False]


def test_a_bar_that_is_the_one_before_is_told(iwm):
    names = ("open", "high", "low", "close")
    again = told(iwm, **{name: float(getattr(iwm, name)[-2]) for name in names})
    assert np.flatnonzero(repeated(again)).tolist() == [59]
    assert np.flatnonzero(repeated(told(again, close=float(iwm.close[-1])))).tolist() == []


def test_nothing_but_yesterdays_close_is_told(iwm):
    close = float(iwm.close[-2])
    assert np.flatnonzero(repeated(told(iwm, open=close, high=close, low=close, close=close))).tolist() == [59]
    other = close + 0.01
    assert np.flatnonzero(repeated(told(iwm, open=other, high=other, low=other, close=other))).tolist() == []


def test_a_market_that_stands_still_is_told_as_it_is(iwm):
    names = ("open", "high", "low", "close")
    still = replace(iwm, **{name: np.full(60, float(getattr(iwm, name)[0])) for name in names})
    assert not repeated(still).any()
    assert suspect_prices(still, None, 0) == []
    stale = told(
        told(iwm, 57, **{n: float(getattr(iwm, n)[56]) for n in names}),
        58,
        **{n: float(getattr(iwm, n)[56]) for n in names},
    )
    assert np.flatnonzero(repeated(stale)).tolist() == [57, 58]
    seldom = told(
        told(iwm, 50, **{n: float(getattr(iwm, n)[49]) for n in names}),
        58,
        **{n: float(getattr(iwm, n)[57]) for n in names},
    )
    assert np.flatnonzero(repeated(seldom)).tolist() == [50]


def test_a_series_of_closes_may_stand_still(iwm):
    close = np.round(iwm.close / 10) * 10
    series = replace(iwm, open=close, high=close, low=close, close=close)
    assert not repeated(series).any()


@pytest.mark.parametrize(("ratio", "expected"), [(0.5, 0.5), (3.0, 3.0), (1.1, 1.0), (1.0, 1.0)])
def test_a_history_on_another_scale_is_known_by_its_ratio(iwm, ratio, expected):
    assert rescaled(iwm, split(iwm, 0, ratio).slice(50, 60)) == pytest.approx(expected)


def test_what_is_no_scale(iwm):
    assert rescaled(iwm, split(iwm, 0, 0.5).slice(58, 60)) == 1.0
    assert rescaled(iwm.prefix(30), split(iwm, 0, 0.5).slice(30, 60)) == 1.0
    assert rescaled(iwm, told(split(iwm, 0, 0.5).slice(50, 60), close=500.0)) == 1.0
    assert rescaled(iwm, told(split(iwm, 0, 0.5).slice(50, 60), close=np.nan)) == pytest.approx(0.5)
    assert rescaled(Bars.empty("IWM", Timeframe.D1), iwm) == 1.0


@settings(max_examples=30, deadline=None)
@given(st.integers(25, 59), st.sampled_from([0.1, 0.5, 2.0, 4.0]), st.integers(26, 60))
def test_a_leap_is_held_from_where_it_begins_or_not_at_all(iwm, first, ratio, last):
    bars = split(iwm, first, ratio, last=max(first + 1, last))
    back = max(first + 1, last)
    if back < 60:
        expected = list(range(first, back)) if back - first < 5 else list(range(back, 60)) if 60 - back < 5 else []
    else:
        expected = list(range(first, 60)) if 60 - first < 5 else []
    assert held(bars) == expected
