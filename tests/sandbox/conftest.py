"""A running sandbox, a real python-telegram-bot Bot on it, and plain HTTP calls."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import aiohttp
import pytest
import telegram
from telegram.request import HTTPXRequest

from bot.sandbox.server import Sandbox

ADA = 5_000_000_001
GROUP = -4_000_000_001
FORUM = -1_001_000_000_001
CHANNEL = -1_001_000_000_002
Answer = tuple[int, dict[str, Any]]
Call = Callable[..., Awaitable[Answer]]


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    running = Sandbox()
    await running.start()
    running.add_person(ADA, "Ada", username="ada_l")
    running.add_chat(GROUP, "group", "Small caps", members={ADA: "creator", ADA + 1: "member"})
    running.add_chat(FORUM, "supergroup", "Topics", members={ADA: "creator"}, topics=(4, 9))
    running.add_chat(CHANNEL, "channel", "Signals", username="signals", bot_status="administrator")
    yield running
    await running.close()


@pytest.fixture
async def bot(sandbox: Sandbox) -> AsyncIterator[telegram.Bot]:
    made = telegram.Bot(
        sandbox.token,
        base_url=f"{sandbox.url}/bot",
        base_file_url=f"{sandbox.url}/file/bot",
        # without certificates, which take longer to load than any test here lasts
        request=HTTPXRequest(httpx_kwargs={"verify": False}),
        get_updates_request=HTTPXRequest(httpx_kwargs={"verify": False}),
    )
    async with made:
        yield made


@pytest.fixture
async def call(sandbox: Sandbox) -> AsyncIterator[Call]:
    async with aiohttp.ClientSession() as session:

        async def ask(method: str, **params: Any) -> Answer:
            url = f"{sandbox.url}/bot{sandbox.token}/{method}"
            async with session.post(url, json=params) as response:
                return response.status, await response.json()

        yield ask
