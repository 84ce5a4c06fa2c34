"""AiohttpRequest: what it sends, when it gives up and how, and that it never shows the token."""

from __future__ import annotations

import asyncio
import io
import logging
import traceback
from collections.abc import AsyncIterator, Iterator

import pytest
import telegram
from telegram.error import InvalidToken, NetworkError, TelegramError, TimedOut

from bot.redaction import install_redaction
from bot.sandbox.server import Sandbox
from bot.telegram.sending.aiohttp_request import AiohttpRequest, AnswerLostError, NotSentError
from bot.telegram.sending.redacted_bot import RedactedBot
from tests.telegram.pictures import png

ADA = 5_000_000_001


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    running = Sandbox()
    await running.start()
    running.add_person(ADA, "Ada")
    yield running
    await running.close()


def made_bot(sandbox: Sandbox, connections: int = 4, url: str = "", **times: float | None) -> telegram.Bot:
    def request() -> AiohttpRequest:
        return AiohttpRequest(connections, **{"read_timeout": 0.4, "pool_timeout": 0.1, "connect_timeout": 0.3} | times)

    base = url or sandbox.url
    return RedactedBot(
        sandbox.token,
        base_url=f"{base}/bot",
        base_file_url=f"{base}/file/bot",
        request=request(),
        get_updates_request=request(),
    )


async def test_it_carries_what_python_telegram_bot_sends(sandbox: Sandbox) -> None:
    async with made_bot(sandbox) as bot:
        await bot.send_message(ADA, "grüße 📈 +1 % & more", disable_notification=True)
        photo = await bot.send_photo(ADA, png(640, 480), caption="chart")
        document = await bot.send_document(ADA, io.BytesIO(b"date,close\n"), filename="rüt.csv")
        big = await bot.send_document(ADA, b"x" * 3_000_000, filename="big.bin")
        media = telegram.InputMediaPhoto(png(5, 5), caption="new")
        await bot.edit_message_media(media, ADA, photo.message_id)
        assert document.document is not None
        file = await bot.get_file(document.document.file_id)
        assert bytes(await file.download_as_bytearray()) == b"date,close\n"
    texts = [message.text for message in sandbox.messages(ADA)]
    assert texts == ["grüße 📈 +1 % & more", "new", "", ""]
    assert (sandbox.messages(ADA)[2].file_name, big.document and big.document.file_size) == ("rüt.csv", 3_000_000)


async def test_a_long_poll_outlasts_the_read_timeout(sandbox: Sandbox) -> None:
    async with made_bot(sandbox) as bot:
        poll = asyncio.create_task(bot.get_updates(timeout=3))
        await asyncio.sleep(0.7)
        sandbox.say("x", user=ADA)
        assert [update.message and update.message.text for update in await poll] == ["x"]


async def test_it_can_be_opened_again(sandbox: Sandbox) -> None:
    request = AiohttpRequest()
    url = f"{sandbox.url}/bot{sandbox.token}/getMe"
    with pytest.raises(NetworkError, match="not open") as caught:
        await request.post(url)
    assert isinstance(caught.value.__cause__, NotSentError)
    for _ in range(2):
        await request.initialize()
        await request.initialize()
        await request.post(url)
        await request.shutdown()
        await request.shutdown()


async def test_a_late_answer(sandbox: Sandbox) -> None:
    async with made_bot(sandbox) as bot:
        sandbox.fail("sendMessage", 200, delay=1.0)
        with pytest.raises(TimedOut) as caught:
            await bot.send_message(ADA, "x")
    assert isinstance(caught.value.__cause__, AnswerLostError)


async def test_a_caller_may_be_more_patient(sandbox: Sandbox) -> None:
    async with made_bot(sandbox) as bot:
        sandbox.fail("sendMessage", 200, delay=0.6, times=2)
        assert (await bot.send_message(ADA, "x", read_timeout=3)).text == "x"
        assert (await bot.send_message(ADA, "y", read_timeout=None)).text == "y"


async def test_no_connection_becomes_free(sandbox: Sandbox) -> None:
    async with made_bot(sandbox, 1, read_timeout=5.0, connect_timeout=0.1) as bot:
        sandbox.fail("sendMessage", 200, delay=0.8)
        slow = asyncio.create_task(bot.send_message(ADA, "x"))
        await sandbox.wait_for(ADA, 1)
        with pytest.raises(TimedOut, match="not sent") as caught:
            await bot.send_message(ADA, "y")
        assert (await slow).text == "x"
    assert isinstance(caught.value.__cause__, NotSentError)
    assert [message.text for message in sandbox.messages(ADA)] == ["x"]


