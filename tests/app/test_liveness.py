"""Proof of life: the ping URL, the heartbeat file and systemd's socket are told what happened."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from bot.app.liveness import Liveness


class Watcher:
    """A service like healthchecks.io: remembers which paths were asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.status = 200

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append(request.path)
        return web.Response(status=self.status)

    async def until(self, count: int) -> None:
        async with asyncio.timeout(10):
            while len(self.asked) < count:
                await asyncio.sleep(0.01)


@pytest.fixture
async def watcher() -> AsyncIterator[tuple[Watcher, str]]:
    known = Watcher()
    application = web.Application()
    application.router.add_get("/{tail:.*}", known.answer)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield known, f"http://127.0.0.1:{runner.addresses[0][1]}/id/"
    await runner.cleanup()


async def test_the_ping_url_hears_of_the_start_of_success_and_of_failure(watcher: tuple[Watcher, str]) -> None:
    known, url = watcher
    liveness = Liveness(url, environ={})
    liveness.started()
    await known.until(1)
    liveness.looked(ok=True)
    await known.until(2)
    liveness.looked(ok=False)
    await known.until(3)
    await liveness.stopped()
    assert known.asked == ["/id/start", "/id", "/id/fail"]


async def test_a_ping_that_fails_is_said_once_until_one_succeeds(
    watcher: tuple[Watcher, str], caplog: pytest.LogCaptureFixture
) -> None:
    known, url = watcher
    liveness = Liveness(url, environ={})
    for at, known.status in enumerate((500, 500, 200, 500), start=1):
        liveness.looked(ok=True)
        await known.until(at)
        await liveness.stopped()
    assert [record.message for record in caplog.records] == ["the ping URL does not answer: ClientResponseError"] * 2
    assert url not in caplog.text


async def test_the_heartbeat_file_is_touched_after_a_look_that_succeeded(tmp_path: Path) -> None:
    file = tmp_path / "alive"
    liveness = Liveness(file=file, environ={})
    liveness.started()
    liveness.looked(ok=False)
    assert not file.exists()
    liveness.looked(ok=True)
    assert file.exists()


async def test_a_heartbeat_file_that_cannot_be_written_stops_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    Liveness(file=tmp_path / "no" / "alive", environ={}).looked(ok=True)
    assert "can't be written" in caplog.text


async def test_systemd_is_told_where_it_asks_to_be(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(5)
        liveness = Liveness(environ={"NOTIFY_SOCKET": str(tmp_path / "notify")})
        liveness.started()
        liveness.looked(ok=False)
        await liveness.stopped()
        assert [systemd.recv(64) for _ in range(3)] == [b"READY=1", b"WATCHDOG=1", b"STOPPING=1"]
