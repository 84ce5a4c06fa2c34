"""The worker processes for what is heavy or can hang: sources, calendars, charts."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from bot.app.picture_cache import PictureCache
from bot.charts.request import ChartRequest, Draw, MarketChart
from bot.market.model import FetchAnswer, FetchRequest
from bot.market.sources import registry
from bot.scan.calendars import Compute
from bot.scan.snapshots import Ask
from bot.signals.bars import Bars
from bot.signals.sessions import Sessions
from bot.signals.timeframe import Instant, Timeframe
from bot.worker.client import Worker

log = logging.getLogger(__name__)

FETCH_SECONDS = 60.0
"""Seconds for one question to one source, start of the worker included; the vendors' own limits are shorter."""

SOURCES_AT_ONCE = 160
"""Questions to sources side by side, all kinds of sources together: more than all of them bear, by their turns.

So those of sources that hang keep no other waiting.
"""

DRAW_SECONDS = 30.0
IDLE_SECONDS = 600.0
"""Seconds without a call after which a worker's process ends, and its memory is free."""


@dataclass(frozen=True)
class External:
    """What the loop asks of the world outside.

    `draw` never raises; `warm` says that a picture may be wanted soon; `workers` are names and process ids. `ask`
    has any other question put to a vendor; None where there is nobody to ask, as on a simulated market.
    """

    fetch: Callable[[FetchRequest], Awaitable[FetchAnswer]]
    sessions: Compute
    draw: Draw
    workers: Callable[[], tuple[tuple[str, int | None], ...]] = tuple
    ask: Ask | None = None
    warm: Callable[[], None] = lambda: None


class WorkerPool:
    """The two worker processes: one for data, one for charts, so that a source that hangs delays no picture."""

    def __init__(self) -> None:
        self.data = Worker("data", at_once=SOURCES_AT_ONCE, recycle_after=2_000, idle_after=IDLE_SECONDS)
        self.charts = Worker("charts", recycle_after=200, idle_after=IDLE_SECONDS)
        self._undrawn = ""  # why the last picture failed: said once, not with every alert
        self._pictures = PictureCache(self._draw)
        self._warming: asyncio.Task[bytes | None] | None = None

    @property
    def external(self) -> External:
        """The workers as the loop sees them."""
        return External(self._fetch, self._sessions, self._pictures.draw, self._pids, self._ask, self._warm)

    async def close(self) -> None:
        """End both, also in the middle of a call."""
        await asyncio.gather(self.data.close(), self.charts.close())

    async def _fetch(self, request: FetchRequest) -> FetchAnswer:
        answer: FetchAnswer = await self.data.call(f"{registry.__name__}:fetch", request, timeout=FETCH_SECONDS)
        return answer

    async def _sessions(self, calendar: str, first: Instant, last: Instant) -> Sessions:
        found: Sessions = await self.data.call(
            "bot.market.vendors.calendars:sessions", calendar, first, last, timeout=FETCH_SECONDS
        )
        return found

    async def _ask(self, function: str, *arguments: object) -> Any:
        module, _, asked = function.partition(":")
        named = (module.rpartition(".")[2], asked)
        return await self.data.call(f"{registry.__name__}:ask", function, *named, *arguments, timeout=FETCH_SECONDS)

    async def _draw(self, chart: ChartRequest) -> bytes | None:
        try:
            png: bytes = await self.charts.call(chart.function, chart, timeout=DRAW_SECONDS)
        except Exception as error:  # noqa: BLE001  # whatever drawing stumbles over: the alert goes without it
            told = f"{type(error).__name__}: {error}"
            log.log(logging.DEBUG if told == self._undrawn else logging.WARNING, "no picture: %s", told)
            self._undrawn = told
            return None
        self._undrawn = ""
        return png

    def _warm(self) -> None:
        """Have the process started while bars are fetched: where it rests, an alert would wait for it."""
        under_way = self._warming is not None and not self._warming.done()
        if self.charts.pid is None and not under_way:
            self._warming = asyncio.ensure_future(self._draw(MarketChart(bars=Bars.empty("", Timeframe.D1), title="")))

    def _pids(self) -> tuple[tuple[str, int | None], ...]:
        return tuple((worker.name, worker.pid) for worker in (self.data, self.charts))
