"""Release schedules: which days have a figure, and when it is public."""

from __future__ import annotations

import numpy as np
import pytest

from bot.market.releases import RELEASES, release_calendar, ruled_sessions, with_validity
from bot.signals.bars import Bars
from bot.signals.sessions import ROUND_THE_CLOCK
from bot.signals.timeframe import DAY, Timeframe, day_of, start_of

SPAN = start_of("2023-12-25"), start_of("2024-03-31")
YEARS = start_of("2021-01-01"), start_of("2024-03-31")


def shown(calendar: str) -> list[tuple[str, str]]:
    sessions = release_calendar(calendar, *SPAN)
    return [
        (day_of(int(day)).isoformat(), str(np.datetime64(int(end), "s").astype("M8[h]")))
        for day, end in zip(sessions.start, sessions.closes, strict=True)
    ]


def test_the_weeks_of_the_fed_s_balance_sheet():
    assert shown("releases/h41")[:2] == [("2023-12-27", "2023-12-29T22"), ("2024-01-03", "2024-01-05T22")]


def test_the_chicago_index_speaks_of_fridays_and_comes_out_by_the_thursday_after():
    assert shown("releases/nfci")[0] == ("2023-12-29", "2024-01-04T14")


def test_months_and_weekdays():
    assert [day for day, _ in shown("releases/monthly")] == ["2024-01-01", "2024-02-01", "2024-03-01"]
    assert shown("releases/quarterly") == [("2024-01-01", "2024-07-24T00")]
    assert [day for day, _ in shown("releases/next-day")][:3] == ["2023-12-25", "2023-12-26", "2023-12-27"]
    assert "2023-12-30" not in dict(shown("releases/next-day"))
    assert "2023-12-30" in dict(shown("releases/utc-day"))


@pytest.mark.parametrize("calendar", RELEASES)
def test_no_figure_is_public_before_its_day_has_begun_and_each_stands_until_the_next(calendar):
    sessions = release_calendar(calendar, *YEARS)
    assert (sessions.closes > sessions.start).all()
    assert (np.diff(sessions.closes) > 0).all()
    assert np.diff(sessions.closes).max() < RELEASES[calendar].valid_for


def test_calendars_that_need_no_library_are_known_in_one_place():
    assert ruled_sessions("XNYS", *SPAN) is None
    days = ruled_sessions(ROUND_THE_CLOCK, *SPAN)
    assert days is not None
    assert len(days) == 98
    for calendar in RELEASES:
        ruled = ruled_sessions(calendar, *YEARS)
        assert ruled is not None
        assert ruled.closes.tolist() == release_calendar(calendar, *YEARS).closes.tolist()


def test_bars_of_a_macro_series_know_how_long_they_stand():
    price = np.array([1.0])
    bars = Bars("NFCI", Timeframe.D1, np.array([0]), np.array([DAY]), price, price, price, price, price)
    assert with_validity(bars, "releases/nfci").valid_for == 16 * DAY
    assert with_validity(bars, "XNYS").valid_for is None
    assert with_validity(bars, "releases/nfci").prefix(1).valid_for == 16 * DAY
