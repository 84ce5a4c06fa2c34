"""Random true histories with one random lie in a random field: the bar is told right or held, never told wrong."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.market.model import Market, MarketKind, Source
from bot.market.quality.reconcile import GateContext, reconcile
from bot.signals.bars import PRICES, Bars
from tests.market.oddities import answer, calm, like, told

RUT = Market("RUT", "Russell", MarketKind.INDEX, "XNYS", (Source("yahoo", "yahoo", "^RUT"),), sister="IWM")
COUNT, WEEK = 320, 7
RIGHT = 0.06
"""How far off a price may be and still be told right: three usual ranges of a day, beyond what the
gate lets an extreme stand alone by, and more than two exchanges' wicks may differ."""

lies = st.tuples(
    st.sets(st.sampled_from(PRICES), min_size=1),
    st.one_of(st.floats(1.08, 50), st.floats(0.02, 0.92), st.sampled_from([0.0, -1.0, float("inf"), float("nan")])),
    st.integers(1, WEEK - 1),
    st.booleans(),
)


def histories(sessions, seed: int, scale: float) -> tuple[Bars, Bars]:
    """A market, and its sister that does nearly the same: a tenth of a percent apart."""
    own = like(calm(sessions, COUNT, seed=seed), "RUT", scale)
    apart = np.exp(np.random.default_rng(seed + 1).normal(0, 0.0007, COUNT))
    sister = told(own, slice(None), **{name: getattr(own, name) * apart for name in PRICES})
    return own, like(sister, "IWM", 0.1)


def with_lie(bars: Bars, fields: set[str], factor: float, back: int, *, stretched: bool) -> Bars:
    """Fields of one bar times a factor; `stretched` lets high and low hold what came of it, as a careful liar would."""
    at = len(bars) - back
    prices = {name: float(getattr(bars, name)[at]) * (factor if name in fields else 1.0) for name in PRICES}
    if stretched and all(np.isfinite(price) and price > 0 for price in prices.values()):
        prices["high"], prices["low"] = max(prices.values()), min(prices.values())
    return told(bars, at, **prices)


def wrong(found: Bars, truth: Bars) -> list[str]:
    """Which prices are believed and not true."""
    _, here, there = np.intersect1d(found.start, truth.start, return_indices=True)
    return [
        f"{name} of {truth.label(int(there[at]))}"
        for name in PRICES
        for at in np.flatnonzero(np.abs(getattr(found, name)[here] / getattr(truth, name)[there] - 1) > RIGHT).tolist()
    ]


@pytest.mark.parametrize("known", [True, False], ids=["one more bar", "a whole history"])
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.large_base_example])
@given(seed=st.integers(0, 2**16), scale=st.floats(1e-3, 1e3), lie=lies)
def test_a_lie_is_told_right_or_held(new_york, known, seed, scale, lie):
    fields, factor, back, stretched = lie
    truth, sister = histories(new_york, seed, scale)
    false = with_lie(truth, fields, factor, back, stretched=stretched)
    first = COUNT - WEEK if known else 0
    history = truth.prefix(first) if known else None
    context = GateContext(RUT, new_york, int(truth.end[-1]) + 900, None, history, sister)
    found = reconcile([answer(false.slice(first, COUNT))], context)
    assert wrong(found.bars, truth) == []
    assert len(found.bars) >= COUNT - first - back  # at most what follows it waits too


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 2**16), scale=st.floats(1e-3, 1e3))
def test_a_true_history_passes_whole(new_york, seed, scale):
    truth, sister = histories(new_york, seed, scale)
    context = GateContext(RUT, new_york, int(truth.end[-1]) + 900, None, None, sister)
    found = reconcile([answer(truth)], context)
    assert (found.held, found.doubts, len(found.missing)) == ((), (), 0)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 2**16), lie=lies)
def test_of_two_sources_that_differ_none_is_believed_and_the_third_decides(new_york, seed, lie):
    fields, factor, back, stretched = lie
    truth, _ = histories(new_york, seed, 1.0)
    coin = Market("BTC", "Bitcoin", MarketKind.CRYPTO, "24/7", ())
    false = with_lie(truth, fields, factor, back, stretched=stretched).slice(COUNT - WEEK, COUNT)
    week = truth.slice(COUNT - WEEK, COUNT)
    context = GateContext(
        coin, new_york, int(truth.end[-1]) + 900, int(week.start[0]), truth.prefix(COUNT - WEEK), None
    )
    for order in ((false, week), (week, false), (false, week, week), (week, false, week)):
        answers = [answer(each, name) for each, name in zip(order, ("binance", "kraken", "coinbase"), strict=False)]
        found = reconcile(answers, context)
        assert wrong(found.bars, truth) == []
        if len(order) == 3:
            assert len(found.bars) == WEEK
