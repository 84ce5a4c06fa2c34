"""The sandbox's answers beside recordings of the real Bot API, where a checkout of them lies at hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import telegram

from bot.sandbox.server import Sandbox
from tests.sandbox.conftest import ADA, CHANNEL, FORUM, GROUP, Call

RECORDED = Path(__file__).parents[2].parent / "shared" / "payloads" / "telegram"
pytestmark = pytest.mark.skipif(not RECORDED.exists(), reason="no recordings here")


def recorded(name: str) -> Any:
    return json.loads((RECORDED / name).read_text())


def shape(value: Any) -> Any:
    """Keys and types, without what differs from person to person (last names, is_premium, …)."""
    optional = {"last_name", "is_premium", "author_signature", "icon_custom_emoji_id", "username"}
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in sorted(value.items()) if key not in optional}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return type(value).__name__


async def test_a_private_message(sandbox: Sandbox, call: Call) -> None:
    sandbox.say("4", user=ADA)
    (update,) = (await call("getUpdates"))[1]["result"]
    assert shape(update) == shape(recorded("teloxide/update-de_private_chat_text_message-0.json"))


async def test_commands_to_a_channel_and_in_private(sandbox: Sandbox, call: Call) -> None:
    sandbox.say("/start", user=ADA, chat=CHANNEL)
    sandbox.say("/start", user=ADA)
    got = (await call("getUpdates"))[1]["result"]
    wanted = recorded("transcribed/getUpdates-channel_post-and-private.json")["result"]
    assert [shape(update) for update in got] == [shape(update) for update in wanted]


async def test_a_message_in_a_topic(sandbox: Sandbox, call: Call) -> None:
    sandbox.member("administrator", chat=FORUM, user=ADA)
    sandbox.say("blah", user=ADA, chat=FORUM, thread=4)
    update = (await call("getUpdates"))[1]["result"][-1]
    got, wanted = shape(update["message"]), shape(recorded("teloxide/message-topic_message-0.json"))
    assert got["reply_to_message"].pop("sender_chat") == got["chat"]  # who began the sandbox's topics is anonymous
    for person in (got["reply_to_message"]["from"], wanted["reply_to_message"]["from"]):
        person.pop("language_code", None)
    assert got == wanted


@pytest.mark.parametrize(("bot_status", "name"), [("kicked", "blocked"), ("member", "unblocked")])
async def test_blocking(sandbox: Sandbox, call: Call, bot_status: str, name: str) -> None:
    sandbox.world.chats[ADA].bot_status = "member" if bot_status == "kicked" else "kicked"
    sandbox.member(bot_status, user=ADA)
    (update,) = (await call("getUpdates"))[1]["result"]
    assert shape(update) == shape(recorded(f"transcribed/my_chat_member-{name}.json"))


async def test_moving_to_a_supergroup(sandbox: Sandbox, call: Call) -> None:
    sandbox.migrate(GROUP, -1_001_557_912_345)
    assert (await call("sendMessage", chat_id=GROUP, text="x"))[1] == recorded(
        "transcribed/sendMessage-supergroup-upgraded-400.json"
    )


async def test_a_message_to_a_channel(call: Call) -> None:
    _, body = await call("sendMessage", chat_id=CHANNEL, text="hello_friend")
    assert shape(body["result"]) == shape(recorded("transcribed/sendMessage-to-channel-result.json")["result"])


async def test_errors_in_the_recorded_words(sandbox: Sandbox, bot: telegram.Bot, call: Call) -> None:
    said = {json.loads(error["body"])["description"] for error in recorded("transcribed/errors.json")}
    sent = await bot.send_message(ADA, "x")
    answers = [
        await call("sendMessage", chat_id=99, text="x"),
        await call("sendMessage", chat_id=ADA, text="x" * 4097),
        await call("sendMessage", chat_id=FORUM, text="x", message_thread_id=77),
        await call("editMessageText", chat_id=ADA, message_id=sent.message_id, text="x"),
        await call("answerCallbackQuery", callback_query_id="1"),
        await call("getEverything"),
    ]
    sandbox.member("kicked", user=ADA)
    sandbox.member("kicked", chat=FORUM, user=ADA)
    answers += [await call("sendMessage", chat_id=chat, text="x") for chat in (ADA, FORUM)]
    for status, retry_after in ((429, 35), (500, None), (401, None), (409, None)):
        sandbox.fail("getMe", status, retry_after=retry_after)
        answers.append(await call("getMe"))
    assert [body["description"] for _, body in answers if body["description"] not in said] == []
