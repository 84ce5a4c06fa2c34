"""Walks over levels that go on where they stopped: the same as from the start, at the cost of the bars that are new."""

import sys
import weakref
from dataclasses import replace
from uuid import uuid4

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.signals.bars import COLUMNS, Bars
from bot.signals.formula import Scope, compile_formula
from bot.signals.levels import tracker, walk
from bot.signals.levels.levels import active_levels, resistance, support
from bot.signals.levels.settings import LevelSettings
from bot.signals.replay.incremental import replay_recent
from bot.signals.replay.rule import Rule, Trigger
from bot.signals.replay.ruleset import IntradayState
from bot.signals.timeframe import Timeframe
from tests.signals.levels.slow_levels import pins, some_settings, walks
from tests.signals.price_walks import walk as price_walk

D1 = Timeframe.D1

moves = st.one_of(
    st.tuples(st.just("appended"), st.integers(1, 40)),
    st.tuples(st.just("last bar changed"), st.sampled_from([90.0, 99.0, 104.0, 110.0, np.nan])),
    st.tuples(st.just("corrected"), st.integers(1, 330)),
    st.tuples(st.just("shortened"), st.integers(1, 330)),
    st.tuples(st.just("pruned"), st.integers(1, 5)),
)


def with_close(bars: Bars, at: int, close: float) -> Bars:
    columns = {name: getattr(bars, name).copy() for name in ("high", "low", "close")}
    columns["close"][at] = close
    columns["high"][at], columns["low"][at] = np.fmax(columns["high"][at], close), np.fmin(columns["low"][at], close)
    return replace(bars, **columns)


def moved(bars: Bars, count: int, move: tuple[str, float]) -> tuple[Bars, int]:
    """The whole history, and how many of its bars are known, after something happened to them."""
    what, value = move
    if what == "appended":
        return bars, min(count + int(value), len(bars))
    if what == "shortened":
        return bars, max(count - int(value), 0)
    if what == "pruned":
        return bars.slice(min(int(value), count), len(bars)), max(count - int(value), 0)
    if not count:
        return bars, count
    return (
        with_close(bars, count - 1, value) if what == "last bar changed" else with_close(bars, -int(value) % count, 103)
    ), count


def told(bars: Bars, rules: LevelSettings, pinned: tuple[float, ...], market: str) -> tuple[object, ...]:
    bars = replace(bars, market=market)
    sides = [find(bars, rules, touches=1, age=2, pinned=pinned).tolist() for find in (resistance, support)]
    return repr(sides), active_levels(bars, rules, pinned=pinned)


@settings(max_examples=100, deadline=None)
@given(walks, some_settings, pins, st.integers(0, 330), st.lists(moves, max_size=12))
def test_a_walk_that_goes_on_is_one_from_the_start_whatever_became_of_the_bars(bars, rules, pinned, count, happened):
    market, count = str(uuid4()), min(count, len(bars))
    for move in happened:
        bars, count = moved(bars, count, move)
        for known in (count, min(count + 1, len(bars))):  # as an intraday look does: what has closed, and what forms
            now = bars.prefix(known)
            assert told(now, rules, pinned, market) == told(now, rules, pinned, str(uuid4()))


@settings(max_examples=50, deadline=None)
@given(walks, some_settings, pins, st.lists(st.sampled_from([90.0, 100.0, 104.0, 110.0]), min_size=1, max_size=8))
def test_a_copy_that_was_fed_leaves_the_walk_as_it_was(bars, rules, pinned, closes):
    if not len(bars):
        return
    bars = replace(bars, market=str(uuid4()))
    before = bars.prefix(len(bars) - 1)

    def intervals():
        return walk.walk_to_end(
            before, rules, pinned, lambda tracker: repr([*map(list, tracker.intervals(len(before)))])
        )

    first = intervals()
    for close in closes:
        active_levels(with_close(bars, len(bars) - 1, close), rules, pinned=pinned)
        assert intervals() == first


