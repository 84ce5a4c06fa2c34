"""Subscribers and their subscriptions, from the first to the last."""

from __future__ import annotations

from bot.severity import Severity
from bot.store.notices import notice
from bot.store.outbox.claim import claim
from bot.store.outbox.outcomes import mark_retry, mark_sent, release
from bot.store.sqlite import Database
from bot.store.subscribers.preferences import save_preferences
from bot.store.subscribers.subscribers import (
    approve,
    chats_in,
    count_subscribers,
    mark_unreachable,
    migrate_chat,
    remove_subscription,
    set_operators,
    subscribe,
    subscriber,
    unsubscribe,
)
from bot.subscriber import Preferences
from tests.store.rows import NOW, chat, event, people, put, states


def test_subscribing_is_new_once(db: Database) -> None:
    assert subscribe(db, chat(), NOW)
    assert not subscribe(db, chat(), NOW + 1)
    assert subscribe(db, chat(), NOW + 2, ("rule", "r"))
    known = subscriber(db, 1, 0)
    assert known is not None
    assert (known.chat, known.state, known.since) == (chat(), "active", NOW)
    assert known.subscriptions == (("all", ""), ("rule", "r"))
    assert known.preferences == Preferences()
    assert (known.operator, known.approved) == (False, False)
    assert subscriber(db, 2, 0) is None


def test_topics_of_one_forum_are_apart(db: Database) -> None:
    assert subscribe(db, chat(-100, 1, "supergroup"), NOW)
    assert subscribe(db, chat(-100, 2, "supergroup"), NOW)
    assert unsubscribe(db, -100, 1, NOW)
    assert count_subscribers(db) == {"active": 1, "unsubscribed": 1}


def test_settings_survive_coming_and_going(db: Database) -> None:
    subscribe(db, chat(), NOW, ("rule", "r"))
    save_preferences(db, 1, 0, Preferences(least=2, time_zone="Europe/Berlin"), NOW)
    assert unsubscribe(db, 1, 0, NOW)
    assert not unsubscribe(db, 1, 0, NOW)
    assert not unsubscribe(db, 7, 0, NOW)
    assert subscribe(db, chat(), NOW + 9)
    known = subscriber(db, 1, 0)
    assert known is not None
    assert known.preferences == Preferences(least=2, time_zone="Europe/Berlin")
    assert (known.since, known.subscriptions) == (NOW + 9, (("all", ""),))


def test_a_pending_chat_waits_for_approval_and_an_active_one_stays_active(db: Database) -> None:
    assert subscribe(db, chat(1), NOW, pending=True)
    assert not subscribe(db, chat(1), NOW, pending=True)
    assert count_subscribers(db) == {"pending": 1}
    assert (chats_in(db, "pending"), chats_in(db, "active")) == ([chat(1)], [])
    assert approve(db, 1, 0, NOW + 5)
    assert not approve(db, 1, 0, NOW + 5)
    assert not approve(db, 9, 0, NOW + 5)
    assert not subscribe(db, chat(1), NOW, pending=True)
    assert count_subscribers(db) == {"active": 1}


def test_unsubscribing_empties_the_queue(db: Database) -> None:
    people(db, 1, 2)
    put(db, event())
    unsubscribe(db, 1, 0, NOW)
    assert states(db) == [(1, "dropped"), (2, "queued")]


def test_what_is_under_way_when_a_chat_unsubscribes_is_not_tried_again(db: Database) -> None:
    people(db, 1)
    put(db, event())
    (claimed,) = claim(db, NOW, 1)
    unsubscribe(db, 1, 0, NOW)
    mark_retry(db, claimed.id, NOW, "timeout")
    release(db, [claimed.id])
    assert states(db) == [(1, "dropped")]


def test_switched_off_until_it_subscribes_again(db: Database) -> None:
    people(db, 1, 2)
    put(db, event())
    claim(db, NOW, 1)
    mark_unreachable(db, 1, "blocked", NOW)
    assert states(db) == [(1, "dropped"), (2, "queued")]
    known = subscriber(db, 1, 0)
    assert known is not None
    assert (known.state, known.reason, known.subscriptions) == ("unreachable", "blocked", (("all", ""),))
    assert subscribe(db, chat(1), NOW)
    known = subscriber(db, 1, 0)
    assert known is not None
    assert (known.state, known.reason) == ("active", None)


