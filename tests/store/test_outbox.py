"""Outbox: which delivery goes next, and what became of those that went."""

from __future__ import annotations

import threading
from collections import Counter
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from bot.severity import Severity
from bot.signals.replay.event import EventKind
from bot.signals.timeframe import DAY
from bot.store.database import open_database
from bot.store.enqueue import forget_photo_id, forget_pictures, set_photo_id
from bot.store.notices import notice
from bot.store.outbox import expiry, requeue
from bot.store.outbox.claim import claim
from bot.store.outbox.expiry import TOO_LATE, drop_too_late
from bot.store.outbox.orphans import UNANSWERABLE
from bot.store.outbox.outcomes import mark_dropped, mark_retry, mark_sent, release
from bot.store.outbox.queue import QueueDepth, dropped_since, next_due, queue_depth
from bot.store.outbox.requeue import requeue_interrupted, retry_after_restart, retry_now
from bot.store.sqlite import Database
from bot.store.subscribers.subscribers import subscribe
from tests.store.rows import BAR, NOW, chat, event, people, put, states


def follow_up(kind: EventKind = EventKind.FAILED, days: int = 1, rule: str = "r"):
    return event(kind, rule=rule, bar=BAR + days * DAY)


def claimed_chats(db: Database, limit: int = 100, now: float = NOW) -> list[int]:
    return [each.chat_id for each in claim(db, now, limit)]


def test_a_claim_says_all_that_is_needed(db: Database) -> None:
    subscribe(db, chat(-7, 3, "supergroup"), NOW - 9)
    put(db, event(severity="high", photo=b"png"))
    (claimed,) = claim(db, NOW, 5)
    content = claimed.content
    assert (content.html, content.photo) == ("<b>r fired</b>", b"png")
    assert content.buttons == ((("Chart", "chart"), ("Mute", "mute")),)
    assert (claimed.chat_id, claimed.thread_id, claimed.reply_to) == (-7, 3, None)
    assert (claimed.attempts, claimed.severity, claimed.created) == (0, Severity.HIGH, NOW)
    assert (claimed.silent, claimed.plain, claimed.bare) == (False, False, False)


def test_what_is_claimed_is_not_claimed_again(db: Database) -> None:
    people(db, 1, 2, 3)
    put(db, event())
    assert claimed_chats(db, 2) == [1, 2]
    assert claimed_chats(db, 2) == [3]
    assert claimed_chats(db, 2) == []
    assert queue_depth(db) == QueueDepth(0, 3, NOW)


def test_high_severity_first_then_the_oldest(db: Database) -> None:
    for i, severity in enumerate(["normal", "low", "high", "normal", "high"]):
        rule = f"r{i}"
        subscribe(db, chat(i), NOW - 9, ("rule", rule))
        put(db, event(rule=rule, severity=severity), rule=rule)
    assert [claimed_chats(db, 1) for _ in range(5)] == [[2], [4], [0], [3], [1]]


def test_one_of_a_chat_at_a_time_in_order(db: Database) -> None:
    people(db, 1)
    for rule in ("a", "b"):
        put(db, event(rule=rule), rule=rule)
    put(db, event(rule="c", severity="high"), rule="c")
    order = []
    for _ in range(3):
        (claimed,) = claim(db, NOW, 10)
        assert claim(db, NOW, 10) == [], "one is under way"
        order.append(claimed.content.html)
        mark_sent(db, {claimed.id: 1}, NOW)
    assert order == ["<b>c fired</b>", "<b>a fired</b>", "<b>b fired</b>"]


def test_while_one_waits_for_its_next_attempt_only_what_is_more_urgent_passes(db: Database) -> None:
    people(db, 1, 2)
    put(db, event(rule="a"), rule="a")
    for each in claim(db, NOW, 10):
        mark_retry(db, each.id, NOW + 60, "timeout")
    put(db, event(rule="b"), rule="b")
    assert claimed_chats(db) == []
    put(db, event(rule="c", severity="high"), rule="c")
    urgent = claim(db, NOW, 10)
    assert {each.content.html for each in urgent} == {"<b>c fired</b>"}
    for each in urgent:
        mark_sent(db, {each.id: 1}, NOW)
    (first, _) = claim(db, NOW + 60, 10)
    assert (first.content.html, first.attempts) == ("<b>a fired</b>", 1)


def test_a_follow_up_answers_the_first_message_in_each_chat(db: Database) -> None:
    people(db, 1, 2)
    put(db, event(EventKind.PROVISIONAL))
    for each in claim(db, NOW, 5):
        mark_sent(db, {each.id: 100 + each.chat_id}, NOW)
    put(db, event())
    for each in claim(db, NOW, 5):
        assert each.reply_to == 100 + each.chat_id
        mark_sent(db, {each.id: 200 + each.chat_id}, NOW)
    put(db, follow_up())
    assert sorted(each.reply_to or 0 for each in claim(db, NOW, 5)) == [101, 102]


