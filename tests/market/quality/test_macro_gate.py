"""The gate of macro series holds figures in another unit, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.market.model import FetchAnswer
from bot.market.quality.macro_gate import macro_gate
from bot.signals.bars import Bars
from bot.signals.timeframe import DAY, Timeframe


def answer(values, first: int = 0) -> FetchAnswer:
    close = np.array(values, dtype=float)
    start = DAY * np.arange(first, first + len(close))
    bars = Bars("X", Timeframe.D1, start, start + DAY, close, close, close, close, close * np.nan)
    return FetchAnswer(bars, Bars.empty("X", Timeframe.D1), "fred")


STEADY = [6_000.0 + 10 * (n % 7) for n in range(40)]


@pytest.mark.parametrize("factor", [1_000.0, 0.001, 100.0, 0.01, -1.0])
def test_a_figure_in_another_unit_is_held_with_its_reason(factor):
    found = macro_gate(answer([*STEADY, 6_010.0 * factor]), None)
    assert len(found.bars) == 40
    assert found.suspect.tolist() == [40 * DAY]
    assert "another unit" in found.held[0]


def test_it_is_measured_by_what_was_known_before():
    known = answer(STEADY).bars
    assert macro_gate(answer([6.0], first=40), known).suspect.tolist() == [40 * DAY]
    assert len(macro_gate(answer([6_020.0], first=40), known).bars) == 1


def test_series_that_change_their_sign_or_size_are_believed():
    assert not macro_gate(answer([0.1 * (-1) ** n for n in range(40)] + [40.0]), None).held
    assert not macro_gate(answer([2.0**n for n in range(40)] + [1.0]), None).held


@given(st.lists(st.floats(100, 300), min_size=1, max_size=60))
def test_no_true_move_of_a_steady_series_is_held(values):
    assert not macro_gate(answer(values), None).held


def held_one_by_one(values: list[float]) -> list[int]:
    """The rule as it is said: each figure by the 26 before it that were believed."""
    held: list[int] = []
    for at in range(26, len(values)):
        before = [values[each] for each in range(at - 26, at) if each not in held]
        if before and min(before) > 0 and max(before) < 5 * min(before):
            held += [at] if not min(before) / 20 < values[at] < max(before) * 20 else []
    return held


@given(st.lists(st.sampled_from([1.0, 1.2, 2.0, 4.0, 30.0, 90.0, 1e-3, -1.0]), min_size=20, max_size=120))
@example([1.0] * 30 + [90.0] * 30 + [1.0] * 30)
def test_each_figure_is_measured_by_those_before_it_that_were_believed(values):
    found = macro_gate(answer(values), None)
    assert (found.suspect // DAY).tolist() == held_one_by_one(values)


def test_nothing_is_ever_missing():
    assert not len(macro_gate(answer(STEADY), None).missing)