def test_a_topic_that_is_gone_takes_no_other_with_it(db: Database) -> None:
    for topic in (0, 1, 2):
        subscribe(db, chat(-100, topic, "supergroup"), NOW)
    put(db, event())
    mark_unreachable(db, -100, "topic gone", NOW, thread_id=1)
    assert states(db) == [(-100, "queued"), (-100, "dropped"), (-100, "queued")]
    assert count_subscribers(db) == {"active": 2, "unreachable": 1}
    mark_unreachable(db, -100, "topic gone", NOW, thread_id=0)
    assert [each.thread_id for each in chats_in(db, "active")] == [2]


def test_who_was_approved_once_need_not_wait_again(db: Database) -> None:
    subscribe(db, chat(), NOW, pending=True)
    approve(db, 1, 0, NOW)
    for leave in (lambda: mark_unreachable(db, 1, "blocked", NOW), lambda: unsubscribe(db, 1, 0, NOW)):
        leave()
        assert subscribe(db, chat(), NOW + 1, pending=True)
        known = subscriber(db, 1, 0)
        assert known is not None
        assert (known.state, known.approved) == ("active", True)


def test_those_in_a_state_come_in_the_order_in_which_they_came_to_it(db: Database) -> None:
    subscribe(db, chat(2), NOW + 2, ("tag", "iwm"), pending=True)
    subscribe(db, chat(1), NOW + 1, pending=True)
    subscribe(db, chat(3), NOW)
    assert chats_in(db, "pending") == [chat(1), chat(2)]


def test_giving_up_the_last_subscription_ends_the_alerts(db: Database) -> None:
    subscribe(db, chat(), NOW, ("rule", "r"))
    subscribe(db, chat(), NOW, ("tag", "iwm"))
    put(db, event())
    assert not remove_subscription(db, 1, 0, ("rule", "other"), NOW)
    assert not remove_subscription(db, 9, 0, ("rule", "r"), NOW)
    assert remove_subscription(db, 1, 0, ("tag", "iwm"), NOW)
    known = subscriber(db, 1, 0)
    assert known is not None
    assert (known.state, known.subscriptions) == ("active", (("rule", "r"),))
    assert remove_subscription(db, 1, 0, ("rule", "r"), NOW)
    assert count_subscribers(db) == {"unsubscribed": 1}
    assert states(db) == [(1, "dropped")]


def test_notices_for_operators_reach_them_unsubscribed_too(db: Database) -> None:
    people(db, 1, 2)
    set_operators(db, [2, 3], NOW)
    assert notice(db, "ill", "operators", NOW) == 2
    assert notice(db, "news", "all", NOW, Severity.LOW) == 2
    assert sorted(chat_id for chat_id, _ in states(db)) == [1, 2, 2, 3]
    set_operators(db, [1], NOW)
    assert notice(db, "ill", "operators", NOW) == 1
    assert count_subscribers(db) == {"active": 2, "unsubscribed": 1}


def test_a_group_that_becomes_a_supergroup_keeps_everything(db: Database) -> None:
    subscribe(db, chat(-5, kind="group"), NOW)
    put(db, event(), now=NOW)
    (claimed,) = claim(db, NOW, 5)
    mark_sent(db, {claimed.id: 77}, NOW)
    put(db, event(rule="s"), rule="s")
    migrate_chat(db, -5, -1005, NOW)
    moved = subscriber(db, -1005, 0)
    assert moved is not None
    assert (moved.chat.kind, moved.state) == ("supergroup", "active")
    assert subscriber(db, -5, 0) is None
    assert states(db) == [(-1005, "sent"), (-1005, "queued")]
    assert db.execute("SELECT message_id FROM deliveries").fetchall() == [(None,), (None,)]


def test_a_supergroup_that_is_known_already_takes_the_group_in(db: Database) -> None:
    subscribe(db, chat(-5, kind="group"), NOW, ("rule", "r"))
    put(db, event())
    subscribe(db, chat(-1005, kind="supergroup"), NOW)
    unsubscribe(db, -1005, 0, NOW)
    put(db, event(rule="r", alert_bar=1, bar=1))
    migrate_chat(db, -5, -1005, NOW)
    assert states(db) == [(-1005, "queued"), (-1005, "queued")]
    known = subscriber(db, -1005, 0)
    assert known is not None
    assert (known.state, known.subscriptions) == ("active", (("rule", "r"),))
    assert put(db, event(alert_bar=2, bar=2)) == 1


def test_both_chats_queued_for_one_event_are_one_message(db: Database) -> None:
    subscribe(db, chat(-5, kind="group"), NOW)
    subscribe(db, chat(-1005, kind="supergroup"), NOW)
    put(db, event())
    migrate_chat(db, -5, -1005, NOW)
    assert sorted(states(db)) == [(-1005, "queued"), (-5, "dropped")]
