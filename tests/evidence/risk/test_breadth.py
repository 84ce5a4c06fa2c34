"""Breadth of the altcoins against Bitcoin."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.evidence.risk.breadth import breadth
from bot.signals.bars import Bars
from bot.signals.timeframe import DAY
from tests.evidence.walks import FIRST, daily

NOW = FIRST + 200 * DAY


def member(name: str, change: float, size: int = 100) -> Bars:
    """A market that moves once, within its last 90 days."""
    return daily([10.0] * (size - 50) + [10.0 * (1 + change)] * 50, market=name, hour=24)


def test_by_hand() -> None:
    told = breadth(
        [member("A", 0.5), member("B", 0.1), member("C", 0.3), member("D", 0.9, 80)], member("BTC", 0.3), NOW
    )
    assert told is not None
    assert (told.ahead, told.counted, told.missing) == (("A",), ("A", "B", "C"), ("D",))
    assert told.share == 1 / 3
    assert (told.benchmark, told.as_of) == ("BTC", FIRST + 100 * DAY)


def test_a_member_that_stopped_is_missing() -> None:
    stopped, alive = member("A", 9.0, 97), member("B", 9.0, 98)
    told = breadth([stopped, alive], member("BTC", 0.0), NOW)
    assert told is not None
    assert (told.counted, told.missing) == (("B",), ("A",))


def test_without_a_benchmark_there_is_nothing_and_without_members_no_share() -> None:
    assert breadth([member("A", 1.0)], daily([], market="BTC"), NOW) is None
    assert breadth([member("A", 1.0)], member("BTC", 0.1, 60), NOW) is None
    told = breadth([daily([math.nan] * 100, market="A", hour=24)], member("BTC", 0.1), NOW)
    assert told is not None
    assert (told.share, told.missing) == (None, ("A",))


@given(st.integers(0, 10_000), st.integers(1, 12))
@settings(max_examples=40, deadline=None)
def test_equals_a_slow_loop(seed: int, size: int) -> None:
    random = np.random.default_rng(seed)
    walks = [list(np.exp(np.cumsum(random.normal(0, 0.05, 120)))) for _ in range(size + 1)]
    bars = [daily(walk, market=f"M{at}", hour=24) for at, walk in enumerate(walks)]
    told = breadth(bars[1:], bars[0], NOW)
    ahead = [f"M{at}" for at, walk in enumerate(walks) if walk[-1] / walk[-91] > walks[0][-1] / walks[0][-91]]
    assert told is not None
    assert list(told.ahead) == ahead
    assert told.share == len(ahead) / size
