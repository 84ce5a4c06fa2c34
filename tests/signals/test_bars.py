"""Bars: joining them keeps each bar once, the newer where both have it, in order; a part of them is a part."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.signals.bars import COLUMNS, Bars, shared
from tests.evidence.walks import daily

DAYS = 30
OLD, NEW = daily([100.0 + day for day in range(DAYS)]), daily([500.0 + day for day in range(DAYS)])

positions = st.one_of(
    st.sets(st.integers(0, DAYS - 1)),
    st.integers(0, DAYS).flatmap(lambda first: st.integers(first, DAYS).map(lambda last: set(range(first, last)))),
)


def those(bars: Bars, wanted: set[int]) -> Bars:
    at = np.array(sorted(wanted), dtype=np.int64)
    return replace(bars, **{name: getattr(bars, name)[at] for name in ("start", "end", *COLUMNS)})


@given(positions, positions)
def test_joined_bars_are_each_there_once_and_the_newer_wins(old: set[int], new: set[int]) -> None:
    joined = those(OLD, old).merged(those(NEW, new))
    wanted = [(NEW if day in new else OLD, day) for day in sorted(old | new)]
    for name in ("start", "end", *COLUMNS):
        expected = [float(getattr(bars, name)[day]) for bars, day in wanted]
        assert np.array_equal(getattr(joined, name).astype(float), np.array(expected), equal_nan=True)


@given(positions, st.integers(-3, DAYS + 3), st.integers(-3, DAYS + 3))
def test_a_part_of_bars_is_what_its_rows_are(picked: set[int], first: int, last: int) -> None:
    bars = replace(those(OLD, picked), valid_for=5)
    assert len(bars.known) == len(picked)
    part = bars.slice(first, last)
    assert len(part.known) == len(part)
    for name in ("start", "end", *COLUMNS):
        assert getattr(part, name).tolist() == getattr(bars, name).tolist()[first:last]
        with pytest.raises(ValueError, match="read-only"):
            getattr(part, name)[:] = 0
    for each in fields(Bars):
        if each.name not in {"start", "end", *COLUMNS}:
            assert getattr(part, each.name) == getattr(bars, each.name)


@given(*[st.lists(st.integers(0, 30), unique=True).map(sorted)] * 2)
def test_what_two_series_share_stands_where_it_is_said(one: list[int], other: list[int]) -> None:
    here, there = shared(np.array(one, dtype=np.int64), np.array(other, dtype=np.int64))
    assert [one[at] for at in here] == [other[at] for at in there] == sorted({*one} & {*other})
