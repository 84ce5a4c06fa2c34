"""Points in time as people write them, by the clock of the chat's zone."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.telegram.parsing.until import Until, split_named_time, split_until

BERLIN = ZoneInfo("Europe/Berlin")
WEDNESDAY = int(datetime(2026, 11, 25, 14, 0, tzinfo=BERLIN).timestamp())
FRIDAY = int(datetime(2026, 11, 27, 14, 0, tzinfo=BERLIN).timestamp())


def read(said: str, now: int = WEDNESDAY) -> tuple[str, list[str]]:
    rest, until = split_until(said, now, BERLIN)
    assert until is not None
    return rest, [datetime.fromtimestamp(at, BERLIN).strftime("%a %d %b %H:%M") for at in until.instants]


@pytest.mark.parametrize(
    ("said", "ends"),
    [
        ("until friday", ["Fri 27 Nov 00:00"]),
        ("UNTIL Fri", ["Fri 27 Nov 00:00"]),
        ("through friday", ["Sat 28 Nov 00:00"]),
        ("until this friday 6pm", ["Fri 27 Nov 18:00"]),
        ("till 18:00", ["Wed 25 Nov 18:00"]),
        ("til 9am", ["Thu 26 Nov 09:00"]),
        ("until 9:00 on monday", ["Mon 30 Nov 09:00"]),
        ("until tomorrow", ["Thu 26 Nov 00:00"]),
        ("until tomorrow at 10", ["Thu 26 Nov 10:00", "Thu 26 Nov 22:00"]),
        ("until the day after tomorrow", ["Fri 27 Nov 00:00"]),
        ("until noon", ["Thu 26 Nov 12:00"]),
        ("until midnight", ["Thu 26 Nov 00:00"]),
        ("until next week", ["Mon 30 Nov 00:00"]),
        ("until the weekend", ["Sat 28 Nov 00:00"]),
        ("until the end of the month", ["Tue 01 Dec 00:00"]),
        ("until 24 Dec", ["Thu 24 Dec 00:00"]),
        ("until December 24th, 2026 18:00", ["Thu 24 Dec 18:00"]),
        ("until 24.12.", ["Thu 24 Dec 00:00"]),
        ("until 12/24", ["Thu 24 Dec 00:00"]),
        ("until 2026-12-01", ["Tue 01 Dec 00:00"]),
        ("until 2026-12-01 07:30", ["Tue 01 Dec 07:30"]),
        ("until 1 Feb", ["Mon 01 Feb 00:00"]),
        ("until today", ["Thu 26 Nov 00:00"]),
        ("today", ["Thu 26 Nov 00:00"]),
        ("for the rest of the day", ["Thu 26 Nov 00:00"]),
        ("this week", ["Mon 30 Nov 00:00"]),
        ("for the weekend", ["Mon 30 Nov 00:00"]),
        ("until next weekend", ["Sat 28 Nov 00:00", "Sat 05 Dec 00:00"]),
    ],
)
def test_a_point_in_time(said: str, ends: list[str]) -> None:
    assert read(said) == ("", ends)


@pytest.mark.parametrize(
    ("said", "now", "ends"),
    [
        ("until 6", WEDNESDAY, ["Wed 25 Nov 18:00", "Thu 26 Nov 06:00"]),
        ("until next friday", WEDNESDAY, ["Fri 27 Nov 00:00", "Fri 04 Dec 00:00"]),
        ("until next friday", FRIDAY, ["Fri 04 Dec 00:00"]),
        ("until friday", FRIDAY, ["Sat 28 Nov 00:00", "Fri 04 Dec 00:00"]),
        ("until friday 18:00", FRIDAY, ["Fri 27 Nov 18:00", "Fri 04 Dec 18:00"]),
        ("until 3/4", WEDNESDAY, ["Thu 04 Mar 00:00", "Sat 03 Apr 00:00"]),
        ("until 10.12", WEDNESDAY, ["Thu 26 Nov 10:12", "Thu 10 Dec 00:00"]),
        ("until the end of the week", WEDNESDAY, ["Sat 28 Nov 00:00", "Mon 30 Nov 00:00"]),
        ("until tomorrow morning", WEDNESDAY, ["Thu 26 Nov 06:00", "Thu 26 Nov 08:00", "Thu 26 Nov 10:00"]),
    ],
)
def test_what_may_be_meant_in_several_ways_is_told_in_all(said: str, now: int, ends: list[str]) -> None:
    assert read(said, now) == ("", ends)


@pytest.mark.parametrize(
    ("said", "rest"),
    [
        ("iwm-break until friday", "iwm-break"),
        ("until friday iwm-break", "iwm-break"),
        ("tag:iwm till 18:00", "tag:iwm"),
        ("iwm 52 week high for today", "iwm 52 week high"),
    ],
)
def test_it_stands_beside_a_name(said: str, rest: str) -> None:
    assert read(said)[0] == rest


@pytest.mark.parametrize(
    "said",
    ["until", "until banana", "through 9999-12-31", "until 25:00", "until 31 Feb", "iwm until the cows come home"],
)
def test_what_is_no_time_is_told_as_such(said: str) -> None:
    _, until = split_until(said, WEDNESDAY, BERLIN)
    assert until is not None
    assert not until.instants
    assert not until.past


@pytest.mark.parametrize(
    ("now", "later"),
    [
        (datetime(2026, 11, 23, 9, 0, tzinfo=BERLIN), True),
        (datetime(2026, 11, 27, 16, 59, tzinfo=BERLIN), True),
        (datetime(2026, 11, 27, 17, 0, tzinfo=BERLIN), False),
        (datetime(2026, 11, 29, 23, 0, tzinfo=BERLIN), False),
    ],
)
@pytest.mark.parametrize("said", ["for the weekend", "this weekend", "iwm over the weekend"])
def test_a_weekend_that_has_not_begun_is_said_to_begin_later(said: str, now: datetime, later: bool) -> None:  # noqa: FBT001
    _, until = split_until(said, int(now.timestamp()), BERLIN)
    assert until is not None
    assert until.later is later
    assert [datetime.fromtimestamp(at, BERLIN).strftime("%a %d %H:%M") for at in until.instants] == ["Mon 30 00:00"]


@pytest.mark.parametrize(
    ("said", "rest", "ends"),
    [
        ("monday", "", ["Mon 30 00:00", "Tue 01 00:00"]),
        ("iwm-break on monday", "iwm-break", ["Mon 30 00:00", "Tue 01 00:00"]),
        ("for next week tag:iwm", "tag:iwm", ["Mon 30 00:00", "Mon 07 00:00"]),
        ("next weekend", "", ["Sat 28 00:00", "Mon 30 00:00", "Sat 05 00:00", "Mon 07 00:00"]),
        ("tonight", "", ["Thu 26 00:00", "Thu 26 07:00"]),
        ("for the night", "", ["Thu 26 00:00", "Thu 26 07:00"]),
        ("today", "", ["Thu 26 00:00"]),
        ("tomorrow at 18:00", "", ["Thu 26 18:00"]),
        ("18:00", "", ["Wed 25 18:00"]),
        ("24 Dec", "", ["Thu 24 00:00", "Fri 25 00:00"]),
        ("next month", "", ["Tue 01 00:00"]),
        ("weekend", "", ["Mon 30 00:00"]),
    ],
)
def test_a_time_without_until(said: str, rest: str, ends: list[str]) -> None:
    left, until = split_named_time(said, WEDNESDAY, BERLIN)
    assert until is not None
    assert left == rest
    assert until.later
    assert [datetime.fromtimestamp(at, BERLIN).strftime("%a %d %H:%M") for at in until.instants] == ends


@pytest.mark.parametrize("said", ["", "90", "1.5", "iwm-break", "banana", "off"])
def test_no_time_without_until(said: str) -> None:
    assert split_named_time(said, WEDNESDAY, BERLIN) == (said, None)


def test_what_is_over() -> None:
    assert split_until("until 2020-01-01", WEDNESDAY, BERLIN) == ("", Until("until 2020-01-01", past=True))


@pytest.mark.parametrize("said", ["", "24h", "iwm-break", "until further notice", "iwm-break until further notice"])
def test_where_no_time_is_said_all_is_left(said: str) -> None:
    assert split_until(said, WEDNESDAY, BERLIN) == (said, None)


def test_the_clock_of_the_zone_counts_over_a_change_of_it() -> None:
    before = int(datetime(2026, 10, 24, 12, 0, tzinfo=BERLIN).timestamp())  # summer time ends that night
    assert read("until monday", before) == ("", ["Mon 26 Oct 00:00"])
    assert read("until 2026-10-25 02:30", before) == ("", ["Sun 25 Oct 02:30"])


_SAID = "until till through the end of next this friday mon 6 18:00 am noon 24 dec 3/4 1.2. at on 9999-12-31 24:00"
_WORDS = st.sampled_from(_SAID.split())


@given(st.one_of(st.text(max_size=60), st.lists(_WORDS, max_size=6).map(" ".join)), st.integers(0, 4_000_000_000))
def test_whatever_is_said_ends_later_than_now(said: str, now: int) -> None:
    _, until = split_until(said, now, BERLIN)
    assert until is None or all(now < at for at in until.instants)
    assert until is None or list(until.instants) == sorted(set(until.instants))
