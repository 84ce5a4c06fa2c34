"""Intervals, shifts and verdicts against slow loops."""

from __future__ import annotations

import math
from statistics import median

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.evidence.event_study.base_rate import EraReturns, bootstrap_interval
from bot.evidence.event_study.draws import indices
from bot.evidence.event_study.significance import (
    StudyVerdict,
    adjusted,
    non_overlapping,
    shift_p_value,
    shift_test,
    verdict,
    wilson_interval,
)
from bot.signals.timeframe import DAY
from tests.evidence.event_study.slow_study import slow_means, slow_p_value

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


def era(values: list[float] | np.ndarray, spread: float = 1.0) -> EraReturns:
    """Log returns of a time whose median is 0 and whose spread is given."""
    value = np.asarray(values, dtype=np.float64)
    return EraReturns(np.arange(len(value)), value, np.zeros(len(value)), np.full(len(value), spread))


drawn_values = st.lists(st.sampled_from([-3.0, -0.7, -0.1, 0.0, 0.1, 0.25, 3.0]), min_size=1, max_size=40)
drawn = drawn_values.flatmap(lambda v: st.tuples(st.just(v), st.sets(st.integers(0, len(v) - 1), min_size=1)))


@given(drawn)
@settings(max_examples=80, deadline=None)
def test_all_shifts_equal_a_slow_loop(drawn: tuple[list[float], set[int]]) -> None:
    known, places = drawn[0], sorted(drawn[1])
    clipped = [max(-2.0, min(2.0, value)) for value in known]
    told = shift_test(era(known), np.array(places))
    assert told.p_value == shift_p_value(era(known), np.array(places)) == pytest.approx(slow_p_value(places, clipped))
    if len(places) > 1:
        left = [slow_p_value([place for place in places if place != gone], clipped) for gone in places]
        assert told.p_without_one == pytest.approx(max(left))


@pytest.mark.parametrize("count", [99, 100, 101, 250])
def test_many_events_are_shifted_as_few_are(count: int) -> None:
    random = np.random.default_rng(count)
    known = np.clip(random.normal(size=400), -2, 2)
    places = np.sort(random.choice(400, count, replace=False))
    assert shift_p_value(era(known), places) == pytest.approx(slow_p_value(places.tolist(), known.tolist()))


@pytest.mark.parametrize("count", [8, 30])
def test_the_detectable_effect_is_found_in_four_of_five_placements_and_a_smaller_one_is_not(count: int) -> None:
    random = np.random.default_rng(count)
    known = random.normal(size=400) * 0.5
    places = np.sort(random.choice(400, count, replace=False))
    told = shift_test(era(known, 0.5), places).detectable
    assert told is not None
    chance = slow_means(places.tolist(), np.clip(known / 0.5, -2, 2).tolist())
    middle = sum(chance) / len(chance)

    def power(effect: float) -> float:
        moved = slow_means(places.tolist(), np.clip((known + math.log1p(effect)) / 0.5, -2, 2).tolist())
        strays = [abs(each - middle) for each in chance]
        return sum(sum(stray >= each - middle for stray in strays) / 400 < 0.01 for each in moved) / 400

    assert power(told) >= 0.8 > power(told - 0.03)


def test_more_signals_show_smaller_effects_and_one_shows_none() -> None:
    random = np.random.default_rng(2)
    known = random.normal(size=2_000) * 0.4
    sizes = [shift_test(era(known, 0.4), np.arange(5, 2_000, step)).detectable for step in (400, 100, 25)]
    assert sizes == sorted(sizes, reverse=True, key=lambda each: each or math.inf)
    assert shift_test(era(known, 0.4), np.array([7])).detectable is None
    assert shift_test(era(known[:50], 0.4), np.array([7, 20])).detectable is None  # 50 shifts show no p below 1 %


def test_one_event_that_carries_it_all_is_found_out() -> None:
    known = np.zeros(1_000)
    known[::7] = 0.5
    known[[100, 300, 500]] = 3.0
    told = shift_test(era(known), np.array([101, 300, 701]))
    assert told.p_value < 0.01
    assert told.p_without_one is not None
    assert told.p_without_one > 0.2


