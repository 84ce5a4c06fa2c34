"""While the bot is paused alerts wait, and what is no alert goes."""

from __future__ import annotations

from bot.store.meta import PAUSED, delete_value, set_value
from bot.store.notices import SampleAlert, newest_alert, notice, queue_sample
from bot.store.outbox.claim import claim
from bot.store.outbox.outcomes import mark_sent
from bot.store.outbox.queue import next_due, queue_depth
from bot.store.subscribers.subscribers import set_operators
from tests.store.rows import NOW, event, people, put


def test_alerts_wait_until_the_pause_ends(db):
    people(db, 1, 2)
    put(db, event(severity="high"))
    set_value(db, PAUSED, "1", NOW)
    assert claim(db, NOW, 10) == []
    assert next_due(db) is None
    assert queue_depth(db).queued == 2
    delete_value(db, PAUSED)
    assert next_due(db) == NOW
    assert [each.chat_id for each in claim(db, NOW, 10)] == [1, 2]


def test_a_notice_passes_the_alerts_that_wait_before_it(db):
    people(db, 1)
    set_operators(db, [1], NOW)
    put(db, event(severity="high"))
    set_value(db, PAUSED, "1", NOW)
    notice(db, "the bot is ill", "operators", NOW)
    assert next_due(db) == NOW
    (taken,) = claim(db, NOW, 10)
    assert taken.content.html == "the bot is ill"
    mark_sent(db, {taken.id: 7}, NOW)
    assert claim(db, NOW, 10) == []


def test_a_sample_is_the_newest_firing_and_goes_to_one_chat_only(db):
    assert newest_alert(db) is None
    people(db, 1, 2)
    put(db, event(photo=b"png"), event(rule="other", photo=b"newer"))
    sample = newest_alert(db)
    assert sample is not None
    assert (sample.html, sample.photo, sample.buttons[0][0]) == ("<b>other fired</b>", b"newer", ("Chart", "chart"))
    set_value(db, PAUSED, "1", NOW)
    assert queue_sample(db, 2, sample, NOW)
    (taken,) = claim(db, NOW, 10)
    assert (taken.chat_id, taken.content.photo, taken.content.buttons) == (2, b"newer", sample.buttons)
    assert newest_alert(db) == sample


def test_a_sample_by_the_id_of_its_picture_and_for_nobody(db):
    people(db, 1)
    assert queue_sample(db, 1, SampleAlert("words", "telegram-id"), NOW)
    assert not queue_sample(db, 9, SampleAlert("words"), NOW)
    (taken,) = claim(db, NOW, 10)
    assert taken.content.photo == "telegram-id"
