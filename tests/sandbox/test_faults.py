"""Faults on request: what the bot is told, and what is in the chat nevertheless."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest
import telegram
from telegram.error import BadRequest, Forbidden, NetworkError, RetryAfter, TelegramError

from bot.sandbox.faults import BAD_GATEWAY
from bot.sandbox.server import Sandbox
from tests.sandbox.conftest import ADA, GROUP, Call


async def test_a_429_with_its_header(sandbox: Sandbox, bot: telegram.Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "true")
    sandbox.fail("sendMessage", 429, retry_after=7, times=2)
    with pytest.raises(RetryAfter):
        await bot.send_message(ADA, "x")
    async with aiohttp.ClientSession() as session:
        url = f"{sandbox.url}/bot{sandbox.token}/sendMessage"
        async with session.post(url, json={"chat_id": ADA, "text": "x"}) as response:
            assert (response.status, response.headers["Retry-After"]) == (429, "7")
            assert await response.json() == {
                "ok": False,
                "error_code": 429,
                "description": "Too Many Requests: retry after 7",
                "parameters": {"retry_after": 7},
            }
    await bot.send_message(ADA, "x")
    assert len(sandbox.messages(ADA)) == 1


@pytest.mark.parametrize(
    ("status", "description", "kind", "words"),
    [
        (403, "", Forbidden, "bot was blocked by the user"),
        (403, "Forbidden: user is deactivated", Forbidden, "user is deactivated"),
        (400, "", BadRequest, "(?i)wrong parameter"),
        (500, "", NetworkError, "Internal Server Error: restart"),
        (418, "", NetworkError, "Bad Request"),
    ],
)
async def test_each_status(
    sandbox: Sandbox, bot: telegram.Bot, status: int, description: str, kind: type[TelegramError], words: str
) -> None:
    sandbox.fail("sendMessage", status, description=description)
    with pytest.raises(kind, match=words):
        await bot.send_message(ADA, "x")
    assert sandbox.messages(ADA) == []


async def test_an_html_page_and_a_broken_answer(sandbox: Sandbox, bot: telegram.Bot) -> None:
    sandbox.fail("sendMessage", 502, body=BAD_GATEWAY)
    with pytest.raises(NetworkError, match="Bad Gateway"):
        await bot.send_message(ADA, "x")
    assert sandbox.messages(ADA) == []
    sandbox.fail("*", 200, body='{"ok":tr')
    with pytest.raises(TelegramError, match="Invalid server response"):
        await bot.send_message(ADA, "y")
    assert [message.text for message in sandbox.messages(ADA)] == ["y"]


@pytest.mark.parametrize(("drop", "kept"), [("before", []), ("after", ["x"])])
async def test_a_cut_connection(sandbox: Sandbox, bot: telegram.Bot, drop: str, kept: list[str]) -> None:
    sandbox.fail("sendMessage", drop=drop)
    with pytest.raises(NetworkError):
        await bot.send_message(ADA, "x")
    assert [message.text for message in sandbox.messages(ADA)] == kept


async def test_a_slow_answer_comes_after_the_message(sandbox: Sandbox, bot: telegram.Bot) -> None:
    sandbox.fail("sendMessage", 200, delay=0.3)
    sending = asyncio.create_task(bot.send_message(ADA, "x"))
    await sandbox.wait_for(ADA, 1)
    assert not sending.done()
    assert (await sending).text == "x"


async def test_an_error_after_the_message(sandbox: Sandbox, bot: telegram.Bot) -> None:
    sandbox.fail("sendMessage", 500, stored=True)
    with pytest.raises(NetworkError):
        await bot.send_message(ADA, "x")
    assert len(sandbox.messages(ADA)) == 1


async def test_one_chat_only_until_healed(sandbox: Sandbox, call: Call) -> None:
    sandbox.fail("sendMessage", 500, chat=GROUP, times=None)
    for _ in range(3):
        assert (await call("sendMessage", chat_id=GROUP, text="x"))[0] == 500
        assert (await call("sendMessage", chat_id=ADA, text="x"))[0] == 200
        assert (await call("getChat", chat_id=GROUP))[0] == 200
    sandbox.heal()
    assert (await call("sendMessage", chat_id=str(GROUP), text="x"))[0] == 200
    assert len(sandbox.calls("sendMessage")) == 7