def test_chance_alone_is_rarely_called_a_difference() -> None:
    random = np.random.default_rng(11)
    surprises = 0
    for _ in range(400):
        known = random.normal(size=400)
        surprises += shift_p_value(era(known), np.sort(random.choice(400, 12, replace=False))) < 0.01
    assert surprises <= 10


@given(st.dictionaries(st.integers(), st.floats(0.0001, 1.0), max_size=20))
def test_p_values_are_corrected_for_all(p_values: dict[int, float]) -> None:
    told = adjusted(p_values)
    assert list(told) == list(p_values)
    for key, p_value in p_values.items():
        as_large = [other for other in p_values.values() if other >= p_value]
        least = min(other * len(p_values) / sum(each <= other for each in p_values.values()) for other in as_large)
        assert told[key] == pytest.approx(min(1.0, least))
        assert told[key] >= p_value


def test_the_interval_of_the_excess_holds_what_other_draws_hold() -> None:
    random = np.random.default_rng(1)
    excess = random.normal(0.1, 0.3, 60)
    instants = DAY * 100 * np.arange(60, dtype=np.int64)
    told = bootstrap_interval(excess, instants, 90)
    assert told is not None
    medians = sorted(median(random.choice(excess, 60).tolist()) for _ in range(4_000))
    assert told == (pytest.approx(medians[100], abs=0.03), pytest.approx(medians[3_900], abs=0.03))


@given(
    st.lists(st.sampled_from([-0.5, -0.1, 0.0, 0.2, 0.25, 1.0, math.nan]), min_size=2, max_size=12),
    st.lists(st.integers(1, 60), min_size=12, max_size=12),
)
@settings(max_examples=40, deadline=None)
def test_the_interval_is_that_of_the_medians_of_what_is_drawn(excess: list[float], steps: list[int]) -> None:
    days = np.cumsum(steps[: len(excess)])
    groups, free = list[list[float]](), -math.inf
    for day, value in zip(days.tolist(), excess, strict=True):
        if day >= free:
            groups.append([])
            free = day + 30
        groups[-1].append(value)
    told = bootstrap_interval(np.array(excess), DAY * days, 30)
    if len(groups) < 2:
        assert told is None
        return
    draws = [[value for at in row for value in groups[at]] for row in indices(0, len(groups), 2_000, len(groups))]
    known = [[value for value in draw if not math.isnan(value)] for draw in draws]
    medians = np.sort([median(draw) if draw else math.nan for draw in known])
    expected = np.interp([0.025 * 1_999, 0.975 * 1_999], np.arange(2_000), medians)
    assert told == pytest.approx(tuple(expected), nan_ok=True)


def test_windows_that_share_days_count_as_one_time() -> None:
    excess = np.repeat(np.random.default_rng(5).normal(0.1, 0.3, 15), 4)
    apart = DAY * np.arange(60, dtype=np.int64) * 100
    together = np.sort(DAY * (np.repeat(np.arange(15, dtype=np.int64) * 400, 4) + np.tile([0, 5, 10, 15], 15)))
    narrow, wide = bootstrap_interval(excess, apart, 90), bootstrap_interval(excess, together, 90)
    assert narrow is not None
    assert wide is not None
    assert wide[1] - wide[0] > 1.3 * (narrow[1] - narrow[0])
    assert bootstrap_interval(excess[:4], together[:4], 90) is None


@pytest.mark.parametrize(
    ("p_value", "p_adjusted", "windows", "above", "expected"),
    [
        (0.009, None, 10, True, StudyVerdict.ABOVE),
        (0.009, 0.049, 10, False, StudyVerdict.BELOW),
        (0.009, 0.05, 10, True, StudyVerdict.NONE),
        (0.01, 0.01, 10, True, StudyVerdict.NONE),
        (0.001, 0.001, 9, True, StudyVerdict.CANT_TELL),
        (None, None, 20, True, StudyVerdict.CANT_TELL),
    ],
)
def test_words(
    p_value: float | None, p_adjusted: float | None, windows: int, expected: StudyVerdict, *, above: bool
) -> None:
    assert verdict(p_value, p_adjusted, windows, above=above) is expected
