"""Blocked, kicked, migrated, made an admin of a channel: what becomes of the subscription."""

from __future__ import annotations

import pytest

from bot.delivery.transport import OutgoingMessage
from tests.telegram.telegram_side import APPROVAL, BOSS, MEMBER, MEMBERS, OPERATOR, SOMEBODY, running_bot

GROUP, SUPERGROUP, CHANNEL, FORUM = -1_000_001, -1_001_000_002, -1_001_000_003, -1_001_000_004


@pytest.fixture
async def bot(tmp_path):
    async with running_bot(tmp_path) as opened:
        yield opened


async def test_a_block_switches_off_and_unblocking_alone_changes_nothing(bot):
    await bot.ask("/subscribe russell-record")
    bot.sandbox.member("kicked")
    await bot.settled()
    known = await bot.subscribed()
    assert (known.state, known.reason) == ("unreachable", "blocked")
    bot.sandbox.member("member")
    await bot.settled()
    assert await bot.state() == "unreachable"
    assert "You are subscribed" in await bot.ask("/start")
    assert (await bot.subscribed()).subscriptions == (("rule", "russell-record"),)


async def test_a_group_is_greeted_and_switched_off_when_it_throws_the_bot_out(bot):
    bot.sandbox.add_chat(GROUP, "group", "Group", members={BOSS: "creator"}, bot_status="left")
    bot.sandbox.member("member", chat=GROUP, user=BOSS)
    assert "/subscribe this group" in await bot.answer(GROUP)
    await bot.ask("/subscribe", user=BOSS, chat=GROUP)
    bot.sandbox.member("kicked", chat=GROUP, user=BOSS)
    await bot.settled()
    assert await bot.state(GROUP) == "unreachable"


async def test_coming_back_into_a_group_alone_sends_no_alerts(bot):
    bot.sandbox.add_chat(GROUP, "group", "Group", members={BOSS: "creator"})
    await bot.ask("/subscribe", user=BOSS, chat=GROUP)
    bot.sandbox.member("left", chat=GROUP, user=BOSS)
    bot.sandbox.member("member", chat=GROUP, user=BOSS)
    assert "/subscribe" in await bot.answer(GROUP)
    assert await bot.state(GROUP) == "unreachable"
    await bot.ask("/start", user=BOSS, chat=GROUP)
    assert await bot.state(GROUP) == "active"


async def test_a_group_that_becomes_a_supergroup_keeps_its_alerts(bot):
    bot.sandbox.add_chat(GROUP, "group", "Group", members={BOSS: "creator"})
    await bot.ask("/subscribe russell-record", user=BOSS, chat=GROUP)
    bot.sandbox.migrate(GROUP, SUPERGROUP)
    await bot.settled()
    known = await bot.subscribed(SUPERGROUP)
    assert (known.state, known.subscriptions, known.chat.kind) == (
        "active",
        (("rule", "russell-record"),),
        "supergroup",
    )
    assert await bot.state(GROUP) is None
    assert "Unsubscribed" in await bot.ask("/unsubscribe", user=BOSS, chat=SUPERGROUP)


async def test_an_answer_follows_a_group_that_has_moved(bot):
    """Telegram says so when something is sent to the old id."""
    bot.sandbox.add_chat(GROUP, "group", "Group", members={BOSS: "creator"})
    await bot.enter(GROUP, "group")
    bot.sandbox.migrate(GROUP, SUPERGROUP)
    await bot.settled()
    await bot.enter(GROUP, "group")  # as if the service messages had been lost
    await bot.side.replies.send_message(OutgoingMessage(GROUP, "hello"))
    assert [message.text for message in bot.sandbox.messages(SUPERGROUP)] == ["hello"]
    assert await bot.state(SUPERGROUP) == "active"
    assert await bot.state(GROUP) != "active"


async def test_a_channel_subscribes_when_the_bot_is_made_its_admin(bot):
    bot.sandbox.add_chat(CHANNEL, "channel", "Channel", bot_status="left", members={BOSS: "creator"})
    bot.sandbox.member("administrator", chat=CHANNEL, user=BOSS)
    assert "Subscribed" in await bot.answer(CHANNEL)
    assert await bot.state(CHANNEL) == "active"
    bot.sandbox.member("left", chat=CHANNEL, user=BOSS)
    await bot.settled()
    assert await bot.state(CHANNEL) == "unreachable"


