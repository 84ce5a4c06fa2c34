"""What follows a firing, on histories small enough to check by hand."""

from dataclasses import replace

import numpy as np
import pytest

from bot.signals.formula import Frame
from bot.signals.replay.replay import replay
from tests.signals.price_walks import flat
from tests.signals.replay.slow_replay import (
    CONFIRMED,
    ENDED,
    FAILED,
    FIRED,
    HELD,
    MILESTONE,
    RESUMED,
    rule_of,
    told,
)

BREAK = rule_of(
    "close > 100 and close[1] <= 100",
    level="100",
    quiet=1,
    follow=(5, 2, "low <= level + 1 and close > level", "close < level - 2"),
)


@pytest.mark.parametrize(
    ("closes", "events"),
    [
        ([99, 103], [(1, 1, FIRED)]),
        ([99, 103, 104, 105], [(1, 1, FIRED), (3, 1, CONFIRMED)]),
        (
            [99, 103, 104, 99, 104, 105, 106],
            [(1, 1, FIRED), (4, 4, FIRED), (5, 1, CONFIRMED), (6, 1, ENDED), (6, 4, CONFIRMED)],
        ),
        ([99, 103, 101, 104, 97], [(1, 1, FIRED), (2, 1, HELD), (3, 1, CONFIRMED), (4, 1, FAILED)]),
        ([99, 103, 97, 103], [(1, 1, FIRED), (2, 1, FAILED), (3, 3, FIRED)]),
        ([99, 103, 97, 101], [(1, 1, FIRED), (2, 1, FAILED), (3, 3, FIRED)]),
        ([99, 103, 97, 103, 104], [(1, 1, FIRED), (2, 1, FAILED), (3, 3, FIRED)]),
        ([99, 103, 100, 99, 99, 100, 100], [(1, 1, FIRED), (6, 1, ENDED)]),
        ([99, 103, 100, 99, 99, 100, 97], [(1, 1, FIRED), (6, 1, FAILED)]),
        ([99, 103, 104, np.nan, 105], [(1, 1, FIRED), (4, 1, CONFIRMED)]),
    ],
)  # fmt: skip
def test_what_follows_a_break(closes, events):
    assert told(replay(BREAK, Frame(flat(closes)))) == events


RUN = rule_of(
    "close > highest(close, 2)[1]",
    level="highest(close, 2)[1]",
    quiet=3,
    follow=(None, None, None, "close < level - 1", True, 0.1),
)
"""A record of three bars: after two closes of 100 it has the level 100."""


@pytest.mark.parametrize(
    ("closes", "events"),
    [
        ([101], [(2, 2, FIRED)]),
        ([101, 98, 102], [(2, 2, FIRED), (3, 2, FAILED), (4, 2, RESUMED)]),
        ([101, 98, 97, 96, 95], [(2, 2, FIRED), (3, 2, FAILED), (5, 2, ENDED)]),
        ([101, 100, 99, 99.5], [(2, 2, FIRED), (5, 2, ENDED)]),
        ([101, 98, 102, 98, 99, 103], [(2, 2, FIRED), (3, 2, FAILED), (4, 2, RESUMED)]),
        ([109, 111, 112, 119, 121], [(2, 2, FIRED), (3, 2, MILESTONE), (6, 2, MILESTONE)]),
        ([111, 112, 135], [(2, 2, FIRED), (4, 2, MILESTONE)]),
        ([101, 98, 115, 99], [(2, 2, FIRED), (3, 2, FAILED), (4, 2, RESUMED), (4, 2, MILESTONE)]),
    ],
)
def test_a_run_fails_comes_back_takes_steps_and_ends(closes, events):
    assert told(replay(RUN, Frame(flat([100, 100, *closes])))) == events


def test_a_second_failure_is_told_ten_bars_after_the_first():
    closes = [100, 100, 101, 98, 102, 98, 103, 104, 105, 106, 107, 108, 109, 98, 110]
    events = [(2, 2, FIRED), (3, 2, FAILED), (4, 2, RESUMED), (13, 2, FAILED), (14, 2, RESUMED)]
    run = replace(RUN, follow=replace(RUN.follow, milestones=None))
    assert told(replay(run, Frame(flat(closes)))) == events


def test_a_window_of_bars_waits_for_the_return_while_its_episode_lives():
    rule = replace(RUN, follow=replace(RUN.follow, bars=2), quiet=5)
    start = [100, 100, 101, 98, 97]
    came_back = [(2, 2, FIRED), (3, 2, FAILED), (6, 2, RESUMED), (6, 2, ENDED)]
    assert told(replay(rule, Frame(flat([*start, 97, 97.5])))) == came_back
    assert told(replay(rule, Frame(flat([*start, 96, 95, 94])))) == [(2, 2, FIRED), (3, 2, FAILED), (7, 2, ENDED)]


def test_a_run_downwards_takes_its_steps_downwards():
    rule = rule_of(
        "close < lowest(close, 2)[1]",
        level="lowest(close, 2)[1]",
        quiet=9,
        follow=(None, None, None, "close > level + 1", True, 0.1),
    )
    events = [(2, 2, FIRED), (3, 2, MILESTONE), (4, 2, FAILED), (5, 2, RESUMED)]
    assert told(replay(rule, Frame(flat([100, 100, 99, 89, 103, 88])))) == events


def test_an_event_says_where_it_happened_and_keeps_the_level_of_the_firing():
    rule = rule_of("close > highest(high, 2)[1]", level="highest(high, 2)[1]", follow=(4, None, None, "close < level"))
    bars = flat([10, 11, 12, 13, 9])
    fired, failed = replay(rule, Frame(bars)).events
    assert (fired.kind, fired.bar, fired.at, fired.close, fired.level) == (
        FIRED,
        bars.start[2],
        bars.end[2],
        12.0,
        11.0,
    )
    assert (failed.kind, failed.bar, failed.close, failed.level) == (FAILED, bars.start[4], 9.0, 11.0)
    assert failed.alert == fired.alert
    assert str(fired.alert) == "rule/IWM/2020-01-03"


def test_a_break_downwards_is_confirmed_below_its_level():
    rule = rule_of("close < 100", level="100", quiet=9, follow=(5, 2, None, None))
    assert told(replay(rule, Frame(flat([101, 99, 98, 97])))) == [(1, 1, FIRED), (3, 1, CONFIRMED)]


def test_without_a_level_the_close_of_the_firing_is_the_barrier():
    rule = rule_of("close > 100", quiet=9, follow=(5, 2, None, None))
    replayed = replay(rule, Frame(flat([99, 103, 102, 104, 105])))
    assert told(replayed) == [(1, 1, FIRED), (4, 1, CONFIRMED)]
    assert {event.level for event in replayed.events} == {None}


def test_alerts_with_open_windows_each_keep_their_own_level():
    rule = rule_of("close > close[1]", level="close[1]", quiet=1, follow=(9, None, None, "close < level"))
    bars = flat([10, 12, 11.5, 14, 13, 11, 9])
    assert told(replay(rule, Frame(bars))) == [(1, 1, FIRED), (3, 3, FIRED), (5, 3, FAILED), (6, 1, FAILED)]


def test_a_lagged_level_is_not_that_of_an_alert_before():
    rule = rule_of("close > 100", level="close", quiet=1, follow=(2, None, None, "close < level[2]"))
    assert told(replay(rule, Frame(flat([99, 110, 99, 99, 105, 99])))) == [(1, 1, FIRED), (3, 1, FAILED), (4, 4, FIRED)]