def test_a_follow_up_waits_for_the_alert(db: Database) -> None:
    people(db, 1)
    put(db, event(), follow_up())
    (first,) = claim(db, NOW, 5)
    mark_retry(db, first.id, NOW + 30, "timeout")
    assert claim(db, NOW, 5) == []
    (again,) = claim(db, NOW + 30, 5)
    assert again.id == first.id
    mark_sent(db, {again.id: 5}, NOW)
    (second,) = claim(db, NOW + 30, 5)
    assert second.reply_to == 5


def test_a_follow_up_to_an_alert_that_the_chat_never_got_is_not_sent(db: Database) -> None:
    people(db, 1, 2)
    put(db, event(), follow_up(), follow_up(EventKind.HELD, 2))
    put(db, event(rule="s"), rule="s")
    first, second = claim(db, NOW, 5)
    mark_dropped(db, first.id, "bad request", NOW)
    mark_sent(db, {second.id: 1}, NOW)
    assert dropped_since(db, NOW) == {"bad request": 1, UNANSWERABLE: 2}
    put(db, event(EventKind.ENDED, bar=BAR + 3 * DAY))
    assert Counter(states(db)) == {
        (1, "dropped"): 3,
        (1, "queued"): 1,  # of the other alert
        (2, "sent"): 1,
        (2, "queued"): 4,
    }


def test_a_dropped_follow_up_takes_no_other_with_it(db: Database) -> None:
    people(db, 1)
    put(db, event(), follow_up(), follow_up(EventKind.HELD, 2))
    (first,) = claim(db, NOW, 5)
    mark_sent(db, {first.id: 9}, NOW)
    (second,) = claim(db, NOW, 5)
    mark_dropped(db, second.id, "bad request", NOW)
    (third,) = claim(db, NOW, 5)
    assert third.reply_to == 9


def test_a_picture_is_sent_by_its_id_once_that_is_known(db: Database) -> None:
    people(db, 1, 2)
    put(db, event(photo=b"png"))
    first, _ = claim(db, NOW, 5)
    mark_sent(db, {first.id: 1}, NOW)
    set_photo_id(db, first.content.message, "file-1")
    set_photo_id(db, first.content.message, "file-2")
    assert requeue_interrupted(db, NOW) == 1
    (second,) = claim(db, NOW, 5)
    assert second.content.photo == "file-1"


def test_pictures_that_nobody_waits_for_are_forgotten(db: Database) -> None:
    people(db, 1)
    put(db, event(photo=b"png"))
    assert forget_pictures(db, NOW + 1) == 0, "somebody waits"
    (claimed,) = claim(db, NOW, 1)
    mark_sent(db, {claimed.id: 1}, NOW)
    set_photo_id(db, claimed.content.message, "file-1")
    assert forget_pictures(db, NOW) == 0, "too young"
    assert forget_pictures(db, NOW + 1) == 1
    assert forget_pictures(db, NOW + 1) == 0


def test_how_it_is_to_be_sent_sticks(db: Database) -> None:
    people(db, 1)
    put(db, event())
    mark_retry(db, claim(db, NOW, 1)[0].id, NOW, "markup", plain=True)
    mark_retry(db, claim(db, NOW, 1)[0].id, NOW, "photo", bare=True, counted=False)
    (claimed,) = claim(db, NOW, 1)
    assert (claimed.plain, claimed.bare, claimed.attempts) == (True, True, 1)


def test_after_a_crash_what_was_under_way_is_queued_again(db: Database) -> None:
    people(db, 1, 2)
    put(db, event())
    claim(db, NOW, 1)
    assert requeue_interrupted(db, NOW) == 1
    assert [each.attempts for each in claim(db, NOW, 5)] == [1, 0]


def test_what_was_never_tried_goes_back_as_it_was(db: Database) -> None:
    people(db, 1)
    put(db, event())
    release(db, [each.id for each in claim(db, NOW, 5)])
    assert [each.attempts for each in claim(db, NOW, 5)] == [0]


def test_marks_count_for_what_is_under_way_only(db: Database) -> None:
    people(db, 1)
    put(db, event())
    (claimed,) = claim(db, NOW, 1)
    mark_sent(db, {claimed.id: 7}, NOW)
    for mark in (
        partial(mark_sent, sent={claimed.id: 8}, now=NOW),
        partial(mark_retry, delivery=claimed.id, at=NOW, reason="x"),
        partial(mark_dropped, delivery=claimed.id, reason="x", now=NOW),
    ):
        mark(db)
    release(db, [claimed.id])
    assert db.execute("SELECT state, message_id FROM deliveries").fetchall() == [("sent", 7)]


