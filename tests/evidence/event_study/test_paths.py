"""Paths after signals, day by day."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.evidence.event_study.paths import paths
from bot.signals.asof import STALE_AFTER_SECONDS
from bot.signals.bars import Bars
from bot.signals.timeframe import DAY
from tests.evidence.walks import FIRST, daily, walks


def test_by_hand() -> None:
    found = paths(daily([100, 110, 99, 120]), [FIRST + DAY, FIRST + 9 * DAY], FIRST, 2, 3)
    assert found.days.tolist() == [-2, -1, 0, 1, 2, 3]
    assert found.entries == (FIRST + DAY,)
    assert found.ways[0] == pytest.approx([math.nan, 100 / 110 - 1, 0, -0.1, 120 / 110 - 1, math.nan], nan_ok=True)
    tomorrow = [0.1, -0.1, 120 / 99 - 1]
    assert found.base[:, 3] == pytest.approx(np.quantile(tomorrow, [0.1, 0.5, 0.9]))
    assert found.base[:, 2].tolist() == [0, 0, 0]


def test_the_base_begins_where_the_rule_could_have_fired() -> None:
    found = paths(daily([100, 200, 100, 110]), [], FIRST + 2 * DAY, 0, 1)
    assert found.ways.shape == (0, 2)
    assert found.base[:, 1] == pytest.approx([0.1] * 3)


def test_nothing_known() -> None:
    assert np.isnan(paths(daily([]), [FIRST], FIRST, 1, 2).base).all()
    assert paths(daily([math.nan, 0.0]), [FIRST], FIRST, 1, 2).entries == ()


@given(walks(), st.integers(0, 3), st.integers(0, 9))
@settings(max_examples=60)
def test_each_way_is_what_a_reader_of_the_list_finds(bars: Bars, before: int, after: int) -> None:
    found = paths(bars, bars.start.tolist(), FIRST, before, after)
    usable = [(int(end), close) for end, close in zip(bars.end, bars.close, strict=True) if 0 < close < math.inf]
    assert len(found.entries) == len(usable)
    for row, (entry, price) in enumerate(usable):
        for column, day in enumerate(range(-before, after + 1)):
            target = entry + day * DAY
            past = [(end, close) for end, close in usable if target - STALE_AFTER_SECONDS <= end <= target]
            expected = past[-1][1] / price - 1 if past and target <= usable[-1][0] else math.nan
            assert found.ways[row, column] == pytest.approx(expected, nan_ok=True)
