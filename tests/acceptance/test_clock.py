"""The clock on the wall is set while the bot runs, back and ahead, and righted again: it looks, answers and tells."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import pytest

from bot.sandbox.users import SOMEBODY
from tests.acceptance.running_bot import DEADLINE_SECONDS, RunningBot, running_bot

pytestmark = pytest.mark.timeout(240)

DAY = 86_400
LOOKS = "SELECT coalesce(max(id), 0) FROM runs"


async def set_clock(bot: RunningBot, seconds: float) -> None:
    """Until the bot's wall clock has been set by so much."""
    waiting = bot.folder / "clock-to-be"
    waiting.write_text(str(seconds))
    clock = bot.folder / "clock"
    waiting.replace(clock)
    async with asyncio.timeout(DEADLINE_SECONDS):
        while clock.exists():  # another process takes it
            await asyncio.sleep(0.02)


async def looks_on(bot: RunningBot) -> None:
    """Two more looks, and an answer to a question."""
    await bot.until(LOOKS, bot.count(LOOKS) + 2)
    had = len(bot.sandbox.messages(SOMEBODY))
    bot.sandbox.say("/status")
    await bot.sandbox.wait_for(SOMEBODY, had + 1, timeout=DEADLINE_SECONDS)


async def told(bot: RunningBot) -> int:
    await bot.looked(2)
    return sum("a record" in message.text for message in bot.sandbox.messages(SOMEBODY))


@pytest.mark.parametrize("seconds", [-15.0, -3_600.0, -2 * DAY, 9 * DAY])
async def test_a_clock_that_is_set_and_righted_stops_nothing(tmp_path: Path, seconds: float) -> None:
    async with running_bot(tmp_path) as bot:
        await bot.start()
        bot.sandbox.say("/subscribe")
        await bot.sandbox.wait_for(SOMEBODY, 1, timeout=DEADLINE_SECONDS)
        await bot.until("SELECT count(*) FROM watermarks")
        await set_clock(bot, seconds)
        await looks_on(bot)
        await set_clock(bot, -seconds)
        await bot.until(LOOKS, bot.count(LOOKS) + 2)  # what a look found that began by the wrong clock would be late
        bot.new_record()
        await bot.until("SELECT count(*) FROM events")
        assert await told(bot) == 1
        await looks_on(bot)
        assert await bot.stop() == 0
        assert "Traceback" not in bot.log()


async def test_a_machine_that_slept_over_a_session_tells_of_it_late(tmp_path: Path) -> None:
    """As a suspended virtual machine does: the process stands still, and the clock has gone on when it wakes."""
    async with running_bot(tmp_path) as bot:
        await bot.start("2025-09-18T15:00:00+00:00")
        bot.sandbox.say("/subscribe")
        await bot.sandbox.wait_for(SOMEBODY, 1, timeout=DEADLINE_SECONDS)
        await bot.until("SELECT count(*) FROM watermarks")
        assert bot.process is not None
        bot.process.send_signal(signal.SIGSTOP)
        bot.new_record()
        (bot.folder / "clock").write_text(str(21 * 3_600))
        bot.process.send_signal(signal.SIGCONT)
        await bot.until("SELECT count(*) FROM events")
        assert await told(bot) == 1
        assert any("Late: this is the bar of Thu 18 Sep" in message.text for message in bot.sandbox.messages(SOMEBODY))
        assert await bot.stop() == 0
