"""Intervals, shifts and verdicts against slow loops."""

from __future__ import annotations

import math
from statistics import median

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.evidence.event_study.significance import (
    TailShares,
    Verdict,
    circular_shift_test,
    non_overlapping,
    verdict,
    wilson_interval,
)
from bot.signals.timeframe import DAY

Z = 1.959963984540054


def bound(hits: int, n: int, low: float, high: float) -> float:
    """Where |hits/n - p| is exactly Z standard errors of p, by halving; the interval's definition."""

    def outside(p: float) -> bool:
        return abs(hits / n - p) > Z * math.sqrt(p * (1 - p) / n)

    for _ in range(80):
        middle = (low + high) / 2
        low, high = (low, middle) if outside(middle) == outside(high) else (middle, high)
    return (low + high) / 2


@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
@settings(max_examples=80, deadline=None)
def test_wilson_is_where_the_share_is_just_not_surprising(counts: tuple[int, int]) -> None:
    hits, n = counts
    told = wilson_interval(hits, n)
    assert told is not None
    low, high = told
    assert 0 <= low <= hits / n <= high <= 1
    assert low == (0.0 if hits == 0 else pytest.approx(bound(hits, n, 1e-12, hits / n), abs=1e-9))
    assert high == (1.0 if hits == n else pytest.approx(bound(hits, n, hits / n, 1 - 1e-12), abs=1e-9))


def test_wilson_of_4_in_8_and_of_nothing() -> None:
    assert wilson_interval(4, 8) == (pytest.approx(0.215216, abs=1e-6), pytest.approx(0.784784, abs=1e-6))
    assert wilson_interval(0, 0) is None


@given(st.lists(st.integers(0, 300), unique=True).map(sorted), st.integers(1, 60))
@settings(max_examples=80, deadline=None)
def test_windows_apart_are_as_many_as_fit(days: list[int], length: int) -> None:
    ends = np.array(days, dtype=np.int64) * DAY
    most = [0] * (len(days) + 1)
    for at in range(len(days) - 1, -1, -1):
        after = next((later for later in range(at, len(days)) if days[later] >= days[at] + length), len(days))
        most[at] = max(most[at + 1], 1 + most[after])
    assert non_overlapping(ends, length) == most[0]


values = st.lists(st.sampled_from([-0.2, -0.1, 0.0, 0.1, 0.25, 3.0]), min_size=1, max_size=40)


@given(values.flatmap(lambda v: st.tuples(st.just(v), st.sets(st.integers(0, len(v) - 1), min_size=1))))
@settings(max_examples=80, deadline=None)
def test_all_shifts_equal_a_slow_loop(drawn: tuple[list[float], set[int]]) -> None:
    known, places = drawn[0], sorted(drawn[1])
    medians = [median(known[(place + by) % len(known)] for place in places) for by in range(len(known))]
    told = circular_shift_test(np.array(known), np.array(places), 10_000, 0)
    assert told.upper == pytest.approx(sum(each >= medians[0] for each in medians) / len(known))
    assert told.lower == pytest.approx(sum(each <= medians[0] for each in medians) / len(known))


def test_drawn_shifts_are_each_another_one() -> None:
    known = np.arange(50.0)
    told = circular_shift_test(known, np.array([49]), 48, 3)
    assert told.upper == 1 / 49
    assert told.lower == 1.0
    assert told == circular_shift_test(known, np.array([49]), 48, 3)


def test_many_events_come_in_parts() -> None:
    random = np.random.default_rng(5)
    known = random.normal(size=3_000)
    places = np.sort(random.choice(3_000, 400, replace=False))
    medians = [median(known[(places + by) % 3_000].tolist()) for by in range(3_000)]
    told = circular_shift_test(known, places, 10_000, 0)
    assert told.upper == pytest.approx(sum(each >= medians[0] for each in medians) / 3_000)


def test_chance_alone_is_rarely_called_an_edge() -> None:
    random = np.random.default_rng(11)
    surprises = 0
    for _ in range(300):
        known = random.normal(size=400)
        tails = circular_shift_test(known, np.sort(random.choice(400, 12, replace=False)), 10_000, 0)
        surprises += verdict(tails, 12) is not Verdict.NONE
    assert surprises <= 10


@pytest.mark.parametrize(
    ("upper", "lower", "windows", "expected"),
    [
        (0.004, 0.997, 5, Verdict.ABOVE),
        (0.997, 0.004, 5, Verdict.BELOW),
        (0.005, 0.996, 5, Verdict.NONE),
        (0.004, 0.997, 4, Verdict.TOO_FEW),
        (1.0, 1.0, 9, Verdict.NONE),
    ],
)
def test_words(upper: float, lower: float, windows: int, expected: Verdict) -> None:
    assert verdict(TailShares(upper, lower), windows) is expected


def test_a_p_value_has_two_sides_and_stays_a_probability() -> None:
    assert TailShares(0.01, 0.995).p_value == TailShares(0.995, 0.01).p_value == 0.02
    assert TailShares(0.7, 0.6).p_value == 1.0
