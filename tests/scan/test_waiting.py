"""What an alert waits for, and what it does not wait for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.app.workers import WorkerPool
from bot.charts.request import MarketChart
from bot.scan import compose
from bot.signals.bars import Bars
from bot.signals.timeframe import Timeframe
from tests.scan.town import CALENDAR, RECORD, Town, build, wave


@asynccontextmanager
async def town(folder: Path, rules: int = 1) -> AsyncIterator[Town]:
    """It has looked at a hundred sessions, somebody has subscribed, and the next bar is a record."""
    here = build(folder, {f"record-{at}": RECORD for at in range(rules)}, {"RUT": [*wave(100), 101.0]})
    try:
        await here.look(99)
        await here.subscribe(int(CALENDAR.closes[99]))
        here.told.clear()
        yield here
    finally:
        await here.store.close()


async def test_a_picture_is_prepared_for_when_a_bar_is_due_and_only_then(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        await here.look(99, later=3_600)
        assert here.told == []
        await here.look(100)
        assert here.told == ["expecting", "queued"]
        await here.look(100, later=3_600)
        assert here.told == ["expecting", "queued"]


async def test_before_a_bar_is_due_its_source_is_asked_once_and_not_believed(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        await here.look(99, later=13 * 3_600)  # the bar of the day before is verified in the morning
        here.asked.clear()
        await here.look(100, later=700)
        assert (here.told, here.asked) == ([], [])
        for later in (790, 850):
            await here.look(100, later=later)
            await asyncio.sleep(0.05)
        assert (here.told, len(here.asked)) == (["expecting"], 1)
        await here.look(100)
        assert here.told == ["expecting", "expecting", "queued"]


async def test_all_alerts_of_a_close_are_one_message_under_one_picture(tmp_path: Path) -> None:
    async with town(tmp_path, rules=2) as here:
        assert (await here.look(100)).queued == 1
        assert here.told == ["expecting", "queued"]
        assert len(here.pictures) == 1
        (text,) = await here.texts()
        assert "Also today: A record." in text


async def test_an_alert_whose_picture_does_not_come_goes_without_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(compose, "PICTURE_TIMEOUT_SECONDS", 0.05)
    async with town(tmp_path) as here:
        here.hangs = True
        assert (await here.look(100)).queued == 1
        assert "RUT closes at 101.00, above 95.00" in (await here.texts())[0]
    assert "no picture within 0.05 s; it goes without" in caplog.text


async def test_the_evidence_is_gathered_while_the_picture_is_drawn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with town(tmp_path) as here:
        real, drawn = compose.alert_evidence, asyncio.Event()
        loop = asyncio.get_running_loop()

        def alert_evidence(*arguments: object) -> object:
            loop.call_soon_threadsafe(drawn.set)
            return real(*arguments)  # type: ignore[arg-type]

        async def draw(_: object) -> bytes:
            await asyncio.wait_for(drawn.wait(), 5)  # would time out, did the evidence wait for the picture
            return b"png"

        monkeypatch.setattr(compose, "alert_evidence", alert_evidence)
        here.draws = draw
        assert (await here.look(100)).queued == 1
        photo = await here.store.run(lambda db: db.execute("SELECT photo FROM messages").fetchone()[0])
        assert photo == b"png"


async def test_the_chart_process_is_ready_before_anybody_asks() -> None:
    workers = WorkerPool()
    try:
        for _ in range(2):
            workers.external.warm()
        async with asyncio.timeout(60):
            while workers.charts.pid is None:
                await asyncio.sleep(0.02)
            pid = workers.charts.pid
            workers.external.warm()
            chart = MarketChart(bars=Bars.empty("", Timeframe.D1), title="")
            assert (await workers.external.draw(chart) or b"").startswith(b"\x89PNG")
        assert workers.charts.pid == pid
    finally:
        await workers.close()
