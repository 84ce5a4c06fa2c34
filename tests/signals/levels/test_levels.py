"""Levels against a slow loop, and histories small enough to check by hand."""

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from bot.signals.indicators.smoothing import atr
from bot.signals.indicators.windows import MIN_KNOWN_BARS
from bot.signals.levels.levels import Level, active_levels, level_priced, resistance, support
from bot.signals.levels.pivots import pivot_highs, pivot_lows
from bot.signals.levels.settings import LevelSettings
from tests.signals.levels.slow_levels import as_level, pins, slow, some_settings, walks
from tests.signals.price_walks import bars_of, flat, upside_down

DATA = Path(__file__).parents[3].parent / "shared" / "data" / "daily"


@settings(max_examples=150, deadline=None)
@given(walks, some_settings, st.integers(1, 3), st.integers(0, 30), pins)
def test_levels_are_what_the_slow_loop_finds(bars, rules, touches, age, pinned):
    above, below, lines = slow(bars, rules, touches, age, pinned)
    assert_array_equal(resistance(bars, rules, touches=touches, age=age, pinned=pinned), np.array(above))
    assert_array_equal(support(bars, rules, touches=touches, age=age, pinned=pinned), np.array(below))
    active = [(x.price, x.low, x.high, x.touches, x.role, x.pinned) for x in active_levels(bars, rules, pinned=pinned)]
    assert sorted(active) == sorted(as_level(x) for x in lines)


@settings(max_examples=60, deadline=None)
@given(walks, some_settings, st.integers(0, 330), pins)
def test_a_level_known_at_a_bar_is_never_changed_by_later_bars(bars, rules, count, pinned):
    whole = resistance(bars, rules, touches=2, age=4, pinned=pinned)
    assert_array_equal(resistance(bars.prefix(count), rules, touches=2, age=4, pinned=pinned), whole[:count])
    whole = support(bars, rules, touches=1, age=0, pinned=pinned)
    assert_array_equal(support(bars.prefix(count), rules, touches=1, age=0, pinned=pinned), whole[:count])


@settings(max_examples=60, deadline=None)
@given(walks, some_settings, st.integers(0, 329))
def test_a_level_at_a_bar_knows_nothing_of_that_bar(bars, rules, at):
    if at >= len(bars):
        return
    changed = {name: getattr(bars, name).copy() for name in ("high", "low", "close")}
    for values in changed.values():
        values[at:] = 1.0
    other = bars_of(**changed)
    for find in (resistance, support):
        assert_array_equal(
            find(bars, rules, touches=1, age=2)[: at + 1], find(other, rules, touches=1, age=2)[: at + 1]
        )


@settings(max_examples=60, deadline=None)
@given(walks, some_settings, pins)
def test_supports_mirror_resistances(bars, rules, pinned):
    mirrored = support(upside_down(bars), rules, touches=2, age=3, pinned=tuple(-p for p in pinned))
    kept = resistance(bars, rules, touches=2, age=3, pinned=pinned)
    known_first = ~np.isnan(bars.close)
    if any(p in bars.close[known_first][:1] for p in pinned):
        return  # a pinned level that the first close equals is a resistance, on either side
    assert_array_equal(-mirrored, kept)


@settings(max_examples=60, deadline=None)
@given(walks, some_settings, pins)
def test_active_levels_are_ordered_and_agree_with_the_next_bar(bars, rules, pinned):
    active = active_levels(bars, rules, pinned=pinned)
    assert [x.price for x in active] == sorted(x.price for x in active)
    for level in active:
        assert level.price == (level.high if level.role == "resistance" else level.low)
        assert all(0 <= touch < len(bars) for touch in level.touches)
        assert level.pinned or level.touches
        assert level.known_from < len(bars)
    last = float(bars.close[-1]) if len(bars) else 100.0
    following = bars_of(*(np.append(getattr(bars, n), last) for n in ("high", "low", "close")))
    ahead = [x.price for x in active if x.role == "resistance"]
    none = np.inf if len(bars) >= MIN_KNOWN_BARS else np.nan
    assert_array_equal(resistance(following, rules, touches=1, age=0, pinned=pinned)[-1], min(ahead, default=none))


# --- hand-checked --------------------------------------------------------------------------------------------------


