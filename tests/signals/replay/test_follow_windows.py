"""The bars of windows: which they are, and that it does not matter how many are looked at together."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.signals.formula import Frame
from bot.signals.replay import follow_windows
from bot.signals.replay.follow_windows import FollowWindows, bars_in
from bot.signals.replay.replay import replay
from tests.signals.price_walks import flat
from tests.signals.replay.slow_replay import ENDED, FAILED, FIRED, RESUMED, rule_of, rules, told, walks


def windows_over(spans):
    """Windows by their firings and last bars."""
    fires, lasts = np.array(sorted(spans), dtype=np.int64).reshape(-1, 2).T
    return FollowWindows(0, fires, lasts, lasts, fires.astype(np.float64))


def spans(bars):
    """Firings and last bars of windows over the bars."""
    position = st.integers(0, len(bars) - 1)
    return st.lists(st.tuples(position, position).map(lambda pair: (min(pair), max(pair))), max_size=9)


@given(bars=walks.filter(len), data=st.data())
def test_the_bars_of_a_window_follow_its_firing_and_have_a_close(bars, data):
    windows = windows_over(data.draw(spans(bars)))
    found = bars_in(windows, Frame(bars))
    wanted = [
        (number, at)
        for number, (fire, last) in enumerate(zip(windows.fires, windows.lasts, strict=True))
        for at in range(fire + 1, last + 1)
        if not np.isnan(bars.close[at])
    ]
    assert list(zip(found.window.tolist(), found.position.tolist(), strict=True)) == wanted


@given(bars=walks.filter(len), size=st.integers(1, 40), data=st.data())
def test_portions_are_all_windows_once_and_few_bars_at_once(bars, size, data):
    windows = windows_over(data.draw(spans(bars)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(follow_windows, "ROWS_AT_ONCE", size)
        portions = list(windows.portions())
    assert [(part.number + at, fire) for part in portions for at, fire in enumerate(part.fires.tolist())] == list(
        enumerate(windows.fires.tolist())
    )
    assert all(len(part) == 1 or (part.lasts - part.fires).sum() <= size for part in portions)


@settings(deadline=None)
@given(walks, rules, st.integers(1, 60))
def test_what_follows_is_the_same_in_portions_of_any_size(bars, rule, size):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(follow_windows, "ROWS_AT_ONCE", size)
        in_portions = told(replay(rule, Frame(bars)))
    assert in_portions == told(replay(rule, Frame(bars)))


def test_a_run_in_a_portion_of_its_own_ends_with_its_own_episode(monkeypatch):
    rule = rule_of(
        "close > highest(close, 2)[1]",
        level="highest(close, 2)[1]",
        quiet=3,
        follow=(None, None, None, "close < level - 1", True, None),
    )
    bars = flat([100, 100, 101, 98, 97, 96, 95, 94, 103, 90, 104, 105, 90, 89, 88, 87])
    at_once = told(replay(rule, Frame(bars)))
    monkeypatch.setattr(follow_windows, "ROWS_AT_ONCE", 1)
    assert told(replay(rule, Frame(bars))) == at_once
    assert [(at, kind) for at, fired_at, kind in at_once if fired_at == 8] == [
        (8, FIRED),
        (9, FAILED),
        (10, RESUMED),
        (14, ENDED),
    ]


def test_a_rule_that_fires_at_each_bar_and_is_followed_for_long_takes_little_memory():
    rule = rule_of("close > 0", level="close", quiet=0, follow=(3_000, 3, None, "close < level - 90"))
    frame = Frame(flat(100 + np.arange(3_000) / 3_000))
    tracemalloc.start()
    replayed = replay(rule, frame)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(replayed.fires) == 3_000
    assert peak < 30e6  # all windows together have four and a half million bars