def test_a_walk_keeps_none_of_the_bars_that_it_has_seen():
    bars = price_walk(4, 400, rounded=False, market=str(uuid4()))
    bars = replace(bars, **{name: getattr(bars, name).copy() for name in COLUMNS})
    columns = [weakref.ref(getattr(bars, name).base) for name in COLUMNS]
    active_levels(bars.prefix(399), LevelSettings())
    active_levels(bars, LevelSettings())
    del bars
    assert [column() for column in columns] == [None] * len(columns)


# --- counted in lines of Python, no clock -----------------------------------------------------------------------------


def lines_of(run) -> int:
    """Lines that the walk and its tracker went through."""
    files, count = {walk.__file__, tracker.__file__}, 0

    def of_line(frame, event, arg):
        nonlocal count
        count += event == "line"
        return of_line

    before = sys.gettrace()
    sys.settrace(lambda frame, event, arg: of_line if frame.f_code.co_filename in files else None)
    try:
        run()
    finally:
        sys.settrace(before)
    return count


@pytest.fixture
def bars() -> Bars:
    return price_walk(4, 3_001, rounded=False, market=str(uuid4()))


LOOK = 1_000
"""Lines for one bar more or another last bar, copying some thirty levels included; a whole walk takes some 50,000."""


def test_a_forming_bar_costs_a_bar_at_each_look(bars):
    closed = bars.prefix(3_000)
    assert lines_of(lambda: active_levels(closed, LevelSettings())) > 20 * LOOK
    for close in (101.0, 140.0, 60.0, 101.0):
        ahead = with_close(bars, 3_000, close)
        assert lines_of(lambda: active_levels(ahead, LevelSettings())) < LOOK  # noqa: B023
        assert lines_of(lambda: active_levels(closed.prefix(3_000), LevelSettings())) < LOOK


def test_a_last_bar_that_is_put_right_or_followed_by_another_costs_a_bar(bars):
    active_levels(bars.prefix(2_000), LevelSettings())
    for count in range(2_000, 2_010):
        assert lines_of(lambda: active_levels(bars.prefix(count), LevelSettings())) < LOOK  # noqa: B023
        corrected = with_close(bars.prefix(count), count - 1, 103.0)
        assert lines_of(lambda: active_levels(corrected, LevelSettings())) < LOOK  # noqa: B023


def test_what_is_asked_of_the_past_does_not_put_the_walk_back(bars):
    active_levels(bars, LevelSettings())
    assert lines_of(lambda: active_levels(bars.prefix(2_000), LevelSettings())) > 20 * LOOK
    assert lines_of(lambda: active_levels(bars.prefix(3_001), LevelSettings())) < LOOK


def test_going_through_the_past_bar_by_bar_costs_a_bar_each_whatever_was_walked_over_before(bars):
    active_levels(bars, LevelSettings())
    active_levels(bars.prefix(2_000), LevelSettings())
    for count in range(2_000, 2_010):
        for ahead in (bars.prefix(count), with_close(bars.prefix(count + 1), count, 103.0)):
            assert lines_of(lambda: active_levels(ahead, LevelSettings())) < LOOK  # noqa: B023


def test_a_history_that_became_shorter_is_walked_over_once(bars):
    active_levels(bars, LevelSettings())
    pruned = bars.slice(500, 3_001)
    assert lines_of(lambda: active_levels(pruned, LevelSettings())) > 20 * LOOK
    assert lines_of(lambda: active_levels(pruned.prefix(2_501), LevelSettings())) < LOOK


def test_an_intraday_rule_on_levels_costs_a_bar_at_each_look(bars):
    when = compile_formula("close > resistance() + 0.25 * atr(14)", Scope())
    rule = Rule("r", bars.market, D1, when, quiet=0, trigger=Trigger.INTRADAY, pinned=(250.0,))
    closed, after = {(bars.market, D1): bars.prefix(3_000)}, {"r": int(bars.start[2_998])}

    def look(close):
        live = IntradayState({(bars.market, D1): with_close(bars, 3_000, close).slice(3_000, 3_001)})
        return replay_recent([rule], closed, after, live)["r"].intraday_events

    assert lines_of(lambda: look(101.0)) > 20 * LOOK
    for close in (101.5, 300.0, 60.0):
        assert lines_of(lambda: look(close)) < 2 * LOOK  # noqa: B023
    assert [event.close for event in look(300.0)] == [300.0]
    assert not look(60.0)
