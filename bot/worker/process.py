"""One worker process: started, asked, and ended."""

from __future__ import annotations

import asyncio
import os
import sys
from collections import deque
from collections.abc import Mapping
from typing import Any, Self

from bot.worker.errors import WorkerDied
from bot.worker.pipe import HEADER, Question, packed, unpacked

_PIPE_BUFFER_BYTES = 1 << 20
_STDERR_LINES_KEPT = 12


class Process:
    """One living child. It is of no further use once `kill` was called or `ask` was left by an exception."""

    def __init__(self, child: asyncio.subprocess.Process) -> None:
        self._child = child
        self._stderr_tail: deque[str] = deque(maxlen=_STDERR_LINES_KEPT)
        self._stderr_reader = asyncio.create_task(self._drain())
        self.calls = 0

    @classmethod
    async def start(cls) -> Self:
        """Spawn it; nothing heavy is imported there before the first question."""
        pipe = asyncio.subprocess.PIPE
        command = (sys.executable, "-P", "-m", "bot.worker")
        return cls(
            await asyncio.create_subprocess_exec(
                *command, stdin=pipe, stdout=pipe, stderr=pipe, env=_environment(os.environ), limit=_PIPE_BUFFER_BYTES
            )
        )

    @property
    def pid(self) -> int:
        """Id of the process."""
        return self._child.pid

    @property
    def alive(self) -> bool:
        """Whether it still runs, as far as is known."""
        return self._child.returncode is None

    async def ask(self, question: Question) -> Any:
        """The answer to one question (see pipe.Answer); raises WorkerDied when the process ends first."""
        assert self._child.stdin
        assert self._child.stdout
        self.calls += 1
        try:
            self._child.stdin.write(packed(question))
            await self._child.stdin.drain()
            (length,) = HEADER.unpack(await self._child.stdout.readexactly(HEADER.size))
            return unpacked(await self._child.stdout.readexactly(length))
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            raise WorkerDied(await self._exit_reason()) from error

    def close_stdin(self) -> None:
        """Let it end by itself, which it does at once."""
        assert self._child.stdin
        self._child.stdin.close()

    def kill(self) -> None:
        """End it now, whatever it is doing."""
        if self.alive:
            self._child.kill()

    async def wait_closed(self) -> None:
        """Return when it has ended and its pipes are closed."""
        await self._child.wait()
        await self._stderr_reader

    async def _exit_reason(self) -> str:
        await self.wait_closed()
        said = " / ".join(self._stderr_tail)
        return f"ended with code {self._child.returncode}" + (f": {said}" if said else "")

    async def _drain(self) -> None:
        """Keep what vendors print off the pipe's way, and the end of it for the exit reason."""
        assert self._child.stderr
        while chunk := await self._child.stderr.read(1 << 16):
            self._stderr_tail.extend(line.strip()[:300] for line in chunk.decode(errors="replace").splitlines() if line)


def _environment(parent: Mapping[str, str]) -> dict[str, str]:
    """The bot's environment with its import path and without its secrets, which no vendor needs."""
    kept = {key: value for key, value in parent.items() if "TOKEN" not in key.upper()}
    return kept | {"PYTHONPATH": os.pathsep.join(entry or os.getcwd() for entry in sys.path)}  # noqa: PTH109  # a str