def test_a_pivot_is_the_first_of_equal_highs_and_needs_its_neighbours():
    high = np.array([1, 2, 5, 5, 2, 1, 3, 4], dtype=float)
    assert pivot_highs(high, high - 1, 2, 2).tolist() == [2]
    assert pivot_highs(high[:4], high[:4] - 1, 2, 2).tolist() == []
    assert pivot_lows(-high, -high + 1, 2, 2).tolist() == [2]


def test_an_unknown_high_hides_no_pivot_and_is_none():
    high = np.array([1, np.nan, 5, np.nan, 2, 1, np.nan, 0, 0], dtype=float)
    assert pivot_highs(high, high - 1, 2, 2).tolist() == [2]


def test_a_high_that_a_later_close_contradicts_is_no_pivot():
    high = np.array([1, 2, 5, 4, 2], dtype=float)
    close = np.array([1, 2, 4, 5.5, 2], dtype=float)
    assert pivot_highs(high, close, 2, 2).tolist() == []


TWO_TOPS = [100, 104, 100, 98, 99, 104.2, 100, 98, 99, 100]
"""Pivots at bars 1 and 5, known from bars 2 and 6 with one bar to either side."""
NEAR = LevelSettings(left=1, right=1, tolerance=1.0, atr=1, spacing=2, expires=50, buffer=0.0)


def test_two_tops_are_one_level_at_the_higher_one_from_the_bar_after_the_second_is_confirmed():
    found = resistance(flat(TWO_TOPS), NEAR, touches=2, age=0)
    assert_array_equal(found, [np.nan] * 7 + [104.2] * 3)
    assert_array_equal(resistance(flat(TWO_TOPS), NEAR, touches=2, age=8)[8:], [np.nan, 104.2])


def test_the_high_between_two_tops_is_a_support_on_the_way_down():
    assert [x.price for x in active_levels(flat(TWO_TOPS), NEAR) if x.role == "support"] == [98.0]


def test_a_break_makes_resistance_support_that_must_prove_itself_anew():
    bars = flat([*TWO_TOPS, 106, 107])
    broken = next(x for x in active_levels(bars, NEAR) if x.price == 104.2)
    assert broken == Level(104.2, 104.2, 104.2, (5,), 2, 10, "support", pinned=False)
    assert_array_equal(resistance(bars, NEAR, touches=2, age=0)[-2:], [104.2, np.nan])
    assert support(bars, NEAR, touches=1, age=0)[-1] == 104.2


def test_a_level_is_found_by_its_price_as_it_was_before_it_broke():
    bars = flat([*TWO_TOPS, 106, 107])
    before = next(x for x in active_levels(bars.prefix(10), NEAR) if x.price == 104.2)
    assert len(before.touches) == 2
    assert level_priced(bars, NEAR, 104.2) == level_priced(bars.prefix(10), NEAR, 104.2) == before
    assert level_priced(bars, NEAR, 98.0) == next(x for x in active_levels(bars, NEAR) if x.price == 98.0)
    assert level_priced(bars, NEAR, 104.3) is None
    own = level_priced(flat([100, 101, 107]), NEAR, 105.0, pinned=(105.0,))
    assert own is not None
    assert (own.low, own.high, own.touches, own.role) == (105.0, 105.0, (), "support")


def test_a_close_within_the_buffer_breaks_nothing_so_that_a_slow_break_is_seen():
    patient = LevelSettings(left=1, right=1, tolerance=1.0, atr=1, spacing=2, expires=50, buffer=0.5)
    bars = flat([*TWO_TOPS, 105.3, 105.4, 105.5, 106.5, 107], spread=1.0)
    assert_array_equal(resistance(bars, patient, touches=2, age=0)[10:], [105.2, 105.2, 105.2, 105.2, np.nan])


SECOND_ATTEMPT = [*TWO_TOPS, 106, 107, 103, 101, 106, 107]
"""A break at bar 10 that a close at bar 12 takes back, and another at bar 14."""


CLOSE_BY = LevelSettings(left=1, right=1, tolerance=0.1, atr=1, spacing=2, expires=50, buffer=0.0)


