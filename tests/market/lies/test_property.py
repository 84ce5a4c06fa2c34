"""Random true histories with one random lie in a random field: the bar is told right or held, never told wrong."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.market.model import Market, MarketKind, Source
from bot.market.quality.outliers import usual_range
from bot.market.quality.reconcile import GateContext, reconcile
from bot.signals.bars import PRICES, Bars
from tests.market.oddities import answer, calm, like, told

RUT = Market("RUT", "Russell", MarketKind.INDEX, "XNYS", (Source("yahoo", "yahoo", "^RUT"),), sister="IWM")
COUNT, WEEK = 320, 7

RANGES = 1.9
"""How far off a price may be and still be told right, in usual ranges of a day: an open may be anywhere between the
extremes, and an extreme leave what the sister bears out by three quarters of a range. 3 % where a day has 1.6 %."""

RIGHT = 0.03
"""The same where there is no sister and two exchanges are compared, as a ratio: their wicks may differ by 2.5 %."""

fields = st.sets(st.sampled_from(PRICES), min_size=1)
nonsense = st.sampled_from([0.0, -1.0, float("inf"), float("nan")])
places = st.tuples(st.integers(1, WEEK - 1), st.booleans())
lies = st.tuples(
    fields, st.one_of(st.floats(RIGHT, 4).map(np.exp), st.floats(-4, -RIGHT).map(np.exp), nonsense), places
)
small_lies = st.tuples(fields, st.one_of(st.floats(RANGES, 250), st.floats(-250, -RANGES)), places)


def histories(sessions, seed: int, scale: float, wild: float = 1.0) -> tuple[Bars, Bars]:
    """A market, and its sister that does nearly the same, a tenth of a move apart; `wild` multiplies all moves."""
    calmly = calm(sessions, COUNT, seed=seed)
    first = float(calmly.close[0])
    wilder = {name: first * (getattr(calmly, name) / first) ** wild for name in PRICES}
    own = like(told(calmly, slice(None), **wilder), "RUT", scale)
    apart = np.exp(np.random.default_rng(seed + 1).normal(0, 0.0007 * wild, COUNT))
    sister = told(own, slice(None), **{name: getattr(own, name) * apart for name in PRICES})
    return own, like(sister, "IWM", 0.1)


def with_lie(bars: Bars, fields: set[str], factor: float, back: int, *, stretched: bool) -> Bars:
    """Fields of one bar times a factor; `stretched` lets high and low hold what came of it, as a careful liar would."""
    at = len(bars) - back
    prices = {name: float(getattr(bars, name)[at]) * (factor if name in fields else 1.0) for name in PRICES}
    if stretched and all(np.isfinite(price) and price > 0 for price in prices.values()):
        prices["high"], prices["low"] = max(prices.values()), min(prices.values())
    return told(bars, at, **prices)


def wrong(found: Bars, truth: Bars, right: float = RIGHT) -> list[str]:
    """Which prices are believed and not true, by more than a ratio."""
    _, here, there = np.intersect1d(found.start, truth.start, return_indices=True)
    return [
        f"{name} of {truth.label(int(there[at]))} is {getattr(found, name)[here[at]]}"
        for name in PRICES
        for at in np.flatnonzero(
            np.abs(np.log(getattr(found, name)[here] / getattr(truth, name)[there])) > right
        ).tolist()
    ]


def judged(sessions, false: Bars, truth: Bars, sister: Bars, *, known: bool) -> Bars:
    """What passes of a false answer: of the last week where all before is known, else of the whole history."""
    first = COUNT - WEEK if known else 0
    history = truth.prefix(first) if known else None
    context = GateContext(RUT, sessions, int(truth.end[-1]) + 900, None, history, sister)
    return reconcile([answer(false.slice(first, COUNT))], context).bars


@pytest.mark.parametrize("known", [True, False], ids=["one more bar", "a whole history"])
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.large_base_example])
@given(seed=st.integers(0, 2**16), scale=st.floats(1e-3, 1e3), lie=lies)
def test_a_lie_is_told_right_or_held(new_york, known, seed, scale, lie):
    fields, factor, (back, stretched) = lie
    truth, sister = histories(new_york, seed, scale)
    false = with_lie(truth, fields, factor, back, stretched=stretched)
    found = judged(new_york, false, truth, sister, known=known)
    assert wrong(found, truth) == []
    assert len(found) >= (WEEK if known else COUNT) - back  # at most what follows it waits too


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.large_base_example])
@given(seed=st.integers(0, 2**16), wild=st.floats(0.2, 4), lie=small_lies)
def test_a_lie_is_measured_by_what_the_market_usually_does(new_york, seed, wild, lie):
    fields, ranges, (back, stretched) = lie
    truth, sister = histories(new_york, seed, 1.0, wild)
    usual = float(usual_range(truth)[-back] / truth.close[-back - 1])
    false = with_lie(truth, fields, float(np.exp(ranges * usual)), back, stretched=stretched)
    found = judged(new_york, false, truth, sister, known=True)
    assert wrong(found, truth, RANGES * usual) == []


@pytest.mark.parametrize(("name", "least"), [("high", 1.4), ("low", 1.4), ("close", 1.4)])
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.large_base_example])
@given(seed=st.integers(0, 2**16), wild=st.floats(0.2, 4), beyond=st.floats(1, 100), back=st.integers(1, WEEK - 1))
def test_what_a_rule_mostly_reads_is_seen_when_it_is_less(new_york, name, least, seed, wild, beyond, back):
    truth, sister = histories(new_york, seed, 1.0, wild)
    usual = float(usual_range(truth)[-back] / truth.close[-back - 1])
    for sign in (1, -1):
        false = with_lie(truth, {name}, float(np.exp(sign * least * beyond * usual)), back, stretched=True)
        assert wrong(judged(new_york, false, truth, sister, known=True), truth, least * usual) == []


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
    fields, factor, (back, stretched) = lie
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
