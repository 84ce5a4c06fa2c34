"""What lies between the bot and Telegram: proxies, redirects, answers that are larger than they may be."""

from __future__ import annotations

import asyncio
import gzip
from contextlib import asynccontextmanager

import pytest
from telegram.error import NetworkError

from bot.telegram.application import build_bot
from bot.telegram.sending.aiohttp_request import MAX_ANSWER_BYTES, NotSentError
from bot.telegram.sending.proxy import ProxyError, proxy_for, shown_proxy
from bot.telegram.token_check import check_token

TOKEN = "123456789:AAHfiqksKZ8WmR2zSjiQ7_v4TMAKdiHm9T0"
ME = b'{"ok":true,"result":{"id":5,"is_bot":true,"first_name":"B","username":"b_bot"}}'


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    proxy_for.cache_clear()
    yield monkeypatch
    proxy_for.cache_clear()


@asynccontextmanager
async def listener(answer: bytes):
    """A server on loopback that answers every request so, and keeps the first line of each."""
    seen = []

    async def serve(reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        seen.append(head.partition(b"\r\n")[0].decode())
        writer.write(answer)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", seen


def http(body: bytes, status: str = "200 OK", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", "Content-Type: application/json", "Connection: close", *headers]
    return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode() + body


async def test_the_environments_proxy_is_the_way(environment):
    async with listener(http(ME)) as (proxy, seen):
        environment.setenv("HTTP_PROXY", proxy)
        assert (await check_token(TOKEN, "http://telegram.example")).username == "b_bot"
    assert seen == [f"POST http://telegram.example/bot{TOKEN}/getMe HTTP/1.1"]


async def test_https_goes_through_a_tunnel_of_the_configured_proxy():
    async with listener(b"HTTP/1.1 403 Forbidden\r\n\r\n") as (proxy, seen):
        found = await check_token(TOKEN, "https://telegram.example", proxy)
    assert seen == ["CONNECT telegram.example:443 HTTP/1.1"]
    assert f"through the proxy {proxy}" in found.trouble


async def test_this_machine_is_never_asked_for_through_a_proxy(environment):
    environment.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    async with listener(http(ME)) as (url, seen):
        assert (await check_token(TOKEN, url)).username == "b_bot"
    assert seen == [f"POST /bot{TOKEN}/getMe HTTP/1.1"]


def test_what_no_proxy_names_is_asked_for_straight(environment):
    environment.setenv("HTTPS_PROXY", "proxy.example:3128")
    environment.setenv("NO_PROXY", "telegram.example")
    assert proxy_for("https://api.telegram.org") == "http://proxy.example:3128"
    assert proxy_for("https://telegram.example") is None
    assert proxy_for("https://telegram.example", "http://own:1") == "http://own:1"


async def test_a_proxy_of_another_kind_is_said(environment):
    environment.setenv("ALL_PROXY", "socks5://127.0.0.1:1080")
    with pytest.raises(ProxyError, match="socks5"):
        proxy_for("https://api.telegram.org")
    assert "socks5:// can't be used" in (await check_token(TOKEN, "https://api.telegram.org")).trouble


def test_a_password_in_a_proxys_address_is_not_shown():
    assert shown_proxy("http://me:secret@proxy.example:3128") == "http://proxy.example:3128"


async def test_a_redirect_takes_the_token_nowhere():
    async with (
        listener(http(ME)) as (elsewhere, seen),
        listener(http(b"", "307 Temporary Redirect", f"Location: {elsewhere}/bot{TOKEN}/getMe")) as (url, _),
    ):
        found = await check_token(TOKEN, url)
    assert "could not be reached" in found.trouble
    assert seen == []


async def failure(answer: bytes) -> NetworkError:
    async with listener(answer) as (url, _):
        bot = build_bot(TOKEN, url)
        await bot.request.initialize()
        with pytest.raises(NetworkError) as caught:
            await bot.do_api_request("sendmessage", {"chat_id": 5, "text": "x"})
        await bot.shutdown()
        return caught.value


async def test_an_answer_that_is_too_large_is_a_lost_one():
    error = await failure(http(b" " * (MAX_ANSWER_BYTES + 1)))
    assert "more than 8 MB" in str(error)
    assert not isinstance(error.__cause__, NotSentError)


async def test_an_answer_that_unpacks_to_too_much_is_a_lost_one():
    packed = gzip.compress(b"a" * 64_000_000)
    assert len(packed) < 100_000
    assert "more than 8 MB" in str(await failure(http(packed, "200 OK", "Content-Encoding: gzip")))


@pytest.mark.parametrize(("body", "encoding"), [(b"no gzip", "gzip"), (b"x", "br"), (b"x", "zstd")])
async def test_an_answer_that_can_not_be_unpacked(body, encoding):
    assert "packed" in str(await failure(http(body, "200 OK", f"Content-Encoding: {encoding}")))


async def test_a_packed_answer_that_nobody_asked_for_is_read():
    async with listener(http(gzip.compress(ME), "200 OK", "Content-Encoding: gzip")) as (url, _):
        assert (await check_token(TOKEN, url)).username == "b_bot"
