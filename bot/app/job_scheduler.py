"""Recurring jobs: looks on the monotonic clock, the day's chores by New York's calendar."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from apscheduler.schedulers.asyncio import AsyncIOScheduler

log = logging.getLogger(__name__)

NEW_YORK = ZoneInfo("America/New_York")

CLOCK_CHECK_SECONDS = 60.0
CLOCK_STEP_SECONDS = 30.0
"""Seconds by which wall clock and monotonic clock must part before the calendar's jobs are timed anew."""

Job = Callable[[], Awaitable[object]]
"""What a job does; it never raises."""


class JobScheduler:
    """Runs each job again and again, never twice at once; what was missed is made up for once.

    A wall clock that is set delays no look: `every` counts monotonic seconds. Jobs of `at` follow the wall clock,
    and are timed anew when it was set.
    """

    def __init__(self) -> None:
        self._calendar = AsyncIOScheduler(
            timezone=NEW_YORK, job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1}
        )
        self._loops: set[asyncio.Task[None]] = set()
        self._running: set[asyncio.Future[object]] = set()
        self._closing = False

    def start(self) -> None:
        """Begin to run what `at` has named; what `every` names runs already."""
        self._calendar.start()
        self._offset = _wall_offset()
        self.every(CLOCK_CHECK_SECONDS, self.check_clock, wait_first=True)

    def every(self, seconds: float, job: Job, *, wait_first: bool = False) -> Callable[[], None]:
        """Run a job every so many seconds, counted from its beginning, the first time at once or after a wait.

        What is returned has it run once more as soon as it is not running.
        """
        again = asyncio.Event()
        loop = asyncio.create_task(self._repeat(seconds, job, seconds if wait_first else 0.0, again))
        self._loops.add(loop)
        return again.set

    def at(self, job: Job, *, minute: int, hour: int | None = None) -> None:
        """Run a job at that minute of every hour, or of that hour of every day, New York's time."""
        self._calendar.add_job(self._run, "cron", [job], hour="*" if hour is None else hour, minute=minute)

    def next_run(self) -> datetime:
        """When the next job of the calendar runs. Raises ValueError where `at` has named none."""
        times: list[datetime] = [job.next_run_time for job in self._calendar.get_jobs()]
        return min(times)

    async def check_clock(self) -> None:
        """Time the calendar's jobs anew where the wall clock was set: they would wait as long as it was set back."""
        step = _wall_offset() - self._offset
        self._offset += step
        if abs(step) > CLOCK_STEP_SECONDS:
            log.warning("the wall clock was set %s by %d s", "forward" if step > 0 else "back", abs(step))
            for job in self._calendar.get_jobs():
                job.reschedule(job.trigger)

    async def close(self, grace: float) -> None:
        """Begin nothing more; what runs has `grace` seconds to end, then it is cancelled."""
        self._closing = True
        if self._calendar.running:
            self._calendar.pause()
        if self._running:
            _, late = await asyncio.wait(self._running, timeout=grace)
            for running in late:
                running.cancel()
            await asyncio.sleep(0.01)  # so that the scheduler sees its jobs end
        for loop in self._loops:
            loop.cancel()
        await asyncio.gather(*self._loops, return_exceptions=True)
        if self._calendar.running:
            self._calendar.shutdown(wait=False)

    async def _repeat(self, seconds: float, job: Job, first: float, again: asyncio.Event) -> None:
        clock = asyncio.get_running_loop().time
        await _sleep(first, again)
        while not self._closing:
            began = clock()
            again.clear()
            await self._run(job)
            await _sleep(max(0.0, began + seconds - clock()), again)

    async def _run(self, job: Job) -> None:
        """One run, as a task that `close` can wait for and cancel: the scheduler would log an error."""
        running = asyncio.ensure_future(job())
        self._running.add(running)
        running.add_done_callback(self._running.discard)
        await asyncio.wait([running])


async def _sleep(seconds: float, again: asyncio.Event) -> None:
    """Return after so many seconds, or when `again` is set."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(again.wait(), seconds)


def _wall_offset() -> float:
    """Seconds between the wall clock and the monotonic one; changes only when the wall clock is set."""
    return time.time() - time.monotonic()