def test_what_has_waited_too_long_is_given_up_visibly(db: Database) -> None:
    people(db, 1)
    put(db, event(rule="a"), follow_up(rule="a"), rule="a", now=NOW - 25 * 3_600)
    put(db, event(rule="b", severity="high"), rule="b", now=NOW - 25 * 3_600)
    put(db, event(rule="c", severity="high"), rule="c", now=NOW - 73 * 3_600)
    put(db, event(rule="d"), rule="d", now=NOW - 23 * 3_600)
    assert drop_too_late(db, NOW, 24 * 3_600, 72 * 3_600) == 3
    assert dropped_since(db, NOW) == {TOO_LATE: 3}
    assert drop_too_late(db, NOW, 24 * 3_600, 72 * 3_600) == 0
    assert queue_depth(db).queued == 2


def test_what_answers_a_late_alert_goes_with_it(db: Database) -> None:
    people(db, 1)
    put(db, event(), now=NOW - 25 * 3_600)
    put(db, follow_up(), now=NOW - 1)
    assert drop_too_late(db, NOW, 24 * 3_600, 72 * 3_600) == 2
    assert dropped_since(db, NOW) == {TOO_LATE: 1, UNANSWERABLE: 1}


def test_many_that_are_too_late_go_in_portions(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expiry, "AT_ONCE", 2)
    people(db, 1, 2, 3)
    put(db, event(rule="a"), rule="a", now=NOW - 25 * 3_600)
    put(db, follow_up(rule="a"), rule="a", now=NOW - 1)
    put(db, event(rule="b"), rule="b", now=NOW - 1)
    assert [drop_too_late(db, NOW, 24 * 3_600, 72 * 3_600) for _ in range(3)] == [4, 2, 0]
    assert dropped_since(db, NOW) == {TOO_LATE: 3, UNANSWERABLE: 3}
    assert queue_depth(db).queued == 3


def test_many_that_wait_go_at_once_in_portions(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requeue, "AT_ONCE", 2)
    people(db, 1, 2, 3)
    put(db, event())
    again = {"a failure": partial(retry_now, every=False), "a clock": partial(retry_now, every=True)}
    for retry in (*again.values(), retry_after_restart):
        for each in claim(db, NOW, 5):
            mark_retry(db, each.id, NOW + 60, "not sent: no answer")
        assert [retry(db, NOW) for _ in range(3)] == [2, 1, 0]


def test_when_the_next_one_is_due(db: Database) -> None:
    assert next_due(db) is None
    people(db, 1)
    put(db, event())
    mark_retry(db, claim(db, NOW, 1)[0].id, NOW + 2.5, "timeout")
    assert next_due(db) == NOW + 2.5
    put(db, event(rule="s"), rule="s")
    assert next_due(db) == NOW + 2.5, "the younger one waits for the older one"
    claim(db, NOW + 3, 1)
    assert next_due(db) is None


def test_a_notice_goes_the_same_way(db: Database) -> None:
    people(db, 1)
    notice(db, "bot is ill", "all", NOW, Severity.HIGH)
    (claimed,) = claim(db, NOW, 1)
    assert (claimed.content.html, claimed.reply_to, claimed.severity) == ("bot is ill", None, Severity.HIGH)
    mark_dropped(db, claimed.id, "blocked", NOW)


def test_two_claimers_never_claim_the_same(path: Path) -> None:
    with closing(open_database(path)) as db:
        people(db, *range(1, 301))
        put(db, event())
    taken: list[list[int]] = [[], []]

    def take(mine: list[int]) -> None:
        with closing(open_database(path)) as own:
            while got := claim(own, NOW, 7):
                mine.extend(each.id for each in got)

    threads = [threading.Thread(target=take, args=(mine,)) for mine in taken]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken[0] + taken[1]) == list(range(1, 301))


def test_an_id_that_telegram_forgot_makes_way_for_the_picture(db: Database) -> None:
    people(db, 1)
    put(db, event(photo=b"png"))
    (claimed,) = claim(db, NOW, 5)
    number = claimed.content.message
    set_photo_id(db, number, "old")
    forget_photo_id(db, number, "another")
    mark_retry(db, claimed.id, NOW, "wrong file identifier", counted=False)
    (claimed,) = claim(db, NOW, 5)
    assert claimed.content.photo == "old"
    forget_photo_id(db, number, "old")
    mark_retry(db, claimed.id, NOW, "wrong file identifier", counted=False)
    (claimed,) = claim(db, NOW, 5)
    assert claimed.content.photo == b"png"


def test_doubtful_attempts_are_counted_apart(db: Database) -> None:
    people(db, 1)
    put(db, event())
    for unclear in (True, False, True):
        (claimed,) = claim(db, NOW, 5)
        mark_retry(db, claimed.id, NOW, "timeout", unclear=unclear)
    (claimed,) = claim(db, NOW, 5)
    assert (claimed.attempts, claimed.unclear) == (3, 2)
