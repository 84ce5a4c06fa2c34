"""Who came last, and whom Telegram refuses."""

from __future__ import annotations

from bot.store.subscribers.lists import newest_active, unreachable
from bot.store.subscribers.subscribers import mark_unreachable, subscribe, unsubscribe
from tests.store.rows import NOW, chat


def test_the_newest_come_first_and_those_that_left_are_missing(db):
    for at, each in enumerate((1, 2, 3, 4)):
        subscribe(db, chat(each), NOW + at)
    unsubscribe(db, 4, 0, NOW + 9)
    assert [(listed.chat.chat_id, listed.at) for listed in newest_active(db, 2)] == [(3, NOW + 2), (2, NOW + 1)]


def test_switched_off_with_the_reason(db):
    for each in (1, 2):
        subscribe(db, chat(each), NOW)
    mark_unreachable(db, 1, "blocked", NOW + 5)
    (listed,) = unreachable(db, 10)
    assert (listed.chat, listed.at, listed.reason) == (chat(1), NOW + 5, "blocked")
