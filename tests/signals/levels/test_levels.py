"""Levels against a slow loop over plain numbers, and histories small enough to check by hand."""

import csv
from math import isnan
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from bot.signals.levels.levels import Level, LevelSettings, active_levels, resistance, support
from bot.signals.levels.pivots import average_range, pivot_highs, pivot_lows
from tests.signals.price_walks import bars_of, flat, upside_down, walk

DATA = Path(__file__).parents[3].parent / "shared" / "data" / "daily"
SMALL = LevelSettings(left=2, right=2, tolerance=1.0, atr=3, spacing=2, expires=25, buffer=0.25)

walks = st.builds(
    walk,
    st.integers(0, 10**6),
    st.integers(0, 140),
    unknown=st.sampled_from([0.0, 0.05, 0.4]),
    rounded=st.booleans(),
)
some_settings = st.builds(
    LevelSettings,
    left=st.integers(1, 4),
    right=st.integers(1, 4),
    tolerance=st.sampled_from([0.0, 0.5, 2.0]),
    atr=st.integers(1, 5),
    spacing=st.integers(1, 6),
    expires=st.integers(5, 60),
    buffer=st.sampled_from([0.0, 0.25, 1.0]),
)
pins = st.sampled_from([(), (100.0,), (97.0, 103.5)])


# --- the definition, written again as a slow loop over plain numbers ---------------------------------------------


def slow_pivots(high, close, left, right):
    found = []
    for i in range(left, len(high) - right):
        around = [h for h in high[i - left : i + right + 1] if not isnan(h)]
        before = [h for h in high[i - left : i] if not isnan(h)]
        passed = [c for c in close[i + 1 : i + right + 1] if c > high[i]]
        if not isnan(high[i]) and high[i] == max(around) and all(high[i] > h for h in before) and not passed:
            found.append(i)
    return found


def slow_spreads(bars, window):
    ranges = []
    for t in range(len(bars)):
        high, low, before = (float(x) for x in (bars.high[t], bars.low[t], bars.close[t - 1] if t else np.nan))
        closes = [] if isnan(before) else [before]
        known = not isnan(high) and not isnan(low)
        ranges.append(max([high, *closes]) - min([low, *closes]) if known else np.nan)
    spreads, last = [], 0.0
    for t in range(len(bars)):
        known = [r for r in ranges[max(0, t - window + 1) : t + 1] if not isnan(r)]
        last = sum(known) / len(known) if known and t >= window - 1 else last
        spreads.append(last)
    return spreads


class SlowLevels:
    """The lives of all levels, as a list of dicts that is looked through at every bar."""

    def __init__(self, bars, rules, pinned):
        self.bars, self.rules = bars, rules
        self.lines, self.pinned = [], list(pinned)
        self.spreads = slow_spreads(bars, rules.atr)
        closes = [float(c) for c in bars.close]
        self.pivots = {
            "resistance": slow_pivots([float(h) for h in bars.high], closes, rules.left, rules.right),
            "support": slow_pivots([-float(x) for x in bars.low], [-c for c in closes], rules.left, rules.right),
        }

    def step(self, t):
        close, spread = float(self.bars.close[t]), self.spreads[t]
        if self.pinned and not isnan(close):
            self.lines += [
                {"price": p, "touches": [], "role": "resistance" if close <= p else "support", "pinned": True}
                for p in self.pinned
            ]
            self.pinned = []
        self.lines = [x for x in self.lines if x["pinned"] or t - x["touches"][-1] <= self.rules.expires]
        for x in self.lines:
            up = close - self.rules.buffer * spread > x["price"]
            down = close + self.rules.buffer * spread < x["price"]
            if (x["role"] == "resistance" and up) or (x["role"] == "support" and down):
                x["role"] = "support" if up else "resistance"
                x["touches"] = x["touches"][-1:]
        for role, pivots in self.pivots.items():
            if t - self.rules.right in pivots:
                self.touch(role, t - self.rules.right, spread)

    def touch(self, role, pivot, spread):
        price = float(self.bars.high[pivot] if role == "resistance" else self.bars.low[pivot])
        mine = [x for x in self.lines if x["role"] == role]
        mine.sort(key=lambda x: len(x["touches"]), reverse=True)
        mine.sort(key=lambda x: max(x["touches"], default=-1), reverse=True)
        mine.sort(key=lambda x: x["price"], reverse=role == "support")
        mine.sort(key=lambda x: abs(x["price"] - price))
        if not mine or abs(mine[0]["price"] - price) > self.rules.tolerance * spread:
            self.lines.append({"price": price, "touches": [pivot], "role": role, "pinned": False})
            return
        near = mine[0]
        if not near["touches"] or pivot >= near["touches"][-1] + self.rules.spacing:
            near["touches"].append(pivot)
        if not near["pinned"]:
            near["price"] = max(near["price"], price) if role == "resistance" else min(near["price"], price)

    def nearest(self, role, touches, age, t):
        prices = [
            x["price"]
            for x in self.lines
            if x["role"] == role and (x["pinned"] or (len(x["touches"]) >= touches and t - x["touches"][0] >= age))
        ]
        return (min if role == "resistance" else max)(prices, default=np.nan)


