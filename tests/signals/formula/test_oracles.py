"""Every function against a slow loop that was written from its definition."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.signals.asof import as_of, last_closed
from bot.signals.formula import FUNCTIONS, FiredHistory, Frame, compile_formula, evaluate
from bot.signals.indicators import windows
from bot.signals.levels.levels import resistance, support
from bot.signals.levels.settings import LevelSettings
from tests.signals.formula.frames import SCOPE, frames, made_frame
from tests.signals.formula.slow_functions import (
    atr,
    beta,
    bollinger,
    change,
    correlation,
    count,
    crosses_above,
    directional,
    drawdown,
    elementwise,
    ema,
    first,
    highest,
    logs,
    lowest,
    macd,
    new_high,
    new_low,
    obv,
    percentile,
    rsi,
    signal,
    since,
    sma,
    stdev,
    stoch,
    to_date,
    ups,
    value_when,
    windowed,
    wma,
    zscore,
)
from tests.signals.price_walks import walk

ORACLES = {
    "highest": ("highest(high, 25)", lambda f: highest(f["high"], 25)),
    "lowest": ("lowest(low, 4)", lambda f: lowest(f["low"], 4)),
    "new_high": ("new_high(close, 21)", lambda f: new_high(f["close"], 21)),
    "new_low": ("new_low(low, 3)", lambda f: new_low(f["low"], 3)),
    "sma": ("sma(close, 23)", lambda f: sma(f["close"], 23)),
    "stdev": ("stdev(volume, 22)", lambda f: stdev(f["volume"], 22)),
    "zscore": ("zscore(volume, 40)", lambda f: zscore(f["volume"], 40)),
    "percentile": ("percentile(close, 21)", lambda f: percentile(f["close"], 21)),
    "drawdown": ("drawdown(close, 20)", lambda f: drawdown(f["close"], 20)),
    "ema": ("ema(close, 5)", lambda f: ema(f["close"], 5)),
    "atr": ("atr(4)", lambda f: atr(f["bars"], 4)),
    "rsi": ("rsi(close, 6)", lambda f: rsi(f["close"], 6)),
    "change": ("change(volume, 2)", lambda f: change(f["volume"], 2)),
    "correlation": ("correlation(close, volume, 21)", lambda f: correlation(f["close"], f["volume"], 21)),
    "beta": ("beta(close, volume, 13)", lambda f: beta(f["close"], f["volume"], 13)),
    "log": ("log(volume)", lambda f: logs(f["volume"])),
    "abs": ("abs(open - close)", lambda f: elementwise(lambda a, b: abs(a - b))(f["open"], f["close"])),
    "min": ("min(open, close, level)", lambda f: elementwise(min)(f["open"], f["close"], f["level"])),
    "max": ("max(open, close)", lambda f: elementwise(max)(f["open"], f["close"])),
    "crosses_above": ("crosses_above(close, open)", lambda f: crosses_above(f["close"], f["open"])),
    "crosses_below": ("crosses_below(close, 99)", lambda f: crosses_above([99.0] * len(f["close"]), f["close"])),
    "first": ("first(close > open, 2)", lambda f: first(ups(f["close"], f["open"]), 2)),
    "since": ("since(close > open)", lambda f: since(ups(f["close"], f["open"]))),
    "sum": ("sum(volume, 22)", lambda f: windowed(math.fsum)(f["volume"], 22)),
    "wma": ("wma(close, 21)", lambda f: wma(f["close"], 21)),
    "macd": ("macd(close, 4, 9)", lambda f: macd(f["close"], 4, 9)),
    "macd_signal": ("macd_signal(close, 4, 9, 5)", lambda f: signal(macd(f["close"], 4, 9), 5)),
    "bollinger": ("bollinger(close, 20, -1.5)", lambda f: bollinger(f["close"], 20, -1.5)),
    "stoch": ("stoch(21)", lambda f: stoch(f, 21)),
    "adx": ("adx(5)", lambda f: directional(f["bars"], 5)[2]),
    "plus_di": ("plus_di(5)", lambda f: directional(f["bars"], 5)[0]),
    "minus_di": ("minus_di(4)", lambda f: directional(f["bars"], 4)[1]),
    "obv": ("obv()", obv),
    "highest_to_date": ("highest_to_date(high, month)", lambda f: to_date(f, f["high"], "month", max)),
    "lowest_to_date": ("lowest_to_date(low, week)", lambda f: to_date(f, f["low"], "week", min)),
    "value_when": (
        "value_when(close > open, volume, 1)",
        lambda f: value_when(ups(f["close"], f["open"]), f["volume"], 1),
    ),
    "count": ("count(close > open, 24)", lambda f: count(ups(f["close"], f["open"]), 24)),
}


def columns(frame):
    found = {name: getattr(frame.bars, name).tolist() for name in ("open", "high", "low", "close", "volume")}
    return found | {"bars": frame.bars, "level": frame.names["level"].tolist()}


def test_every_function_has_an_oracle():
    elsewhere = {"resistance", "support", "fired", "return_correlation", "return_beta"}  # beside their own tests
    assert set(ORACLES) | elsewhere == set(FUNCTIONS)


@pytest.mark.parametrize("name", ORACLES)
@settings(max_examples=15, deadline=None)
@given(frame=frames)
def test_function_is_what_a_slow_loop_finds(name, frame):
    text, oracle = ORACLES[name]
    found = evaluate(compile_formula(text, SCOPE), frame)
    np.testing.assert_allclose(found, oracle(columns(frame)), rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("n", [2, 64, 65, 66, 130, 400])
def test_a_rank_in_a_long_window_is_what_a_slow_loop_finds(n):
    for x in (walk(6, 700, unknown=0.02).close, walk(7, 700, rounded=False).close, np.arange(700.0), np.ones(700)):
        np.testing.assert_allclose(windows.percentile(x, n), percentile(x.tolist(), n), rtol=1e-12)


ALL = {
    "highest(close, all)": lambda f: highest(f["close"], "all"),
    "lowest(close, all)": lambda f: lowest(f["close"], "all"),
    "new_high(close, all)": lambda f: new_high(f["close"], "all"),
    "new_low(close, all)": lambda f: new_low(f["close"], "all"),
    "sma(close, all)": lambda f: sma(f["close"], "all"),
    "stdev(close, all)": lambda f: stdev(f["close"], "all"),
    "zscore(close, all)": lambda f: zscore(f["close"], "all"),
    "percentile(close, all)": lambda f: percentile(f["close"], "all"),
    "drawdown(close)": lambda f: drawdown(f["close"], "all"),
    "sum(close, all)": lambda f: windowed(math.fsum)(f["close"], "all"),
    "highest_to_date(close, year)": lambda f: to_date(f, f["close"], "year", max),
    "lowest_to_date(close, quarter)": lambda f: to_date(f, f["close"], "quarter", min),
    "count(close > open, all)": lambda f: count(ups(f["close"], f["open"]), "all"),
}


@pytest.mark.parametrize("text", ALL)
def test_window_of_all_bars_is_what_a_slow_loop_finds(text):
    frame = made_frame(7, weeks=60, unknown=0.03, rounded=True)
    found = evaluate(compile_formula(text, SCOPE), frame)
    assert np.isnan(found[:251]).all() or "to_date" in text
    assert np.isfinite(found).sum() > 10
    np.testing.assert_allclose(found, ALL[text](columns(frame)), rtol=1e-8, atol=1e-9)


@settings(max_examples=10, deadline=None)
@given(frame=frames)
def test_levels_are_those_of_the_levels_module(frame):
    pinned = Frame(frame.bars, pinned=(101.0,))
    given_settings = LevelSettings(left=3, right=2, tolerance=0.5)
    for name, function in (("resistance", resistance), ("support", support)):
        text = f"{name}(touches=1, age=4, left=3, right=2, tolerance=0.5)"
        for each in (pinned, Frame(frame.bars)):
            expected = function(frame.bars, given_settings, touches=1, age=4, pinned=each.pinned)
            np.testing.assert_array_equal(evaluate(compile_formula(text, SCOPE), each), expected)


def test_level_defaults_are_those_of_the_levels_module():
    frame = made_frame(1, weeks=60)
    expected = resistance(frame.bars, LevelSettings(), touches=2, age=20)
    assert np.isfinite(expected).any()
    np.testing.assert_array_equal(evaluate(compile_formula("resistance()", SCOPE), frame), expected)


@settings(max_examples=30, deadline=None)
@given(frame=frames, within=st.integers(1, 9))
def test_fired_counts_bars_of_the_other_rules_clock(frame, within):
    history = frame.fired["other"]
    found = evaluate(compile_formula(f"fired('other', within={within})", SCOPE), frame)
    for end, value in zip(frame.bars.end, found, strict=True):
        seen = [bool(fired) for closed, fired in zip(history.ends, history.fired, strict=True) if closed <= end]
        assert value == float(any(seen[-within:])) if seen else math.isnan(value)


def test_fired_is_unknown_without_a_history():
    frame = made_frame(1)
    bare = Frame(frame.bars)
    empty = Frame(frame.bars, fired={"other": FiredHistory(np.empty(0, np.int64), np.empty(0, np.bool_))})
    formula = compile_formula("fired('other')", SCOPE)
    assert np.isnan(evaluate(formula, bare)).all()
    assert np.isnan(evaluate(formula, empty)).all()


instants = st.lists(st.integers(0, 60), unique=True, max_size=15).map(lambda x: np.array(sorted(x), dtype=np.int64))


@given(ends=instants, source=instants, limit=st.integers(0, 30))
def test_as_of_is_the_last_bar_that_had_closed(ends, source, limit):
    values = np.arange(len(source), dtype=np.float64)
    found = as_of(ends, source, values, limit)
    places = last_closed(ends, source, limit)
    for end, value, place in zip(ends, found, places, strict=True):
        seen = [i for i, closed in enumerate(source) if closed <= end]
        if seen and end - source[seen[-1]] <= limit:
            assert value == seen[-1] == place
        else:
            assert math.isnan(value)
            assert place == -1
