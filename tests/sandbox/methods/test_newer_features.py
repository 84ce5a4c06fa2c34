"""Newer features of the Bot API: taken and refused as the documentation has it."""

from __future__ import annotations

import pytest

from bot.sandbox.server import Sandbox
from tests.sandbox.conftest import ADA, CHANNEL, GROUP, Call
from tests.telegram.pictures import png

BOB = ADA + 1
ARTICLE = {"type": "article", "id": "1", "title": "A card", "input_message_content": {"message_text": "hello"}}


async def results(sandbox: Sandbox, call: Call, *given: dict[str, object], query: str | None = None) -> tuple[int, str]:
    asked = sandbox.ask_inline("iwm", user=ADA) if query is None else query
    status, body = await call("answerInlineQuery", inline_query_id=asked, results=list(given))
    return status, body.get("description", "")


async def test_an_inline_query_is_answered_once(sandbox: Sandbox, call: Call) -> None:
    query = sandbox.ask_inline("iwm", user=ADA)
    assert (await results(sandbox, call, ARTICLE, query=query))[0] == 200
    assert sandbox.inline_results(query) == [ARTICLE]
    assert (await results(sandbox, call, ARTICLE, query=query))[0] == 400
    assert (await results(sandbox, call, ARTICLE, query="5"))[0] == 400


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"id": ""}, "RESULT_ID_INVALID"),
        ({"title": ""}, "ARTICLE_TITLE_EMPTY"),
        ({"input_message_content": None}, "message content is not specified"),
        ({"input_message_content": {"message_text": "<b>", "parse_mode": "HTML"}}, "can't parse entities"),
        ({"type": "photo", "photo_file_id": "nonsense"}, "file"),
        ({"type": "sticker"}, "unsupported"),
    ],
)
async def test_results_that_are_refused(sandbox: Sandbox, call: Call, change: dict[str, object], reason: str) -> None:
    status, description = await results(sandbox, call, {**ARTICLE, **change})
    assert status == 400
    assert reason in description


async def test_two_results_of_one_id_are_refused(sandbox: Sandbox, call: Call) -> None:
    assert (await results(sandbox, call, ARTICLE, ARTICLE)) == (400, "Bad Request: RESULT_ID_DUPLICATE")


async def test_a_picture_that_telegram_has_is_a_result(sandbox: Sandbox, call: Call) -> None:
    stored = sandbox.world.keep(png(), "chart.png", "AgACAgQAAxkB", (2, 3))
    photo = {"type": "photo", "id": "1", "photo_file_id": stored.file_id, "caption": "<b>x</b>", "parse_mode": "HTML"}
    assert (await results(sandbox, call, photo))[0] == 200


@pytest.mark.parametrize("copied", [{}, {"text": ""}, {"text": "x" * 257}, "x"])
async def test_a_button_copies_1_to_256_characters(sandbox: Sandbox, call: Call, copied: object) -> None:
    def keyboard(given: object) -> dict[str, object]:
        return {"inline_keyboard": [[{"text": "Copy", "copy_text": given}]]}

    status, _ = await call("sendMessage", chat_id=ADA, text="x", reply_markup=keyboard(copied))
    assert status == 400
    status, _ = await call("sendMessage", chat_id=ADA, text="x", reply_markup=keyboard({"text": "x" * 256}))
    assert status == 200
    assert sandbox.messages(ADA)[-1].buttons[0][0].copied == "x" * 256


def for_ada(**more: object) -> dict[str, object]:
    return {"ephemeral_message_parameters": {"receiver_user_id": ADA, **more}}


async def test_an_ephemeral_message_is_for_a_member_of_a_group(sandbox: Sandbox, call: Call) -> None:
    sandbox.member("administrator", chat=GROUP)
    status, body = await call("sendMessage", chat_id=GROUP, text="x", **for_ada())
    assert status == 200
    assert (body["result"]["receiver_user"]["id"], body["result"]["message_id"]) == (ADA, 0)
    assert sandbox.messages(GROUP)[-1].only_for == ADA
    for chat, user in ((ADA, ADA), (GROUP, 999), (GROUP, "x"), (GROUP, sandbox.world.bot["id"])):
        given = {"ephemeral_message_parameters": {"receiver_user_id": user}}
        assert (await call("sendMessage", chat_id=chat, text="x", **given))[0] == 400
    sandbox.world.knows_ephemeral = False
    assert (await call("sendMessage", chat_id=GROUP, text="x", **for_ada()))[0] == 200
    assert sandbox.messages(GROUP)[-1].only_for is None


