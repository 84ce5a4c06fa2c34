"""What a subscriber decided, seen where it counts: in which way, and when, alerts and digests arrive."""

from __future__ import annotations

import asyncio
import time

import pytest

from bot.delivery.digests import due_digests
from bot.delivery.rate_limit import RateLimiter
from bot.delivery.worker import OutboxWorker
from bot.signals.replay.event import EventKind
from bot.signals.timeframe import DAY
from bot.store.outbox.queue import queue_depth
from bot.store.subscribers.digest_schedules import queue_digest
from bot.telegram.sending.transport import TelegramTransport
from tests.telegram.alerting import NOW, deliver, fire
from tests.telegram.pictures import png
from tests.telegram.telegram_side import BOSS, OPERATOR, SOMEBODY, running_bot

FORUM = -1_001_000_004
MORNING = NOW - (22 * 3_600 + 13 * 60 + 20) + DAY + 7 * 3_600
"""Seven o'clock in UTC on the day after NOW, which is 22:13:20."""


@pytest.fixture
async def bot(tmp_path):
    async with running_bot(tmp_path) as opened:
        await opened.ask("/subscribe")
        opened.sandbox.forget()
        yield opened


def got(bot, chat=SOMEBODY):
    return [(message.text, message.silent) for message in bot.sandbox.messages(chat)]


async def settle(bot, *settings):
    for said in settings:
        bot.sandbox.say(f"/settings {said}")
        await bot.settled()
    bot.sandbox.forget()


async def test_quiet_hours_hold_an_alert_and_its_answer_until_they_end(bot):
    await settle(bot, "quiet 22-7", "quiet hold")
    await fire(bot)
    await fire(bot, kind=EventKind.FAILED)
    await deliver(bot)
    assert got(bot) == []
    await deliver(bot, MORNING - 30)
    assert got(bot) == []
    await deliver(bot, MORNING)
    assert got(bot) == [("iwm-resistance-break fired", False), ("iwm-resistance-break failed", False)]
    first, second = bot.sandbox.messages(SOMEBODY)
    assert second.reply_to == first.message_id


async def test_quiet_hours_make_it_silent_and_high_severity_may_ring(bot):
    await settle(bot, "quiet 22-7")
    await fire(bot)
    await deliver(bot)
    assert got(bot) == [("iwm-resistance-break fired", True)]
    await settle(bot, "quiet high on")
    await fire(bot, "russell-record")
    await deliver(bot)
    assert got(bot) == [("russell-record fired", False)]


async def test_ending_the_quiet_hours_by_hand_lets_it_go(bot):
    await settle(bot, "quiet 22-7", "quiet hold")
    await fire(bot)
    await deliver(bot)
    assert (await bot.store.run(queue_depth)).queued == 1
    await settle(bot, "quiet off")
    await deliver(bot)
    assert got(bot) == [("iwm-resistance-break fired", False)]


async def test_severity_and_sound_are_as_they_were_set(bot):
    await settle(bot, "severity normal", "sound high")
    for rule, severity in (("russell-record", "low"), ("iwm-resistance-break", "normal"), ("sleeping", "high")):
        await fire(bot, rule, severity=severity)
    await deliver(bot)
    assert sorted(got(bot)) == [("iwm-resistance-break fired", True), ("sleeping fired", False)]


async def test_a_digest_comes_once_at_its_hour_in_the_zone_of_the_reader(bot):
    await settle(bot, "zone berlin", "digest daily 9:00")
    nine = MORNING + 3_600  # eight o'clock in UTC
    for now in (NOW, nine - 1, nine, nine + 60, nine + 3_600):
        for due in await bot.store.run(due_digests, now):
            text = f"from {due.period.since - nine} to {due.period.until - nine}"
            await bot.store.run(queue_digest, due.subscribers, text, due.period.name, now)
        await deliver(bot, now)
    assert got(bot) == [(f"from {-DAY} to 0", False)]


