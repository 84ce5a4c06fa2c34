"""Performance of a market: changes, records, finer bars."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.evidence.performance import performance, rebased
from bot.signals.bars import Bars
from bot.signals.timeframe import DAY, Timeframe
from tests.evidence.walks import FIRST, daily, walks

CHANGE_SPANS_SECONDS = {"24h": 1, "7d": 7, "30d": 30, "90d": 90}


def slow(bars: Bars, now: int) -> dict[str, Any] | None:
    """The same by loops over plain rows."""
    rows = [
        (int(bars.start[i]), int(bars.end[i]), float(bars.close[i]))
        for i in range(len(bars))
        if bars.end[i] <= now and math.isfinite(bars.close[i]) and bars.close[i] > 0
    ]
    if not rows:
        return None
    _, as_of, price = rows[-1]
    changes: dict[str, float | None] = {}
    for name, days in CHANGE_SPANS_SECONDS.items():
        before = [row for row in rows if row[1] <= as_of - days * 86_400]
        fresh = before and as_of - days * 86_400 - before[-1][1] <= 2 * 86_400
        changes[name] = price / before[-1][2] - 1 if fresh else None
    record = max(row[2] for row in rows)
    reached = next(row[0] for row in rows if row[2] == record)
    return {"price": price, "as_of": as_of, "changes": changes, "record": record, "record_at": reached}


@given(walks(), st.integers(-1, 60), st.sampled_from([-1, 0, 75_600, 75_601]))
@settings(max_examples=100, deadline=None)
def test_equals_a_slow_loop(bars: Bars, days: int, seconds: int) -> None:
    now = FIRST + days * DAY + seconds
    got, expected = performance(bars, now), slow(bars, now)
    if expected is None:
        assert got is None
        return
    assert got is not None
    assert (got.price, got.as_of, got.record, got.record_at) == (
        expected["price"],
        expected["as_of"],
        expected["record"],
        expected["record_at"],
    )
    assert got.changes == pytest.approx(expected["changes"])
    assert got.distance <= 0


@given(walks(), st.integers(0, 60))
@settings(max_examples=60, deadline=None)
def test_nothing_that_closes_later_matters(bars: Bars, days: int) -> None:
    now = FIRST + days * DAY
    assert performance(bars, now) == performance(bars.known_at(now), now + 400 * DAY)


def test_by_hand() -> None:
    bars = daily([50.0, 100.0, *[80.0] * 28, 88.0, 90.0])
    told = performance(bars, int(bars.end[-1]))
    assert told is not None
    assert told.price == 90.0
    assert told.changes == {
        "24h": pytest.approx(90 / 88 - 1),
        "7d": pytest.approx(0.125),
        "30d": pytest.approx(-0.1),
        "90d": None,
    }
    assert (told.record, told.record_at) == (100.0, FIRST + DAY)
    assert told.distance == pytest.approx(-0.1)


def test_a_bar_counts_from_its_end_on() -> None:
    bars = daily([10.0, 11.0])
    end = int(bars.end[1])
    before, at = performance(bars, end - 1), performance(bars, end)
    assert before is not None
    assert at is not None
    assert (before.price, at.price) == (10.0, 11.0)


@pytest.mark.parametrize(("gap", "expected"), [(3, pytest.approx(0.2)), (4, None)])
def test_a_change_is_unknown_past_a_gap_of_two_days(gap: int, expected: object) -> None:
    bars = daily([10.0, *[math.nan] * (gap - 1), 12.0])
    told = performance(bars, int(bars.end[-1]))
    assert told is not None
    assert told.changes["24h"] == expected


def test_no_price_is_no_performance() -> None:
    assert performance(daily([]), FIRST) is None
    assert performance(daily([math.nan, 0.0]), FIRST + 9 * DAY) is None
    assert performance(daily([5.0]), FIRST) is None


def hourly(first: int, closes: list[float]) -> Bars:
    start = first + 3_600 * np.arange(len(closes), dtype=np.int64)
    price = np.array(closes)
    return Bars("BTC", Timeframe.H1, start, start + 3_600, price, price, price, price, price)


@given(st.lists(st.floats(1, 1e6), min_size=1, max_size=60), st.integers(0, 80), st.integers(0, 60 * 24))
def test_hours_tell_price_and_changes_where_they_reach(closes: list[float], begin: int, at: int) -> None:
    start = DAY * np.arange(40, dtype=np.int64)
    price = np.arange(100.0, 140.0)
    days = Bars("BTC", Timeframe.D1, start, start + DAY, price, price, price, price, price)
    fine = hourly(30 * DAY + begin * 3_600, closes)
    now = 30 * DAY + at * 3_600
    told = performance(days, now, fine)
    assert told is not None
    known = {int(end): float(close) for end, close in zip(days.end, days.close, strict=True) if end <= now}
    hours = {int(end): close for end, close in zip(fine.end, closes, strict=True) if end <= now}
    if hours:
        first, last = min(hours), max(hours)
        known = {end: close for end, close in known.items() if end < first or end > last} | hours
    newest = max(known)
    assert (told.as_of, told.price) == (newest, known[newest])
    for name, span in CHANGE_SPANS_SECONDS.items():
        then = newest - span * DAY
        earlier = [end for end in known if end <= then and then - end <= 2 * DAY]
        expected = known[newest] / known[max(earlier)] - 1 if earlier else None
        assert told.changes[name] == pytest.approx(expected)
    assert told.record == max(close for end, close in zip(days.end, days.close, strict=True) if end <= now)


@given(st.lists(st.floats(1, 1e3), min_size=1, max_size=100), st.integers(0, 30 * 24), st.floats(0.01, 100))
def test_a_basket_by_the_hour_meets_the_daily_one_where_both_have_a_close(
    closes: list[float], begin: int, level: float
) -> None:
    start = DAY * np.arange(40, dtype=np.int64)
    price = level * (100.0 + np.arange(40))
    days = Bars("ALTS", Timeframe.D1, start, start + DAY, price, price, price, price, price)
    fine = hourly(begin * 3_600, closes)
    told = rebased(fine, days)
    shared = sorted(set(fine.end.tolist()) & set(days.end.tolist()))
    if not shared:
        assert told is None
        return
    assert told is not None
    at, day = fine.end.tolist().index(shared[-1]), days.end.tolist().index(shared[-1])
    assert told.close[at] == pytest.approx(days.close[day])
    np.testing.assert_allclose(told.close / told.close[0], fine.close / fine.close[0])


def test_a_basket_whose_hours_and_days_never_meet_is_left_out() -> None:
    assert rebased(hourly(3_600, [1.0, 2.0]), Bars.empty("ALTS", Timeframe.D1)) is None
