"""The bot as its operator runs it tells a subscriber of a record once, and only once."""

from __future__ import annotations

import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.sandbox.users import SOMEBODY
from bot.sandbox.world import SentMessage
from tests.acceptance.running_bot import DAY, DEADLINE_SECONDS, RunningBot, running_bot, stamp

pytestmark = pytest.mark.timeout(180)

ARRIVED = (
    "SELECT count(*) FROM deliveries d JOIN messages m ON m.id = d.message WHERE d.state = 'sent' AND m.kind = 'alert'"
)

TOLD_AT_CLOSE = f"SELECT count(*) FROM bars WHERE timeframe = '1h' AND start >= unixepoch('{DAY} 19:00')"


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[RunningBot]:
    async with running_bot(tmp_path) as built:
        yield built


async def subscribed(bot: RunningBot, rules: int = 1) -> None:
    """A person subscribes; the bot has looked at the markets, and from now on a new bar is news."""
    bot.sandbox.say("/subscribe")
    await bot.sandbox.wait_for(SOMEBODY, 1, timeout=DEADLINE_SECONDS)
    await bot.until("SELECT count(*) FROM watermarks", rules)


async def settled(bot: RunningBot) -> list[SentMessage]:
    """What stands in the chat after two more looks, the answer to /subscribe left out."""
    await bot.looked(2)
    return [message for message in bot.sandbox.messages(SOMEBODY) if "record" in message.text]


async def test_a_new_record_is_told_once(bot: RunningBot) -> None:
    await bot.start()
    await subscribed(bot)
    bot.new_record()
    await bot.sandbox.wait_for(SOMEBODY, 2, timeout=DEADLINE_SECONDS)
    (alert,) = await settled(bot)
    assert "Russell 2000 closed at 2,467.70, a record" in alert.text
    assert "2,467.70" in alert.text
    assert "2,442.74" in alert.text
    # the bar of 17 September: the last one closed
    assert "BTC 109,800 24 h +0.1% 30 d +2.8%" in " ".join(alert.text.split())
    assert "late:" not in alert.text.lower()
    assert alert.photo is not None
    assert alert.photo.startswith(b"\x89PNG")
    assert await bot.stop() == 0
    assert bot.sandbox.token not in bot.log()
    assert "Traceback" not in bot.log()


async def test_a_bot_killed_before_and_after_tells_it_once(bot: RunningBot) -> None:
    await bot.start()
    await subscribed(bot)
    await bot.stop(signal.SIGKILL)
    bot.new_record()
    await bot.start("2025-09-18T20:20:00+00:00")
    await bot.sandbox.wait_for(SOMEBODY, 2, timeout=DEADLINE_SECONDS)
    await bot.until(ARRIVED)
    await bot.stop(signal.SIGKILL)
    await bot.start("2025-09-18T20:30:00+00:00")
    assert len(await settled(bot)) == 1
    assert await bot.stop() == 0


async def test_a_close_revised_after_the_auction_is_put_right_within_the_hour(bot: RunningBot) -> None:
    await bot.start("2025-09-18T20:44:30+00:00")  # its close is asked for once more 45 minutes after the bell
    await subscribed(bot)
    bot.new_record()
    await bot.sandbox.wait_for(SOMEBODY, 2, timeout=DEADLINE_SECONDS)
    bot.new_record(close=2_462.10)
    await bot.sandbox.wait_for(SOMEBODY, 3, timeout=DEADLINE_SECONDS)
    alert, correction = await settled(bot)
    assert "✏️ Correction: Russell 2000 closed at 2,462.10, not at 2,467.70. The alert stands." in correction.text
    assert correction.reply_to == alert.message_id
    assert bot.count("SELECT count(*) FROM events WHERE kind = 'corrected'") == 1
    assert await bot.stop() == 0


async def test_the_very_first_start_tells_nothing_old(bot: RunningBot) -> None:
    bot.new_record()
    await bot.start()
    await subscribed(bot)
    assert await settled(bot) == []


async def test_a_missed_session_is_told_late(bot: RunningBot) -> None:
    await bot.start("2025-09-18T15:00:00+00:00")
    await subscribed(bot)
    await bot.stop()
    bot.new_record()
    await bot.start("2025-09-19T12:00:00+00:00")
    await bot.sandbox.wait_for(SOMEBODY, 2, timeout=DEADLINE_SECONDS)
    (alert,) = await settled(bot)
    assert "Late: this is the bar of Thu 18 Sep" in alert.text


FAULTS: dict[str, dict[str, object]] = {
    "BROKEN": {"status": 500, "body": "<html><h1>500</h1></html>"},
    "EMPTY": {"status": 200, "body": '{"chart": {"result": [], "error": null}}'},
    "CUT": {"drop": True},
    "BUSY": {"status": 429, "body": "Too Many Requests"},
}


async def test_a_source_that_fails_costs_no_alert(bot: RunningBot) -> None:
    """One index for each fault, one after the other, all in one life of the bot."""
    for name in FAULTS:
        bot.add_index(name)
    await bot.start()
    await subscribed(bot, 1 + len(FAULTS))
    for name, fault in FAULTS.items():
        bot.vendor.world.fail(f"^{name}", times=1, **fault)
        bot.new_record(f"^{name}")
        await bot.until(ARRIVED, list(FAULTS).index(name) + 1)
    assert [fault.times for fault in bot.vendor.world.faults] == [0] * len(FAULTS)
    alerts = await settled(bot)
    assert [
        name for name in FAULTS for alert in alerts if f"{name} closed at 2,467.70, a record" in alert.text
    ] == list(FAULTS)
    assert len(alerts) == len(FAULTS)
    bot.sandbox.say("/status")
    await bot.sandbox.wait_for(SOMEBODY, 2 + len(FAULTS), timeout=DEADLINE_SECONDS)
    assert "Traceback" not in bot.log()


async def test_crypto_is_asked_for_before_the_bar_is_due_and_told_as_of_the_close(bot: RunningBot) -> None:
    """The exchange hangs when the index's bar comes: what it had said by then is in the alert."""
    config = bot.folder / "config.yaml"
    config.write_text(config.read_text().replace("settle: 60 seconds", "settle: 15 minutes"))
    first, close = stamp(DAY, 0, 0) - 3 * 86_400, stamp(DAY, 20, 0)
    hours = [[at, 110_000.0, 110_500.0, 109_500.0, 110_000.0, 50.0] for at in range(first, close, 3_600)]
    hours[-1][4] = 110_400.0
    bot.vendor.world.add("BTCUSDT", "1h", hours)
    await bot.start(f"{DAY}T19:58:00+00:00")
    await subscribed(bot)
    await bot.until("SELECT count(*) FROM bars WHERE timeframe = '1h'")
    assert bot.count(TOLD_AT_CLOSE) == 0
    (bot.folder / "clock").write_text("240")
    await bot.until(TOLD_AT_CLOSE)
    bot.vendor.world.fail("/api/v3/klines", times=1_000, delay=DEADLINE_SECONDS, body=None)
    bot.new_record()
    (bot.folder / "clock").write_text("840")
    await bot.sandbox.wait_for(SOMEBODY, 2, timeout=DEADLINE_SECONDS)
    alert = bot.sandbox.messages(SOMEBODY)[-1]
    assert "BTC 110,400" in " ".join(alert.text.split())
    assert "crypto at Thu 18 Sep 2025, 20:00 UTC" in alert.text
    await bot.stop(signal.SIGKILL)
