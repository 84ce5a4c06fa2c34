"""Picture cache: a thousand askers of one chart are one drawing."""

from __future__ import annotations

import asyncio

import numpy as np

from bot.app.picture_cache import PictureCache
from bot.app.workers import WorkerPool
from bot.charts.request import ChartRequest, MarketChart
from bot.signals.bars import Bars
from bot.signals.timeframe import DAY, Timeframe


def chart(last: float = 100.0, *, dark: bool = False) -> MarketChart:
    """A request of its own each time, as each command makes one."""
    start = np.arange(60, dtype=np.int64) * DAY
    close = np.append(np.linspace(90, 99, 59), last)
    bars = Bars("IWM", Timeframe.D1, start, start + DAY, close, close + 1, close - 1, close, close)
    return MarketChart(bars=bars, title="IWM", dark=dark)


class Drawer:
    """Draws what it was asked for in a moment; nothing while `fails`."""

    def __init__(self) -> None:
        self.asked: list[ChartRequest] = []
        self.fails = False

    async def draw(self, request: ChartRequest) -> bytes | None:
        self.asked.append(request)
        await asyncio.sleep(0.01)
        return None if self.fails else f"{len(self.asked)}".encode()


async def test_a_thousand_askers_are_one_drawing() -> None:
    drawer = Drawer()
    pictures = PictureCache(drawer.draw)
    assert set(await asyncio.gather(*(pictures.draw(chart()) for _ in range(1_000)))) == {b"1"}
    assert await pictures.draw(chart()) == b"1"
    assert len(drawer.asked) == 1


async def test_another_bar_or_colour_is_another_picture() -> None:
    drawer = Drawer()
    pictures = PictureCache(drawer.draw, most=2)
    for request in (chart(), chart(101.0), chart(dark=True), chart(dark=True)):
        await pictures.draw(request)
    assert len(drawer.asked) == 3
    await pictures.draw(chart())
    assert len(drawer.asked) == 4, "of two that are kept it is not one any more"


async def test_what_failed_is_tried_again_and_who_leaves_takes_nobody_along() -> None:
    drawer = Drawer()
    drawer.fails = True
    pictures = PictureCache(drawer.draw)
    assert await pictures.draw(chart()) is None
    drawer.fails = False
    leaving = asyncio.create_task(pictures.draw(chart()))
    staying = asyncio.create_task(pictures.draw(chart()))
    await asyncio.sleep(0.001)
    leaving.cancel()
    assert await staying == b"2"
    assert len(drawer.asked) == 2


async def test_the_workers_draw_it_once_too() -> None:
    workers = WorkerPool()
    try:
        first = await workers.external.draw(chart())
        assert first is not None
        await workers.charts.close()  # nobody draws any more
        assert set(await asyncio.gather(*(workers.external.draw(chart()) for _ in range(50)))) == {first}
        assert await workers.external.draw(chart(101.0)) is None
    finally:
        await workers.close()
