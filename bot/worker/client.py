"""Calls of functions in another process, with a time limit that holds."""

from __future__ import annotations

import asyncio
from typing import Any

from bot.worker.errors import WorkerDied, WorkerError, WorkerTimeout
from bot.worker.pipe import NotPicklable, Question, Raised, Returned
from bot.worker.process import Process

__all__ = ["Worker", "WorkerDied", "WorkerError", "WorkerTimeout"]


class Worker:
    """One process that calls functions for the bot, one after another, and may be killed at any time.

    It starts at the first call, and is replaced after `recycle_after` calls, after it died or overran, and
    after `idle_after` seconds without a call (so that an idle bot is small).
    """

    def __init__(self, name: str, *, recycle_after: int = 200, idle_after: float | None = None) -> None:
        self.name = name
        self._recycle_after = recycle_after
        self._idle_after = idle_after
        self._call_lock = asyncio.Lock()
        self._process: Process | None = None
        self._ending: set[asyncio.Task[None]] = set()
        self._idle_timer: asyncio.TimerHandle | None = None
        self._closed = False

    @property
    def pid(self) -> int | None:
        """Id of the living process; None between two."""
        return self._process.pid if self._process and self._process.alive else None

    async def call(self, function: str, *arguments: object, timeout: float) -> Any:  # noqa: ASYNC109  # it kills
        """What "package.module:function" returns for `arguments`, or raises what it raises.

        `timeout` is in seconds, from this call's turn on (earlier calls come first), and includes the start
        of the process and imports. Raises WorkerTimeout, and WorkerDied, also for an error that can't cross.
        """
        async with self._call_lock:
            self._cancel_idle_timer()
            answer = await self._ask(Question(function, arguments), timeout)
            self._after_call()
        match answer:
            case Returned(value):
                return value
            case Raised(error):
                raise error
            case NotPicklable(text):
                raise WorkerDied(f"{self.name}: {function}: {text}")

    async def close(self) -> None:
        """End the process, also in the middle of a call; later calls raise WorkerError."""
        self._closed = True
        self._cancel_idle_timer()
        self._discard()
        await asyncio.gather(*self._ending)

    async def _ask(self, question: Question, limit: float) -> Any:
        done = False
        try:
            async with asyncio.timeout(limit):
                answer = await (await self._living()).ask(question)
            done = True
        except TimeoutError as error:
            raise WorkerTimeout(f"{self.name}: {question.function}: no answer within {limit:g} s") from error
        except WorkerDied as error:
            raise WorkerDied(f"{self.name}: {question.function}: {error}") from error
        finally:
            if not done:  # overrun, dead or cancelled: what it may still say would answer the wrong question
                self._discard()
        return answer

    async def _living(self) -> Process:
        if self._closed:
            raise WorkerError(f"{self.name}: closed")
        if self._process and not self._process.alive:
            self._discard()
        self._process = self._process or await Process.start()
        return self._process

    def _after_call(self) -> None:
        if self._process and self._process.calls >= self._recycle_after:
            self._retire()
        elif self._idle_after is not None and not self._closed:
            self._idle_timer = asyncio.get_running_loop().call_later(self._idle_after, self._retire)

    def _cancel_idle_timer(self) -> None:
        if self._idle_timer:
            self._idle_timer.cancel()
            self._idle_timer = None

    def _retire(self) -> None:
        """Let the process end in its own time; the next call starts another."""
        if self._process:
            self._process.close_stdin()
            self._reap(self._process)

    def _discard(self) -> None:
        if self._process:
            self._process.kill()
            self._reap(self._process)

    def _reap(self, process: Process) -> None:
        self._process = None
        reaping = asyncio.get_running_loop().create_task(process.wait_closed())
        self._ending.add(reaping)
        reaping.add_done_callback(self._ending.discard)