def slow(bars, rules, touches, age, pinned):
    levels = SlowLevels(bars, rules, pinned)
    above, below = [], []
    for t in range(len(bars)):
        above.append(levels.nearest("resistance", touches, age, t))
        below.append(levels.nearest("support", touches, age, t))
        levels.step(t)
    return above, below, levels.lines


# --- properties ---------------------------------------------------------------------------------------------------


@settings(max_examples=100, deadline=None)
@given(walks, some_settings, st.integers(1, 3), st.integers(0, 30), pins)
def test_levels_are_what_the_slow_loop_finds(bars, rules, touches, age, pinned):
    above, below, lines = slow(bars, rules, touches, age, pinned)
    assert_array_equal(resistance(bars, rules, touches=touches, age=age, pinned=pinned), np.array(above))
    assert_array_equal(support(bars, rules, touches=touches, age=age, pinned=pinned), np.array(below))
    living = [(x.price, x.touches, x.role, x.pinned) for x in active_levels(bars, rules, pinned=pinned)]
    assert sorted(living) == sorted((x["price"], tuple(x["touches"]), x["role"], x["pinned"]) for x in lines)


@settings(max_examples=60, deadline=None)
@given(walks, some_settings, st.integers(0, 140), pins)
def test_a_level_known_at_a_bar_is_never_changed_by_later_bars(bars, rules, count, pinned):
    whole = resistance(bars, rules, touches=2, age=4, pinned=pinned)
    assert_array_equal(resistance(bars.prefix(count), rules, touches=2, age=4, pinned=pinned), whole[:count])
    whole = support(bars, rules, touches=1, age=0, pinned=pinned)
    assert_array_equal(support(bars.prefix(count), rules, touches=1, age=0, pinned=pinned), whole[:count])


@settings(max_examples=60, deadline=None)
@given(walks, some_settings, st.integers(0, 139))
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
def test_living_levels_are_ordered_and_agree_with_the_next_bar(bars, rules, pinned):
    living = active_levels(bars, rules, pinned=pinned)
    assert [x.price for x in living] == sorted(x.price for x in living)
    for level in living:
        assert all(0 <= touch < len(bars) for touch in level.touches)
        assert level.pinned or level.touches
        assert level.known_from < len(bars)
    last = float(bars.close[-1]) if len(bars) else 100.0
    following = bars_of(*(np.append(getattr(bars, n), last) for n in ("high", "low", "close")))
    ahead = [x.price for x in living if x.role == "resistance"]
    assert_array_equal(resistance(following, rules, touches=1, age=0, pinned=pinned)[-1], min(ahead, default=np.nan))


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


def test_the_average_range_leaves_unknown_ranges_out():
    bars = bars_of([11, 12, np.nan, 13], [9, 9, np.nan, 10], [10, 10, np.nan, 12])
    assert_array_equal(average_range(bars, 2), [np.nan, 2.5, 3.0, 3.0])


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
    assert broken == Level(104.2, (5,), 2, 10, "support", pinned=False)
    assert_array_equal(resistance(bars, NEAR, touches=2, age=0)[-2:], [104.2, np.nan])
    assert support(bars, NEAR, touches=1, age=0)[-1] == 104.2


def test_a_close_within_the_buffer_breaks_nothing_so_that_a_slow_break_is_seen():
    patient = LevelSettings(left=1, right=1, tolerance=1.0, atr=1, spacing=2, expires=50, buffer=0.5)
    bars = flat([*TWO_TOPS, 105.3, 105.4, 105.5, 106.5, 107], spread=1.0)
    assert_array_equal(resistance(bars, patient, touches=2, age=0)[10:], [105.2, 105.2, 105.2, 105.2, np.nan])


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
    beyond = bars.close > level + 0.25 * average_range(bars, 14)
    days = [row["date"] for row, yes in zip(rows, beyond, strict=True) if yes and row["date"] >= "2020"]
    for day in ("2020-11-09", "2024-07-12", "2024-11-06", "2025-10-06"):
        assert day in days
    assert len(days) < 40
