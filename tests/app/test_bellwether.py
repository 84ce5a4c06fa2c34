"""The whole bot on a simulated market, in a chat of the sandbox."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import HttpUrl, SecretStr

from bot.app.bellwether import Bellwether
from bot.app.clock import LeapingClock
from bot.app.workers import WorkerPool
from bot.market.model import Source
from bot.market.sources import simulated
from bot.sandbox.server import Sandbox
from bot.sandbox.users import SOMEBODY
from bot.settings.load import load_settings
from bot.signals.timeframe import DAY, start_of
from bot.store.sqlite import Database

WORLD = {"seed": 7, "scenario": "default", "start": "2026-03-02"}
EVE = start_of("2026-03-04") + 22 * 3_600
"""The evening before the day on which the default scenario breaks out."""


@dataclass
class Town:
    """The bot, its clock, and who speaks with it."""

    bot: Bellwether
    clock: LeapingClock
    sandbox: Sandbox

    async def ask(self, text: str) -> str:
        """Say something and read the answer."""
        before = len(self.sandbox.messages(SOMEBODY))
        self.sandbox.say(text)
        return (await self.sandbox.wait_for(SOMEBODY, before + 1, timeout=20))[before].text


@asynccontextmanager
async def town(folder: Path) -> AsyncIterator[Town]:
    (folder / "rules").mkdir()
    (folder / "rules" / "breaks.yaml").write_text("title: It breaks\nmarket: IWM\nwhen: close > 301\n")
    clock = LeapingClock(EVE)
    sandbox = Sandbox(clock=clock.time)
    await sandbox.start()
    sandbox.add_person(SOMEBODY, "Ann")
    settings = load_settings(None, {}, folder)
    source = Source(simulated.KIND, "simulator", "IWM", WORLD)
    markets = {"IWM": replace(settings.specs["IWM"], sources=(source,))}
    telegram = settings.telegram.model_copy(
        update={"token": SecretStr(sandbox.token), "api_url": HttpUrl(sandbox.url), "access": "open"}
    )
    own = {
        "database": folder / "bot.db",
        "rules": (folder / "rules",),
        "telegram": telegram,
        "markets": {"IWM": settings.markets["IWM"]},
        "crypto": (),
    }
    workers = WorkerPool()
    bot = Bellwether(settings.model_copy(update=own), markets, clock, workers.external, "SIMULATED")
    await bot.scanner.scan(clock.now())
    await bot.start(DAY, _nothing)
    try:
        yield Town(bot, clock, sandbox)
    finally:
        await bot.close()
        await workers.close()
        await sandbox.close()


async def _nothing() -> None:
    """The test looks by itself."""


async def test_an_alert_and_a_price_alert_of_one_close_leave_at_one_look(tmp_path):
    async with town(tmp_path) as here:
        await here.ask("/subscribe")
        assert "I will tell you once" in await here.ask("/tell IWM 301")
        before = len(here.sandbox.messages(SOMEBODY))
        here.clock.leap(EVE + DAY)
        scan = await here.bot.look()
        assert scan is not None
        assert scan.queued
        told = (await here.sandbox.wait_for(SOMEBODY, before + 2, timeout=20))[before:]
        assert any("It breaks" in each.text for each in told)
        assert any("301.00" in each.text for each in told)


async def test_a_failing_price_alert_keeps_no_alert_back(tmp_path):
    async with town(tmp_path) as here:
        await here.ask("/subscribe")
        await here.ask("/tell IWM 301")
        before = len(here.sandbox.messages(SOMEBODY))
        await here.bot.store.run(_break_price_alerts)
        here.clock.leap(EVE + DAY)
        assert await here.bot.look() is not None
        (told,) = (await here.sandbox.wait_for(SOMEBODY, before + 1, timeout=20))[before:]
        assert "It breaks" in told.text
        assert "price alerts" in str((await here.bot.status()).last_error)


def _break_price_alerts(db: Database) -> None:
    db.execute("ALTER TABLE price_alerts RENAME TO gone")