def test_a_break_that_fails_is_undone_so_that_a_second_attempt_is_a_break_too():
    bars = flat(SECOND_ATTEMPT)
    assert_array_equal(resistance(bars, CLOSE_BY, touches=2, age=0)[10:], [104.2, np.nan, np.nan, 104.2, 104.2, np.nan])
    before, undone = (active_levels(bars.prefix(count), CLOSE_BY) for count in (10, 14))
    assert [x for x in undone if x.price == 104.2] == [x for x in before if x.price == 104.2]
    assert next(x for x in active_levels(bars, CLOSE_BY) if x.price == 104.2).broken_at == 14


def test_a_break_that_fails_too_late_stays_one():
    hasty = replace(CLOSE_BY, undo=1)
    again = next(x for x in active_levels(flat(SECOND_ATTEMPT).prefix(14), hasty) if x.price == 104.2)
    assert (again.role, again.touches, again.broken_at) == ("resistance", (5,), 12)


def test_a_break_that_fails_by_less_than_the_buffer_is_not_undone():
    bars = flat([*TWO_TOPS, 110, 104])
    assert [x.role for x in active_levels(bars, replace(CLOSE_BY, buffer=0.5)) if x.price == 104.2] == ["support"]


def test_a_level_is_a_band_from_its_lowest_to_its_highest_touch():
    (level,) = (x for x in active_levels(flat(TWO_TOPS), NEAR) if x.role == "resistance")
    assert (level.price, level.low, level.high, level.touches) == (104.2, 104.0, 104.2, (1, 5))


def test_that_no_level_is_left_above_is_known_once_there_are_bars_enough():
    rising = flat(100 + np.arange(MIN_KNOWN_BARS + 3.0))
    above = resistance(rising, LevelSettings(), touches=1, age=0)
    assert_array_equal(above, [np.nan] * MIN_KNOWN_BARS + [np.inf] * 3)
    assert_array_equal(
        support(flat(500 - np.arange(MIN_KNOWN_BARS + 1.0)), LevelSettings(), touches=1, age=0)[-1], -np.inf
    )


def test_a_level_expires_after_its_last_touch():
    short = LevelSettings(left=1, right=1, tolerance=1.0, atr=1, spacing=2, expires=6, buffer=0.0)
    bars = flat([*TWO_TOPS, 101, 102, 103, 103.5])
    assert_array_equal(resistance(bars, short, touches=2, age=0)[10:], [104.2, 104.2, 104.2, np.nan])


def test_a_pinned_level_needs_no_touch_never_moves_and_changes_its_role():
    bars = flat([100, 104, 100, 102, 106, 100, 98])
    pinned = (103.5,)
    above = resistance(bars, NEAR, touches=5, age=99, pinned=pinned)
    below = support(bars, NEAR, touches=5, age=99, pinned=pinned)
    assert_array_equal(above, [np.nan, 103.5, np.nan, 103.5, 103.5, np.nan, 103.5])
    assert_array_equal(below, [np.nan, np.nan, 103.5, np.nan, np.nan, 103.5, np.nan])


def test_a_bar_without_prices_changes_no_level():
    with_hole = [*TWO_TOPS, np.nan, 106]
    assert_array_equal(resistance(flat(with_hole), NEAR, touches=2, age=0)[7:], [104.2] * 5)
    assert active_levels(flat([]), NEAR, pinned=(1.0,)) == ()


@pytest.mark.parametrize("wrong", [{"left": 0}, {"expires": 0}, {"tolerance": -1.0}, {"buffer": -0.1}])
def test_settings_without_a_meaning_are_refused(wrong):
    with pytest.raises(ValueError, match="allowed: windows of 1 bar or more"):
        LevelSettings(**wrong)


@pytest.mark.skipif(not (DATA / "IWM.csv").exists(), reason="the recorded prices are not here")
def test_the_breaks_that_a_trader_remembers_are_found_in_the_records_of_iwm():
    with (DATA / "IWM.csv").open() as file:
        rows = list(csv.DictReader(file))
    bars = bars_of(*([float(row[name]) for row in rows] for name in ("high", "low", "close")))
    level = resistance(bars, LevelSettings(), touches=2, age=20)
    beyond = bars.close > level + 0.25 * atr(bars, 14)
    days = [row["date"] for row, yes in zip(rows, beyond, strict=True) if yes and row["date"] >= "2020"]
    for day in ("2020-11-09", "2024-03-08", "2024-07-12", "2024-11-06", "2025-06-09", "2025-10-06", "2025-10-14"):
        assert day in days
    assert len(days) < 70
