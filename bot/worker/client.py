"""Calls of functions in another process, with a time limit that holds."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from bot.worker.errors import WorkerDied, WorkerError, WorkerTimeout
from bot.worker.pipe import NotPicklable, Outcome, OutOfMemory, Raised, Returned
from bot.worker.process import Process

__all__ = ["Worker", "WorkerDied", "WorkerError", "WorkerTimeout"]

MOST_MEMORY: Final = 768_000_000
"""Bytes of memory of one process; yfinance with pandas, ccxt and the calendars take a fifth of it."""


class Worker:
    """A process that calls functions for the bot, up to `at_once` of them side by side, and may be killed at any time.

    It starts at the first call, and is replaced after `recycle_after` calls, after it died, and after `idle_after`
    seconds without a call (so that an idle bot is small). It gets at most `most_memory` bytes. A call that overran, or
    needed more memory, leaves the process to those that are still at it there; the last of them ends it, and later
    calls get another.
    """

    def __init__(
        self,
        name: str,
        *,
        at_once: int = 1,
        recycle_after: int = 200,
        idle_after: float | None = None,
        most_memory: int = MOST_MEMORY,
    ) -> None:
        self.name = name
        self._most_memory = most_memory
        self._recycle_after = recycle_after
        self._idle_after = idle_after
        self._places = asyncio.Semaphore(at_once)
        self._starting = asyncio.Lock()
        self._process: Process | None = None
        self._outgoing: set[Process] = set()
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
        async with self._places:
            self._cancel_idle_timer()
            outcome = await self._ask(function, arguments, timeout)
        match outcome:
            case Returned(value):
                return value
            case Raised(error):
                raise error
            case NotPicklable(text):
                raise WorkerDied(f"{self.name}: {function}: {text}")
            case OutOfMemory():
                most = self._most_memory // 1_000_000
                raise WorkerDied(f"{self.name}: {function}: needs more memory than the {most} MB it may have")

    async def close(self) -> None:
        """End the process, also in the middle of a call; later calls raise WorkerError."""
        self._closed = True
        self._cancel_idle_timer()
        for process in [*self._outgoing, *([self._process] if self._process else [])]:
            process.kill()
            self._reap(process)
        await asyncio.gather(*self._ending)

    async def _ask(self, function: str, arguments: tuple[object, ...], limit: float) -> Outcome:
        process: Process | None = None
        done = False
        try:
            async with asyncio.timeout(limit):
                process = await self._living()
                outcome = await process.ask(function, arguments)
            done = not isinstance(outcome, OutOfMemory)
        except TimeoutError as error:
            raise WorkerTimeout(f"{self.name}: {function}: no answer within {limit:g} s") from error
        except WorkerDied as error:
            raise WorkerDied(f"{self.name}: {function}: {error}") from error
        finally:
            self._after_call(process, usable=done)
        return outcome

    async def _living(self) -> Process:
        async with self._starting:
            if self._closed:
                raise WorkerError(f"{self.name}: closed")
            if self._process and not self._process.alive:
                self._reap(self._process)
            self._process = self._process or await Process.start(self._most_memory)
            return self._process

    def _after_call(self, process: Process | None, *, usable: bool) -> None:
        """Retire a process that overran or has done enough, once nobody waits for it; else see to its rest."""
        if process is None or self._closed:
            return
        if process is self._process and (not usable or process.calls >= self._recycle_after):
            self._process = None
            self._outgoing.add(process)
        if process in self._outgoing and not process.busy:
            process.kill()
            self._reap(process)
        elif process is self._process and not process.busy and self._idle_after is not None:
            self._idle_timer = asyncio.get_running_loop().call_later(self._idle_after, self._rest)

    def _cancel_idle_timer(self) -> None:
        if self._idle_timer:
            self._idle_timer.cancel()
            self._idle_timer = None

    def _rest(self) -> None:
        """Let an idle process end by itself; the next call starts another."""
        if self._process:
            self._process.close_stdin()
            self._reap(self._process)

    def _reap(self, process: Process) -> None:
        self._process = None if process is self._process else self._process
        self._outgoing.discard(process)
        reaping = asyncio.get_running_loop().create_task(process.wait_closed())
        self._ending.add(reaping)
        reaping.add_done_callback(self._ending.discard)
