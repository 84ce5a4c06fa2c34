"""Bars put together and cut, against rows by their starts."""

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.signals.bars import COLUMNS, Bars
from bot.signals.timeframe import Timeframe

NAMES = ("start", "end", *COLUMNS)
starts = st.lists(st.integers(0, 40), unique=True, max_size=12).map(sorted)


def bars_at(days: list[int], price: float, market: str = "IWM") -> Bars:
    start = np.array(days, dtype=np.int64)
    columns = (price + start / 100 + at for at in range(5))
    return Bars(market, Timeframe.D1, start * 10, start * 10 + 7, *columns, valid_for=int(price))


def rows(bars: Bars) -> dict[int, tuple[float, ...]]:
    columns = zip(*(getattr(bars, name).tolist() for name in NAMES), strict=True)
    return {int(row[0]): row for row in columns}


@given(old=starts, new=starts)
def test_merged_bars_are_the_newer_ones_where_both_have_one(old: list[int], new: list[int]) -> None:
    before, after = bars_at(old, 1.0), bars_at(new, 5.0, "other")
    found = before.merged(after)
    assert rows(found) == dict(sorted((rows(before) | rows(after)).items()))
    assert (found.market, found.valid_for) == ("IWM", 1)


@given(days=starts, first=st.integers(-3, 14), last=st.integers(-3, 14))
def test_a_slice_is_what_the_rows_are(days: list[int], first: int, last: int) -> None:
    bars = bars_at(days, 2.0)
    assert len(bars.known) == len(days)
    part = bars.slice(first, last)
    assert len(part.known) == len(part)
    assert list(rows(part).values()) == list(rows(bars).values())[first:last]
    others = [each.name for each in fields(Bars) if each.name not in NAMES]
    assert [getattr(part, name) for name in others] == [getattr(bars, name) for name in others]
    for name in NAMES:
        with pytest.raises(ValueError, match="read-only"):
            getattr(part, name)[:] = 0
