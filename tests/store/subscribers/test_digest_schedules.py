"""Digest schedules: who wants a digest at which hour, and who has had which."""

from __future__ import annotations

import pytest

from bot.store.outbox.claim import claim
from bot.store.sqlite import Database
from bot.store.subscribers.digest_schedules import DigestSchedule, digest_schedules, queue_digest, subscribers_due
from bot.store.subscribers.mutes import mute
from bot.store.subscribers.preferences import save_preferences
from bot.store.subscribers.subscribers import migrate_chat, subscribe, unsubscribe
from bot.subscriber import Preferences
from tests.store.rows import NOW, chat, event, people, put, states

DAILY = DigestSchedule("UTC", 480, None)
AT = NOW + 60
AT_EIGHT = Preferences(digest=480)


def wanting(db: Database, chat_id: int, preferences: Preferences = AT_EIGHT, now: int = NOW - 9) -> None:
    subscribe(db, chat(chat_id), now)
    save_preferences(db, chat_id, 0, preferences, now)


def due(db: Database, at: int = AT, period: str = "2023-11-14", rota: DigestSchedule = DAILY) -> tuple[int, ...]:
    return subscribers_due(db, rota, period, at, at)


def test_the_hours_that_somebody_wants(db: Database) -> None:
    preferences = [
        Preferences(),
        Preferences(digest=480),
        Preferences(digest=480),
        Preferences(digest=480, digest_day=0),
    ]
    for number, each in enumerate([*preferences, Preferences(time_zone="Asia/Tokyo", digest=5)], start=1):
        wanting(db, number, each)
    wanting(db, 9, Preferences(digest=77))
    unsubscribe(db, 9, 0, NOW)
    assert digest_schedules(db) == [DigestSchedule("Asia/Tokyo", 5, None), DAILY, DigestSchedule("UTC", 480, 0)]


def test_each_gets_one_of_a_period_however_often_it_is_queued(db: Database) -> None:
    wanting(db, 1)
    wanting(db, 2)
    wanted = due(db)
    assert queue_digest(db, wanted, "all quiet", "2023-11-14", AT) == 2
    assert due(db) == ()
    assert queue_digest(db, wanted, "all quiet", "2023-11-14", AT) == 0
    assert states(db) == [(1, "queued"), (2, "queued")]
    assert db.execute("SELECT count(*) FROM messages").fetchone() == (1,)
    assert due(db, period="2023-11-15") == wanted


def test_who_came_or_asked_later_waits_for_the_next(db: Database) -> None:
    wanting(db, 1, now=AT)
    wanting(db, 2, now=AT - 1)
    wanting(db, 3, now=AT - 100)
    save_preferences(db, 3, 0, Preferences(digest=480, least=2), AT + 5)
    wanting(db, 4, Preferences(digest=500), now=AT - 100)
    save_preferences(db, 4, 0, Preferences(digest=480), AT + 5)
    assert due(db) == (2, 3)


@pytest.mark.parametrize("leave", ["unsubscribe", "mute"])
def test_who_has_left_or_wants_silence_gets_none(db: Database, leave: str) -> None:
    wanting(db, 1)
    wanted = due(db)
    if leave == "unsubscribe":
        unsubscribe(db, 1, 0, NOW)
        assert queue_digest(db, wanted, "all quiet", "p", AT) == 0
    else:
        mute(db, 1, 0, AT + 9, NOW)
    assert due(db) == ()


def test_a_digest_lets_every_alert_pass(db: Database) -> None:
    wanting(db, 1, Preferences(digest=480, silent_below=1))
    queue_digest(db, due(db), "all quiet", "p", AT)
    people(db, 2)
    put(db, event())
    first, second = claim(db, AT, 5)
    assert (first.content.html, first.chat_id) == ("<b>r fired</b>", 1)
    assert second.chat_id == 2
    assert db.execute("SELECT silent FROM deliveries WHERE rank = 0").fetchall() == [(1,)]


def test_a_group_that_moves_gets_no_second_one(db: Database) -> None:
    for chat_id in (-5, -1005):
        subscribe(db, chat(chat_id, kind="group"), NOW - 9)
        save_preferences(db, chat_id, 0, Preferences(digest=480), NOW - 9)
    (old, new) = due(db)
    queue_digest(db, [old], "all quiet", "2023-11-14", AT)
    migrate_chat(db, -5, -1005, AT)
    assert due(db) == ()
    assert new != old
