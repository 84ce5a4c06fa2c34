"""What formulas are at each bar: truth, clocks of other markets, unknowns, shared work, and why."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.signals.bars import Bars
from bot.signals.formula import Frame, Kind, NodeValue, Op, Scope, compile_formula, deciding, evaluate, explain
from bot.signals.indicators import windows
from bot.signals.indicators.windows import spreads, stdev
from bot.signals.timeframe import DAY, Timeframe
from tests.signals.formula.frames import SCOPE, made_frame

NAN = math.nan
SIGNS = {"y": 1.0, "n": 0.0, "?": NAN}


def bars(closes, *, name="IWM", starts=None, length=75_600):
    closes = np.asarray(closes, dtype=np.float64)
    start = DAY * np.arange(len(closes), dtype=np.int64) if starts is None else np.asarray(starts, dtype=np.int64) * DAY
    return Bars(name, Timeframe.D1, start, start + length, closes, closes, closes, closes, np.ones(len(closes)))


def values(text, frame, **names):
    scope = Scope(SCOPE.markets | {"ETH"}, SCOPE.rules, dict.fromkeys(names, Kind.YES_NO))
    framed = frame.with_names({name: np.array([SIGNS[sign] for sign in signs]) for name, signs in names.items()})
    return evaluate(compile_formula(text, scope), framed).tolist()


def told(truth):
    return "".join("?" if math.isnan(value) else "ny"[int(value)] for value in truth)


NINE = Frame(bars(range(1, 10)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a and b", "yn?nnn?n?"), ("a or b", "yyyyn?y??"), ("not a", "nnnyyy???"), ("not a or b", "yn?yyyy??")],
)
def test_truth_follows_kleene(text, expected):
    assert told(values(text, NINE, a="yyynnn???", b="yn?yn?yn?")) == expected


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from("yn?"), min_size=1, max_size=12), st.integers(1, 4))
def test_and_or_are_what_every_completion_agrees_on(signs, seed):
    a = "".join(signs)
    b = "".join(np.random.default_rng(seed).permutation(list(a)))
    frame = Frame(bars(range(len(a))))
    for text, rule in (("a and b", all), ("a or b", any)):
        for found, pair in zip(told(values(text, frame, a=a, b=b)), zip(a, b, strict=True), strict=True):
            options = [["yn".index(sign) == 0] if sign != "?" else [True, False] for sign in pair]
            answers = {rule((x, y)) for x in options[0] for y in options[1]}
            assert found == ("?" if len(answers) == 2 else "y" if True in answers else "n")


def test_comparison_with_an_unknown_is_unknown():
    frame = Frame(bars([1, NAN, 3]))
    assert told(values("close > 0", frame)) == "y?y"
    assert told(values("close != close[1]", frame)) == "???"
    assert told(values("0 < close < 2", frame)) == "y?n"


def test_dividing_by_zero_and_leaving_the_range_is_unknown():
    frame = Frame(bars([0, 1, math.inf, -1]))
    np.testing.assert_array_equal(values("1 / close", frame), [NAN, 1, NAN, -1])
    np.testing.assert_array_equal(values("close % close", frame), [NAN, 0, NAN, 0])
    np.testing.assert_array_equal(values("log(close)", frame), [NAN, 0, NAN, NAN])
    np.testing.assert_array_equal(values("close ** 0.5", frame), [0, 1, NAN, NAN])
    np.testing.assert_array_equal(values("1e15 ** (close * 99)", frame), [1, NAN, NAN, 0])
    np.testing.assert_array_equal(values("highest(close, 2)", frame), [NAN, 1, NAN, NAN])


def test_constant_formula_has_a_value_at_every_bar():
    assert values("2 ** 3 + 1", NINE) == [9.0] * 9
    assert told(values("1 > 2", NINE)) == "n" * 9


def test_equal_prices_have_no_spread_whatever_came_before():
    closes = np.concatenate([1e9 * np.arange(1, 40) ** 3, np.full(60, 0.1)])
    spread = stdev(spreads(closes), 23)
    assert (spread[61:] == 0).all()
    assert (spread[30:61] > 0).all()
    frame = Frame(bars(np.concatenate([[5, 7], np.full(60, 0.1)])))
    assert told(values("close > ema(close, 3)", frame))[-1] == "n"
    assert told(values("close > sma(close, 7)", frame))[-1] == "n"


def test_one_bar_in_twenty_of_a_window_may_be_unknown():
    closes = np.arange(1.0, 31.0)
    closes[24] = NAN
    frame = Frame(bars(closes))
    assert np.isfinite(values("highest(close, 20)", frame)[19:]).all()
    assert np.isnan(values("highest(close, 19)", frame)[24:]).all()


def test_record_close_needs_a_year_of_bars_before():
    frame = Frame(bars(np.arange(1.0, 256.0)))
    assert told(values("close > highest(close, all)[1]", frame)) == "?" * 252 + "yyy"


def test_first_fires_once_after_a_quiet_stretch():
    assert told(values("first(a, 2)", NINE, a="y?nyynnn?")) == "y?nynnnn?"
    assert told(values("first(a, 3)", NINE, a="y?nyynnn?")) == "y?nnnnnn?"


def test_other_market_is_joined_as_known_at_the_close():
    own = bars([1, 2, 3], starts=[0, 3, 9])  # closes at 21:00
    btc = bars([10, 11, 12, 13], name="BTC", starts=[0, 1, 2, 3], length=DAY)  # closes at 24:00
    np.testing.assert_array_equal(values("BTC.close", Frame(own, {"BTC": btc})), [NAN, 12, NAN])
    np.testing.assert_array_equal(values("BTC.close", Frame(own)), [NAN, NAN, NAN])


def test_other_market_counts_its_own_bars_until_it_meets_another():
    own = bars([1, 2, 3], starts=[4, 7, 8])
    btc = bars([1, 9, 2, 3, 4, 5, 6, 7, 8], name="BTC", starts=range(9), length=DAY)
    frame = Frame(own, {"BTC": btc})
    assert values("BTC.close", frame) == [3, 6, 7]
    assert values("BTC.close[1]", frame) == [2, 5, 6]  # a day of BTC before
    np.testing.assert_array_equal(values("(BTC.close + 0 * close)[1]", frame), [NAN, 3, 6])  # a bar of IWM before
    assert values("highest(BTC.close, 3)", frame) == [9, 6, 7]
    assert told(values("first(BTC.close > 5, 1)", frame)) == "nyn"


def test_own_market_may_be_named():
    frame = Frame(bars([1, 2, 3]), {"IWM": bars([7, 7, 7])})
    assert values("IWM.close - close", frame) == [0, 0, 0]


def test_market_that_rests_stays_known_for_five_days():
    own = bars(range(9), starts=range(9))
    iwn = bars([5], name="BTC", starts=[0])
    assert told(values("BTC.close == 5", Frame(own, {"BTC": iwn}))) == "yyyyyy???"


def test_equal_parts_are_computed_once_over_frames_of_one_market():
    frame = made_frame(1)
    formula = compile_formula("close > sma(close, 5) and level > sma(close, n=5)", SCOPE)
    evaluate(formula, frame)
    assert [key for _, key in frame.shared if key.startswith("sma")] == ["sma(close, n=5)"]
    other = frame.with_names({"level": frame.names["level"] * 0})
    assert other.shared is frame.shared
    assert not (evaluate(formula, other) == 1).any()
    assert (evaluate(formula, frame) == 1).any()


def test_pinned_levels_of_one_rule_are_not_seen_by_another():
    frame = Frame(made_frame(1).bars)
    formula = compile_formula("resistance(touches=2)", SCOPE)
    bare = evaluate(formula, frame)
    pinned = evaluate(formula, frame.with_names({}, pinned=(float(np.nanmax(frame.bars.close)) + 1,)))
    assert np.isnan(bare[-1]) != np.isnan(pinned[-1])
    assert evaluate(formula, frame) is not pinned


def test_a_window_over_levels_passes_over_bars_where_none_is_left():
    frame = Frame(bars([*range(100, 360), *range(360, 340, -1), *range(340, 370)]))
    levels = evaluate(compile_formula("resistance(touches=1, age=0, left=2, right=2)", SCOPE), frame)
    assert np.isinf(levels).any()
    assert np.isfinite(levels).any()
    known = np.where(np.isinf(levels), NAN, levels)
    wanted = {"highest": windows.highest(known, 3), "sma": windows.sma(windows.means(known), 3)}
    for name, values in wanted.items():
        text = f"{name}(resistance(touches=1, age=0, left=2, right=2), 3)"
        np.testing.assert_array_equal(evaluate(compile_formula(text, SCOPE), frame), values)


def test_results_cannot_be_written_to():
    found = evaluate(compile_formula("close", SCOPE), NINE)
    with pytest.raises(ValueError, match="read-only"):
        found[0] = 1


def test_named_series_must_fit_the_bars():
    with pytest.raises(ValueError, match="level has shape"):
        Frame(NINE.bars, names={"level": np.zeros(3)})


# why


def reason(text, frame, position):
    return explain(compile_formula(text, SCOPE), frame, position)


def outline(part: NodeValue):
    return (part.text, part.symbol, part.value, *[outline(child) for child in part.children])


def test_explanation_is_the_tree_with_its_values():
    found = reason("close > highest(high, 3)[1] + 1\n and  volume > 0", NINE, 5)
    assert outline(found) == (
        "close > highest(high, 3)[1] + 1 and volume > 0",
        "and",
        0.0,
        (
            "close > highest(high, 3)[1] + 1",
            ">",
            0.0,
            ("close", "close", 6.0),
            (
                "highest(high, 3)[1] + 1",
                "+",
                6.0,
                ("highest(high, 3)[1]", "", 5.0, ("highest(high, 3)", "highest", 5.0, ("high", "high", 5.0))),
                ("1", "", 1.0),
            ),
        ),
        ("volume > 0", ">", 1.0, ("volume", "volume", 1.0), ("0", "", 0.0)),
    )
    assert (found.children[1].line, found.children[1].column) == (2, 7)
    assert (found.kind, found.op) == (Kind.YES_NO, Op.AND)


@pytest.mark.parametrize(
    ("text", "deciders"),
    [
        ("close > 9 and open > 0", ["close > 9"]),
        ("close > 9 and open > 9", ["close > 9", "open > 9"]),
        ("close > 0 and open > 0", ["close > 0", "open > 0"]),
        ("close > 0 or open > 9", ["close > 0"]),
        ("close > 9 or not (open > 0 and high > 0)", ["close > 9", "open > 0", "high > 0"]),
        ("close > close[7] and open > 0", ["close > close[7]"]),
        ("close > close[7] and open > 9", ["open > 9"]),
        ("first(close > 0, 3) or 9 < close < 10", ["first(close > 0, 3)", "9 < close"]),
    ],
)
def test_deciding_parts_are_those_that_settle_it(text, deciders):
    assert [part.text for part in deciding(reason(text, NINE, 5))] == deciders


def test_gap_is_how_far_the_left_side_is_above_the_right():
    assert reason("close > 10", NINE, 5).gap == -4
    assert math.isnan(reason("close > close[8]", NINE, 5).gap)
    assert math.isnan(reason("close + 1", NINE, 5).gap)


def test_explanation_of_another_market_is_as_known_then():
    own = bars([1, 2, 3], starts=[4, 7, 20])
    btc = bars([1, 9, 2, 3, 4, 5, 6, 7, 8], name="BTC", starts=range(9), length=DAY)
    frame = Frame(own, {"BTC": btc})
    text = "BTC.close[1] > close"
    assert outline(reason(text, frame, 1)) == (
        text,
        ">",
        1.0,
        ("BTC.close[1]", "", 5.0, ("BTC.close", "close", 5.0)),
        ("close", "close", 2.0),
    )
    assert math.isnan(reason(text, frame, 2).children[0].children[0].value)
    assert math.isnan(reason("close[2] > 0", frame, 1).children[0].children[0].value)


@pytest.mark.parametrize("position", [-1, 9])
def test_explanation_of_a_bar_that_is_not_there(position):
    with pytest.raises(IndexError, match="allowed: 0 to 8"):
        reason("close > 1", NINE, position)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 60), st.integers(0, 500))
def test_explanation_agrees_with_the_evaluation(position, seed):
    text = "highest(BTC.close, 5)[2] > close or first(close > sma(close, 4), 3) and level > count(armed, 3)"
    frame = made_frame(seed, unknown=0.05)
    formula = compile_formula(text, SCOPE)
    np.testing.assert_equal(explain(formula, frame, position).value, float(evaluate(formula, frame)[position]))