async def test_a_bot_that_is_no_admin_answers_a_press_or_an_ephemeral_command(sandbox: Sandbox, call: Call) -> None:
    now = [1_000.0]
    sandbox.world.clock = lambda: now[0]
    assert (await call("sendMessage", chat_id=GROUP, text="x", **for_ada()))[0] == 400
    asked = sandbox.say("/rules", user=ADA, chat=GROUP, alone=True)
    answer = {"reply_parameters": {"ephemeral_message_id": asked}}
    assert (await call("sendMessage", chat_id=GROUP, text="x", **for_ada(), **answer))[0] == 200
    assert (await call("sendMessage", chat_id=GROUP, text="x", **answer))[0] == 400, "its answer must be one, too"
    (update,) = (await call("getUpdates"))[1]["result"]
    assert update["message"]["message_id"] == 0
    assert update["message"]["ephemeral_message_id"] == asked
    assert update["message"]["receiver_user"]["id"] == sandbox.world.bot["id"]
    keyboard = {"inline_keyboard": [[{"text": "Press", "callback_data": "x"}]]}
    await call("sendMessage", chat_id=GROUP, text="x", reply_markup=keyboard)
    query = sandbox.press("Press", user=ADA, chat=GROUP)
    for seconds, expected in ((0, 200), (15, 200), (16, 400)):
        now[0] = 1_000.0 + seconds
        pressed = for_ada(callback_query_id=query)
        assert (await call("sendMessage", chat_id=GROUP, text="x", **pressed))[0] == expected
        assert (await call("sendMessage", chat_id=GROUP, text="x", **for_ada(), **answer))[0] == expected
    for query in ("5", sandbox.press("Press", user=BOB, chat=GROUP)):
        assert (await call("sendMessage", chat_id=GROUP, text="x", **for_ada(callback_query_id=query)))[0] == 400


async def test_an_ephemeral_message_is_changed_by_methods_of_its_own(sandbox: Sandbox, call: Call) -> None:
    sandbox.member("administrator", chat=GROUP)
    _, body = await call("sendMessage", chat_id=GROUP, text="x", **for_ada())
    number = body["result"]["ephemeral_message_id"]
    for method in ("editMessageText", "deleteMessage"):
        for message_id in (0, number):
            assert (await call(method, chat_id=GROUP, message_id=message_id, text="y"))[0] == 400
    mine = {"chat_id": GROUP, "ephemeral_message_id": number, "receiver_user_id": ADA}
    assert (await call("editEphemeralMessageText", **{**mine, "receiver_user_id": BOB}, text="y"))[0] == 400
    assert (await call("editEphemeralMessageText", **mine, text="y"))[1]["result"] is True
    keyboard = {"inline_keyboard": [[{"text": "Press", "callback_data": "x"}]]}
    assert (await call("editEphemeralMessageReplyMarkup", **mine, reply_markup=keyboard))[1]["result"] is True
    assert sandbox.messages(GROUP)[-1].text == "y"
    assert (await call("deleteEphemeralMessage", **mine))[1]["result"] is True
    assert not sandbox.messages(GROUP)


@pytest.mark.parametrize(
    "more", [{}, {"callback_data": "x", "copy_text": {"text": "x"}}, {"url": "http://x.yz", "callback_data": "x"}]
)
async def test_a_button_does_exactly_one_thing(call: Call, more: dict[str, object]) -> None:
    keyboard = {"inline_keyboard": [[{"text": "Press", **more}]]}
    assert (await call("sendMessage", chat_id=ADA, text="x", reply_markup=keyboard))[0] == 400


async def test_a_command_is_declared_ephemeral(call: Call) -> None:
    commands = [{"command": "a", "description": "x", "is_ephemeral": True}, {"command": "b", "description": "x"}]
    assert (await call("setMyCommands", commands=commands))[0] == 200
    assert (await call("getMyCommands"))[1]["result"] == commands
    assert (await call("setMyCommands", commands=[{**commands[0], "is_ephemeral": "yes"}]))[0] == 400


async def test_a_reaction_comes_only_to_an_admin_that_asked_for_them(sandbox: Sandbox, call: Call) -> None:
    await call("getUpdates", allowed_updates=["message", "message_reaction"])
    for chat in (ADA, GROUP):
        await call("sendMessage", chat_id=chat, text="x")
        sandbox.react("👍", sandbox.messages(chat)[0].message_id, user=ADA, chat=chat)
    assert (await call("getUpdates"))[1]["result"] == []
    sandbox.member("administrator", chat=GROUP)
    message = sandbox.messages(GROUP)[0].message_id
    sandbox.react("👎", message, user=ADA, chat=GROUP)
    (update,) = (await call("getUpdates"))[1]["result"]
    assert update["message_reaction"]["old_reaction"] == [{"type": "emoji", "emoji": "👍"}]
    assert update["message_reaction"]["new_reaction"] == [{"type": "emoji", "emoji": "👎"}]
    await call("getUpdates", allowed_updates=["message"], offset=update["update_id"] + 1)
    sandbox.react("👍", message, user=ADA, chat=GROUP)
    assert (await call("getUpdates"))[1]["result"] == []


async def test_the_readers_of_a_channel_have_no_names(sandbox: Sandbox, call: Call) -> None:
    await call("getUpdates", allowed_updates=["message_reaction", "message_reaction_count"])
    await call("sendMessage", chat_id=CHANNEL, text="x")
    message = sandbox.messages(CHANNEL)[0].message_id
    for user in (ADA, BOB):
        sandbox.react("👍", message, user=user, chat=CHANNEL)
    updates = (await call("getUpdates"))[1]["result"]
    assert [update["message_reaction_count"]["reactions"] for update in updates] == [
        [{"type": {"type": "emoji", "emoji": "👍"}, "total_count": many}] for many in (1, 2)
    ]
