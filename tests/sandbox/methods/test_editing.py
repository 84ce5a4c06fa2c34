"""Edits, deletions and answers to button presses, by the real python-telegram-bot."""

from __future__ import annotations

import pytest
import telegram
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, InputMediaDocument, InputMediaPhoto
from telegram.error import BadRequest

from bot.sandbox.server import Sandbox
from tests.sandbox.conftest import ADA, GROUP, Call
from tests.sandbox.methods.test_sending import png

KEYBOARD = InlineKeyboardMarkup([[InlineKeyboardButton("More", callback_data="more")]])


async def test_a_text_is_edited_in_place(bot: telegram.Bot, sandbox: Sandbox) -> None:
    sent = await bot.send_message(ADA, "one", reply_markup=KEYBOARD)
    before = sandbox.messages(ADA)
    edited = await bot.edit_message_text("<b>two</b>", ADA, sent.message_id, parse_mode="HTML")
    assert isinstance(edited, telegram.Message)
    assert (edited.text, edited.message_id, edited.edit_date is not None) == ("two", sent.message_id, True)
    assert edited.reply_markup is None
    assert [message.text for message in before] == ["one"]
    assert [(message.text, message.buttons) for message in sandbox.messages(ADA)] == [("two", ())]


async def test_what_is_the_same_is_not_modified(bot: telegram.Bot) -> None:
    sent = await bot.send_message(ADA, "one", reply_markup=KEYBOARD)
    with pytest.raises(BadRequest, match=r"(?i)message is not modified: specified new message content and reply"):
        await bot.edit_message_text(" one ", ADA, sent.message_id, reply_markup=KEYBOARD)
    with pytest.raises(BadRequest, match=r"(?i)message is not modified"):
        await bot.edit_message_reply_markup(ADA, sent.message_id, reply_markup=KEYBOARD)
    assert isinstance(await bot.edit_message_reply_markup(ADA, sent.message_id), telegram.Message)


async def test_a_photo_has_a_caption_and_no_text(bot: telegram.Bot, sandbox: Sandbox) -> None:
    photo = await bot.send_photo(ADA, png(), caption="one")
    text = await bot.send_message(ADA, "one")
    edited = await bot.edit_message_caption(ADA, photo.message_id, caption="two", reply_markup=KEYBOARD)
    assert isinstance(edited, telegram.Message)
    assert (edited.caption, edited.photo[-1].file_id) == ("two", photo.photo[-1].file_id)
    with pytest.raises(BadRequest, match=r"(?i)there is no text in the message to edit"):
        await photo.edit_text("x")
    with pytest.raises(BadRequest, match=r"(?i)there is no caption in the message to edit"):
        await text.edit_caption("x")
    assert sandbox.messages(ADA)[0].buttons[0][0].data == "more"


async def test_a_medium_takes_the_place_of_another(bot: telegram.Bot, sandbox: Sandbox) -> None:
    photo = await bot.send_photo(ADA, png(), caption="one")
    edited = await photo.edit_media(InputMediaPhoto(png(5, 5), caption="<i>two</i>", parse_mode="HTML"))
    assert isinstance(edited, telegram.Message)
    assert (edited.caption, edited.photo[-1].width) == ("two", 5)
    again = await photo.edit_media(InputMediaPhoto(photo.photo[-1].file_id))
    assert isinstance(again, telegram.Message)
    assert (again.caption, sandbox.messages(ADA)[0].photo) == (None, png())
    document = await photo.edit_media(InputMediaDocument(b"x", filename="a.txt"))
    assert isinstance(document, telegram.Message)
    assert document.document is not None
    assert sandbox.messages(ADA)[0].photo is None


@pytest.mark.parametrize("media", [{"type": "video", "media": "x"}, "[]", ""])
async def test_other_media_are_refused(call: Call, bot: telegram.Bot, media: object) -> None:
    photo = await bot.send_photo(ADA, png())
    status, body = await call("editMessageMedia", chat_id=ADA, message_id=photo.message_id, media=media)
    assert (status, body["ok"]) == (400, False)


async def test_only_its_own_messages_can_be_edited(bot: telegram.Bot, sandbox: Sandbox) -> None:
    said = sandbox.say("hello", user=ADA)
    with pytest.raises(BadRequest, match=r"(?i)message can't be edited"):
        await bot.edit_message_text("x", ADA, said)
    with pytest.raises(BadRequest, match=r"(?i)message to edit not found"):
        await bot.edit_message_text("x", ADA, 999)


async def test_edited_texts_have_limits_too(bot: telegram.Bot, call: Call) -> None:
    sent = await bot.send_message(ADA, "one")
    place = {"chat_id": ADA, "message_id": sent.message_id}
    for text, reason in {
        "": "message text is empty",
        " ": "text must be non-empty",
        "x" * 4097: "message is too long",
    }.items():
        assert (await call("editMessageText", **place, text=text))[1]["description"] == f"Bad Request: {reason}"


async def test_deleting(bot: telegram.Bot, sandbox: Sandbox) -> None:
    sent = await bot.send_message(GROUP, "one")
    said = sandbox.say("/hello", user=ADA, chat=GROUP)
    await sent.delete()
    assert sandbox.messages(GROUP) == []
    with pytest.raises(BadRequest, match=r"(?i)message to delete not found"):
        await sent.delete()
    with pytest.raises(BadRequest, match=r"(?i)message can't be deleted"):
        await bot.delete_message(GROUP, said)
    sandbox.member("administrator", chat=GROUP, user=ADA)
    assert await bot.delete_message(GROUP, said)


async def test_an_old_message_stays() -> None:
    now = [1_700_000_000.0]
    sandbox = Sandbox(clock=lambda: now[0])
    await sandbox.start()
    sandbox.add_person(ADA, "Ada")
    async with telegram.Bot(sandbox.token, base_url=f"{sandbox.url}/bot") as bot:
        sent = await bot.send_message(ADA, "one")
        now[0] += 48 * 3600 + 1
        with pytest.raises(BadRequest, match=r"(?i)message can't be deleted"):
            await sent.delete()
        edited = await sent.edit_text("two")
        assert isinstance(edited, telegram.Message)
        assert edited.edit_date is not None
        assert edited.edit_date.timestamp() == now[0] // 1
    await sandbox.close()


async def test_a_press_is_answered_once_it_is_known(bot: telegram.Bot, sandbox: Sandbox) -> None:
    await bot.send_message(ADA, "one", reply_markup=KEYBOARD)
    query = sandbox.press("more", user=ADA)
    assert sandbox.answer_to(query) is None
    await bot.answer_callback_query(query, "done")
    assert sandbox.answer_to(query) == "done"
    with pytest.raises(BadRequest, match=r"(?i)query is too old and response timeout expired or query id is invalid"):
        await bot.answer_callback_query("123")
    with pytest.raises(BadRequest, match=r"MESSAGE_TOO_LONG|Message_too_long"):
        await bot.answer_callback_query(query, "x" * 201)
