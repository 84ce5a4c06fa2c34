"""The table of the New York Stock Exchange against exchange_calendars."""

from __future__ import annotations

import numpy as np
import pytest

from bot.market.new_york import CALENDAR, FIRST, LAST, new_york_sessions
from bot.market.vendors.calendars import sessions
from bot.signals.timeframe import DAY, Instant, Timeframe, label, start_of

SPANS = [
    (FIRST, LAST),
    (start_of("2024-03-08"), start_of("2024-03-11")),
    (start_of("2025-01-09"), start_of("2025-01-09")),
]


@pytest.mark.parametrize("span", SPANS)
def test_it_is_what_the_library_says(span: tuple[Instant, Instant]) -> None:
    ours, theirs = new_york_sessions(*span), sessions(CALENDAR, *span)
    odd = np.setxor1d(ours.start, theirs.start).tolist()
    assert [label(day, Timeframe.D1) for day in odd] == []
    assert ours.calendar == theirs.calendar
    assert ours.opens.tolist() == theirs.opens.tolist()
    assert ours.closes.tolist() == theirs.closes.tolist()


def test_an_instant_within_a_day_stands_for_its_date() -> None:
    day = start_of("2024-07-03")
    assert new_york_sessions(day + DAY // 2, day + DAY // 2).start.tolist() == [day]
    assert new_york_sessions(day + DAY, day + 2 * DAY - 1).start.tolist() == []
