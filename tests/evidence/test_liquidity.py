"""Readings of macro series: what was public, how it moved in 13 weeks, where it stands among ten years."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.evidence.liquidity import liquidity
from bot.signals.bars import Bars
from bot.signals.timeframe import DAY, Timeframe, start_of

FIRST = start_of("2010-01-06")
LAG = 2 * DAY


def weekly(values, valid_for: int | None = 16 * DAY) -> Bars:
    close = np.array(values, dtype=float)
    start = FIRST + 7 * DAY * np.arange(len(close))
    unknown = np.full(len(close), np.nan)
    return Bars(
        "NET_LIQUIDITY", Timeframe.D1, start, start + LAG, close, close, close, close, unknown, valid_for=valid_for
    )


def test_the_newest_public_figure_its_move_and_its_rank():
    bars = weekly(range(100, 140))
    (found,) = liquidity({"NET_LIQUIDITY": bars}, int(bars.end[-1]))
    assert (found.value, found.change, found.day) == (139.0, 13.0, int(bars.start[-1]))
    assert found.percentile == pytest.approx(100 * 39.5 / 40)


def test_one_second_before_the_release_the_figure_before_is_the_newest():
    bars = weekly(range(100, 140))
    (found,) = liquidity({"NET_LIQUIDITY": bars}, int(bars.end[-1]) - 1)
    assert found.value == 138.0


def test_what_is_too_old_is_no_reading():
    bars = weekly(range(30))
    assert not liquidity({"NET_LIQUIDITY": bars}, int(bars.end[-1]) + 17 * DAY)
    assert not liquidity({"NET_LIQUIDITY": bars.prefix(0)}, FIRST)


def test_too_few_figures_have_no_rank_and_no_move():
    bars = weekly(range(10))
    (found,) = liquidity({"NET_LIQUIDITY": bars}, int(bars.end[-1]))
    assert (found.change, found.percentile) == (None, None)


def test_a_rank_says_among_how_many_years_it_is():
    for weeks, years in ((60, 1), (160, 3), (519, 10), (900, 10)):
        (found,) = liquidity({"NET_LIQUIDITY": (bars := weekly(range(weeks)))}, int(bars.end[-1]))
        assert found.years == years


def test_only_ten_years_count():
    bars = weekly([1_000.0] * 300 + [float(n) for n in range(530)])
    (found,) = liquidity({"NET_LIQUIDITY": bars}, int(bars.end[-1]))
    assert found.percentile == pytest.approx(100.0, abs=0.2)


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=80), st.integers(0, 90 * 7))
def test_the_future_changes_nothing(values, days):
    bars, now = weekly(values), FIRST + days * DAY
    assert liquidity({"A": bars}, now) == liquidity({"A": bars.known_at(now)}, now)
