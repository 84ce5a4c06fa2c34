"""Firings and episodes against a slow loop."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.signals.replay.episodes import firings

truths = st.lists(st.sampled_from([0.0, 1.0, 1.0, np.nan]), max_size=60).map(lambda x: np.array(x, dtype=np.float64))
SIGNS = {"y": 1.0, "n": 0.0, "?": np.nan}


def slow_firings(truth, quiet):
    found, last, ended = [], None, True
    for at, value in enumerate(truth):
        if value == 1:
            if quiet == 0 or last is None or (ended and at - last > quiet):
                found.append(at)
            last, ended = at, False
        elif value == 0:
            ended = True
    return found


@pytest.mark.parametrize(
    ("truth", "quiet", "fires"),
    [
        ("", 3, []),
        ("nnn", 1, []),
        ("yyy", 1, [0]),
        ("yyy", 0, [0, 1, 2]),
        ("nynyn", 1, [1, 3]),
        ("nynynny", 2, [1, 6]),
        ("??y", 5, [2]),
        ("y???y", 1, [0]),
        ("y?n?y", 1, [0, 4]),
        ("y?n?y", 3, [0, 4]),
        ("y?n?y", 4, [0]),
        ("y?????y", 2, [0]),
        ("y?????ny", 5, [0, 7]),
    ],
)
def test_a_rule_fires_where_an_episode_begins_and_unknown_bars_end_none(truth, quiet, fires):
    assert firings(np.array([SIGNS[each] for each in truth]), quiet).tolist() == fires


@given(truths, st.integers(0, 8))
def test_firings_are_those_of_the_slow_loop(truth, quiet):
    assert firings(truth, quiet).tolist() == slow_firings(truth, quiet)


@given(truths, st.integers(0, 8), st.integers(0, 60))
def test_later_bars_change_no_earlier_firing(truth, quiet, count):
    assert firings(truth[:count], quiet).tolist() == [at for at in firings(truth, quiet).tolist() if at < count]


@given(truths, st.integers(0, 8))
def test_no_firing_within_quiet_bars_of_a_yes(truth, quiet):
    for at in firings(truth, quiet).tolist():
        assert not (truth[max(0, at - quiet) : at] == 1).any()
