"""What the bot can ask, and its menus, through python-telegram-bot."""

from __future__ import annotations

import pytest
import telegram
from telegram import BotCommand, BotCommandScopeAllGroupChats, BotCommandScopeChat
from telegram.error import BadRequest, Forbidden

from bot.sandbox.server import Sandbox
from tests.sandbox.conftest import ADA, CHANNEL, FORUM, GROUP, Call


async def test_it_knows_itself(bot: telegram.Bot) -> None:
    me = await bot.get_me()
    assert me.username == "bellwether_sandbox_bot"
    assert (me.is_bot, me.can_read_all_group_messages) == (True, False)


@pytest.mark.parametrize(
    ("chat", "kind", "title"),
    [
        (ADA, "private", None),
        (GROUP, "group", "Small caps"),
        (FORUM, "supergroup", "Topics"),
        (CHANNEL, "channel", "Signals"),
    ],
)
async def test_chats(bot: telegram.Bot, chat: int, kind: str, title: str | None) -> None:
    found = await bot.get_chat(chat)
    assert (found.type, found.title, bool(found.is_forum)) == (kind, title, chat == FORUM)


async def test_members(bot: telegram.Bot, sandbox: Sandbox) -> None:
    assert (await bot.get_chat_member(GROUP, ADA)).status == "creator"
    assert (await bot.get_chat_member(GROUP, ADA + 1)).status == "member"
    sandbox.add_person(ADA + 2, "Bo")
    assert (await bot.get_chat_member(GROUP, ADA + 2)).status == "left"
    for status in ("administrator", "restricted", "kicked"):
        sandbox.set_member(status, chat=GROUP, user=ADA + 2)
        assert (await bot.get_chat_member(GROUP, ADA + 2)).status == status
    assert (await bot.get_chat_member(ADA, ADA)).status == "member"
    assert (await bot.get_chat_member(CHANNEL, bot.id)).status == "administrator"
    assert await bot.get_chat_member_count(GROUP) == 3
    assert await bot.get_chat_member_count(ADA) == 2
    with pytest.raises(BadRequest, match=r"(?i)user not found"):
        await bot.get_chat_member(GROUP, 999)


async def test_administrators(bot: telegram.Bot, sandbox: Sandbox) -> None:
    assert [admin.user.id for admin in await bot.get_chat_administrators(GROUP)] == [ADA]
    sandbox.member("administrator", chat=GROUP, user=ADA)
    assert {admin.status for admin in await bot.get_chat_administrators(GROUP)} == {"creator", "administrator"}
    with pytest.raises(BadRequest, match=r"(?i)there are no administrators in the private chat"):
        await bot.get_chat_administrators(ADA)


async def test_leaving(bot: telegram.Bot, sandbox: Sandbox) -> None:
    await bot.leave_chat(GROUP)
    with pytest.raises(Forbidden, match="bot is not a member of the group chat"):
        await bot.get_chat(GROUP)
    with pytest.raises(BadRequest):
        await bot.leave_chat(ADA)


async def test_typing(bot: telegram.Bot, call: Call) -> None:
    assert await bot.send_chat_action(ADA, "upload_photo")
    assert (await call("sendChatAction", chat_id=ADA))[0] == 400


async def test_files_that_are_not_there(bot: telegram.Bot, call: Call) -> None:
    with pytest.raises(BadRequest, match=r"(?i)invalid file_id"):
        await bot.get_file("BQACunknown")
    assert (await call("getFile"))[1]["description"] == "Bad Request: file_id not specified"


async def test_the_menu_by_scope(bot: telegram.Bot) -> None:
    start, mute = BotCommand("start", "Begin"), BotCommand("mute", "Be quiet")
    await bot.set_my_commands([start, mute])
    await bot.set_my_commands([start], scope=BotCommandScopeAllGroupChats())
    await bot.set_my_commands([mute], scope=BotCommandScopeChat(ADA), language_code="de")
    assert await bot.get_my_commands() == (start, mute)
    assert await bot.get_my_commands(scope=BotCommandScopeAllGroupChats()) == (start,)
    assert await bot.get_my_commands(scope=BotCommandScopeChat(ADA), language_code="de") == (mute,)
    assert await bot.get_my_commands(scope=BotCommandScopeChat(ADA)) == ()
    await bot.delete_my_commands()
    assert await bot.get_my_commands() == ()


@pytest.mark.parametrize(
    ("params", "reason"),
    [
        ({}, "expected an Array of BotCommand"),
        ({"commands": ["x"]}, "expected an Array of BotCommand"),
        ({"commands": [{"command": "No Good", "description": "x"}]}, "BOT_COMMAND_INVALID"),
        ({"commands": [{"command": "a", "description": ""}]}, "BOT_COMMAND_DESCRIPTION_INVALID"),
        ({"commands": [{"command": "a", "description": "x" * 257}]}, "BOT_COMMAND_DESCRIPTION_INVALID"),
        ({"commands": [{"command": "a", "description": "x"}] * 101}, "BOT_COMMANDS_TOO_MUCH"),
        ({"commands": [], "scope": {"type": "all"}}, "unsupported type specified"),
        ({"commands": [], "scope": [1]}, "botCommandScope must be an Object"),
        ({"commands": [], "scope": {"type": "chat", "chat_id": 5}}, "chat not found"),
    ],
)
async def test_menus_that_are_refused(call: Call, params: dict[str, object], reason: str) -> None:
    assert (await call("setMyCommands", **params))[1]["description"] == f"Bad Request: {reason}"


async def test_descriptions(bot: telegram.Bot) -> None:
    await bot.set_my_description("Watches small caps")
    await bot.set_my_short_description("Watches", language_code="de")
    assert (await bot.get_my_description()).description == "Watches small caps"
    assert (await bot.get_my_short_description("de")).short_description == "Watches"
    assert (await bot.get_my_short_description()).short_description == ""
    with pytest.raises(BadRequest):
        await bot.set_my_short_description("x" * 121)
