"""Stretches of time that begin later."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.signals.timeframe import DAY
from bot.store.subscribers.mutes import FOR_GOOD
from bot.telegram.parsing.windows import Often, find_recurring, named_windows, split_window

BERLIN = ZoneInfo("Europe/Berlin")
NOW = int(datetime(2023, 11, 14, 23, 13, tzinfo=BERLIN).timestamp())  # a Tuesday
ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "America/Santiago"]


def shown(at: int, zone: ZoneInfo = BERLIN) -> str:
    return "for good" if at >= FOR_GOOD else datetime.fromtimestamp(at, zone).strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("said", "rest", "begins", "ends"),
    [
        ("from friday to monday", "", "2023-11-17 00:00", "2023-11-20 00:00"),
        ("iwm from friday to monday", "iwm", "2023-11-17 00:00", "2023-11-20 00:00"),
        ("from friday through monday iwm", "iwm", "2023-11-17 00:00", "2023-11-21 00:00"),
        ("friday to monday", "", "2023-11-17 00:00", "2023-11-20 00:00"),
        ("fri-mon", "", "2023-11-17 00:00", "2023-11-20 00:00"),
        ("in 2 hours for 1h", "", "2023-11-15 01:13", "2023-11-15 02:13"),
        ("for 1h in 2 hours", "", "2023-11-15 01:13", "2023-11-15 02:13"),
        ("3h from tomorrow 9am", "", "2023-11-15 09:00", "2023-11-15 12:00"),
        ("from 6pm for 3h", "", "2023-11-15 18:00", "2023-11-15 21:00"),
        ("22-7", "", "2023-11-15 22:00", "2023-11-16 07:00"),
        ("tonight 23:30 until 7:00", "", "2023-11-14 23:30", "2023-11-15 07:00"),
        ("from 24 dec to 2 jan", "", "2023-12-24 00:00", "2024-01-02 00:00"),
        ("from 2023-11-20 10:00 to 2023-11-20 12:00", "", "2023-11-20 10:00", "2023-11-20 12:00"),
        ("from friday on", "", "2023-11-17 00:00", "for good"),
        ("from friday forever", "", "2023-11-17 00:00", "for good"),
        ("from now until friday", "", "2023-11-14 23:13", "2023-11-17 00:00"),
        ("between 9 and 17", "", "2023-11-15 09:00", "2023-11-15 17:00"),
        # Clocks are put forward on 31 March 2024 in Berlin: 24 hours end an hour later by the clock.
        ("from 2024-03-30 12:00 for 24h", "", "2024-03-30 12:00", "2024-03-31 13:00"),
        ("from 2024-03-30 12:00 to 2024-03-31 12:00", "", "2024-03-30 12:00", "2024-03-31 12:00"),
        ("from 2024-03-31 02:30 to 2024-03-31 05:00", "", "2024-03-31 03:00", "2024-03-31 05:00"),
    ],
)
def test_a_stretch(said: str, rest: str, begins: str, ends: str) -> None:
    left, window = split_window(said, NOW, BERLIN)
    assert window is not None
    assert left == rest
    assert [(shown(one), shown(end)) for one, end in window.readings] == [(begins, ends)]


def test_what_may_be_meant_in_two_ways_is_told_in_both() -> None:
    _, window = split_window("from 9 to 5", NOW, BERLIN)
    assert window is not None
    assert [shown(one) for one, _ in window.readings] == ["2023-11-15 09:00", "2023-11-15 21:00"]
    _, window = split_window("from tuesday to friday", NOW, BERLIN)
    assert window is not None
    assert [shown(one) for one, _ in window.readings] == ["2023-11-14 23:13", "2023-11-21 00:00"]


def test_without_an_end_only_the_beginning_is_known() -> None:
    left, window = split_window("iwm starting tomorrow", NOW, BERLIN)
    assert window is not None
    assert (left, window.readings, [shown(at) for at in window.begins]) == ("iwm", (), ["2023-11-15 00:00"])


def test_what_is_no_time_is_named() -> None:
    left, window = split_window("iwm from banana to monday", NOW, BERLIN)
    assert window is not None
    assert (left, window.said, window.readings, window.begins) == ("iwm", "from banana to monday", (), ())


@pytest.mark.parametrize(
    "said", ["iwm until friday", "1h until friday", "iwm-break 2h", "russell-2000", "", "all", "2h 3h"]
)
def test_what_begins_at_once_is_no_stretch(said: str) -> None:
    assert split_window(said, NOW, BERLIN) == (said, None)


@pytest.mark.parametrize(
    ("said", "often", "clocks"),
    [
        ("every night 23-7", Often.NIGHTS, (1380, 420)),
        ("nights", Often.NIGHTS, None),
        ("at night", Often.NIGHTS, None),
        ("daily from 22:00 to 7:00", Often.NIGHTS, (1320, 420)),
        ("weekends", Often.WEEKENDS, None),
        ("iwm on weekends", Often.WEEKENDS, None),
        ("every monday", Often.OTHER, None),
        ("weekdays 9-17", Often.OTHER, (540, 1020)),
    ],
)
def test_what_comes_again(said: str, often: Often, clocks: tuple[int, int] | None) -> None:
    found = find_recurring(said)
    assert found is not None
    assert (found.often, found.clocks) == (often, clocks)


@pytest.mark.parametrize(
    "said", ["tonight", "friday night", "the weekend", "all", "iwm", "monday", "overnight", "today"]
)
def test_what_comes_once(said: str) -> None:
    assert find_recurring(said) is None


def test_days_that_are_named_alone() -> None:
    def told(said: str) -> list[tuple[str, str]]:
        return [(shown(one), shown(end)) for one, end in named_windows(said, NOW, BERLIN)]

    assert told("the weekend") == [("2023-11-18 00:00", "2023-11-20 00:00")]
    assert told("tomorrow") == [("2023-11-15 00:00", "2023-11-16 00:00")]
    assert told("next week") == [("2023-11-20 00:00", "2023-11-27 00:00")]
    assert told("today") == told("banana") == []


@given(
    st.integers(1_600_000_000, 1_900_000_000),
    st.sampled_from(ZONES),
    st.integers(0, 400),
    st.integers(0, 1439),
    st.integers(1, 9_999),
)
def test_a_stretch_is_what_the_clock_there_says(now: int, name: str, days: int, minute: int, length: int) -> None:
    """Written by the chat's own clock, over clock changes too, it begins and ends when that clock shows it."""
    zone = ZoneInfo(name)
    day = datetime.fromtimestamp(now + days * DAY, zone).strftime("%Y-%m-%d")
    said = f"from {day} {minute // 60:02}:{minute % 60:02} for {length} minutes"
    left, window = split_window(said, now, zone)
    assert left == ""
    assert window is not None
    assert window.said == said
    for begins, ends in window.readings:
        there = datetime.fromtimestamp(begins, zone)
        wished = datetime.fromisoformat(f"{day} {minute // 60:02}:{minute % 60:02}")
        assert ends - begins == length * 60
        assert begins > now
        # the minute itself, or where the clock jumped over it the first instant behind the jump
        assert there.replace(tzinfo=None) == wished or (there.replace(tzinfo=None) - wished).seconds <= 7_200
    if not window.readings:
        last = datetime.fromisoformat(f"{day} {minute // 60:02}:{minute % 60:02}").replace(tzinfo=zone)
        assert last.astimezone(UTC).timestamp() <= now


@given(
    st.integers(1_600_000_000, 1_900_000_000), st.sampled_from(ZONES), st.text("fromtinhd 0123456789:-amp", max_size=30)
)
def test_whatever_is_typed_ends_after_it_begins_and_after_now(now: int, name: str, said: str) -> None:
    _, window = split_window(said, now, ZoneInfo(name))
    for begins, ends in window.readings if window is not None else ():
        assert now <= begins < ends
