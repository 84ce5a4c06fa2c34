"""Groups, topics and channels: who may change what there, and when the bot keeps silent."""

from __future__ import annotations

import pytest

from bot.sandbox.world import BOT_USERNAME
from tests.telegram.telegram_side import BOSS, MEMBER, MEMBERS, OPERATOR, SOMEBODY, running_bot

GROUP, FORUM, CHANNEL = -1_001_000_001, -1_001_000_002, -1_001_000_003


@pytest.fixture
async def bot(tmp_path):
    async with running_bot(tmp_path) as opened:
        people = {BOSS: "creator", SOMEBODY: "member"}
        opened.sandbox.add_chat(GROUP, "supergroup", "Small <caps>", members=people)
        opened.sandbox.add_chat(FORUM, "supergroup", "Forum", members=people, topics=[11, 12])
        opened.sandbox.add_chat(CHANNEL, "channel", "Channel", bot_status="administrator", members={BOSS: "creator"})
        yield opened


async def test_an_admin_subscribes_the_group(bot):
    assert "Subscribed" in await bot.ask("/subscribe", user=BOSS, chat=GROUP)
    known = await bot.subscribed(GROUP)
    assert (known.state, known.chat.kind, known.chat.title) == ("active", "supergroup", "Small <caps>")
    assert "Unsubscribed" in await bot.ask("/unsubscribe", user=BOSS, chat=GROUP)


async def test_an_answer_in_a_group_hangs_on_the_question(bot):
    question = bot.sandbox.say("/status", user=SOMEBODY, chat=GROUP)
    (answer,) = await bot.sandbox.wait_for(GROUP, 1)
    assert answer.reply_to == question


async def test_others_may_look_but_not_change(bot):
    assert "Only admins" in await bot.ask("/subscribe", user=SOMEBODY, chat=GROUP)
    assert "Only admins" in await bot.ask("/start russell-record", user=SOMEBODY, chat=GROUP)
    await bot.enter(GROUP, "supergroup")
    assert "Only admins" in await bot.ask("/unsubscribe", user=SOMEBODY, chat=GROUP)
    assert await bot.state(GROUP) == "active"
    assert "Bellwether" in await bot.ask("/status", user=SOMEBODY, chat=GROUP)


async def test_the_operator_is_no_admin_of_other_peoples_groups(bot):
    assert "Only admins" in await bot.ask("/subscribe", user=OPERATOR, chat=GROUP)


async def test_an_admin_who_writes_as_the_group_counts_as_one(bot):
    assert "Subscribed" in await bot.ask("/subscribe", user=BOSS, chat=GROUP, anonymous=True)
    assert not bot.sandbox.calls("getChatAdministrators")


async def test_the_admins_are_asked_for_once_in_a_while(bot):
    for said in ("/subscribe", "/unsubscribe", "/subscribe"):
        await bot.ask(said, user=BOSS, chat=GROUP)
    assert len(bot.sandbox.calls("getChatAdministrators")) == 1


async def test_where_the_admins_can_not_be_had_nothing_changes(bot):
    bot.sandbox.fail("getChatAdministrators", 500)
    assert "could not ask" in await bot.ask("/subscribe", user=BOSS, chat=GROUP)
    assert await bot.state(GROUP) is None
    assert "Subscribed" in await bot.ask("/subscribe", user=BOSS, chat=GROUP)


async def test_the_bot_keeps_silent_in_a_group_unless_it_is_meant(bot):
    bot.sandbox.member("administrator", chat=GROUP)  # now it hears everything
    for said in ("good morning", "/unknown", "/approve 1", "/status@another_bot", "5/subscribe"):
        await bot.silence(said, user=SOMEBODY, chat=GROUP)
    assert "I don't know /unknown" in await bot.ask(f"/unknown@{BOT_USERNAME}", user=SOMEBODY, chat=GROUP)
    assert "/help" in await bot.ask(f"hello @{BOT_USERNAME}", user=SOMEBODY, chat=GROUP)
    assert "Bellwether" in await bot.ask(f"/STATUS@{BOT_USERNAME.upper()}", user=SOMEBODY, chat=GROUP)


async def test_an_answer_to_an_alert_is_no_question(bot):
    await bot.ask("/status", user=SOMEBODY, chat=GROUP)
    alert = bot.sandbox.messages(GROUP)[0].message_id
    await bot.silence("wow", user=SOMEBODY, chat=GROUP, reply_to=alert)


async def test_a_topic_is_subscribed_by_itself(bot):
    assert "Subscribed" in await bot.ask("/subscribe", user=BOSS, chat=FORUM, thread=11)
    assert await bot.state(FORUM, 11) == "active"
    assert await bot.state(FORUM, 0) is None
    assert bot.sandbox.messages(FORUM)[0].thread_id == 11
    assert "Subscribed" in await bot.ask("/subscribe", user=BOSS, chat=FORUM)
    assert "Unsubscribed" in await bot.ask("/unsubscribe", user=BOSS, chat=FORUM, thread=11)
    assert await bot.state(FORUM, 0) == "active"


async def test_a_thread_of_answers_is_no_topic(bot):
    first = bot.sandbox.say("/status", user=BOSS, chat=GROUP)
    await bot.answer(GROUP)
    await bot.ask("/subscribe", user=BOSS, chat=GROUP, reply_to=first)
    assert await bot.state(GROUP, 0) == "active"


async def test_a_channel_subscribes_by_a_post(bot):
    assert "Subscribed" in await bot.ask("/subscribe russell-record", chat=CHANNEL)
    assert (await bot.subscribed(CHANNEL)).subscriptions == (("rule", "russell-record"),)
    assert "Unsubscribed" in await bot.ask("/unsubscribe", chat=CHANNEL)
    await bot.silence("today we look at small caps", chat=CHANNEL)
    await bot.silence(f"thanks @{BOT_USERNAME}", chat=CHANNEL)


async def test_a_private_bot_is_silent_to_strangers_in_groups(tmp_path):
    async with running_bot(tmp_path, MEMBERS) as bot:
        bot.sandbox.add_chat(GROUP, "supergroup", "Group", members={BOSS: "creator", MEMBER: "administrator"})
        await bot.silence("/status", user=BOSS, chat=GROUP)
        await bot.silence("/subscribe", user=BOSS, chat=GROUP)
        assert "Subscribed" in await bot.ask("/subscribe", user=MEMBER, chat=GROUP)
        assert "Unsubscribed" in await bot.ask("/unsubscribe", user=BOSS, chat=GROUP)
        assert "private" in await bot.ask("/subscribe", user=BOSS, chat=GROUP, anonymous=True)
        assert await bot.state(GROUP) == "unsubscribed"
