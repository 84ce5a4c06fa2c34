"""Durations, times of day and time zones as people write them."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.signals.timeframe import DAY
from bot.telegram.parsing.durations import Duration, parse_duration, parse_time_of_day, parse_time_range, split_duration
from bot.telegram.parsing.time_zones import COMMON, parse_time_zone, zone_label


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("24h", DAY), ("24 H", DAY), ("1 hour", 3_600), ("90 min", 5_400), ("90m", 5_400), ("7d", 7 * DAY),
        ("for 3 days", 3 * DAY), ("2 weeks", 14 * DAY), ("1w", 7 * DAY), ("1h30m", 5_400), ("1.5h", 5_400),
        ("1 hour and 30 minutes", 5_400), ("1 month", 30 * DAY), ("0h", 0), ("soon", None),
        ("", None), ("h", None), ("-3d", None),
    ],
)  # fmt: skip
def test_a_length_of_time(said, meant):
    assert parse_duration(said) == (None if meant is None else Duration(meant))


@pytest.mark.parametrize("said", ["forever", "For Good", "always", "for ever"])
def test_for_good_has_no_length(said):
    assert parse_duration(said) == Duration(None)


@pytest.mark.parametrize("said", ["2h 3h", "30m 2h", "1d, 1d", "2h and 3h", "1h30m2h"])
def test_lengths_that_are_no_sum_are_told_as_several(said):
    assert parse_duration(said).several
    assert split_duration(f"iwm {said}")[1].several
    assert not parse_duration("2 weeks, 3 days and 1h30m").several


@pytest.mark.parametrize(
    ("said", "what", "seconds"),
    [
        ("iwm-break 24h", "iwm-break", DAY),
        ("iwm-52-week-high", "iwm-52-week-high", None),
        ("iwm-52-week-high for 2 weeks", "iwm-52-week-high", 14 * DAY),
        ("1h russell-record", "russell-record", 3_600),
        ("for 1h russell record", "russell record", 3_600),
        ("iwm 52 week high", "iwm 52 week high", None),
        ("7d", "", 7 * DAY),
        ("russell record", "russell record", None),
        ("", "", None),
    ],
)
def test_a_length_beside_something_else(said, what, seconds):
    assert split_duration(said) == (what, None if seconds is None else Duration(seconds))


def test_for_good_stands_beside_something_too():
    assert split_duration("all forever") == ("all", Duration(None))


@pytest.mark.parametrize(
    ("said", "minute"),
    [
        ("7", 420), ("07:30", 450), ("7.30", 450), ("19h", 1_140), ("7pm", 1_140), ("12am", 0), ("12 pm", 720),
        ("24:00", 0), ("0", 0), ("23:59", 1_439), ("25", None), ("24:01", None), ("7:60", None), ("13pm", None),
        ("noon", None), ("", None), ("7:5", None), ("٣", 180),
    ],
)  # fmt: skip
def test_a_time_of_day(said, minute):
    assert parse_time_of_day(said) == minute


@pytest.mark.parametrize(
    ("said", "span"),
    [
        ("22-7", (1_320, 420)), ("22:00 – 07:30", (1_320, 450)), ("10pm to 7am", (1_320, 420)), ("0-7", (0, 420)),
        ("22", None), ("7-7", None), ("22-7-9", None), ("from dusk till dawn", None), ("-", None),
    ],
)  # fmt: skip
def test_two_times_of_day(said, span):
    assert parse_time_range(said) == span


@pytest.mark.parametrize(
    ("said", "zone"),
    [
        ("Europe/Berlin", "Europe/Berlin"), ("europe berlin", "Europe/Berlin"), ("BERLIN", "Europe/Berlin"),
        ("new york", "America/New_York"), ("New_York", "America/New_York"), ("utc", "UTC"), ("UTC+2", "Etc/GMT-2"),
        ("gmt -3", "Etc/GMT+3"), ("+14", "Etc/GMT-14"), ("UTC+0", "UTC"), ("knox", "America/Indiana/Knox"),
        ("UTC+5:30", "Asia/Kolkata"), ("gmt+0545", "Asia/Kathmandu"),
    ],
)  # fmt: skip
def test_a_time_zone(said, zone):
    assert parse_time_zone(said) == zone
    assert ZoneInfo(zone).key == zone


def test_a_zone_that_there_is_not_is_met_with_the_nearest():
    assert "Asia/Tokyo" in parse_time_zone("tokio")
    assert set(parse_time_zone("buenos aires")) == {"America/Argentina/Buenos_Aires", "America/Buenos_Aires"}
    for said in ("", "🚀", "x" * 4_000, "../../etc/passwd", "12345", "\x00"):
        assert parse_time_zone(said) == ()
    assert not isinstance(parse_time_zone("UTC+99"), str)


@pytest.mark.parametrize("said", ["EST", "cst", "IST", "bst", "PST"])
def test_letters_of_several_zones_are_asked_about(said):
    found = parse_time_zone(said)
    assert isinstance(found, tuple)
    assert len(found) >= 2
    assert all(ZoneInfo(zone) for zone in found)


def test_the_zones_on_the_buttons_exist_and_fit():
    for zone in COMMON:
        assert parse_time_zone(zone) == zone
        assert ZoneInfo(zone).key == zone
        assert len(f"/settings zone {zone}") <= 64
    assert zone_label("America/New_York") == "New York"


@given(st.text(max_size=60))
def test_whatever_is_said_is_read_without_a_fuss(said):
    split_duration(said)
    minute = parse_time_of_day(said)
    assert minute is None or 0 <= minute < 1_440
    span = parse_time_range(said)
    assert span is None or span[0] != span[1]
    assert isinstance(parse_time_zone(said), str | tuple)
