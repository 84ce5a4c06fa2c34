"""One worker process: started, asked several things at once, and ended."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections import deque
from typing import Any, Self

from bot.memory import resident_bytes
from bot.worker.environment import worker_environment
from bot.worker.errors import WorkerDied
from bot.worker.pipe import HEADER, Outcome, Question, packed, unpacked

_PIPE_BUFFER_BYTES = 1 << 20
_STDERR_LINES_KEPT = 12
_WATCH_SECONDS = 0.25
_LIMIT_TIMES = 2

MOST_ANSWER_BYTES = 128_000_000
"""Bytes of one answer: fifty years of bars are a thousandth of it."""


class Process:
    """One living child. `ask` may be left by an exception; what it would have answered is then ignored."""

    def __init__(self, child: asyncio.subprocess.Process, most_memory: int) -> None:
        self._child = child
        self._most_memory = most_memory
        self._watch = asyncio.create_task(self._watch_memory())
        self._stderr_tail: deque[str] = deque(maxlen=_STDERR_LINES_KEPT)
        self._stderr_reader = asyncio.create_task(self._drain())
        self._answers: dict[int, asyncio.Future[Outcome]] = {}
        self._answer_reader = asyncio.create_task(self._hand_out())
        self.calls = 0

    @classmethod
    async def start(cls, most_memory: int) -> Self:
        """Spawn it, with so many bytes of memory at most; nothing heavy is imported there before the first question."""
        pipe = asyncio.subprocess.PIPE
        command = (sys.executable, "-P", "-m", "bot.worker", str(_LIMIT_TIMES * most_memory))
        return cls(
            await asyncio.create_subprocess_exec(
                *command,
                stdin=pipe,
                stdout=pipe,
                stderr=pipe,
                env=worker_environment(os.environ),
                limit=_PIPE_BUFFER_BYTES,
            ),
            most_memory,
        )

    @property
    def pid(self) -> int:
        """Id of the process."""
        return self._child.pid

    @property
    def alive(self) -> bool:
        """Whether it still runs, as far as is known."""
        return self._child.returncode is None

    @property
    def busy(self) -> int:
        """How many questions wait for their answers."""
        return len(self._answers)

    async def ask(self, function: str, arguments: tuple[Any, ...]) -> Outcome:
        """What came of calling a function; raises WorkerDied when the process ends first."""
        assert self._child.stdin
        self.calls += 1
        number = self.calls
        answer: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._answers[number] = answer
        try:
            self._child.stdin.write(packed(Question(number, function, arguments)))
            await self._child.stdin.drain()
            return await answer
        except ConnectionError as error:
            raise WorkerDied(await self._exit_reason()) from error
        finally:
            self._answers.pop(number, None)

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
        await asyncio.gather(self._stderr_reader, self._answer_reader, self._watch)

    async def _hand_out(self) -> None:
        """Give each answer to whoever asked, until the process ends; then tell those who still wait."""
        assert self._child.stdout
        try:
            while True:
                (length,) = HEADER.unpack(await self._child.stdout.readexactly(HEADER.size))
                if length > MOST_ANSWER_BYTES:
                    self._stderr_tail.append(f"an answer of {length:,} bytes; allowed: {MOST_ANSWER_BYTES:,}")
                    self.kill()
                    break
                answer = unpacked(await self._child.stdout.readexactly(length))
                waiting = self._answers.get(answer.number)
                if waiting is not None and not waiting.done():
                    waiting.set_result(answer.outcome)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        except Exception as error:  # noqa: BLE001  # an upgrade under way: its classes are no longer ours
            self._stderr_tail.append(f"its answer can't be read: {type(error).__name__}: {error}")
            self.kill()
        await self._child.wait()
        await self._stderr_reader
        for waiting in self._answers.values():
            if not waiting.done():
                waiting.set_exception(WorkerDied(await self._exit_reason()))

    async def _watch_memory(self) -> None:
        """End it when it has taken more than it may. Its own limit, at twice that, is for what grows too fast for us:
        a process that has come to such a limit may go on for minutes, at a crawl, before it fails.
        """
        while self.alive:
            if (resident_bytes(self.pid) or 0) > self._most_memory:
                self._stderr_tail.append(f"it took more than the {self._most_memory // 1_000_000} MB that it may have")
                self.kill()
                return
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(self._answer_reader), _WATCH_SECONDS)

    async def _exit_reason(self) -> str:
        await self._child.wait()
        await self._stderr_reader
        said = " / ".join(self._stderr_tail)
        return f"ended with code {self._child.returncode}" + (f": {said}" if said else "")

    async def _drain(self) -> None:
        """Keep what vendors print off the pipe's way, and the end of it for the exit reason."""
        assert self._child.stderr
        while chunk := await self._child.stderr.read(1 << 16):
            self._stderr_tail.extend(line.strip()[:300] for line in chunk.decode(errors="replace").splitlines() if line)
