"""Closes with dividends put back: returns by hand, and what is not known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.evidence.risk.risk_panel import risk_panel
from bot.evidence.risk.total_return import with_dividends
from bot.signals.bars import Bars
from bot.signals.timeframe import DAY
from tests.evidence.risk.test_risk_panel import NOW, town
from tests.evidence.walks import FIRST, daily


def paid(amounts: dict[int, float], size: int, market: str = "HYG_DIVIDENDS", first: int = FIRST) -> Bars:
    bars = daily([amounts.get(day, 0.0) for day in range(size)], first, market, hour=15)
    return replace(bars, valid_for=7 * DAY)


def test_the_return_over_an_ex_date_is_that_of_price_and_dividend():
    bars = daily([100.0, 99.0, 99.0, 97.02])
    found = with_dividends(bars, paid({1: 1.0, 3: 0.99}, 4))
    assert found is not None
    assert found.close[-1] == 97.02
    changes = found.close[1:] / found.close[:-1]
    assert changes.tolist() == pytest.approx([99 / (100 - 1), 1.0, 97.02 / (99 - 0.99)])


def test_a_dividend_of_a_day_without_a_bar_counts_at_the_next_one():
    bars = daily([100.0, 100.0, 90.0, 99.0])
    odd = replace(bars, close=np.array([100.0, np.nan, 99.0, 99.0]))
    found = with_dividends(odd, paid({1: 1.0}, 4))
    assert found is not None
    assert found.close[0] == pytest.approx(99.0)
    assert np.isnan(found.close[1])


def test_what_is_not_known():
    bars = daily([100.0] * 20)
    assert with_dividends(bars, paid({}, 0)) is None
    assert with_dividends(bars.prefix(0), paid({}, 9)) is None
    assert with_dividends(bars, paid({}, 9)) is None  # they end long before the bars
    found = with_dividends(bars, paid({}, 15, first=FIRST + 5 * DAY))
    assert found is not None
    assert len(found) == 15  # what was paid before is not known


@given(st.dictionaries(st.integers(0, 59), st.floats(0.01, 3.0), max_size=8), st.integers(1, 59), st.integers(0, 2**31))
@settings(max_examples=60, deadline=None)
def test_later_dividends_change_no_earlier_return(amounts: dict[int, float], cut: int, seed: int):
    steps = np.random.default_rng(seed).normal(0, 0.01, 60)
    bars = daily((50 * np.exp(steps.cumsum())).tolist())
    whole, part = (
        with_dividends(bars, paid(amounts, 60)),
        with_dividends(bars.prefix(cut), paid(amounts, 60).prefix(cut)),
    )
    assert whole is not None
    assert part is not None
    assert (part.close / part.close[0]).tolist() == pytest.approx((whole.close[:cut] / whole.close[0]).tolist())


def test_the_panel_leans_on_total_returns_and_says_where_it_does_not():
    markets = town(3)
    names = [f"{name}_DIVIDENDS" for name in ("HYG", "IEF", "UUP")]
    assert risk_panel(markets, NOW).by_price == ("HYG/IEF", "Dollar")
    nothing = {name: paid({}, 400, name) for name in names}
    plain, known = risk_panel(markets, NOW), risk_panel(markets | nothing, NOW)
    assert known.by_price == ()
    assert [replace(each, by_price=False) for each in plain.signs] == list(known.signs)
    monthly = {**nothing, "HYG_DIVIDENDS": paid(dict.fromkeys(range(5, 400, 21), 2.0), 400, "HYG_DIVIDENDS")}
    told = {each.name: each for each in risk_panel(markets | monthly, NOW).signs}["HYG/IEF"]
    before = {each.name: each for each in plain.signs}["HYG/IEF"]
    assert told.value == before.value
    assert told.change is not None
    assert before.change is not None
    assert told.change > before.change + 0.005
