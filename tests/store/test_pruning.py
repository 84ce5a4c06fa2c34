"""Pruning: what goes after a year, and what stays."""

from __future__ import annotations

from bot.signals.replay.event import EventKind
from bot.signals.timeframe import DAY
from bot.store.alerts import events_of, recent_alerts
from bot.store.notices import notice
from bot.store.outbox.claim import claim
from bot.store.outbox.outcomes import mark_dropped, mark_sent
from bot.store.pruning import KEPT, prune
from bot.store.sqlite import Database
from bot.store.subscribers.digest_schedules import queue_digest
from bot.store.subscribers.mutes import mute
from tests.store.rows import BAR, NOW, event, people, put, states

LATER = NOW + KEPT + DAY


def test_old_deliveries_go_and_alerts_stay(db: Database) -> None:
    people(db, 1, 2, 3)
    put(db, event(), event(EventKind.ENDED, bar=BAR + DAY, minor=True))
    sent, dropped = claim(db, NOW, 2)
    mark_sent(db, {sent.id: 5}, NOW)
    mark_dropped(db, dropped.id, "bad request", NOW)
    assert prune(db, NOW + KEPT) == 0, "not older than a year"
    assert prune(db, LATER) == 2
    assert states(db) == [(3, "queued")], "what is not finished is not forgotten"
    (alert,) = recent_alerts(db, 5)
    assert (alert.events, alert.reached) == (("fired", "ended"), False)
    assert len(events_of(db, "r", 0)) == 2


def test_who_had_an_alert_that_goes_on_stays_known(db: Database) -> None:
    people(db, 1)
    put(db, event())
    db.execute("UPDATE deliveries SET state = 'sent'")
    put(db, event(EventKind.MILESTONE, bar=BAR + KEPT), now=LATER - DAY)
    assert prune(db, LATER) == 0
    put(db, event(EventKind.ENDED, bar=BAR + KEPT + DAY, minor=True), now=LATER)
    assert prune(db, LATER + KEPT) == 0
    assert prune(db, LATER + KEPT + DAY) == 1


def test_an_alert_without_news_for_years_keeps_its_readers_until_it_ends_or_its_rule_fires_anew(db: Database) -> None:
    people(db, 1)
    put(db, event())
    db.execute("UPDATE deliveries SET state = 'sent', message_id = 5")
    assert prune(db, LATER + 9 * KEPT) == 0
    put(db, event(EventKind.FAILED, bar=BAR + 9 * KEPT), now=LATER + 9 * KEPT)
    assert [each.reply_to for each in claim(db, LATER + 9 * KEPT, 9)] == [5]
    put(db, event(bar=BAR + 10 * KEPT, alert_bar=BAR + 10 * KEPT), now=LATER + 10 * KEPT)
    db.execute("UPDATE deliveries SET state = 'sent'")
    assert prune(db, LATER + 11 * KEPT) == 2


def test_old_notices_and_digests_go_with_their_deliveries(db: Database) -> None:
    people(db, 1)
    notice(db, "ill", "all", NOW)
    queue_digest(db, [1], "all quiet", "p", NOW)
    notice(db, "ill again", "all", LATER)
    db.execute("UPDATE deliveries SET state = 'sent'")
    assert prune(db, LATER) == 5, "two deliveries, two events, one note of the digest"
    assert db.execute("SELECT html FROM messages").fetchall() == [("ill again",)]


def test_mutes_that_are_over_go(db: Database) -> None:
    people(db, 1)
    mute(db, 1, 0, NOW, NOW - 5)
    mute(db, 1, 0, NOW + 1, NOW, "r")
    assert prune(db, NOW) == 1
    assert db.execute("SELECT rule FROM mutes").fetchall() == [("r",)]


def test_much_goes_in_small_portions(db: Database) -> None:
    people(db, *range(1, 8))
    put(db, event(), event(EventKind.RETRACTED, bar=BAR + DAY, minor=True))
    db.execute("UPDATE deliveries SET state = 'sent'")
    assert [prune(db, LATER, at_once=3) for _ in range(4)] == [3, 3, 1, 0]
