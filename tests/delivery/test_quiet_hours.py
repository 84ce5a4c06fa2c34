"""Quiet hours: whether a chat wants no sound now, and until when."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.delivery.local_time import first_instant_at, zone_of
from bot.delivery.quiet_hours import ends_at, is_quiet, waits_until, without_sound
from bot.signals.timeframe import midnight
from bot.subscriber import Preferences

ZONES = (
    "UTC", "Europe/Berlin", "America/New_York", "America/St_Johns", "Asia/Kolkata", "Australia/Lord_Howe",
    "Asia/Kathmandu", "Africa/Casablanca", "Pacific/Apia", "America/Sao_Paulo", "Etc/GMT-14", "Pacific/Pago_Pago",
)  # fmt: skip
MINUTE = 60


def at(text: str, zone: str = "Europe/Berlin") -> int:
    """An instant by a clock there; "second" means the later one of a time that comes twice."""
    there = datetime.fromisoformat(text.removesuffix(" second"))
    there = there.replace(tzinfo=ZoneInfo(zone), fold=text.endswith("second"))
    return int(there.timestamp())


def night(quiet_from: int = 22 * 60, quiet_to: int = 7 * 60, zone: str = "Europe/Berlin", **how: bool) -> Preferences:
    return Preferences(time_zone=zone, quiet_from=quiet_from, quiet_to=quiet_to, **how)


@pytest.mark.parametrize(
    ("now", "end"),
    [
        ("2026-06-10T21:59:59", None),
        ("2026-06-10T22:00", "2026-06-11T07:00"),
        ("2026-06-11T00:00", "2026-06-11T07:00"),
        ("2026-06-11T06:59:59", "2026-06-11T07:00"),
        ("2026-06-11T07:00", None),
        ("2026-03-29T01:30", "2026-03-29T07:00"),  # the night of the clock change: an hour shorter
        ("2026-10-25T02:30 second", "2026-10-25T07:00"),  # and an hour longer
    ],
)
def test_over_midnight(now: str, end: str | None) -> None:
    assert is_quiet(at(now), night()) == (end is not None)
    assert ends_at(at(now), night()) == at(end or now)


def test_within_a_day_and_around_the_clock() -> None:
    siesta = night(13 * 60, 15 * 60)
    assert [is_quiet(at(f"2026-06-10T{hour}:00"), siesta) for hour in (12, 13, 14, 15)] == [False, True, True, False]
    almost_always = night(60, 59)
    assert not is_quiet(at("2026-06-10T00:59"), almost_always)
    assert ends_at(at("2026-06-10T01:00"), almost_always) == at("2026-06-11T00:59")


@pytest.mark.parametrize(
    "preferences", [Preferences(), Preferences(quiet_from=5), Preferences(quiet_to=5), night(300, 300)]
)
def test_no_quiet_hours(preferences: Preferences) -> None:
    assert not any(is_quiet(hour * 3_600, preferences) for hour in range(48))
    assert ends_at(7_200, preferences) == 7_200


def test_an_end_that_the_clock_leaves_out_is_when_it_is_put_forward() -> None:
    preferences = night(22 * 60, 2 * 60 + 30)
    assert ends_at(at("2026-03-29T01:59"), preferences) == at("2026-03-29T03:00")


def test_an_end_that_comes_twice_is_the_first() -> None:
    preferences = night(22 * 60, 2 * 60 + 30)
    assert ends_at(at("2026-10-25T02:29"), preferences) == at("2026-10-25T02:30")
    assert not is_quiet(at("2026-10-25T02:10 second"), preferences), "it does not begin anew"


def test_a_zone_that_is_gone_is_taken_for_utc() -> None:
    for name in ("Mars/Olympus", "", "../../etc/passwd", "/etc/passwd", "x" * 300, "Europe"):
        assert zone_of(name).key == "UTC"


def test_what_is_held_and_what_only_comes_silently() -> None:
    sleeping, awake = at("2026-06-10T23:00"), at("2026-06-10T12:00")
    end = at("2026-06-11T07:00")
    assert [waits_until(sleeping, rank, night(hold=True)) for rank in (0, 1, 2)] == [end, end, end]
    assert [waits_until(sleeping, rank, night(hold=True, high_passes=True)) for rank in (0, 1, 2)] == [end, end, None]
    assert [waits_until(sleeping, rank, night()) for rank in (0, 2)] == [None, None]
    assert [without_sound(sleeping, rank, night()) for rank in (0, 1, 2)] == [True, True, True]
    assert [without_sound(sleeping, rank, night(high_passes=True)) for rank in (1, 2)] == [True, False]
    assert not without_sound(awake, 0, night())
    assert waits_until(awake, 0, night(hold=True)) is None


def clock(instant: int, zone: str) -> datetime:
    """What the clock there shows, as a date and time without any zone."""
    return datetime.fromtimestamp(instant, UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)


def slow_reached(day: date, minute: int, zone: str) -> int:
    """Walk minute by minute from two days before until the clock shows that time or a later one."""
    wanted = datetime.combine(day, time()) + timedelta(minutes=minute)
    instant = int(wanted.replace(tzinfo=UTC).timestamp()) - 2 * 86_400
    while clock(instant, zone) < wanted:
        instant += MINUTE
    return instant


days = st.dates(date(2024, 1, 1), date(2027, 12, 31))
changes = st.sampled_from([
    date(2026, 3, 29), date(2026, 10, 25), date(2026, 3, 8), date(2026, 11, 1), date(2026, 4, 5), date(2026, 10, 4),
    date(2026, 2, 15), date(2026, 3, 22),
])  # fmt: skip
minutes = st.integers(0, 1_439)
near_a_change = st.integers(0, 240)


@settings(max_examples=40, deadline=None)
@given(st.one_of(changes, days), minutes | near_a_change, st.sampled_from(ZONES))
def test_a_time_is_reached_when_a_clock_first_shows_it(day, minute, zone):
    assert first_instant_at(day, minute, ZoneInfo(zone)) == slow_reached(day, minute, zone)


@settings(max_examples=60, deadline=None)
@given(
    st.one_of(changes, days), minutes | near_a_change, minutes | near_a_change, st.sampled_from(ZONES),
    st.integers(-86_400, 2 * 86_400),
)  # fmt: skip
def test_quiet_is_one_stretch_that_ends_where_it_says(day, begin, end, zone, offset):
    preferences = night(begin, end, zone)
    now = midnight(day) + offset
    until = ends_at(now, preferences)
    assert (until > now) == is_quiet(now, preferences)
    assert until - now <= 86_400 + 3_600
    probes = range(now, until, max(1, (until - now) // 50))
    assert all(is_quiet(probe, preferences) and ends_at(probe, preferences) == until for probe in probes)
    if until > now:
        assert slow_is_quiet(now, preferences)


def slow_is_quiet(now: int, preferences: Preferences) -> bool:
    today = clock(now, preferences.time_zone).date()
    for day in (today - timedelta(days=1), today):
        last = day + timedelta(days=preferences.quiet_from > preferences.quiet_to)
        begins = slow_reached(day, preferences.quiet_from, preferences.time_zone)
        if begins <= now < slow_reached(last, preferences.quiet_to, preferences.time_zone):
            return True
    return False


@settings(max_examples=40, deadline=None)
@given(st.one_of(changes, days), minutes, minutes, st.sampled_from(ZONES), st.integers(0, 1_439))
def test_every_minute_is_as_a_slow_walk_finds_it(day, begin, end, zone, minute):
    preferences = night(begin, end, zone)
    now = midnight(day) + minute * MINUTE
    assert is_quiet(now, preferences) == (begin != end and slow_is_quiet(now, preferences))
