"""Mutes: what a chat does not want to hear for now, and until when."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.signals.replay.event import EventKind
from bot.signals.timeframe import DAY
from bot.store.database import open_database
from bot.store.notices import notice
from bot.store.outbox.queue import dropped_since
from bot.store.sqlite import Database
from bot.store.subscribers.mutes import FOR_GOOD, Mute, mute, mutes_ahead_of, mutes_of, unmute
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


def test_a_mute_ahead_keeps_nothing_quiet_before_it_begins(db: Database) -> None:
    people(db, 1)
    put(db, event())
    assert mute(db, 1, 0, NOW + 20, NOW, begins=NOW + 10)
    assert mutes_of(db, 1, 0, NOW) == []
    assert mutes_ahead_of(db, 1, 0, NOW) == [Mute("", NOW + 20, NOW + 10)]
    assert [state for _, state in states(db)] == ["queued"]
    assert put(db, event(bar=BAR + DAY), now=NOW + 9) == 1
    assert put(db, event(bar=BAR + 2 * DAY), now=NOW + 10) == 0
    assert put(db, event(bar=BAR + 3 * DAY), now=NOW + 19) == 0
    assert put(db, event(bar=BAR + 4 * DAY), now=NOW + 20) == 1
    assert mutes_of(db, 1, 0, NOW + 10) == [Mute("", NOW + 20)]
    assert mutes_ahead_of(db, 1, 0, NOW + 10) == []
    assert unmute(db, 1, 0)
    assert mutes_of(db, 1, 0, NOW + 10) == []


def test_one_that_holds_and_one_ahead_stand_beside_each_other(db: Database) -> None:
    people(db, 1)
    mute(db, 1, 0, NOW + 5, NOW, "r")
    mute(db, 1, 0, NOW + 20, NOW, "r", begins=NOW + 10)
    assert [each.until for each in mutes_of(db, 1, 0, NOW)] == [NOW + 5]
    assert [put(db, event(bar=BAR + at * DAY), now=NOW + at) for at in (4, 7, 12)] == [0, 1, 0]
    mute(db, 1, 0, NOW + 13, NOW + 12, "r")  # shorter than what began meanwhile
    assert [each.until for each in mutes_of(db, 1, 0, NOW + 12)] == [NOW + 13]
    assert put(db, event(bar=BAR + 14 * DAY), now=NOW + 14) == 1


_RULES = ["", "r", "s"]
_STEPS = st.one_of(
    st.tuples(st.just("mute"), st.sampled_from(_RULES), st.integers(0, 20), st.integers(1, 20), st.booleans()),
    st.tuples(st.just("unmute"), st.sampled_from(_RULES)),
    st.tuples(st.just("wait"), st.integers(1, 9)),
)


@given(st.lists(_STEPS, max_size=12))
@settings(max_examples=60, deadline=None)
def test_what_is_quiet_when(steps: list[Any]) -> None:
    """Against a list of stretches: a chat hears of a rule exactly when none of its stretches, or of all, holds."""
    held: dict[str, list[tuple[int, int]]] = {rule: [] for rule in _RULES}
    now = NOW
    with TemporaryDirectory() as folder:
        db = open_database(Path(folder, "bot.db"))
        people(db, 1)
        for step in steps:
            match step:
                case ("mute", rule, wait, length, shorten):
                    begins, until = now + wait, now + wait + length
                    mute(db, 1, 0, until, now, rule, shorten=shorten, begins=begins)
                    over = [each for each in held[rule] if each[0] <= now < each[1]] if wait == 0 else []
                    over += [each for each in held[rule] if each[0] == begins > now]
                    ends = [until, *(each[1] for each in over if not shorten)]
                    held[rule] = [each for each in held[rule] if each not in over] + [(begins, max(ends))]
                case ("unmute", rule):
                    unmute(db, 1, 0, rule)
                    held[rule] = []
                case ("wait", seconds):
                    now += seconds
            for at in range(now, now + 45, 4):
                quiet = {rule for rule in _RULES if any(one <= at < end for one, end in held[rule])}
                assert {each.rule for each in mutes_of(db, 1, 0, at)} == quiet
        db.close()
