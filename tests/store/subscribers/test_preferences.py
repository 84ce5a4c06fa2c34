"""Preferences of a chat, and what changes with them at once."""

from __future__ import annotations

import pytest

from bot.store.outbox.claim import claim
from bot.store.outbox.outcomes import hold, mark_retry
from bot.store.outbox.queue import next_due
from bot.store.sqlite import Database
from bot.store.subscribers.preferences import save_preferences
from bot.store.subscribers.subscribers import subscribe, subscriber
from bot.subscriber import Preferences
from tests.store.rows import NOW, chat, event, people, put

OTHER = Preferences(2, 1, "Asia/Kolkata", 1320, 420, hold=True, high_passes=True, digest=480, digest_day=6)


def test_terms_are_kept_as_they_were_set(db: Database) -> None:
    subscribe(db, chat(), NOW)
    assert save_preferences(db, 1, 0, OTHER, NOW)
    known = subscriber(db, 1, 0)
    assert known is not None
    assert known.preferences == OTHER
    assert not save_preferences(db, 2, 0, OTHER, NOW)


def test_a_claim_brings_the_terms_as_of_now(db: Database) -> None:
    people(db, 1)
    put(db, event(severity="high"))
    save_preferences(db, 1, 0, OTHER, NOW)
    (claimed,) = claim(db, NOW, 5)
    assert claimed.preferences == OTHER


def test_what_is_held_waits_and_everything_after_it(db: Database) -> None:
    people(db, 1)
    put(db, event(rule="a"), rule="a")
    (claimed,) = claim(db, NOW, 5)
    hold(db, [(claimed.id, NOW + 3600.0)])
    put(db, event(rule="b"), rule="b")
    assert claim(db, NOW, 5) == []
    assert next_due(db) == NOW + 3600
    (again,) = claim(db, NOW + 3600, 5)
    assert (again.id, again.attempts) == (claimed.id, 0)


@pytest.mark.parametrize("why", ["held", "retry"])
def test_other_terms_let_go_what_is_held_and_nothing_else(db: Database, why: str) -> None:
    people(db, 1)
    put(db, event())
    (claimed,) = claim(db, NOW, 5)
    if why == "held":
        hold(db, [(claimed.id, NOW + 3600.0)])
    else:
        mark_retry(db, claimed.id, NOW + 3600, "timeout")
    save_preferences(db, 1, 0, Preferences(), NOW)
    assert next_due(db) == (NOW if why == "held" else NOW + 3600)
