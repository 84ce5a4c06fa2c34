"""What the real python-telegram-bot sends, and what the sandbox answers and keeps."""

from __future__ import annotations

import struct
import zlib
from datetime import UTC, datetime

import pytest
import telegram
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, ReplyParameters
from telegram.error import BadRequest, ChatMigrated, Forbidden

from bot.sandbox.methods.keyboard import InlineButton
from bot.sandbox.server import Sandbox
from tests.sandbox.conftest import ADA, CHANNEL, FORUM, GROUP, Call

PAST_THE_END = (
    "can't parse entities: Entity beginning at UTF-16 offset 0 ends after the end of the text at UTF-16 offset 2"
)


def png(width: int = 2, height: int = 3) -> bytes:
    """A white picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress(b"".join(b"\0" + b"\xff" * width for _ in range(height)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


async def test_a_message_comes_back_as_the_real_server_gives_it(sandbox: Sandbox, bot: telegram.Bot) -> None:
    sent = await bot.send_message(ADA, "📈 <b>New high</b> &amp; <a href='https://x.org'>why</a>", parse_mode="HTML")
    assert sent.text == "📈 New high & why"
    assert [(e.type, e.offset, e.length, e.url) for e in sent.entities] == [
        ("bold", 3, 8, None),
        ("text_link", 14, 3, "https://x.org"),
    ]
    assert sent.parse_entities() == dict(zip(sent.entities, ["New high", "why"], strict=True))
    assert sent.from_user is not None
    assert sent.from_user.is_bot
    assert sent.chat.type == "private"
    assert sent.chat.username == "ada_l"
    assert abs((datetime.now(UTC) - sent.date).total_seconds()) < 60
    (kept,) = sandbox.messages(ADA)
    assert (kept.text, kept.message_id, kept.silent) == (sent.text, sent.message_id, False)
    assert kept.html.startswith("📈 <b>")


async def test_entities_may_come_beside_the_text(bot: telegram.Bot) -> None:
    sent = await bot.send_message(ADA, " 📈 <b> ", entities=[telegram.MessageEntity("bold", 0, 4)])
    assert sent.text == "📈 <b>"
    assert [(e.type, e.offset, e.length) for e in sent.entities] == [("bold", 0, 3)]


async def test_ids_count_up_in_each_chat(bot: telegram.Bot) -> None:
    ids = [(await bot.send_message(chat, "x")).message_id for chat in (ADA, GROUP, ADA, GROUP)]
    assert ids == [1, 1, 2, 2]


@pytest.mark.parametrize(
    ("params", "reason"),
    [
        ({"text": "x"}, "chat_id is empty"),
        ({"chat_id": ADA}, "message text is empty"),
        ({"chat_id": ADA, "text": " \n"}, "text must be non-empty"),
        ({"chat_id": ADA, "text": "<b></b>", "parse_mode": "HTML"}, "text must be non-empty"),
        ({"chat_id": ADA, "text": "x" * 4097}, "message is too long"),
        ({"chat_id": ADA, "text": "📈" * 2049}, "message is too long"),
        ({"chat_id": ADA, "text": "x", "parse_mode": "MarkdownV2"}, "unsupported parse_mode"),
        ({"chat_id": 12345, "text": "x"}, "chat not found"),
        ({"chat_id": "@nobody", "text": "x"}, "chat not found"),
        ({"chat_id": "nobody", "text": "x"}, "chat not found"),
        ({"chat_id": ADA, "text": "x", "message_thread_id": 4}, "message thread not found"),
        ({"chat_id": FORUM, "text": "x", "message_thread_id": 5}, "message thread not found"),
        ({"chat_id": ADA, "text": "x", "reply_parameters": {"message_id": 77}}, "message to be replied not found"),
        ({"chat_id": ADA, "text": "x", "reply_to_message_id": 77}, "message to be replied not found"),
        ({"chat_id": ADA, "text": "x", "reply_parameters": "{"}, "can't parse reply parameters JSON object"),
        ({"chat_id": ADA, "text": "x", "reply_parameters": 3}, "object expected as reply parameters"),
        (
            {"chat_id": ADA, "text": "x", "entities": {"type": "bold"}},
            "can't parse message entities: expected an Array of MessageEntity",
        ),
        (
            {"chat_id": ADA, "text": "x", "entities": [{"type": "bold", "offset": 0, "length": 0}]},
            "can't parse entities: Receive an entity with incorrect offset 0 or length 0",
        ),
        (
            {"chat_id": ADA, "text": "x", "entities": [{"type": "bold", "offset": 0, "length": 2}]},
            PAST_THE_END,
        ),
    ],
)
async def test_what_is_refused(call: Call, params: dict[str, object], reason: str) -> None:
    description = f"Bad Request: {reason}"
    assert await call("sendMessage", **params) == (400, {"ok": False, "error_code": 400, "description": description})


async def test_lengths_are_counted_after_parsing_in_utf_16(call: Call) -> None:
    html = "<b>&lt;📈</b>" * 1365 + "x"
    assert (await call("sendMessage", chat_id=ADA, text=html, parse_mode="HTML"))[0] == 200
    status, body = await call("sendMessage", chat_id=ADA, text=html + "y", parse_mode="HTML")
    assert (status, body["description"]) == (400, "Bad Request: message is too long")


async def test_an_answer_to_a_message(bot: telegram.Bot, sandbox: Sandbox) -> None:
    asked = sandbox.say("hello", user=ADA)
    answered = await bot.send_message(ADA, "hello to you", reply_parameters=ReplyParameters(asked))
    assert answered.reply_to_message is not None
    assert (answered.reply_to_message.message_id, answered.reply_to_message.text) == (asked, "hello")
    lost = await bot.send_message(ADA, "x", reply_parameters=ReplyParameters(999, allow_sending_without_reply=True))
    assert lost.reply_to_message is None
    assert [message.reply_to for message in sandbox.messages(ADA)] == [asked, None]


async def test_topics_of_a_forum(bot: telegram.Bot, sandbox: Sandbox) -> None:
    sent = await bot.send_message(FORUM, "x", message_thread_id=4)
    assert (sent.message_thread_id, sent.is_topic_message, sent.chat.is_forum) == (4, True, True)
    assert sent.reply_to_message is not None
    assert sent.reply_to_message.forum_topic_created is not None
    answer = await bot.send_message(FORUM, "y", reply_parameters=ReplyParameters(sent.message_id))
    assert answer.reply_to_message is not None
    assert (answer.message_thread_id, answer.reply_to_message.text) == (4, "x")
    assert [message.thread_id for message in sandbox.messages(FORUM)] == [4, 4]


async def test_a_channel_by_its_name(bot: telegram.Bot) -> None:
    sent = await bot.send_message("@Signals", "x")
    assert sent.chat_id == CHANNEL
    assert sent.from_user is None
    assert sent.sender_chat is not None
    assert sent.sender_chat.title == "Signals"


async def test_buttons_are_kept_and_given_back(bot: telegram.Bot, sandbox: Sandbox) -> None:
    rows = [[InlineKeyboardButton("Chart", callback_data="chart")], [InlineKeyboardButton("Web", url="https://x.org")]]
    sent = await bot.send_message(ADA, "x", reply_markup=InlineKeyboardMarkup(rows), disable_notification=True)
    assert sent.reply_markup == InlineKeyboardMarkup(rows)
    (kept,) = sandbox.messages(ADA)
    assert kept.buttons == ((InlineButton("Chart", "chart"),), (InlineButton("Web", url="https://x.org"),))
    assert kept.silent


async def test_a_photo_is_uploaded_once_and_sent_again_by_its_id(bot: telegram.Bot, sandbox: Sandbox) -> None:
    picture = png(640, 480)
    first = await bot.send_photo(ADA, picture, caption="<i>chart</i>", parse_mode="HTML")
    assert first.caption == "chart"
    assert [e.type for e in first.caption_entities] == ["italic"]
    assert [(size.width, size.height) for size in first.photo] == [(320, 240), (640, 480)]
    again = await bot.send_photo(GROUP, first.photo[-1].file_id)
    assert again.photo[-1].file_id == first.photo[-1].file_id
    small = await bot.send_photo(GROUP, first.photo[0].file_id)
    assert small.photo[-1].file_unique_id == first.photo[-1].file_unique_id
    assert [message.photo for message in sandbox.messages(GROUP)] == [picture, picture]
    file = await bot.get_file(first.photo[-1].file_id)
    assert bytes(await file.download_as_bytearray()) == picture


async def test_a_document_goes_and_comes_back(bot: telegram.Bot, sandbox: Sandbox) -> None:
    sent = await bot.send_document(ADA, b"date,close\n", filename="rut.csv", caption="bars")
    assert sent.document is not None
    assert sent.document.file_name == "rut.csv"
    assert sandbox.messages(ADA)[0].document == b"date,close\n"
    file = await bot.get_file(sent.document.file_id)
    assert bytes(await file.download_as_bytearray()) == b"date,close\n"


@pytest.mark.parametrize(
    ("photo", "reason"),
    [
        (b"no picture", "IMAGE_PROCESS_FAILED"),
        (png(21, 1), "PHOTO_INVALID_DIMENSIONS"),
        (png(9999, 9999)[:40], "PHOTO_INVALID_DIMENSIONS"),
        (b"", "file must be non-empty"),
        (b"\x89PNG\r\n\x1a\n" + bytes(10 * 1024 * 1024), "file is too big"),
        ("https://x.org/a.png", "failed to get HTTP URL content"),
        ("AgACunknown", "wrong file identifier/HTTP URL specified"),
    ],
)
async def test_photos_that_telegram_does_not_take(bot: telegram.Bot, photo: bytes | str, reason: str) -> None:
    with pytest.raises(BadRequest, match=f"(?i){reason}"):
        await bot.send_photo(ADA, photo)


async def test_a_caption_is_shorter_than_a_text(bot: telegram.Bot, call: Call) -> None:
    await bot.send_photo(ADA, png(), caption="<b>x</b>" * 1024, parse_mode="HTML")
    with pytest.raises(BadRequest, match=r"(?i)message caption is too long"):
        await bot.send_photo(ADA, png(), caption="x" * 1025)
    assert (await call("sendPhoto", chat_id=ADA))[1]["description"] == "Bad Request: there is no photo in the request"


async def test_a_photo_is_no_document(bot: telegram.Bot) -> None:
    sent = await bot.send_document(ADA, png(), filename="a.png")
    assert sent.document is not None
    with pytest.raises(BadRequest, match=r"(?i)can't use file of type document as photo"):
        await bot.send_photo(ADA, sent.document.file_id)


@pytest.mark.parametrize(
    ("chat", "bot_status", "reason"),
    [
        (ADA, "kicked", "bot was blocked by the user"),
        (ADA, "left", "bot can't initiate conversation with a user"),
        (GROUP, "kicked", "bot was kicked from the group chat"),
        (FORUM, "kicked", "bot was kicked from the supergroup chat"),
        (FORUM, "left", "bot is not a member of the supergroup chat"),
        (CHANNEL, "kicked", "bot was kicked from the channel chat"),
    ],
)
async def test_chats_that_the_bot_is_not_in(
    sandbox: Sandbox, bot: telegram.Bot, chat: int, bot_status: str, reason: str
) -> None:
    sandbox.member(bot_status, chat=chat, user=ADA)
    with pytest.raises(Forbidden, match=reason):
        await bot.send_message(chat, "x")


async def test_a_deleted_account(sandbox: Sandbox, bot: telegram.Bot) -> None:
    sandbox.deactivate(ADA)
    with pytest.raises(Forbidden, match="user is deactivated"):
        await bot.send_message(ADA, "x")


async def test_rights_to_write(sandbox: Sandbox, bot: telegram.Bot) -> None:
    sandbox.set_rights(chat=GROUP, photos=False)
    await bot.send_message(GROUP, "x")
    with pytest.raises(BadRequest, match=r"(?i)not enough rights to send photos to the chat"):
        await bot.send_photo(GROUP, png())
    sandbox.set_rights(chat=GROUP, write=False)
    with pytest.raises(BadRequest, match=r"(?i)not enough rights to send text messages to the chat"):
        await bot.send_message(GROUP, "x")
    sandbox.member("administrator", chat=GROUP, user=ADA)
    await bot.send_message(GROUP, "x")
    sandbox.member("member", chat=CHANNEL, user=ADA)
    with pytest.raises(BadRequest, match=r"(?i)need administrator rights in the channel chat"):
        await bot.send_message(CHANNEL, "x")


async def test_a_group_that_became_a_supergroup(sandbox: Sandbox, bot: telegram.Bot, call: Call) -> None:
    sandbox.migrate(GROUP, -1_001_999_999_999)
    status, body = await call("sendMessage", chat_id=GROUP, text="x")
    assert (status, body["description"]) == (400, "Bad Request: group chat was upgraded to a supergroup chat")
    assert body["parameters"] == {"migrate_to_chat_id": -1_001_999_999_999}
    with pytest.raises(ChatMigrated) as caught:
        await bot.send_message(GROUP, "x")
    await bot.send_message(caught.value.new_chat_id, "x")
    assert len(sandbox.messages(-1_001_999_999_999)) == 1


async def test_the_callback_is_told_of_each_message(bot: telegram.Bot, sandbox: Sandbox) -> None:
    told: list[str] = []
    sandbox.on_message = lambda message: told.append(message.text)
    sent = await bot.send_message(ADA, "one")
    await sent.edit_text("two")
    assert told == ["one", "two"]
