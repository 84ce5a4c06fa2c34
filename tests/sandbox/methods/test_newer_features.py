"""Newer features of the Bot API: taken and refused as the documentation has it."""

from __future__ import annotations

import pytest

from bot.sandbox.server import Sandbox
from tests.sandbox.conftest import ADA, GROUP, Call
from tests.telegram.pictures import png

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


async def test_an_ephemeral_message_is_for_a_member_of_a_group(sandbox: Sandbox, call: Call) -> None:
    for_ada = {"ephemeral_message_parameters": {"receiver_user_id": ADA}}
    status, body = await call("sendMessage", chat_id=GROUP, text="x", **for_ada)
    assert status == 200
    assert body["result"]["receiver_user"]["id"] == ADA
    assert sandbox.messages(GROUP)[-1].only_for == ADA
    for chat, user in ((ADA, ADA), (GROUP, 999), (GROUP, "x")):
        given = {"ephemeral_message_parameters": {"receiver_user_id": user}}
        assert (await call("sendMessage", chat_id=chat, text="x", **given))[0] == 400
    sandbox.world.knows_ephemeral = False
    assert (await call("sendMessage", chat_id=GROUP, text="x", **for_ada))[0] == 200
    assert sandbox.messages(GROUP)[-1].only_for is None


async def test_a_reaction_comes_only_to_a_bot_that_asked_for_them(sandbox: Sandbox, call: Call) -> None:
    await call("sendMessage", chat_id=ADA, text="x")
    message = sandbox.messages(ADA)[0].message_id
    sandbox.react("👍", message, user=ADA)
    assert (await call("getUpdates"))[1]["result"] == []
    await call("getUpdates", allowed_updates=["message_reaction"])
    sandbox.react("👎", message, user=ADA)
    (update,) = (await call("getUpdates"))[1]["result"]
    assert update["message_reaction"]["old_reaction"] == [{"type": "emoji", "emoji": "👍"}]
    assert update["message_reaction"]["new_reaction"] == [{"type": "emoji", "emoji": "👎"}]
