"""Why a rule said what it said: the verdict, each condition, and what is not known."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.signals.formula import Frame, Op, compile_formula, evaluate, explain
from bot.signals.levels.levels import active_levels
from bot.signals.levels.settings import LevelSettings
from bot.signals.replay.explanation import Condition, Verdict, explain_bar
from bot.signals.replay.replay import replay
from bot.signals.replay.rule import Rule
from bot.signals.replay.unknown_values import UnknownReason, unknown_values
from bot.signals.timeframe import DAY, Timeframe
from tests.signals.formula.frames import SCOPE, frames, made_frame, until
from tests.signals.price_walks import flat, walk

WHENS = [
    "close > highest(close, 5)[1]",
    "close > resistance(touches=1, age=3, left=2, right=2) + 0.25 * atr(3)",
    "first(close >= 0.99 * highest(close, 9)[1], 4) and close <= highest(close, 9)[1]",
    "new_high(close, 4) and (fired('other', within=4) or not BTC.close > sma(BTC.close, 9))",
    "10 < close < 2 * BTC.close",
]


def rule_of(when: str, quiet: int = 3) -> Rule:
    return Rule("r", "IWM", Timeframe.D1, compile_formula(when, SCOPE), quiet=quiet)


def conditions(reason: Condition) -> list[Condition]:
    return [reason, *(each for part in reason.parts for each in conditions(part))]


@given(st.sampled_from(WHENS), frames, st.integers(0, 70))
@settings(max_examples=60, deadline=None)
def test_the_account_of_a_bar_is_that_of_the_replay_and_knows_no_later_bar(when: str, frame: Frame, back: int) -> None:
    rule, position = rule_of(when), len(frame.bars) - 1 - back
    done = replay(rule, frame)
    told = explain_bar(done, frame, position)
    seen = until(frame, position)
    assert repr(explain_bar(replay(rule, seen), seen, position)) == repr(told)

    fires = [at for at in done.fires.tolist() if at < position]
    truth = done.truth[position]
    assert (told.verdict is Verdict.FIRED) == (position in done.fires.tolist())
    assert (told.verdict is Verdict.UNKNOWN) == math.isnan(truth)
    assert (told.verdict in {Verdict.FIRED, Verdict.QUIET}) == (truth == 1)
    assert told.fired == (frame.bars.start[fires[-1]] if fires else None)
    assert told.fired_ago == (position - fires[-1] if fires else None)
    yes = [at for at in range(position) if done.truth[at] == 1]
    assert told.yes_ago == (position - yes[-1] if yes else None)
    if told.verdict is Verdict.QUIET and told.yes_ago is not None and told.yes_ago > rule.quiet:
        assert np.isnan(done.truth[yes[-1] + 1 : position]).any()  # only an outage keeps an episode open longer


@given(st.sampled_from(WHENS), frames, st.integers(0, 70))
@settings(max_examples=40, deadline=None)
def test_every_unknown_has_its_reason_and_nothing_else_has(when: str, frame: Frame, back: int) -> None:
    position = len(frame.bars) - 1 - back
    told = explain_bar(replay(rule_of(when), frame), frame, position)
    for reason in conditions(told.reason):
        if reason.op not in {Op.AND, Op.OR, Op.NOT}:
            assert bool(reason.unknown) == math.isnan(reason.truth)
        assert reason.trigger_price is None or reason.truth == 0


def test_terms_are_what_is_added_up_and_have_their_values() -> None:
    frame = made_frame(11)
    told = explain_bar(replay(rule_of("close - open > 0.25 * atr(3) + 1 - BTC.low"), frame), frame, 50)
    assert [term.text for term in told.reason.terms] == ["close", "open", "0.25 * atr(3)", "BTC.low"]
    for term in told.reason.terms:
        assert term.value == evaluate(compile_formula(term.text, SCOPE), frame)[50]


def test_a_ratio_shows_what_it_is_made_of() -> None:
    frame = made_frame(11)
    told = explain_bar(replay(rule_of("close / BTC.close > 3"), frame), frame, 50)
    assert [(term.text, [each.text for each in term.terms]) for term in told.reason.terms] == [
        ("close / BTC.close", ["close", "BTC.close"])
    ]


@given(st.integers(0, 300), st.integers(80, 160))
@settings(max_examples=20, deadline=None)
def test_the_touches_are_those_of_the_level_as_it_was_known_before(seed: int, position: int) -> None:
    bars = walk(seed, 170)
    frame = Frame(bars, pinned=())
    told = explain_bar(replay(rule_of("close > resistance(touches=2, age=5)"), frame), frame, position)
    level = told.reason.terms[1]
    if math.isnan(level.value):
        assert level.touches is None
        return
    assert level.touches is not None
    known = [
        each
        for each in active_levels(bars.prefix(position), LevelSettings())
        if each.role == "resistance" and each.price == level.value
    ]
    assert level.touches.bars in {tuple(bars.start[list(each.touches)].tolist()) for each in known}
    assert len(level.touches.bars) >= 2
    assert not level.touches.pinned


def test_a_pinned_level_is_called_one() -> None:
    rule = replace(rule_of("close > resistance(touches=2)"), pinned=(120.0,))
    frame = Frame(flat([100.0] * 40))
    touches = explain_bar(replay(rule, frame), frame, 39).reason.terms[1].touches
    assert touches is not None
    assert touches.pinned
    assert touches.bars == ()


def test_that_no_level_is_left_is_a_no_and_not_unknown() -> None:
    bars = flat(100 + np.arange(300.0))
    rule = Rule("r", "IWM", Timeframe.D1, compile_formula("close > resistance(touches=2) + 0.25 * atr(14)", SCOPE))
    found = explain_bar(replay(rule, Frame(bars)), Frame(bars), 299)
    assert found.verdict is Verdict.NO
    (level,) = [term for term in found.reason.terms if term.symbol == "resistance"]
    assert level.value == np.inf
    assert level.touches is None
    assert found.reason.trigger_price is None


def lacks(text: str, frame: Frame, position: int) -> list[tuple[UnknownReason, str]]:
    part = explain(compile_formula(text, SCOPE), frame, position)
    return [(each.reason, each.name) for each in unknown_values(part, frame, int(frame.bars.end[position]))]


def test_what_is_not_known_is_named() -> None:
    frame = Frame(flat([100.0 + at % 5 for at in range(300)]))
    assert lacks("close > sma(close, 20)", frame, 10) == [(UnknownReason.HISTORY, "")]
    assert lacks("close > highest(close, all)[1]", frame, 100) == [(UnknownReason.HISTORY, "")]
    assert lacks("close > close[5]", frame, 3) == [(UnknownReason.HISTORY, "")]
    assert lacks("close > BTC.close", frame, 10) == [(UnknownReason.MARKET, "BTC")]
    assert lacks("fired('other')", frame, 10) == [(UnknownReason.RULE, "other")]
    assert lacks("close > resistance(touches=2)", frame, 5) == [(UnknownReason.HISTORY, "")]
    assert lacks("since(close > 1000) > 3", frame, 50) == [(UnknownReason.NEVER, "")]
    assert lacks("close / (close - close) > 3", frame, 50) == [(UnknownReason.NUMBER, "")]
    assert lacks("close > open", frame, 50) == []


def test_a_price_that_is_missing_and_a_market_that_is_stale() -> None:
    closes = [100.0] * 30
    closes[20] = math.nan
    frame = Frame(flat(closes), {"BTC": flat([5.0] * 10, market="BTC")})
    assert lacks("close > high + 1", frame, 20) == [(UnknownReason.BAR, "")] * 2
    assert lacks("close > BTC.close", frame, 25) == [(UnknownReason.STALE, "BTC")]
    part = explain(compile_formula("close > BTC.close", SCOPE), frame, 25)
    found = unknown_values(part, frame, int(frame.bars.end[25]))[0]
    assert found.last == frame.bars.start[0] + 9 * DAY


@pytest.mark.parametrize(
    ("text", "has", "wants"), [("close > sma(close, 20)", 11, 20), ("change(close, 20) > 0", 11, 21)]
)
def test_how_much_history_is_wanted(text: str, has: int, wants: int) -> None:
    frame = Frame(flat([100.0] * 30))
    part = explain(compile_formula(text, SCOPE), frame, 10)
    found = unknown_values(part, frame, int(frame.bars.end[10]))[0]
    assert (found.has, found.wants) == (has, wants)
    known = evaluate(compile_formula(text, SCOPE), frame)
    assert math.isnan(known[wants - 2])
    assert not math.isnan(known[wants - 1])


def test_a_price_is_asked_for_only_where_a_yes_would_help() -> None:
    frame = Frame(flat([100.0] * 30))
    done = replay(
        rule_of("not close > 110 and (close > 105 or close < 101) and not close < 103 and close > 102"), frame
    )
    told = {reason.text: reason.trigger_price for reason in conditions(explain_bar(done, frame, 29).reason)}
    assert told["close > 110"] is None  # is wanted to be no
    assert told["close > 105"] is None  # the other half of its `or` is yes already
    assert told["close < 103"] is None
    assert told["not close < 103"] is not None
    assert told["not close < 103"].value == 103.0
    assert told["close > 102"] is not None
    assert told["close > 102"].value == pytest.approx(102.01)
