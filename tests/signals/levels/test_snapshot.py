"""The level snapshot: every standing level, on its side of the price."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.signals.levels.levels import active_levels
from bot.signals.levels.settings import LevelSettings
from bot.signals.levels.snapshot import level_snapshot
from tests.signals.price_walks import flat, walk


@given(st.integers(0, 500), st.integers(0, 299), st.sampled_from([0.0, 0.1]), st.sampled_from([(), (99.5, 140.0)]))
@settings(max_examples=40, deadline=None)
def test_it_holds_each_level_that_lives_after_the_bar(
    seed: int, position: int, unknown: float, pinned: tuple[float, ...]
) -> None:
    bars = walk(seed, 300, unknown=unknown)
    found = level_snapshot(bars, position, pinned, 1)
    assert repr(found) == repr(level_snapshot(bars.prefix(position + 1), position, pinned, 1))
    living = active_levels(bars.prefix(position + 1), LevelSettings(), pinned=pinned)
    assert sorted((each.price, each.role) for each in found.levels) == sorted(
        (each.price, each.role) for each in living
    )
    assert [each.price for each in found.levels] == sorted((each.price for each in found.levels), reverse=True)
    assert found.above + found.below == found.levels
    known = bars.close[: position + 1][np.isfinite(bars.close[: position + 1])]
    if len(known):
        assert found.close == known[-1]
        assert all(each.price > found.close for each in found.above)
        assert found.next_above == (found.above[-1] if found.above else None)
        assert found.next_below == (found.below[0] if found.below else None)
        assert all(each.low <= each.price <= each.high for each in found.levels)
        assert all(each.distance == pytest.approx(each.price / found.close - 1) for each in found.levels)


@given(st.integers(0, 200), st.integers(1, 4))
@settings(max_examples=20, deadline=None)
def test_only_levels_with_so_many_touches(seed: int, touches: int) -> None:
    found = level_snapshot(walk(seed, 300), 299, (100.0,), touches)
    assert all(each.pinned or len(each.touches) >= touches for each in found.levels)
    assert [each.price for each in found.levels if each.pinned] == [100.0]


def test_without_a_known_close_nothing_is_near() -> None:
    found = level_snapshot(flat([math.nan, math.nan]), 1)
    assert math.isnan(found.close)
    assert found.levels == ()
