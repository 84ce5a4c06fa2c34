"""Sessions have the holidays, half days and clock changes that the exchanges had."""

import pytest

from bot.market.vendors import calendars
from bot.signals.timeframe import DAY, day_of, start_of


@pytest.mark.parametrize(
    ("date", "opens", "closes"),
    [
        ("1987-10-19", "13:30", "20:00"),  # summer time until the last Sunday of October, then
        ("2024-07-03", "13:30", "17:00"),  # half day in summer
        ("2024-11-29", "14:30", "18:00"),  # half day in winter
        ("2026-03-06", "14:30", "21:00"),
        ("2026-03-09", "13:30", "20:00"),
        ("2020-11-13", "14:30", "21:00"),
    ],
)
def test_sessions_open_and_close_when_the_exchange_did(new_york, date, opens, closes):
    at = new_york.position(start_of(date))
    assert int(new_york.opens[at]) == start_of(f"{date}T{opens}Z")
    assert int(new_york.closes[at]) == start_of(f"{date}T{closes}Z")


@pytest.mark.parametrize("date", ["2025-01-09", "2026-11-26", "2001-09-11", "2012-10-29", "2024-03-29", "2026-11-21"])
def test_shut_days_have_no_session(new_york, date):
    assert new_york.position(start_of(date)) is None


def test_they_reach_back_to_1987_and_begin_and_end_where_asked(new_york):
    assert day_of(int(new_york.start[0])).isoformat() == "1987-01-02"
    assert day_of(int(new_york.start[-1])).isoformat() == "2027-11-01"


def test_a_closure_that_the_library_does_not_know_yet_is_taken_out():
    found = calendars.sessions("XNYS", start_of("2026-11-16"), start_of("2026-11-20"), closures=["2026-11-18"])
    assert [day_of(int(start)).day for start in found.start] == [16, 17, 19, 20]


def test_a_range_without_a_session_is_empty():
    assert len(calendars.sessions("XNYS", start_of("2026-11-21"), start_of("2026-11-22"))) == 0


def test_crypto_needs_no_exchange():
    found = calendars.sessions("24/7", start_of("2026-11-21T13:00Z"), start_of("2026-11-22T01:00Z"))
    assert found.start.tolist() == [start_of("2026-11-21"), start_of("2026-11-22")]
    assert (found.closes - found.opens).tolist() == [DAY, DAY]


def test_an_unknown_calendar_is_told_what_is_allowed():
    with pytest.raises(ValueError, match=r"unknown calendar \(got XNY\); allowed: .*XNYS"):
        calendars.sessions("XNY", 0, DAY)


def test_release_schedules_are_calendars_too():
    found = calendars.sessions("releases/h41", start_of("2024-01-01"), start_of("2024-01-12"))
    assert [day_of(int(each)).isoformat() for each in found.start] == ["2024-01-03", "2024-01-10"]
