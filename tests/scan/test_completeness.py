"""Completeness of a rule's data."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bot.scan.completeness import MEMBER_DEAD_AFTER_S, complete_before, first_missing, still_trading
from bot.signals.bars import Bars
from bot.signals.timeframe import DAY, Timeframe, start_of
from tests.scan.test_fetch_plan import NOVEMBER


def bars_on(positions: list[int]) -> Bars:
    start = NOVEMBER.start[positions]
    price = np.full(len(positions), 100.0)
    return Bars("IWM", Timeframe.D1, start, NOVEMBER.closes[positions], price, price, price, price, price)


@given(st.sets(st.integers(0, 19)), st.integers(0, 30 * DAY), st.integers(0, 30 * DAY))
def test_the_first_missing_session_is_the_one_a_slow_look_finds(there: set[int], after: int, until: int) -> None:
    first, last = start_of("2020-11-02") + after, start_of("2020-11-02") + until
    missing = [
        int(NOVEMBER.closes[at]) for at in range(20) if at not in there and first < int(NOVEMBER.closes[at]) <= last
    ]
    assert first_missing(bars_on(sorted(there)), NOVEMBER, first, last) == (missing[0] if missing else None)


@given(st.lists(st.none() | st.integers(0, 1_000)))
def test_data_is_whole_until_the_first_thing_that_is_missing(missing: list[int | None]) -> None:
    limit = complete_before(missing, 500)
    known = [each for each in missing if each is not None]
    assert limit == (min(known) if known else 501)


def test_a_member_without_bars_for_a_week_is_not_waited_for() -> None:
    bars = bars_on([0, 1])
    end = int(bars.end[-1])
    assert still_trading(bars, end + MEMBER_DEAD_AFTER_S - 1)
    assert not still_trading(bars, end + MEMBER_DEAD_AFTER_S)
    assert not still_trading(Bars.empty("SOL", Timeframe.D1), end)