async def test_a_picture_that_telegram_forgot_is_sent_again(bot):
    await fire(bot, photo=png())
    await bot.store.run(lambda db: db.execute("UPDATE messages SET photo_id = 'AgACgone'"))
    await deliver(bot)
    (message,) = bot.sandbox.messages(SOMEBODY)
    assert message.photo == png()
    (kept,) = await bot.store.run(lambda db: db.execute("SELECT photo_id FROM messages").fetchone())
    assert kept == message.file_id


async def test_a_deleted_topic_takes_no_other_along(bot):
    bot.sandbox.add_chat(FORUM, "supergroup", "Forum", members={BOSS: "creator"}, topics=[11])
    for topic in (11, 12):
        await bot.enter(FORUM, "supergroup", topic)
    await fire(bot)
    await deliver(bot)
    assert [message.thread_id for message in bot.sandbox.messages(FORUM)] == [11]
    assert (await bot.state(FORUM, 11), await bot.state(FORUM, 12)) == ("active", "unreachable")


async def test_what_was_chosen_by_tag_or_rule_is_what_comes(bot):
    bot.sandbox.say("/unsubscribe")
    bot.sandbox.say("/subscribe #iwm")
    bot.sandbox.say("/mute russell-record")
    await bot.settled()
    bot.sandbox.forget()
    await fire(bot)
    await fire(bot, "russell-record")
    await deliver(bot)
    assert got(bot) == [("iwm-resistance-break fired", False)]


class SlowUpload:
    """The road to Telegram, on which a picture takes as long as it is told to."""

    def __init__(self, transport):
        self._transport, self.begun, self.over = transport, asyncio.Event(), asyncio.Event()

    async def send(self, message):
        if isinstance(message.photo, bytes):
            self.begun.set()
            await self.over.wait()
        return await self._transport.send(message)


async def fate_while_uploading(tmp_path, said, user=SOMEBODY):
    """The operator's message uploads the picture, that of SOMEBODY is claimed and waits for it, and `user` says that.

    Whether it arrived, and what is on record of it.
    """
    outbox = None  # it is made of the bot

    def recall(chat_id):
        outbox.recall(chat_id)

    async with running_bot(tmp_path, recall=recall) as bot:
        road, stop = SlowUpload(TelegramTransport(bot.bot)), asyncio.Event()
        begun = time.monotonic()
        outbox = OutboxWorker(bot.store, road, RateLimiter(), lambda: NOW + time.monotonic() - begun)
        for person in (OPERATOR, SOMEBODY):
            bot.sandbox.say("/subscribe", user=person)
            await bot.settled()
        await fire(bot, photo=png())
        sending = asyncio.create_task(outbox.run(stop))
        await road.begun.wait()
        assert (await bot.store.run(queue_depth)).sending == 2
        bot.sandbox.say(said, user=user)
        await bot.settled()
        road.over.set()
        over = {"queued"} if said == "/pause" else {"sent", "dropped"}
        while [state for state, _ in await _fates(bot)] not in [["sent", end] for end in over]:
            await asyncio.sleep(0.01)
        stop.set()
        await sending
        return any(message.photo for message in bot.sandbox.messages(SOMEBODY)), *(await _fates(bot))[1]


async def _fates(bot):
    return await bot.store.run(
        lambda db: db.execute("SELECT state, reason FROM deliveries ORDER BY subscriber").fetchall()
    )


@pytest.mark.parametrize(
    ("said", "fate"),
    [
        ("/mute 2h", (False, "dropped", "muted")),
        ("/mute iwm-resistance-break 2h", (False, "dropped", "muted")),
        ("/mute russell-record 2h", (True, "sent", None)),
        ("/unsubscribe", (False, "dropped", "unsubscribed")),
        ("/status", (True, "sent", None)),
    ],
)
async def test_what_is_about_to_leave_goes_by_what_was_just_asked_for(tmp_path, said, fate):
    assert await fate_while_uploading(tmp_path, said) == fate


async def test_what_is_about_to_leave_waits_where_the_operator_pauses_all(tmp_path):
    assert await fate_while_uploading(tmp_path, "/pause", OPERATOR) == (False, "queued", None)
