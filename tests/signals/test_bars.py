"""Bars: joining them keeps each bar once, the newer where both have it, in order."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bot.signals.bars import COLUMNS, Bars
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
