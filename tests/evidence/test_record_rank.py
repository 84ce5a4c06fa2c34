"""Rank of a close among those before it."""

from __future__ import annotations

import math

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.evidence.record_rank import MIN_BARS, record_rank
from bot.signals.bars import Bars
from bot.signals.timeframe import DAY
from tests.evidence.walks import FIRST, daily, walks


@given(walks(), st.integers(0, 45), st.floats(0.01, 1e6))
@settings(max_examples=100, deadline=None)
def test_last_higher_equals_a_slow_loop(bars: Bars, days: int, close: float) -> None:
    start = FIRST + days * DAY
    before = [i for i in range(len(bars)) if bars.start[i] < start]
    higher = [i for i in before if math.isfinite(bars.close[i]) and bars.close[i] > close]
    place = record_rank(bars, start, close)
    assert place.record is None
    if not higher:
        assert place.last_higher is None
        return
    assert place.last_higher is not None
    assert place.last_higher.start == bars.start[higher[-1]]
    assert place.last_higher.bars_ago == len(before) - higher[-1]


def test_the_record_is_where_it_was_first_reached() -> None:
    bars = daily([10.0] * MIN_BARS + [30.0, 20.0, 30.0, 31.0])
    place = record_rank(bars, int(bars.start[-1]), 31.0)
    assert place.record is not None
    assert (place.record.start, place.record.close, place.record.bars_ago) == (
        int(bars.start[MIN_BARS]),
        30.0,
        3,
    )
    assert place.is_record(31.0)
    assert not place.is_record(30.0)
    assert place.last_higher is None


def test_a_short_history_has_no_record() -> None:
    assert record_rank(daily([1.0] * (MIN_BARS - 1) + [2.0]), FIRST + (MIN_BARS - 1) * DAY, 2.0).record is None
    assert record_rank(daily([1.0] * MIN_BARS + [2.0]), FIRST + MIN_BARS * DAY, 2.0).record is not None
    assert record_rank(daily([math.nan] * (MIN_BARS + 1)), FIRST + MIN_BARS * DAY, 2.0).record is None
    assert record_rank(daily([]), FIRST, 2.0).last_higher is None
