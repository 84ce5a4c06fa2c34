"""Mutes: what a chat does not want to hear for now, and until when."""

from __future__ import annotations

import pytest

from bot.signals.replay.event import EventKind
from bot.signals.timeframe import DAY
from bot.store.notices import notice
from bot.store.outbox import dropped_since
from bot.store.sqlite import Database
from bot.store.subscribers.mutes import FOR_GOOD, Mute, mute, mutes_of, unmute
from tests.store.rows import BAR, NOW, event, people, put, states


def test_muting_needs_a_subscriber(db: Database) -> None:
    people(db, 1)
    assert mute(db, 1, 0, NOW + 1, NOW)
    assert mute(db, 1, 0, NOW + 9, NOW)
    assert not mute(db, 2, 0, NOW + 9, NOW)
    assert mutes_of(db, 1, 0, NOW) == [Mute("", NOW + 9)]


def test_mutes_are_listed_until_they_are_over_or_taken_back(db: Database) -> None:
    people(db, 1)
    mute(db, 1, 0, NOW + 9, NOW, "b")
    mute(db, 1, 0, FOR_GOOD, NOW, "a")
    mute(db, 1, 0, NOW + 5, NOW)
    assert [each.rule for each in mutes_of(db, 1, 0, NOW)] == ["", "a", "b"]
    assert [each.rule for each in mutes_of(db, 1, 0, NOW + 9)] == ["a"]
    assert unmute(db, 1, 0, "a")
    assert not unmute(db, 1, 0, "a")
    assert not unmute(db, 2, 0, "b")
    assert [each.rule for each in mutes_of(db, 1, 0, NOW)] == ["", "b"]


@pytest.mark.parametrize(("rule", "left"), [("", 1), ("r", 2), ("other", 3)])
def test_muting_takes_what_waits_already(db: Database, rule: str, left: int) -> None:
    people(db, 1, 2)
    put(db, event())
    put(db, event(rule="s"), rule="s")
    notice(db, "news", "all", NOW)
    mute(db, 1, 0, NOW + 9, NOW, rule)
    assert sum(state == "queued" for chat_id, state in states(db) if chat_id == 1) == left
    assert sum(state == "queued" for chat_id, state in states(db) if chat_id == 2) == 3
    assert dropped_since(db, 0) == ({"muted": 3 - left} if left < 3 else {})


def test_what_follows_a_muted_alert_is_not_sent_either(db: Database) -> None:
    people(db, 1)
    put(db, event())
    mute(db, 1, 0, NOW + 1, NOW, "r")
    assert put(db, event(EventKind.FAILED, bar=BAR + DAY), now=NOW + 5) == 0
