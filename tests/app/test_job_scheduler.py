"""The scheduler: jobs again and again, whatever the wall clock does, and an end within the grace."""

from __future__ import annotations

import asyncio
import datetime as dt

import pytest
import time_machine

from bot.app.job_scheduler import JobScheduler


class Job:
    """Counts its runs, each of which takes so many seconds."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.begun = self.ended = 0
        self._seconds = seconds
        self._again = asyncio.Event()

    async def __call__(self) -> None:
        self.begun += 1
        self._again.set()
        await asyncio.sleep(self._seconds)
        self.ended += 1

    async def until(self, begun: int) -> None:
        async with asyncio.timeout(10):
            while self.begun < begun:
                self._again.clear()
                await self._again.wait()


async def test_a_job_runs_at_once_and_again_and_never_twice_at_once() -> None:
    scheduler, job = JobScheduler(), Job(0.03)
    scheduler.every(0.01, job)
    scheduler.start()
    await job.until(3)
    assert job.begun - job.ended <= 1
    await scheduler.close(1)
    assert job.begun == job.ended


@pytest.mark.parametrize("step", [-2 * 86_400, -3_600, -15, 3_600])
async def test_a_wall_clock_that_is_set_delays_no_look(step: int) -> None:
    scheduler, job = JobScheduler(), Job()
    scheduler.every(0.01, job)
    scheduler.start()
    await job.until(2)
    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(seconds=step), tick=True):
        await job.until(6)
        await scheduler.close(1)


async def test_what_runs_longer_than_the_grace_is_cancelled() -> None:
    scheduler, job = JobScheduler(), Job(60)
    scheduler.every(0.01, job)
    scheduler.start()
    await job.until(1)
    await scheduler.close(0.01)
    assert (job.begun, job.ended) == (1, 0)


async def test_the_calendars_jobs_are_timed_anew_when_the_clock_was_set(caplog: pytest.LogCaptureFixture) -> None:
    scheduler, job = JobScheduler(), Job()
    scheduler.at(job, minute=40)
    scheduler.start()
    later = scheduler.next_run()
    with time_machine.travel(dt.datetime.now(dt.UTC) - dt.timedelta(days=2), tick=True):
        await scheduler.check_clock()
        assert later - scheduler.next_run() > dt.timedelta(days=1)
        assert "the wall clock was set back by 172" in caplog.text
        await scheduler.close(1)
