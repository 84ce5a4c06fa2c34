"""A sandbox in a process of its own, driven over HTTP."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator

import pytest
import telegram

from bot.sandbox.process import ControlError, SandboxProcess
from bot.sandbox.server import VERBS, Sandbox
from tests.sandbox.methods.test_sending import png


@pytest.fixture
async def process() -> AsyncIterator[SandboxProcess]:
    async with SandboxProcess() as running:
        yield running


async def test_a_conversation(process: SandboxProcess) -> None:
    await process.ask("add_person", user_id=5, first_name="Ada")
    await process.ask("add_chat", chat_id=-7, kind="group", title="Caps", members={"5": "creator"})
    said = await process.ask("say", text="/start", user=5)
    async with telegram.Bot(process.token, base_url=f"{process.url}/bot") as bot:
        (update,) = await bot.get_updates()
        assert update.message is not None
        assert update.message.message_id == said
        waiting = asyncio.create_task(process.ask("wait_for", chat_id=5, count=2, timeout=5))
        keyboard = telegram.InlineKeyboardMarkup([[telegram.InlineKeyboardButton("More", callback_data="more")]])
        await bot.send_photo(5, png(), caption="chart", reply_markup=keyboard)
        await bot.send_message(5, "welcome")
        photo, text = await waiting
        assert (photo["text"], base64.b64decode(photo["photo"]), text["text"]) == ("chart", png(), "welcome")
        assert photo["buttons"] == [[{"text": "More", "data": "more", "url": "", "copied": "", "query": None}]]
        query = await process.ask("press", button="more", user=5)
        await bot.answer_callback_query(query, "here")
        assert await process.ask("answer_to", query=query) == "here"
        await process.ask("fail", method="sendMessage", status=403)
        with pytest.raises(telegram.error.Forbidden):
            await bot.send_message(5, "x")
        content = base64.b64encode(b"title: x").decode()
        assert await process.ask("upload", content=content, name="a.yaml", user=5) == said + 3
        assert (await bot.get_chat_member(-7, 5)).status == "creator"
    state = await process.ask("state")
    assert (state["messages"], state["chats"]["-7"]) == (2, "member")
    assert [call["status"] for call in await process.ask("calls", method="sendMessage")] == [200, 403]


async def test_mistakes_are_told(process: SandboxProcess) -> None:
    for verb, arguments, words in [
        ("close", {}, "close: unknown verb; there are add_chat"),
        ("say", {"txt": "x"}, "unexpected keyword argument 'txt'"),
        ("say", {"text": "x", "chat": -99}, "chat not found"),
        ("wait_for", {"chat_id": 1, "count": 1, "timeout": 0.01}, "nothing of the kind within 0.01 s"),
        ("fail", {"method": "*", "drop": "sometimes"}, "'sometimes' is not a valid Disconnect"),
    ]:
        with pytest.raises(ControlError, match=words):
            await process.ask(verb, **arguments)


async def test_the_child_ends_with_its_parent(process: SandboxProcess) -> None:
    child = process.child
    assert child is not None
    assert child.stdin is not None
    child.stdin.close()
    assert await asyncio.wait_for(child.wait(), 5) == 0


def test_every_verb_is_there() -> None:
    assert [verb for verb in sorted(VERBS) if not callable(getattr(Sandbox, verb))] == []
