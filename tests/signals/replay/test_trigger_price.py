"""The price that a condition wants: put it into the bars, and the condition must be yes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.signals.formula import Frame, compile_formula, evaluate
from bot.signals.replay.trigger_price import MAX_FACTOR, quoted_step, trigger_price
from tests.signals.formula.frames import SCOPE, frames, made_frame, until
from tests.signals.price_walks import flat

CONDITIONS = [
    "close > highest(high, 5)[1] + 0.25 * atr(3)",
    "close >= 0.99 * highest(close, 20)[1]",
    "close < lowest(low, 9)[1]",
    "close > 1.01 * sma(close, 10)",
    "close / BTC.close > highest(close / BTC.close, 9)[1]",
    "new_high(close, 7)",
    "new_low(low, 5)",
    "high > highest(high, 12)[1]",
    "rsi(close, 5) > 70",
    "drawdown(close, 12) < -0.1",
    "first(close > highest(close, 5)[1], 3)",
    "crosses_above(close, sma(close, 5))",
    "close > resistance(touches=1, age=3, left=2, right=2) + 0.1 * atr(3)",
    "close < support(touches=1, age=3, left=2, right=2)",
    "abs(change(close)) > 0.05",
    "volume > 1.5 * sma(volume, 10)",
    "close > level and not fired('other')",
    "IWM.close > highest(IWM.high, 6)[1]",
    "stoch(5) > 80",
    "close > bollinger(close, 9, 1.5)",
    "macd(close, 3, 6) > 0",
    "close > wma(close, 5) * 1.01",
]


def with_value(frame: Frame, position: int, series: str, value: float) -> Frame:
    """The frame as it would have been, made anew, so that nothing computed is shared."""
    seen = until(frame, position)
    values = np.array(getattr(seen.bars, series))
    values[position] = value
    return Frame(replace(seen.bars, **{series: values}), seen.others, seen.fired, seen.names, seen.pinned)


@pytest.mark.parametrize("text", CONDITIONS)
@given(frame=frames, back=st.integers(0, 60))
@settings(max_examples=15, deadline=None)
def test_the_condition_is_yes_at_the_answer_and_no_a_little_before(text: str, frame: Frame, back: int) -> None:
    formula = compile_formula(text, SCOPE)
    position = len(frame.bars) - 1 - back
    was = float(evaluate(formula, frame)[position])
    found = trigger_price(formula.root, frame, position)
    if found is None:
        return
    assert was == 0
    assert found.was == getattr(frame.bars, found.series)[position]
    assert 1 / MAX_FACTOR <= found.value / found.was <= MAX_FACTOR
    there = with_value(frame, position, found.series, found.value)
    assert evaluate(formula, there)[position] == 1
    step = 1.1 * quoted_step(found.value)
    before = found.value - step if found.value > found.was else found.value + step
    if abs(found.value - found.was) > 2 * step:
        assert evaluate(formula, with_value(frame, position, found.series, before))[position] == 0


@given(st.lists(st.integers(900, 1_100), min_size=12, max_size=40))
@settings(max_examples=40)
def test_the_record_of_the_bars_before_is_what_a_record_needs(points: list[int]) -> None:
    closes = [point / 10 for point in points]
    formula = compile_formula("close > highest(close, 10)[1]", SCOPE)
    frame = Frame(flat(closes))
    found = trigger_price(formula.root, frame, len(closes) - 1)
    best = max(closes[-11:-1])
    if closes[-1] > best:
        assert found is None
    else:
        assert found is not None
        assert found.series == "close"
        assert found.value == pytest.approx(best + 0.01)


@pytest.mark.parametrize(
    "text",
    [
        "BTC.close > highest(BTC.close, 9)[1]",  # another market's price can't be wished for here
        "close[1] > 10_000",  # the past stands
        "resistance(touches=1) > 10_000",
        "fired('other')",
        "close > 100 * close[1]",  # too far to be called a distance
    ],
)
def test_what_no_price_of_this_bar_could_change_has_no_answer(text: str) -> None:
    assert trigger_price(compile_formula(text, SCOPE).root, made_frame(3), 60) is None


def test_what_is_yes_or_unknown_needs_nothing() -> None:
    frame = Frame(flat([100.0, 101.0]))
    assert trigger_price(compile_formula("close > close[1]", SCOPE).root, frame, 1) is None
    assert trigger_price(compile_formula("close > sma(close, 5)", SCOPE).root, frame, 1) is None


def test_the_frame_that_was_asked_stays_as_it_was() -> None:
    frame = made_frame(5)
    formula = compile_formula("close > highest(close, 5)[1]", SCOPE)
    before = np.array(evaluate(formula, frame))
    for position in range(20, 60):
        trigger_price(formula.root, frame, position)
    np.testing.assert_array_equal(before, evaluate(formula, frame))
