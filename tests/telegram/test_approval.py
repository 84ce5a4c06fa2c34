"""Whom the bot is there for: everybody, those whom an operator approves, or its members."""

from __future__ import annotations

import pytest

from bot.store.subscribers.subscribers import mark_unreachable
from bot.telegram.commands.admin import parse_place
from bot.telegram.keyboard import button
from tests.telegram.telegram_side import APPROVAL, BOSS, MEMBER, MEMBERS, NOW, OPERATOR, SOMEBODY, running_bot

GROUP = -1_001_000_001


@pytest.fixture
async def bot(tmp_path):
    async with running_bot(tmp_path, APPROVAL) as with_a_bell:
        with_a_bell.sandbox.add_person(SOMEBODY, "Eve <b>& co</b>")
        yield with_a_bell


async def test_a_request_waits_for_an_operators_button(bot):
    assert "has been asked" in await bot.ask("/subscribe")
    assert await bot.state() == "pending"
    assert "Eve <b>& co</b>" in await bot.answer(OPERATOR)
    query = bot.sandbox.press("Approve", user=OPERATOR)
    assert "gets the alerts now" in await bot.answer(OPERATOR)
    assert "said yes" in await bot.answer()
    assert await bot.state() == "active"
    assert bot.sandbox.answer_to(query) is not None
    assert "already" in await bot.ask("/subscribe")


async def test_asking_again_does_not_ring_again(bot):
    await bot.ask("/subscribe")
    assert "has been asked" in await bot.ask("/subscribe")
    assert "has been asked" in await bot.ask("/subscribe russell-record")
    await bot.settled()
    assert len(bot.sandbox.messages(OPERATOR)) == 1


async def test_approving_by_hand(bot):
    await bot.ask("/subscribe")
    await bot.answer(OPERATOR)
    assert "Whom?" in await bot.ask("/approve Eve", user=OPERATOR)
    assert "Nobody waits" in await bot.ask("/approve 12345", user=OPERATOR)
    assert "gets the alerts now" in await bot.ask(f"/approve {SOMEBODY}", user=OPERATOR)
    assert "Nobody waits" in await bot.ask(f"/approve {SOMEBODY}", user=OPERATOR)


async def test_a_group_is_approved_as_a_whole(bot):
    bot.sandbox.add_chat(GROUP, "supergroup", "Group", members={BOSS: "creator"}, topics=[11])
    assert "has been asked" in await bot.ask("/subscribe", user=BOSS, chat=GROUP, thread=11)
    assert "supergroup" in await bot.answer(OPERATOR)
    bot.sandbox.press("Approve", user=OPERATOR)
    await bot.answer(OPERATOR)
    assert "said yes" in await bot.answer(GROUP)
    assert await bot.state(GROUP, 11) == "active"
    assert bot.sandbox.messages(GROUP)[-1].thread_id == 11


async def test_a_forwarded_button_lets_nobody_in(bot):
    """Rights go by the user who presses, not by the chat in which the button stands."""
    await bot.ask("/subscribe")
    await bot.answer(OPERATOR)
    bot.sandbox.world.chats[OPERATOR].members[SOMEBODY] = "member"
    bot.sandbox.press("Approve", user=SOMEBODY, chat=OPERATOR)
    await bot.settled()
    assert await bot.state() == "pending"


async def test_a_block_does_not_open_the_door(bot):
    await bot.ask("/subscribe")
    await bot.store.run(mark_unreachable, SOMEBODY, "blocked", NOW)
    assert "has been asked" in await bot.ask("/start")
    assert await bot.state() == "pending"


async def test_operators_need_no_approval(bot):
    assert "Subscribed" in await bot.ask("/subscribe", user=OPERATOR)


async def test_everybody_may_look(bot):
    assert "Bellwether" in await bot.ask("/status")


async def test_a_private_bot_turns_strangers_away_with_their_id(tmp_path):
    async with running_bot(tmp_path, MEMBERS) as bot:
        for said in ("/start", "/status", "/subscribe", "/nonsense", "hello", "/approve 1"):
            assert str(SOMEBODY) in await bot.ask(said)
        assert await bot.state() is None
        assert "Subscribed" in await bot.ask("/subscribe", user=MEMBER)
        assert "Subscribed" in await bot.ask("/subscribe", user=OPERATOR)


async def test_nobody_is_held_against_their_will(tmp_path):
    async with running_bot(tmp_path, MEMBERS) as bot:
        await bot.enter()
        assert "Unsubscribed" in await bot.ask("/unsubscribe")


@pytest.mark.parametrize(
    ("argument", "place"),
    [
        ("7000000001", (7_000_000_001, 0)),
        ("-1001000001/11", (-1_001_000_001, 11)),
        ("−1001000001 11", (-1_001_000_001, 11)),
        ("", None),
        ("x", None),
        ("12/", None),
        ("1" * 40, None),
    ],
)
def test_a_place_is_read_as_people_type_it(argument, place):
    assert parse_place(argument) == place


def test_a_button_that_telegram_would_refuse_is_refused_here():
    assert button("Yes", "approve", "-1001000000001/999999999") == ("Yes", "/approve -1001000000001/999999999")
    with pytest.raises(ValueError, match="64 bytes"):
        button("Yes", "approve", "é" * 40)
