"""Paths after signals, day by day."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.evidence.event_study.base_rate import FirstHighs
from bot.evidence.event_study.event_study import Signals, event_study
from bot.evidence.event_study.paths import paths
from bot.signals.asof import STALE_AFTER_SECONDS
from bot.signals.bars import Bars
from bot.signals.timeframe import DAY, Timeframe
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


@given(walks(), st.lists(st.integers(0, 60), min_size=1, max_size=6), st.sampled_from([None, FirstHighs(3, 1)]))
@settings(max_examples=200)
def test_the_base_is_that_of_the_study(bars: Bars, fired: list[int], rises: FirstHighs | None) -> None:
    ends = bars.end[sorted({at for at in fired if at < len(bars)})]
    since = int(bars.end[0]) if len(bars) else 0
    signals = Signals("r", bars.market, Timeframe.D1, ends - DAY, ends, since, rises)
    now = int(bars.end[-1]) if len(bars) else 0
    study = event_study(signals, bars, now, horizons=(10,), tested=())
    found = paths(bars, [event.entry for event in study.events], since, 2, 10, study.base)
    horizon = study.horizons[10]
    if horizon.n:
        assert (None if math.isnan(found.base[1, -1]) else found.base[1, -1]) == pytest.approx(horizon.base_median)


def test_the_base_of_signals_is_their_time() -> None:
    bars = daily([100 * 2**at for at in range(900)] + [1e200] * 900)
    found = paths(bars, [FIRST + 1_500 * DAY], FIRST, 0, 1)
    assert found.base[:, 1].tolist() == [0, 0, 0]


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