@pytest.mark.parametrize("drop", ["before", "after"])
async def test_a_cut_connection(sandbox: Sandbox, drop: str) -> None:
    async with made_bot(sandbox) as bot:
        sandbox.fail("sendMessage", drop=drop)
        with pytest.raises(NetworkError, match="perhaps sent") as caught:
            await bot.send_message(ADA, "x")
    assert isinstance(caught.value.__cause__, AnswerLostError)


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "nonsense", "http://127.0.0.1:99999", "http://[::1"])
async def test_no_server(sandbox: Sandbox, url: str) -> None:
    bot = made_bot(sandbox, url=url)
    with pytest.raises(NetworkError, match="not sent") as caught:
        await bot.initialize()
    assert isinstance(caught.value.__cause__, NotSentError)
    await bot.shutdown()


@pytest.mark.parametrize("body", ["", "{", "[]", "null", '{"ok":true}', '{"ok":false,"description":"x"}', "<html>"])
async def test_a_success_without_a_result(sandbox: Sandbox, body: str) -> None:
    async with made_bot(sandbox) as bot:
        sandbox.fail("sendMessage", 200, body=body)
        with pytest.raises(TelegramError, match="Invalid server response"):
            await bot.send_message(ADA, "x")
        sandbox.fail("sendMessage", 200, body='{"result": {"message_id": 5}, "ok": true}')
        assert await bot.do_api_request("sendmessage", {"chat_id": ADA, "text": "x"}) == {"message_id": 5}


@pytest.fixture
def discreet_logs(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    before = logging.getLogRecordFactory()
    install_redaction()
    install_redaction()
    for logger in (None, "telegram", "telegram.ext", "aiohttp.client", "asyncio"):
        caplog.set_level(logging.DEBUG, logger)
    yield caplog
    logging.setLogRecordFactory(before)


async def test_the_token_is_shown_nowhere(sandbox: Sandbox, discreet_logs: pytest.LogCaptureFixture) -> None:
    secret = sandbox.token.partition(":")[2]
    shown: list[str] = []
    async with made_bot(sandbox) as bot:
        await bot.send_message(ADA, "x")
        await bot.send_photo(ADA, png())
        for fault in (
            {"drop": "after"},
            {"status": 502, "body": "<html>"},
            {"status": 200, "body": "{"},
            {"status": 200, "delay": 1.0},
            {"status": 404},
        ):
            sandbox.fail("sendMessage", **fault)
            with pytest.raises(TelegramError) as caught:
                await bot.send_message(ADA, "x")
            shown += told(caught.value)
        await sandbox.close()
        with pytest.raises(NetworkError) as refused:
            await bot.send_message(ADA, "x")
        shown += told(refused.value)
    for url in ("nonsense", "http://127.0.0.1:99999"):
        unreachable = made_bot(sandbox, url=url)
        with pytest.raises(TelegramError) as caught:
            await unreachable.initialize()
        shown += told(caught.value)
        await unreachable.shutdown()
    shown += [repr(unreachable), discreet_logs.text]
    assert "Set Bot API URL: http://127.0.0.1" in discreet_logs.text
    assert [text for text in shown if secret in text] == []


def told(error: BaseException) -> list[str]:
    """All that a log, a traceback or a curious handler may show of an error."""
    chain, link = [error], error
    while (following := link.__cause__ or link.__context__) is not None:
        chain.append(following)
        link = following
    return [*map(str, chain), *map(repr, chain), "".join(traceback.format_exception(error))]


async def test_a_wrong_token_is_said_without_it(sandbox: Sandbox) -> None:
    token = "123456789:AAHfiqksKZ8WmR2zSjiQ7_v4TMAKdiHm9T0"
    bot = RedactedBot(
        token, base_url=f"{sandbox.url}/bot", request=AiohttpRequest(), get_updates_request=AiohttpRequest()
    )
    with pytest.raises(InvalidToken) as caught:
        await bot.initialize()
    assert [text for text in told(caught.value) if token in text] == []
    await bot.shutdown()
