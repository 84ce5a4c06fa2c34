"""What people do, as updates that python-telegram-bot reads."""

from __future__ import annotations

from typing import Any

import pytest
import telegram
from telegram import Update

from bot.sandbox.server import Sandbox
from tests.sandbox.conftest import ADA, CHANNEL, FORUM, GROUP, Call


async def updates(call: Call) -> list[Update]:
    raw: list[dict[str, Any]] = (await call("getUpdates"))[1]["result"]
    await call("getUpdates", offset=2**40)
    return [Update.de_json(update) for update in raw]


async def test_a_person_writes(sandbox: Sandbox, call: Call) -> None:
    message_id = sandbox.say("📈 /chart@bellwether_sandbox_bot IWM, not a/b", user=ADA)
    (update,) = await updates(call)
    assert update.message is not None
    assert update.message.message_id == message_id
    assert update.message.from_user == telegram.User(ADA, "Ada", is_bot=False)
    assert update.message.from_user.language_code == "en"
    assert [(e.type, e.offset, e.length) for e in update.message.entities] == [("bot_command", 3, 29)]


async def test_somebody_new_writes(sandbox: Sandbox, call: Call) -> None:
    sandbox.say("/start", user=77)
    (update,) = await updates(call)
    assert update.effective_user is not None
    assert update.effective_user.full_name == "User 77"
    assert update.effective_chat is not None
    assert update.effective_chat.type == "private"


async def test_in_a_group_the_bot_hears_only_what_is_for_it(sandbox: Sandbox, bot: telegram.Bot, call: Call) -> None:
    sent = await bot.send_message(GROUP, "x")
    sandbox.say("chatter", user=ADA, chat=GROUP)
    sandbox.say("/start@other_bot", user=ADA, chat=GROUP)
    sandbox.say("/start", user=ADA, chat=GROUP)
    sandbox.say("/help@Bellwether_Sandbox_Bot", user=ADA, chat=GROUP)
    sandbox.say("thanks", user=ADA, chat=GROUP, reply_to=sent.message_id)
    incoming = [update.message.text for update in await updates(call) if update.message]
    assert incoming == ["/start", "/help@Bellwether_Sandbox_Bot", "thanks"]
    sandbox.member("administrator", chat=GROUP, user=ADA)
    sandbox.say("chatter", user=ADA, chat=GROUP)
    last = (await updates(call))[-1].message
    assert last is not None
    assert last.text == "chatter"
    sandbox.member("kicked", chat=GROUP, user=ADA)
    sandbox.say("/start", user=ADA, chat=GROUP)
    assert [update.message for update in await updates(call)] == [None]


async def test_an_anonymous_admin_in_a_topic(sandbox: Sandbox, call: Call) -> None:
    sandbox.say("/start", user=ADA, chat=FORUM, thread=4, anonymous=True)
    (update,) = await updates(call)
    message = update.message
    assert message is not None
    assert message.from_user is not None
    assert (message.from_user.username, message.is_topic_message, message.message_thread_id) == (
        "GroupAnonymousBot",
        True,
        4,
    )
    assert message.sender_chat is not None
    assert message.sender_chat.id == FORUM


async def test_a_channel_post_has_no_person(sandbox: Sandbox, call: Call) -> None:
    sandbox.say("/start", user=ADA, chat=CHANNEL)
    (update,) = await updates(call)
    assert update.channel_post is not None
    assert update.channel_post.from_user is None
    assert update.effective_user is None


async def test_a_correction(sandbox: Sandbox, call: Call) -> None:
    said = sandbox.say("/strat", user=ADA)
    sandbox.edit(said, "/start", chat=ADA)
    edited = (await updates(call))[-1].edited_message
    assert edited is not None
    assert (edited.text, edited.message_id, edited.edit_date is not None) == ("/start", said, True)


async def test_blocking_and_writing_again(sandbox: Sandbox, call: Call) -> None:
    sandbox.member("kicked", user=ADA)
    sandbox.say("/start", user=ADA)
    blocked, unblocked, said = await updates(call)
    assert blocked.my_chat_member is not None
    assert blocked.my_chat_member.difference()["status"] == ("member", "kicked")
    assert unblocked.my_chat_member is not None
    assert unblocked.my_chat_member.difference()["status"] == ("kicked", "member")
    assert said.message is not None


async def test_a_press(sandbox: Sandbox, bot: telegram.Bot, call: Call) -> None:
    keyboard = telegram.InlineKeyboardMarkup([[telegram.InlineKeyboardButton("Mute", callback_data="m:1")]])
    for text in ("one", "two"):
        await bot.send_message(GROUP, text, reply_markup=keyboard)
    query = sandbox.press("Mute", user=ADA + 1, chat=GROUP)
    sandbox.press("m:1", user=ADA, chat=GROUP, message_id=1)
    newest, first = [update.callback_query for update in await updates(call)]
    assert newest is not None
    assert first is not None
    assert (newest.id, newest.data, newest.from_user.id) == (query, "m:1", ADA + 1)
    assert isinstance(newest.message, telegram.Message)
    assert isinstance(first.message, telegram.Message)
    assert (newest.message.text, first.message.text) == ("two", "one")
    with pytest.raises(LookupError, match="no button 'Chart' to press"):
        sandbox.press("Chart", user=ADA, chat=GROUP)


async def test_a_document(sandbox: Sandbox, bot: telegram.Bot, call: Call) -> None:
    sandbox.upload(b"title: x\n", "rule.yaml", user=ADA, caption="/check")
    (update,) = await updates(call)
    assert update.message is not None
    assert update.message.document is not None
    assert update.message.caption == "/check"
    assert [e.type for e in update.message.caption_entities] == ["bot_command"]
    file = await bot.get_file(update.message.document.file_id)
    assert bytes(await file.download_as_bytearray()) == b"title: x\n"


async def test_a_group_moves(sandbox: Sandbox, call: Call) -> None:
    sandbox.migrate(GROUP, -1_001_999_999_999)
    old, new = [update.message for update in await updates(call)]
    assert old is not None
    assert new is not None
    assert (old.chat.id, old.migrate_to_chat_id) == (GROUP, -1_001_999_999_999)
    assert (new.chat.id, new.migrate_from_chat_id, new.message_id) == (-1_001_999_999_999, GROUP, 1)


async def test_the_same_bytes_under_another_name_are_another_file(sandbox, bot):
    for name in ("a.yaml", "b.yaml", "a.yaml"):
        sandbox.upload(b"title: x", name, user=ADA)
    names = [update.message.document.file_name for update in await bot.get_updates()]
    ids = {message.file_id for message in sandbox.world.chats[ADA].messages.values()}
    assert names == ["a.yaml", "b.yaml", "a.yaml"]
    assert len(ids) == 2
