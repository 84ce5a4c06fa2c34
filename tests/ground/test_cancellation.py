"""What nobody waits for any more ends, in its thread too; what somebody waits for is not touched."""

from __future__ import annotations

import asyncio
import threading

import numpy as np
import pytest

from bot.cancellation import WorkCancelledError, cancellable, end_if_cancelled
from bot.signals.formula import Frame, compile_formula, evaluate
from bot.signals.levels.settings import LevelSettings
from bot.signals.levels.walk import walk_to_end
from bot.telegram import routing
from tests.signals.formula.frames import SCOPE
from tests.signals.price_walks import walk
from tests.telegram.telegram_side import running_bot


def work_on(ended):
    """Until it is cancelled."""
    try:
        while True:
            end_if_cancelled()
    finally:
        ended.set()


def test_work_goes_on_as_long_as_somebody_waits():
    end_if_cancelled()
    with cancellable():
        end_if_cancelled()


def test_a_thread_that_nobody_waits_for_ends():
    ended = threading.Event()

    async def ask():
        with cancellable() as cancel:
            try:
                async with asyncio.timeout(0.05):
                    await asyncio.to_thread(work_on, ended)
            finally:
                cancel()

    with pytest.raises(TimeoutError):
        asyncio.run(asyncio.wait_for(ask(), 30))
    assert ended.wait(30)


def test_a_formula_and_a_walk_over_levels_end_at_their_next_step():
    bars = walk(3, 400)
    frame = Frame(bars, {})
    with cancellable() as cancel:
        cancel()
        with pytest.raises(WorkCancelledError):
            evaluate(compile_formula("close > highest(close, 20)[1]", SCOPE), frame)
        with pytest.raises(WorkCancelledError):
            walk_to_end(bars, LevelSettings(), (), lambda tracker: tracker.ceiling)
    whole = walk_to_end(bars, LevelSettings(), (), lambda tracker: tracker.ceiling)
    assert np.isfinite(whole), "what was given up half way is not gone on with"
    assert len(evaluate(compile_formula("close > highest(close, 20)[1]", SCOPE), frame)) == 400


async def test_a_command_that_takes_too_long_ends_in_its_thread_too(tmp_path, monkeypatch):
    monkeypatch.setattr(routing, "COMMAND_TIMEOUT_SECONDS", 0.1)
    ended = threading.Event()

    async def slow_status():
        await asyncio.to_thread(work_on, ended)

    async with running_bot(tmp_path, status=slow_status) as bot:
        assert "went wrong" in await bot.ask("/status")
        assert await asyncio.to_thread(ended.wait, 30)
