"""Digests that are due: who gets one now, and of which days."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.delivery.digests import GRACE, DueDigest, Period, due_digests, period_at
from bot.signals.timeframe import DAY
from bot.store.database import open_database
from bot.store.sqlite import Database
from bot.store.subscribers.digest_schedules import DigestSchedule, queue_digest
from bot.store.subscribers.preferences import save_preferences
from bot.store.subscribers.subscribers import subscribe
from bot.subscriber import Chat, Preferences

BERLIN = "Europe/Berlin"


def at(text: str, zone: str = BERLIN) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp())


@pytest.fixture
def db(tmp_path):
    opened = open_database(tmp_path / "bellwether.db")
    yield opened
    opened.close()


def wants(db: Database, chat_id: int, preferences: Preferences, since: int) -> None:
    subscribe(db, Chat(chat_id, 0, "private", ""), since)
    save_preferences(db, chat_id, 0, preferences, since)


def send(db: Database, now: int) -> list[str]:
    due = due_digests(db, now)
    for each in due:
        assert queue_digest(db, each.subscribers, "all quiet", each.period.name, now) == len(each.subscribers)
    return [each.period.name for each in due]


@pytest.mark.parametrize(
    ("now", "rota", "period"),
    [
        ("2026-11-20T08:00", DigestSchedule(BERLIN, 480, None), ("2026-11-20", "2026-11-19T08:00", "2026-11-20T08:00")),
        ("2026-11-20T07:59", DigestSchedule(BERLIN, 480, None), ("2026-11-19", "2026-11-18T08:00", "2026-11-19T08:00")),
        ("2026-11-22T12:00", DigestSchedule(BERLIN, 540, 5), ("2026-W47", "2026-11-14T09:00", "2026-11-21T09:00")),
        ("2026-11-21T08:59", DigestSchedule(BERLIN, 540, 5), ("2026-W46", "2026-11-07T09:00", "2026-11-14T09:00")),
        ("2026-03-29T12:00", DigestSchedule(BERLIN, 150, None), ("2026-03-29", "2026-03-28T02:30", "2026-03-29T03:00")),
        ("2027-01-03T12:00", DigestSchedule(BERLIN, 0, 6), ("2026-W53", "2026-12-27T00:00", "2027-01-03T00:00")),
    ],
)
def test_the_period_that_ended_last(now, rota, period):
    name, since, until = period
    assert period_at(at(now), rota) == Period(name, at(since), at(until))


def test_a_digest_is_due_from_its_hour_on_and_once(db):
    wants(db, 1, Preferences(time_zone=BERLIN, digest=480), at("2026-11-19T12:00"))
    assert due_digests(db, at("2026-11-20T07:59")) == []
    now = at("2026-11-20T08:01")
    period = Period("2026-11-20", at("2026-11-19T08:00"), at("2026-11-20T08:00"))
    assert due_digests(db, now) == [DueDigest(period, False, BERLIN, (1,))]
    assert send(db, now) == ["2026-11-20"]
    assert send(db, now) == []
    assert send(db, now + 600) == []
    assert send(db, now + DAY) == ["2026-11-21"]


def test_what_was_missed_is_made_up_for_until_it_is_stale(db):
    wants(db, 1, Preferences(digest=480), 0)
    eight = at("2026-11-20T08:00", "UTC")
    assert len(due_digests(db, eight + GRACE)) == 1
    assert due_digests(db, eight + GRACE + 1) == []


def test_another_hour_or_zone_brings_no_second_one_of_the_day(db):
    wants(db, 1, Preferences(digest=480), 0)
    assert send(db, at("2026-11-20T08:00", "UTC")) == ["2026-11-20"]
    save_preferences(db, 1, 0, Preferences(digest=1_200), at("2026-11-20T09:00", "UTC"))
    assert send(db, at("2026-11-20T20:00", "UTC")) == []
    save_preferences(db, 1, 0, Preferences(digest=1_200, time_zone="America/New_York"), at("2026-11-20T21:00", "UTC"))
    assert send(db, at("2026-11-20T20:00", "America/New_York")) == []
    assert send(db, at("2026-11-21T20:00", "America/New_York")) == ["2026-11-21"]


def test_one_that_is_asked_for_after_its_hour_begins_tomorrow(db):
    wants(db, 1, Preferences(digest=480), at("2026-11-20T12:00", "UTC"))
    assert send(db, at("2026-11-20T12:01", "UTC")) == []
    assert send(db, at("2026-11-21T08:00", "UTC")) == ["2026-11-21"]


def test_those_of_one_hour_share_one_message(db):
    for chat_id in (1, 2, 3):
        wants(db, chat_id, Preferences(digest=480), 0)
    wants(db, 4, Preferences(digest=480, digest_day=4), 0)
    due = due_digests(db, at("2026-11-20T08:00", "UTC"))
    assert [(each.weekly, each.subscribers) for each in due] == [(False, (1, 2, 3)), (True, (4,))]
    send(db, at("2026-11-20T08:00", "UTC"))
    assert db.execute("SELECT count(*) FROM messages").fetchone() == (2,)


zones = st.sampled_from(["UTC", BERLIN, "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia"])
hours = st.integers(0, 1_439)


@settings(max_examples=60, deadline=None)
@given(zones, hours, st.none() | st.integers(0, 6), st.integers(1_700_000_000, 1_830_000_000))
def test_periods_follow_one_another_without_gap_or_overlap(zone, minute, weekday, now):
    rota = DigestSchedule(zone, minute, weekday)
    period = period_at(now, rota)
    assert period.since < period.until <= now
    length = 7 * DAY if weekday is not None else DAY
    assert abs(period.until - period.since - length) <= 7_200
    before = period_at(period.until - 1, rota)
    assert (before.until, before.name != period.name) == (period.since, True)
    assert now < _next(period.until, zone, minute, 7 if weekday is not None else 1)


def _next(until, zone, minute, days):
    """The first instant after `until` at which a clock there shows the hour again, found by walking."""
    there = ZoneInfo(zone)
    day = datetime.fromtimestamp(until, there).date() + timedelta(days=days)
    wanted = datetime.combine(day, datetime.min.time()) + timedelta(minutes=minute)
    instant = until + (days - 1) * DAY
    while datetime.fromtimestamp(instant, UTC).astimezone(there).replace(tzinfo=None) < wanted:
        instant += 60
    return instant


@settings(max_examples=15, deadline=None)
@given(zones, hours, st.integers(0, 2**32))
def test_over_many_looks_and_restarts_each_period_brings_one(tmp_path_factory, zone, minute, seed):
    path = tmp_path_factory.mktemp("digest") / "bellwether.db"
    chance = random.Random(seed)
    begin = chance.choice([at("2026-03-25T00:00", "UTC"), at("2026-10-20T00:00", "UTC")])
    db = open_database(path)
    wants(db, 1, Preferences(time_zone=zone, digest=minute), begin)
    sent = []
    now = begin
    while now < begin + 8 * DAY:
        now += chance.randint(600, 30_000)
        if chance.random() < 0.2:
            db.close()
            db = open_database(path)
        sent += send(db, now)
    db.close()
    assert len(set(sent)) == len(sent)
    assert sent == sorted(sent)
    assert len(sent) >= 6, "no look was further apart than what is made up for"
