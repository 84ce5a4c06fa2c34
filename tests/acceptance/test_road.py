"""Does the bot, as its operator runs it, tell a subscriber of a record once, and only once?"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.sandbox.cast import SOMEBODY
from bot.sandbox.world import SentMessage
from tests.acceptance.house import House, house

pytestmark = pytest.mark.timeout(90)


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[House]:
    async with house(tmp_path) as built:
        yield built


async def subscribed(bot: House) -> None:
    """A person subscribes once the bot listens and has looked at the markets."""
    bot.sandbox.say("/subscribe")
    await bot.sandbox.wait_for(SOMEBODY, 1, timeout=20)
    await looked(bot)


async def looked(bot: House) -> None:
    """Until every rule has a watermark: from then on a new bar is news."""
    async with asyncio.timeout(30):
        while not bot.watermarks():
            await asyncio.sleep(0.1)


async def settled(bot: House, seconds: float = 3.0) -> list[SentMessage]:
    """What stands in the chat after some more looks, the answer to /subscribe left out."""
    await asyncio.sleep(seconds)
    return [message for message in bot.sandbox.messages(SOMEBODY) if "record" in message.text]


async def test_a_new_record_is_told_once(bot: House) -> None:
    await bot.start()
    await subscribed(bot)
    bot.new_record()
    await bot.sandbox.wait_for(SOMEBODY, 2, timeout=20)
    (alert,) = await settled(bot)
    assert "Russell 2000: first record close in 480 sessions" in alert.text
    assert "2,467.70" in alert.text
    assert "2,442.74" in alert.text
    # the bar of 17 September: the last one closed
    assert "BTC 109,800 +0.1% +0.6% +2.8%" in " ".join(alert.text.split())
    assert "late" not in alert.text.lower()
    assert alert.photo is not None
    assert alert.photo.startswith(b"\x89PNG")
    assert await bot.stop() == 0
    assert bot.sandbox.token not in bot.log()
    assert "Traceback" not in bot.log()


async def test_a_bot_killed_before_and_after_tells_it_once(bot: House) -> None:
    await bot.start()
    await subscribed(bot)
    await bot.stop(signal.SIGKILL)
    bot.new_record()
    await bot.start("2025-09-18T20:20:00+00:00")
    await bot.sandbox.wait_for(SOMEBODY, 2, timeout=30)
    await asyncio.sleep(0.5)  # the mark is on record
    await bot.stop(signal.SIGKILL)
    await bot.start("2025-09-18T20:30:00+00:00")
    assert len(await settled(bot, 8)) == 1
    assert await bot.stop() == 0


async def test_the_very_first_start_tells_nothing_old(bot: House) -> None:
    bot.new_record()
    await bot.start()
    await subscribed(bot)
    assert await settled(bot) == []


async def test_a_missed_session_is_told_late(bot: House) -> None:
    await bot.start("2025-09-18T15:00:00+00:00")
    await subscribed(bot)
    await bot.stop()
    bot.new_record()
    await bot.start("2025-09-19T12:00:00+00:00")
    await bot.sandbox.wait_for(SOMEBODY, 2, timeout=30)
    (alert,) = await settled(bot)
    assert "Late: this is the bar of Thu 18 Sep" in alert.text


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 429, "body": "Too Many Requests"},
        {"status": 500, "body": "<html><h1>500</h1></html>"},
        {"status": 200, "body": '{"chart": {"result": [], "error": null}}'},
        {"drop": True},
    ],
)
async def test_a_source_that_fails_costs_no_alert(bot: House, fault: dict[str, object]) -> None:
    await bot.start()
    await subscribed(bot)
    bot.vendor.world.fail("^RUT", times=1, **fault)
    bot.new_record()
    bot.sandbox.say("/status")
    await bot.sandbox.wait_for(SOMEBODY, 3, timeout=60)
    assert len(await settled(bot)) == 1
