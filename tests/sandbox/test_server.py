"""HTTP itself: ways to pass parameters, tokens, methods, the log of calls, waiting."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest
import telegram

from bot.sandbox.server import Sandbox
from tests.sandbox.conftest import ADA, GROUP, Call


async def get(url: str) -> tuple[int, dict[str, object]]:
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        return response.status, await response.json()


async def test_every_way_to_pass_parameters(sandbox: Sandbox) -> None:
    url = f"{sandbox.url}/bot{sandbox.token}/SENDMESSAGE"
    fields = {"chat_id": str(ADA), "text": "grüße +1 %", "disable_notification": "true"}
    multipart = aiohttp.FormData(fields, default_to_multipart=True)
    async with aiohttp.ClientSession() as session:
        async with session.get(url, params=fields) as response:
            assert response.status == 200
        async with session.post(url, params=fields) as response:
            assert response.status == 200
        for body in ({"data": fields}, {"json": {**fields, "chat_id": ADA, "disable_notification": True}}):
            async with session.post(url, **body) as response:
                assert response.status == 200
        async with session.post(url, data=multipart) as response:
            assert response.status == 200
    assert [(m.text, m.silent) for m in sandbox.messages(ADA)] == [("grüße +1 %", True)] * 5


@pytest.mark.parametrize("body", [b"{", b"[1]", b"\xff"])
async def test_json_that_is_none(sandbox: Sandbox, body: bytes) -> None:
    url = f"{sandbox.url}/bot{sandbox.token}/sendMessage"
    headers = {"Content-Type": "application/json"}
    async with aiohttp.ClientSession() as session, session.post(url, data=body, headers=headers) as response:
        assert response.status == 400


async def test_tokens_and_methods(sandbox: Sandbox) -> None:
    unauthorized = {"ok": False, "error_code": 401, "description": "Unauthorized"}
    assert await get(f"{sandbox.url}/bot1:wrong/getMe") == (401, unauthorized)
    unknown = {"ok": False, "error_code": 404, "description": "Not Found: method not found"}
    assert await get(f"{sandbox.url}/bot{sandbox.token}/getEverything") == (404, unknown)
    nowhere = {"ok": False, "error_code": 404, "description": "Not Found"}
    assert await get(f"{sandbox.url}/elsewhere") == (404, nowhere)
    assert await get(f"{sandbox.url}/file/bot{sandbox.token}/files/none") == (404, nowhere)


async def test_webhooks_are_refused_and_the_rest_is_taken(call: Call) -> None:
    status, body = await call("setWebhook", url="https://x.org")
    assert (status, "use getUpdates" in body["description"]) == (400, True)
    for method in ("setWebhook", "logOut", "close"):
        assert await call(method) == (200, {"ok": True, "result": True})


async def test_the_log_of_calls(call: Call, sandbox: Sandbox) -> None:
    await call("sendMessage", chat_id=ADA, text="x")
    await call("sendMessage", chat_id=ADA, text="")
    await call("getMe")
    assert [(c.method, c.status) for c in sandbox.calls()] == [
        ("sendMessage", 200),
        ("sendMessage", 400),
        ("getMe", 200),
    ]
    assert [c.params["text"] for c in sandbox.calls("sendmessage")] == ["x", ""]
    assert sandbox.state() == {
        "chats": dict.fromkeys(sandbox.world.chats, "member") | {-1_001_000_000_002: "administrator"},
        "messages": 1,
        "calls": 3,
        "updates_waiting": 0,
    }
    sandbox.forget()
    assert (sandbox.calls(), sandbox.messages(ADA)) == ([], [])


async def test_waiting_for_messages(bot: telegram.Bot, sandbox: Sandbox) -> None:
    waiting = asyncio.create_task(sandbox.wait_for(GROUP, 2, timeout=5))
    for text in ("one", "two"):
        await bot.send_message(GROUP, text)
    assert [message.text for message in await waiting] == ["one", "two"]
    with pytest.raises(TimeoutError, match=r"within 0.05 s; chat .* has 2 messages: \['one', 'two'\]"):
        await sandbox.wait_for(GROUP, 3, timeout=0.05)
    assert sandbox.messages(999) == []


async def test_a_second_sandbox_is_another_world() -> None:
    first, second = Sandbox(), Sandbox(token="77:another-token-for-another-world-00")
    await first.start()
    await second.start()
    assert first.url != second.url
    async with telegram.Bot(second.token, base_url=f"{second.url}/bot") as bot:
        assert bot.id == 77
    await first.close()
    await second.close()
    await second.close()
