"""Conditions that can never be yes or always are: refused with the reason, and no false alarm among them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.signals.formula import FormulaError, Scope, compile_formula, evaluate
from tests.signals.formula.frames import SCOPE, made_frame, until

NEVER = {
    "rsi(close, 14) > 100": "1:1: 'rsi(close, 14) > 100' can never be yes: 'rsi(close, 14)' lies between 0 and 100",
    "close > highest(high, 20)": (
        "1:1: 'close > highest(high, 20)' can never be yes: 'close' is never above 'highest(high, 20)'; "
        "that window holds this bar too, write highest(high, 20)[1] for the bars before"
    ),
    "close > highest(close, all)": (
        "1:1: 'close > highest(close, all)' can never be yes: 'close' is never above 'highest(close, all)'; "
        "that window holds this bar too, write highest(close, all)[1] for the bars before"
    ),
    "close > close": "1:1: 'close > close' can never be yes: both sides are the same",
    "open > 9 and close < 0": "1:14: 'close < 0' can never be yes: 'close' is always above 0",
    "change(close, 5) < -5": (
        "1:1: 'change(close, 5) < -5' can never be yes: 'change(close, 5)' is never below -1; "
        "it is a ratio: -0.05 is 5 % down"
    ),
    "zscore(close, 5) > 3": "1:1: 'zscore(close, 5) > 3' can never be yes: 'zscore(close, 5)' lies between -2 and 2",
    "close / 0 > 1": "1:1: 'close / 0 > 1' can never be yes: 'close / 0' is never known",
    "not close >= low": (
        "1:1: 'not close >= low' can never be yes: 'close >= low' is yes wherever it is known"
    ),
    "crosses_above(rsi(), 100)": (
        "1:1: 'crosses_above(rsi(), 100)' can never be yes: 'rsi()' is never above '100'"
    ),
    "close > 100 and (volume > 5 and close < 90)": (
        "1:1: 'close > 100 and (volume > 5 and close < 90)' can never be yes: "
        "'close > 100' and 'close < 90' are never yes together"
    ),
    "5 < close <= 5": "1:1: '5 < close <= 5' can never be yes: '5 < close' and 'close <= 5' are never yes together",
    "close < open and open < close": (
        "1:1: 'close < open and open < close' can never be yes: "
        "'close < open' and 'open < close' are never yes together"
    ),
    'not fired("other", 5) and fired("other", 5)': (
        "1:1: 'not fired(\"other\", 5) and fired(\"other\", 5)' can never be yes: "
        "'not fired(\"other\", 5)' and 'fired(\"other\", 5)' are never yes together"
    ),
    "first(close > high, 5)": "1:7: 'close > high' can never be yes: 'close' is never above 'high'",
}  # fmt: skip

ALWAYS = {
    "close <= highest(close, 252)": (
        "1:1: 'close <= highest(close, 252)' is always yes: 'close' is never above 'highest(close, 252)'; "
        "that window holds this bar too, write highest(close, 252)[1] for the bars before"
    ),
    "close >= lowest(low, 20)": (
        "1:1: 'close >= lowest(low, 20)' is always yes: 'close' is never below 'lowest(low, 20)'; "
        "that window holds this bar too, write lowest(low, 20)[1] for the bars before"
    ),
    "rsi(close, 14) >= 0": (
        "1:1: 'rsi(close, 14) >= 0' is always yes: 'rsi(close, 14)' lies between 0 and 100"
    ),
    "1 > 0": "1:1: '1 > 0' is always yes: it compares two numbers that never change",
    "close > 0": "1:1: 'close > 0' is always yes: 'close' is always above 0",
    "close == close": "1:1: 'close == close' is always yes: both sides are the same",
    "close > open or volume >= 0": "1:17: 'volume >= 0' is always yes: 'volume' is never below 0",
    "close > open or close <= open": (
        "1:1: 'close > open or close <= open' is always yes: 'close > open' or 'close <= open' holds at every bar"
    ),
    "close > 100 or 200 > close": (
        "1:1: 'close > 100 or 200 > close' is always yes: 'close > 100' or '200 > close' holds at every bar"
    ),
    "not close > high": "1:1: 'not close > high' is always yes: 'close > high' is never yes",
    "change(close, 5) != -2": (
        "1:1: 'change(close, 5) != -2' is always yes: 'change(close, 5)' is never below -1; "
        "it is a ratio: -0.05 is 5 % down"
    ),
}  # fmt: skip

ALSO_ALWAYS = [
    "close >= low and volume >= 0",
    "0 < close <= high",
    "(close > 0)[3]",
    "BTC.close <= highest(BTC.high, 5)",
    "min(open, close) > 0",
    "abs(change(close)) >= 0",
    "0.5 * abs(1) <= 1",
    "close / open >= 0",
    "atr(14) / close >= 0",
    "not (rsi() > 100 and close > open)",
    "correlation(close, open, 20) <= 1",
    "-open < log(0.5) ** 2",
    "1 == 1 or close > open",
]

ALSO_NEVER = [
    "close[1] > highest(high, 20)[1]",
    "close < lowest(low, 20)",
    "BTC.close > highest(BTC.high, 20)",
    "drawdown(close) > 0",
    "close < lowest(lowest(low, 5), 20)",
    "low - low * 0 == -1 and close > high",
    "rsi() > 100 or percentile(close) < 0",
    "count(close > open, 5) > 5",
    "not (rsi() <= 100 and volume >= 0)",
    "abs(change(close)) < 0",
    "correlation(close, open, 20) > 1",
    "close != close",
    "close == -1",
    "log(0.5) > 0",
    "close % 5 > 5",
    "(close > high)[3]",
    "close ** -1 < 0",
    "9 ** 999 > close",
    "10 < close < 5",
    "rsi() > 70 and volume > 5 and rsi() <= 70",
    "close == 5 and close > 5",
]

MAYBE = [
    "close > highest(high, 20)[1]",
    "close > highest(close, all)[1]",
    "highest(close, 50) > highest(close, 20)",
    "highest(close, 20)[1] > highest(close, 20)",
    "high > highest(close, 20)",
    "rsi(close, 14) >= 100",
    "rsi(close) > 100 or close > open",
    "count(close > open, 5) >= 5",
    "close > 5 and close < 10",
    "close >= 5 and close <= 5",
    "BTC.close > highest(close, 20)",
    "highest(BTC.close, 20) > highest(BTC.close / close, 20)",
    "crosses_above(rsi(), 30)",
    "change(close) < -0.5",
    "change(open - close) < -5",
    "zscore(close, 5) > 1.9",
    "drawdown(open - close) < -5",
    "close > resistance() + 0.25 * atr()",
    "level > 1 or level < -1",
    "close > open - close",
    "close > 1.01 * open[1]",
    "close / volume > 3",
    "log(close) < 0",
    "first(close > 0, 5)",
    "close > 0 and close > open",
    "volume > 0",
    "close > 10 and close < 15",
    "close > 10 or close < 5",
    "close > open and BTC.close < BTC.open",
    "close >= 5 and not close > 5",
    'fired("other", 5) and not fired("other", 6)',
    "close >= highest(high, 20)",
    "close[1] <= highest(close, 20)",
    "BTC.close <= highest(close, 20)",
    "max(close, 2) - 5 > -abs(0)",
]


def trivial(text):
    return [f"{d.line}:{d.column}: {d.message}" for d in compile_formula(text, SCOPE).trivial]


@pytest.mark.parametrize(("text", "why"), NEVER.items())
def test_impossible_condition_is_refused_with_the_reason(text, why):
    assert trivial(text) == [why]


@pytest.mark.parametrize("text", ALSO_NEVER)
def test_impossible_condition_is_refused(text):
    assert trivial(text)


@pytest.mark.parametrize(("text", "why"), ALWAYS.items())
def test_condition_that_always_holds_is_refused_with_the_reason(text, why):
    assert trivial(text) == [why]


@pytest.mark.parametrize("text", ALSO_ALWAYS)
def test_condition_that_always_holds_is_refused(text):
    assert all("always yes" in said for said in trivial(text))
    assert trivial(text)


@pytest.mark.parametrize("text", MAYBE)
def test_condition_that_the_market_decides_is_accepted(text):
    assert trivial(text) == []


def test_numbers_are_never_refused():
    assert compile_formula("highest(close, 5) - 1 / 0", SCOPE).trivial == ()


windows = st.integers(2, 4)
leaves = st.sampled_from(["open", "high", "low", "close", "volume", "BTC.close", "BTC.high", "0", "1", "2.5", "-1"])


def larger(inner):
    series = inner.filter(lambda text: any(letter.isalpha() for letter in text))
    return st.one_of(
        st.builds("({} {} {})".format, inner, st.sampled_from("+-*/%"), inner),
        st.builds("{}({}, {})".format, st.sampled_from(["highest", "lowest", "sma", "zscore"]), series, windows),
        st.builds("{}({}, {})".format, st.sampled_from(["rsi", "ema", "change", "drawdown"]), series, windows),
        st.builds("{}({}, {})".format, st.sampled_from(["min", "max"]), inner, inner),
        st.builds("({})[{}]".format, series, st.integers(0, 3)),
        st.builds("abs({})".format, inner),
    )


numbers = st.recursive(leaves, larger, max_leaves=4)
comparisons = st.builds("{} {} {}".format, numbers, st.sampled_from([">", ">=", "<", "<=", "==", "!="]), numbers)


def combined(inner):
    return st.one_of(
        st.builds("({} {} {})".format, inner, st.sampled_from(["and", "or"]), inner),
        st.builds("(not {})".format, inner),
        st.builds("first({}, {})".format, inner, windows),
        st.builds("count({0}, {1}) {2} {1}".format, inner, windows, st.sampled_from(["<", ">=", ">"])),
        st.builds("{}({}, {})".format, st.sampled_from(["crosses_above", "crosses_below"]), numbers, numbers),
    )


FRAMES = [made_frame(seed, weeks=8, rounded=seed % 2 == 1, unknown=0.02 * (seed % 3)) for seed in range(6)]


@settings(max_examples=150, deadline=None)
@given(text=st.recursive(comparisons, combined, max_leaves=4))
def test_what_is_called_trivial_has_one_answer(text):
    try:
        formula = compile_formula(text, SCOPE)
    except FormulaError:
        return
    if formula.trivial:
        wrong = 0.0 if "always yes" in formula.trivial[0].message else 1.0
        for frame in FRAMES:
            assert not (evaluate(formula, frame) == wrong).any()


@settings(max_examples=60, deadline=None)
@given(text=st.recursive(comparisons, combined, max_leaves=4), cut=st.integers(0, 37))
def test_no_mixture_sees_the_future(text, cut):
    try:
        formula = compile_formula(text, SCOPE)
    except FormulaError:
        return
    frame = FRAMES[1]
    position = min(cut, len(frame.bars) - 1)
    np.testing.assert_array_equal(evaluate(formula, frame)[: position + 1], evaluate(formula, until(frame, position)))


def test_another_market_may_be_a_series_that_falls_below_zero() -> None:
    scope = Scope(frozenset({"NFCI"}))
    for text in ("NFCI.close < 0", "NFCI.close > 0", "close > NFCI.close"):
        assert compile_formula(text, scope).markets == {"NFCI"}  # which refuses what no market decides


SIGNED = (
    "close < 0",
    "close >= 0",
    "low <= 0 and close > 0",
    "crosses_above(close, 0)",
    "crosses_below(close, -1)",
    "change(close, 5) < -5",
    "drawdown(close, 20) < -2",
    "sma(close, 5) < -0.5",
    "close / close[1] < 0",
    "highest(close, 20)[1] < 0",
    "first(close < 0, 20)",
    "close < 0 and fired('r')",
)
"""What a series that falls below zero decides, and a price does not."""


@pytest.mark.parametrize("text", SIGNED)
def test_of_an_own_market_that_knows_no_zero_nothing_is_presumed(text) -> None:
    assert compile_formula(text, Scope(rules=frozenset({"r"}), signed=True)).trivial == ()


@pytest.mark.parametrize(
    "text", ["close > close", "close > highest(close, 20)", "rsi(close, 14) > 100", "low > high", "2 > 3"]
)
def test_what_no_series_decides_is_refused_there_too(text) -> None:
    assert compile_formula(text, Scope(signed=True)).trivial
    assert [str(each) for each in compile_formula(text, Scope(signed=True)).trivial] == [
        str(each) for each in compile_formula(text, Scope()).trivial
    ]
