"""What is the operators' alone stays so, what others worded is no command, and floods harm nobody else."""

from __future__ import annotations

import asyncio

import pytest

from tests.telegram.telegram_side import APPROVAL, BOSS, OPERATOR, SOMEBODY, running_bot

GROUP = -1_001_000_001


@pytest.fixture
async def bot(tmp_path):
    async with running_bot(tmp_path) as opened:
        people = {BOSS: "creator", SOMEBODY: "member", OPERATOR: "member"}
        opened.sandbox.add_chat(GROUP, "supergroup", "Group", members=people)
        yield opened


@pytest.mark.parametrize("said", ["/health", "/subscribers", "/approve", "/pause", "/test"])
async def test_what_operators_ask_in_a_group_is_answered_in_their_own_chat(bot, said):
    bot.sandbox.say(said, user=OPERATOR, chat=GROUP)
    (word,) = await bot.sandbox.wait_for(GROUP, 1)
    await bot.settled()
    assert word.text == "That is for operators: the answer is in our private chat."
    assert len(bot.sandbox.messages(OPERATOR)) >= 1


async def test_an_operator_who_never_wrote_to_the_bot_is_told_how(bot):
    bot.sandbox.world.chats[OPERATOR].bot_status = "left"
    assert "open a private chat" in await bot.ask("/health", user=OPERATOR, chat=GROUP)
    assert "pid" not in str([message.text for message in bot.sandbox.messages(GROUP)])


async def test_what_another_bot_worded_is_no_command(bot):
    await bot.silence("/pause", user=OPERATOR, via_bot="evil_bot")
    await bot.silence("hello", user=SOMEBODY, via_bot="evil_bot")


async def test_one_person_in_many_groups_gets_no_more_than_their_measure(bot):
    groups = [-1_001_000_100 - number for number in range(40)]
    for group in groups:
        bot.sandbox.add_chat(group, "supergroup", "Own", members={BOSS: "creator"})
        for _ in range(3):
            bot.sandbox.say("/help", user=BOSS, chat=group)
    assert "/approve" in await bot.ask("/help", user=OPERATOR)
    await bot.settled()
    assert sum(len(bot.sandbox.messages(group)) for group in groups) <= 17


async def test_whoever_presses_too_fast_costs_no_request(bot):
    await bot.ask("/rules")
    for _ in range(100):
        bot.sandbox.press("IWM breaks")
    await bot.settled()
    assert len(bot.sandbox.calls("answerCallbackQuery")) <= 40


async def test_requests_for_approval_ring_the_operators_a_few_times_a_person(tmp_path):
    async with running_bot(tmp_path, APPROVAL) as bot:
        for number in range(12):
            group = -1_001_000_200 - number
            bot.sandbox.add_chat(group, "supergroup", f"Own {number}", members={BOSS: "creator"})
            bot.sandbox.say("/subscribe", user=BOSS, chat=group)
        async with asyncio.timeout(10):
            while await bot.state(-1_001_000_211) != "pending":
                await asyncio.sleep(0.01)
        await bot.settled()
        assert len(bot.sandbox.messages(OPERATOR)) == 3


async def test_a_name_is_never_a_command_and_turns_nothing_round(tmp_path):
    async with running_bot(tmp_path, APPROVAL) as bot:
        bot.sandbox.add_person(SOMEBODY, "/pause \u202eevil\u2066 @operator")
        bot.sandbox.say("/subscribe")
        (request,) = await bot.sandbox.wait_for(OPERATOR, 1)
        named = [entity for entity in request.entities if entity["type"] == "code"]
        first = request.text.index("/pause")
        assert any(entity["offset"] <= first < entity["offset"] + entity["length"] for entity in named)
        assert not set("\u202e\u2066") & set(request.text)
