"""A sandbox in a process of its own, driven over HTTP."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any, Self

import aiohttp

START_TIMEOUT_SECONDS = 20.0  # seconds


class ControlError(Exception):
    """The sandbox refused a verb: what it said."""


class SandboxClient:
    """Drives a sandbox by its URL; the verbs are those of Sandbox."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._session = aiohttp.ClientSession()

    async def ask(self, verb: str, **arguments: Any) -> Any:
        """The result as JSON gives it: messages are objects, bytes are base64 text."""
        async with self._session.post(f"{self.url}/control/{verb}", json=arguments) as response:
            body = await response.json()
        if "error" in body:
            raise ControlError(body["error"])
        return body["result"]

    async def close(self) -> None:
        """The sandbox goes on."""
        await self._session.close()


class SandboxProcess:
    """`async with SandboxProcess() as sandbox: await sandbox.ask("say", text="/start", user=5)`.

    The child ends with this process, also when this one is killed. `module` is what it runs, with a main like that of
    `bot.sandbox`.
    """

    def __init__(self, module: str = "bot.sandbox") -> None:
        self._module = module
        self.url = ""
        self.token = ""
        self.child: asyncio.subprocess.Process | None = None
        self._client: SandboxClient | None = None

    async def __aenter__(self) -> Self:
        pipe = asyncio.subprocess.PIPE
        self.child = await asyncio.create_subprocess_exec(
            sys.executable, "-m", self._module, "--attached", stdin=pipe, stdout=pipe
        )
        assert self.child.stdout is not None
        async with asyncio.timeout(START_TIMEOUT_SECONDS):
            hello = json.loads(await self.child.stdout.readline())
        self.url, self.token = hello["url"], hello["token"]
        self._client = SandboxClient(self.url)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._client is not None:
            await self._client.close()
        if self.child is not None:
            assert self.child.stdin is not None
            self.child.stdin.close()
            await self.child.wait()

    async def ask(self, verb: str, **arguments: Any) -> Any:
        """See SandboxClient.ask."""
        assert self._client is not None, "use it as `async with`"
        return await self._client.ask(verb, **arguments)
