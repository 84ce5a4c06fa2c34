"""Alerts, their events and who is told of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.signals.replay.event import EventKind
from bot.signals.timeframe import DAY
from bot.store.alerts import (
    StoredEvent,
    Watermark,
    events_of,
    last_fired,
    recent_alerts,
    set_watermark,
    watermark,
)
from bot.store.sqlite import Database
from bot.store.stories import RuleMark, record_story
from bot.store.subscribers.mutes import mute
from bot.store.subscribers.subscribers import approve, mark_unreachable, subscribe, unsubscribe
from tests.store.rows import BAR, NOW, chat, event, no_message, people, put, states


def queued_for(db: Database) -> list[int]:
    return [chat_id for chat_id, state in states(db) if state == "queued"]


def test_alert_event_deliveries_and_watermark_come_together(db: Database) -> None:
    people(db, 1, 2)
    assert put(db, event()) == 2
    assert states(db) == [(1, "queued"), (2, "queued")]
    assert watermark(db, "r") == Watermark(BAR, "d1")
    assert events_of(db, "r", BAR) == [StoredEvent(EventKind.FIRED, BAR, BAR, "d1", 250.5, 248.25)]
    assert events_of(db, "r", BAR + 1) == []
    assert events_of(db, "other", 0) == []


def test_recording_twice_changes_nothing(db: Database) -> None:
    people(db, 1)
    assert put(db, event()) == 1
    people(db, 2)
    assert put(db, event(), now=NOW + 5) == 0
    assert states(db) == [(1, "queued")]


def test_a_failure_half_way_leaves_nothing(db: Database) -> None:
    people(db, 1)
    with pytest.raises(AssertionError):
        record_story(db, [event().new], no_message, [RuleMark("r", "IWM", "1d", Watermark(BAR, "d1"))], NOW)
    assert states(db) == []
    assert watermark(db, "r") is None
    assert recent_alerts(db, 9) == []


def test_an_event_that_nobody_is_told_of(db: Database) -> None:
    people(db, 1)
    assert put(db, event(deliver=False)) == 0
    assert put(db, event(EventKind.FAILED, bar=BAR + DAY)) == 0, "the answer to an alert that nobody has"
    assert len(events_of(db, "r", 0)) == 2


@pytest.mark.parametrize(
    ("what", "severity", "tags", "wanted"),
    [
        (("all", ""), "low", (), True),
        (("rule", "r"), "low", (), True),
        (("rule", "s"), "high", ("s",), False),
        (("tag", "iwm"), "low", ("iwm", "x"), True),
        (("tag", "rut"), "low", ("iwm",), False),
        (("tag", "r"), "low", (), False),
        (("severity", "normal"), "low", (), False),
        (("severity", "normal"), "normal", (), True),
        (("severity", "normal"), "high", (), True),
    ],
)
def test_who_wants_what(
    db: Database, what: tuple[str, str], severity: str, tags: tuple[str, ...], *, wanted: bool
) -> None:
    subscribe(db, chat(), NOW - DAY, what)
    assert put(db, event(severity=severity, tags=tags)) == wanted


def test_two_matching_subscriptions_are_one_message(db: Database) -> None:
    people(db, 1)
    subscribe(db, chat(1), NOW, ("rule", "r"))
    subscribe(db, chat(1), NOW, ("tag", "iwm"))
    assert put(db, event(tags=("iwm",))) == 1


def test_only_active_chats_are_told(db: Database) -> None:
    people(db, 1, 2, 3)
    unsubscribe(db, 2, 0, NOW)
    mark_unreachable(db, 3, "blocked", NOW)
    subscribe(db, chat(4), NOW, pending=True)
    subscribe(db, chat(5), NOW, pending=True)
    approve(db, 5, 0, NOW)
    put(db, event())
    assert queued_for(db) == [1, 5]


def test_mutes_hold_until_they_end(db: Database) -> None:
    people(db, 1, 2, 3, 4)
    mute(db, 1, 0, NOW + 60, NOW)
    mute(db, 2, 0, NOW + 60, NOW, "r")
    mute(db, 3, 0, NOW + 60, NOW, "other")
    mute(db, 4, 0, NOW, NOW, "r")
    put(db, event())
    assert queued_for(db) == [3, 4]


def test_least_severity_and_silence(db: Database) -> None:
    people(db, 1, 2)
    db.execute("UPDATE subscribers SET least = 2 WHERE chat_id = 1")
    db.execute("UPDATE subscribers SET silent_below = 2 WHERE chat_id = 2")
    put(db, event(severity="normal"))
    put(db, event(severity="high", rule="s"), rule="s")
    sent = db.execute(
        "SELECT chat_id, rank, silent FROM deliveries d JOIN subscribers s ON s.id = d.subscriber"
        " ORDER BY d.message, chat_id"
    ).fetchall()
    assert sent == [(2, 1, 1), (1, 2, 0), (2, 2, 0)]


def test_what_follows_goes_to_those_who_have_the_alert(db: Database) -> None:
    people(db, 1, 2)
    put(db, event())
    people(db, 3)
    unsubscribe(db, 2, 0, NOW)
    assert put(db, event(EventKind.FAILED, bar=BAR + DAY, severity="low")) == 1
    assert queued_for(db) == [1, 1]
    ranks = db.execute("SELECT DISTINCT rank FROM deliveries").fetchall()
    assert ranks == [(1,)], "a thread has one rank, so that nothing in it overtakes"


def test_the_firing_after_a_provisional_one_goes_to_newcomers_too(db: Database) -> None:
    people(db, 1)
    put(db, event(EventKind.PROVISIONAL))
    people(db, 2)
    put(db, event(EventKind.FIRED))
    assert queued_for(db) == [1, 1, 2]


def test_a_late_alert_passes_over_those_who_came_after_it(db: Database) -> None:
    people(db, 1)
    people(db, 2, now=NOW)
    put(db, event(at=NOW - 3_600, late=True))
    put(db, event(at=NOW - 3_600, rule="s"), rule="s")
    assert queued_for(db) == [1, 1, 2]


def test_alerts_of_one_record_call_may_build_on_each_other(db: Database) -> None:
    people(db, 1)
    events = [event(), event(EventKind.HELD, bar=BAR + DAY), event(EventKind.FAILED, bar=BAR + 2 * DAY)]
    assert put(db, *events) == 3
    (row,) = recent_alerts(db, 5)
    assert row.events == ("fired", "held", "failed")
    assert (row.rule, row.market, row.timeframe, row.bar, row.severity) == ("r", "IWM", "1d", BAR, "normal")
    assert (row.at, row.close, row.level, row.reached) == (NOW - 60, 250.5, 248.25, False)


def test_recent_alerts_newest_first(db: Database) -> None:
    for day in range(4):
        put(db, event(alert_bar=BAR + day * DAY, bar=BAR + day * DAY))
    put(db, event(rule="s", alert_bar=BAR + DAY, bar=BAR + DAY), rule="s")
    assert [row.bar for row in recent_alerts(db, 2, "r")] == [BAR + 3 * DAY, BAR + 2 * DAY]
    assert len(recent_alerts(db, 10)) == 5


def test_watermark_moves_without_events(db: Database) -> None:
    marks = [RuleMark("r", "IWM", "1d", Watermark(BAR + DAY, "d2"))]
    assert record_story(db, [], no_message, marks, NOW) == 0
    assert watermark(db, "r") == Watermark(BAR + DAY, "d2")
    set_watermark(db, "r", "IWM", "1d", Watermark(BAR, "d3"), NOW)
    assert watermark(db, "r") == Watermark(BAR, "d3")
    assert watermark(db, "unknown") is None


def test_when_each_rule_last_fired(db: Database) -> None:
    assert last_fired(db) == {}
    put(db, event(), event(bar=BAR - DAY, alert_bar=BAR - DAY), event(EventKind.FAILED, bar=BAR + DAY))
    put(db, event(EventKind.PROVISIONAL, rule="s"), rule="s")
    put(db, event(rule="t", deliver=False), rule="t")
    assert last_fired(db) == {"r": BAR, "t": BAR}


@pytest.mark.parametrize(("since", "told"), [(-1, 1), (0, 1), (1, 0)])
def test_who_subscribed_in_the_very_second_of_the_close_hears_of_it_late(db: Database, since: int, told: int) -> None:
    people(db, 1, now=NOW - 60 + since)
    assert put(db, event(at=NOW - 60, late=True)) == told


def test_of_one_bar_a_second_correction_is_news_and_the_same_one_is_not(db: Database) -> None:
    people(db, 1)
    put(db, event())
    corrected = event(EventKind.CORRECTED)
    assert put(db, corrected) == 1
    assert put(db, corrected) == 0
    again = replace(corrected, new=replace(corrected.new, event=replace(corrected.new.event, close=251.5)))
    assert put(db, again) == 1
    assert [each.close for each in events_of(db, "r", BAR)] == [250.5, 251.5]
    assert [alert.close for alert in recent_alerts(db, 1)] == [251.5]
