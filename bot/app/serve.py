"""The bot in the foreground, until it is told to stop."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Callable

from bot.app.bellwether import Bellwether
from bot.app.clock import SystemClock
from bot.app.workers import WorkerPool
from bot.memory import collect_less_often, keep_large_apart, keep_one_heap
from bot.problem import ProblemError
from bot.settings import Settings
from bot.store.database import way_out
from bot.store.store import StoreError
from bot.views.formatting.numbers import count

log = logging.getLogger(__name__)


async def serve(settings: Settings, reread: Callable[[], Settings] | None = None) -> int:
    """Run until SIGTERM, SIGINT, or Telegram's word that it is useless; the exit code: 0 told to stop, 1 useless."""
    keep_one_heap()
    keep_large_apart()
    collect_less_often()
    stop = stop_on_signals()
    workers = WorkerPool()
    bot = Bellwether(settings, settings.specs, SystemClock(), workers.external, reread=reread)
    try:
        await _start(bot, settings)
        bot.liveness.started()
        log.info("running: %s, database %s", count(len(bot.rules.current.enabled), "rule"), settings.database)
        stopped = asyncio.create_task(stop.wait())
        ended = bot.telegram.ended
        assert ended is not None
        await asyncio.wait([stopped, ended], return_when=asyncio.FIRST_COMPLETED)
        useless = not stop.is_set()
        stopped.cancel()
        if useless:
            log.error("stopping: %s", ended.result())
    finally:
        await bot.close()
        await workers.close()
    log.info("stopped")
    return 1 if useless else 0


async def _start(bot: Bellwether, settings: Settings) -> None:
    try:
        await bot.start(settings.schedule.look)
    except StoreError as error:
        message = f"can't be written to ({error}); {way_out(settings.database, str(error))}"
        raise ProblemError.of(settings.database, message) from error


def stop_on_signals() -> asyncio.Event:
    """An event that SIGTERM and SIGINT set."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, stop.set)
    return stop
