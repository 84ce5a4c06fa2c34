"""The guarantees of every function: no future, a look-back that suffices, inputs untouched, three truths."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.signals.formula import FUNCTIONS, Frame, compile_formula, evaluate, evaluate_at
from tests.signals.formula.frames import SCOPE, frames, made_frame, since, thawed, until

FORMULAS = [
    "highest(high, 5)",
    "highest(close, all)",
    "lowest(low, 7)[2]",
    "lowest(close, all)",
    "new_high(close, 4)",
    "new_low(low, all)",
    "new_low(low, 5)[1]",
    "sma(close, 6)",
    "sma(volume, 23)",
    "sma(close, all)",
    "stdev(close, 9)",
    "stdev(close, all)",
    "zscore(close, 21)",
    "percentile(close, 25)",
    "percentile(close, all)",
    "drawdown(close, 12)",
    "drawdown(close)",
    "ema(close, 3)",
    "ema(change(close), 2)",
    "atr(3)",
    "rsi(close, 2)",
    "rsi(n=3)",
    "change(close, 5)",
    "correlation(change(close), change(volume), 11)",
    "correlation(change(close), change(BTC.close), 20)",
    "return_correlation(BTC, 20)",
    "return_beta(BTC, 12) > return_beta(IWM, 12) / 2",
    "beta(change(close), change(BTC.close), 7)",
    "log(close) - abs(open - close)",
    "min(open, close, level) / max(high, BTC.high)",
    "crosses_above(close, sma(close, 5))",
    "crosses_below(BTC.close, close)",
    "first(close > close[1], 3)",
    "first(BTC.close > sma(BTC.close, 9), 5)",
    "since(close > highest(close, 5)[1])",
    "count(close > open, 8)",
    "sum(volume, 5) > 2 * sum(volume, 23)[5]",
    "wma(close, 22)",
    "macd(close, 3, 7) > macd_signal(close, 3, 7, 4)",
    "bollinger(close, 8, -1.5)",
    "stoch(6)",
    "adx(3) > 20 and plus_di(3) > minus_di(2)",
    "obv() > obv()[3]",
    "close >= highest_to_date(close, month)",
    "lowest_to_date(BTC.low, week)",
    "value_when(close > open, high, 2)",
    "value_when(BTC.close > BTC.open, close)",
    "count(BTC.close > BTC.open, all)",
    "resistance(touches=1, age=3, left=2, right=2)",
    "support(touches=1, age=3, left=2, right=2, tolerance=0.5)",
    "fired('other', within=4)",
    "armed and not fired('other') or close[3] > level",
    "highest(BTC.close, 9)[1]",
    "highest(BTC.close / close, 9)[1]",
    "new_high(BTC.close, 9) and new_high(IWM.close, 9)",
    "lowest(BTC.low, 5) % 7 + volume ** 2 / (volume - 1000)",
    "10 < close < BTC.close or -close != -close[1]",
]
BOUNDED = [text for text in FORMULAS if not any(part.unbounded for part in compile_formula(text, SCOPE).root.walk())]
UNBOUNDED = {
    "since",
    "resistance",
    "support",
    "ema",
    "atr",
    "rsi",
    "return_correlation",
    "return_beta",
    "macd",
    "macd_signal",
    "adx",
    "plus_di",
    "minus_di",
    "obv",
    "highest_to_date",
    "lowest_to_date",
    "value_when",
}


def test_every_function_is_tried():
    assert set(re.findall(r"([a-z_]+)\(", " ".join(FORMULAS))) >= set(FUNCTIONS)
    assert set(re.findall(r"([a-z_]+)\(", " ".join(BOUNDED))) == set(FUNCTIONS) - UNBOUNDED


@pytest.mark.parametrize("text", FORMULAS)
@settings(max_examples=8, deadline=None)
@given(frame=frames, cut=st.floats(0, 0.999))
def test_value_is_the_same_without_the_bars_that_came_later(text, frame, cut):
    formula = compile_formula(text, SCOPE)
    position = int(cut * len(frame.bars))
    np.testing.assert_array_equal(evaluate(formula, frame)[: position + 1], evaluate(formula, until(frame, position)))


@pytest.mark.parametrize(
    "text",
    [
        *(text for text in FORMULAS if compile_formula(text, SCOPE).names_history <= 0),
        "max(level, 100) - abs(level - close) > level[0] * 0.01",
        "not level > close or (armed and -level < resistance(touches=1, age=3, left=2, right=2)[1])",
        "highest(close / level, 1) - log(level / (close - close)) > 0",
        "1 / (level - level) > 1 / (close - close)",
    ],
)
@settings(max_examples=8, deadline=None)
@given(frame=frames, data=st.data())
def test_a_formula_asked_at_some_bars_says_what_it_says_over_all(text, frame, data):
    formula, last = compile_formula(text, SCOPE), len(frame.bars) - 1
    positions = np.array(data.draw(st.lists(st.integers(0, last), max_size=30)), dtype=np.int64)
    names = {name: values[positions] for name, values in frame.names.items()}
    found = evaluate_at(formula, frame.with_names({}), positions, names)
    np.testing.assert_array_equal(found, evaluate(formula, frame)[positions])


@pytest.mark.parametrize("text", ["close > highest(close, all)[1]", "percentile(close, all)", "zscore(BTC.close, all)"])
def test_windows_of_all_bars_see_no_future_once_they_are_known(text):
    formula, frame = compile_formula(text, SCOPE), made_frame(3, weeks=70, unknown=0.02)
    whole = evaluate(formula, frame)
    assert np.isfinite(whole).sum() > 50
    for position in range(250, len(frame.bars), 13):
        np.testing.assert_array_equal(whole[: position + 1], evaluate(formula, until(frame, position)))


@pytest.mark.parametrize("text", BOUNDED)
@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10_000), unknown=st.sampled_from([0.0, 0.02, 0.2]), cut=st.floats(0, 0.999))
def test_declared_look_back_suffices(text, seed, unknown, cut):
    formula = compile_formula(text, SCOPE)
    frame = made_frame(seed, unknown=unknown)
    position = int(cut * len(frame.bars))
    history = int(formula.history)
    cause = max(position - history, 0)
    late = evaluate(formula, since(frame, cause, history))[position - cause]
    np.testing.assert_allclose(late, evaluate(formula, frame)[position], rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("text", [text for text in FORMULAS if "level" not in text and "armed" not in text])
@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10_000), unknown=st.sampled_from([0.0, 0.02, 0.2]), cut=st.floats(0, 0.999))
def test_an_ending_that_holds_the_look_back_gives_what_the_whole_gives(text, seed, unknown, cut):
    formula, frame = compile_formula(text, SCOPE), made_frame(seed, unknown=unknown)
    first = int(cut * len(frame.bars))
    begin = int(formula.history)
    ending = evaluate(formula, frame.ending(first))
    np.testing.assert_allclose(ending[begin:], evaluate(formula, frame)[first + begin :], rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("text", FORMULAS)
def test_inputs_are_never_written_to(text):
    frame = made_frame(5, unknown=0.05)
    own, own_arrays = thawed(frame.bars)
    btc, btc_arrays = thawed(frame.others["BTC"])
    names = {name: values.copy() for name, values in frame.names.items()}
    evaluate(compile_formula(text, SCOPE), Frame(own, {"BTC": btc}, frame.fired, names))
    for arrays, bars in ((own_arrays, frame.bars), (btc_arrays, frame.others["BTC"])):
        for name, values in arrays.items():
            np.testing.assert_array_equal(values, getattr(bars, name))
    for name, values in names.items():
        np.testing.assert_array_equal(values, frame.names[name])
    assert names["level"].flags.writeable


@pytest.mark.parametrize("text", FORMULAS)
def test_values_are_finite_or_unknown_and_truth_is_one_of_three(text):
    formula = compile_formula(text, SCOPE)
    values = evaluate(formula, made_frame(11, weeks=40, unknown=0.05, rounded=True))
    assert not np.isinf(values).any()
    if formula.kind == "yes/no":
        assert set(np.unique(values[~np.isnan(values)])) <= {0.0, 1.0}


@pytest.mark.parametrize("text", FORMULAS)
@pytest.mark.parametrize("bars", [0, 1, 2])
def test_few_bars_are_no_trouble(text, bars):
    frame = made_frame(2)
    short = Frame(frame.bars.prefix(bars), {"BTC": frame.others["BTC"].prefix(bars)})
    assert evaluate(compile_formula(text, SCOPE), short).shape == (bars,)


@pytest.mark.parametrize("example", [function.example for function in FUNCTIONS.values()])
def test_examples_of_the_reference_work(example):
    scope = type(SCOPE)(SCOPE.markets, frozenset({"russell-2000-all-time-high"}))
    assert compile_formula(example, scope).trivial == ()