async def test_a_channel_comes_back_on_its_terms(bot):
    bot.sandbox.add_chat(CHANNEL, "channel", "Channel", bot_status="administrator", members={BOSS: "creator"})
    await bot.ask("/subscribe russell-record", chat=CHANNEL)
    for bot_status in ("left", "administrator"):
        bot.sandbox.member(bot_status, chat=CHANNEL, user=BOSS)
    await bot.answer(CHANNEL)
    assert (await bot.subscribed(CHANNEL)).subscriptions == (("rule", "russell-record"),)


async def test_a_channel_of_a_stranger_gets_nothing_from_a_private_bot(tmp_path):
    async with running_bot(tmp_path, MEMBERS) as bot:
        bot.sandbox.add_chat(CHANNEL, "channel", "Channel", bot_status="left", members={BOSS: "creator"})
        bot.sandbox.member("administrator", chat=CHANNEL, user=BOSS)
        await bot.settled()
        assert await bot.state(CHANNEL) is None
        assert not bot.sandbox.messages(CHANNEL)
        bot.sandbox.member("left", chat=CHANNEL, user=MEMBER)
        bot.sandbox.member("administrator", chat=CHANNEL, user=MEMBER)
        assert "Subscribed" in await bot.answer(CHANNEL)


async def test_a_strangers_group_is_not_greeted_by_a_private_bot(tmp_path):
    async with running_bot(tmp_path, MEMBERS) as bot:
        bot.sandbox.add_chat(GROUP, "group", "Group", members={BOSS: "creator"}, bot_status="left")
        bot.sandbox.member("member", chat=GROUP, user=BOSS)
        await bot.settled()
        assert not bot.sandbox.messages(GROUP)


async def test_a_channel_waits_for_approval_too(tmp_path):
    async with running_bot(tmp_path, APPROVAL) as bot:
        bot.sandbox.add_chat(CHANNEL, "channel", "Channel", bot_status="left", members={BOSS: "creator"})
        bot.sandbox.member("administrator", chat=CHANNEL, user=BOSS)
        assert "has been asked" in await bot.answer(CHANNEL)
        assert "channel" in await bot.answer(OPERATOR)
        bot.sandbox.press("Approve", user=OPERATOR)
        assert "said yes" in await bot.answer(CHANNEL)


async def test_who_can_not_be_answered_is_switched_off(bot):
    """A deleted account sends no farewell."""
    await bot.enter()
    bot.sandbox.say("/status")
    bot.sandbox.deactivate(SOMEBODY)
    await bot.settled()
    assert await bot.state() == "unreachable"


async def test_a_topic_that_was_deleted_is_switched_off_alone(bot):
    bot.sandbox.add_chat(FORUM, "supergroup", "Forum", members={BOSS: "creator"}, topics=[11, 12])
    for topic in (11, 12):
        await bot.enter(FORUM, "supergroup", topic)
    bot.sandbox.fail("sendMessage", 400, chat=FORUM, description="message thread not found")
    bot.sandbox.say("/status", user=BOSS, chat=FORUM, thread=11)
    await bot.settled()
    assert await bot.state(FORUM, 11) == "unreachable"
    assert await bot.state(FORUM, 12) == "active"


async def test_who_blocks_and_returns_keeps_what_was_set_and_muted(bot):
    await bot.ask("/subscribe russell-record")
    await bot.ask("/settings quiet 22-7")
    await bot.ask("/mute iwm-resistance-break")
    bot.sandbox.member("kicked")
    bot.sandbox.member("member")
    await bot.settled()
    assert "You are subscribed" in await bot.ask("/start")
    known = await bot.subscribed()
    assert (known.subscriptions, known.preferences.quiet_from) == ((("rule", "russell-record"),), 1_320)
    assert "IWM breaks for good" in await bot.ask("/mute")
