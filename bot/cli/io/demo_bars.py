"""Bars of `--data demo`: the simulated market, for who has no history and no network."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

from bot.market.model import FetchRequest, Market, Source
from bot.market.sources import simulated
from bot.signals.bars import Bars
from bot.signals.sessions import Sessions
from bot.signals.timeframe import DAY, Timeframe, start_of

DEMO = Path("demo")
"""What is typed after --data for it; a folder of that name goes first."""

SEED = 7
FIRST_DAY = start_of("2015-01-01")

WITHIN_DAYS_S = 730 * DAY
"""Seconds back to which there are bars within a day."""


def is_demo(data: Path | None) -> bool:
    """Whether the simulated market is meant."""
    return data == DEMO and not DEMO.is_dir()


def demo_bars(
    markets: Mapping[str, Market], timeframe: Timeframe, sessions_of: Callable[[str], Sessions]
) -> dict[str, Bars]:
    """Bars since 2015 of each market, the same at every call of a day; published series have none.

    Those within a day make up the day, and reach two years back, as vendors' do.
    """
    now = int(time.time())
    first = FIRST_DAY if timeframe is Timeframe.D1 else max(FIRST_DAY, now - now % DAY - WITHIN_DAYS_S)
    _note()
    found = {}
    for name, market in markets.items():
        if simulated.is_simulated(name, market.kind):
            source = Source(simulated.KIND, "simulator", name, {"seed": SEED})
            sessions = sessions_of(market.calendar).since(first)
            found[name] = simulated.fetch(FetchRequest(name, timeframe, source, sessions, first, now)).bars
    return found


@cache
def _note() -> None:
    """Say once in a process that nothing of it is real."""
    print("demo: a simulated market; no price of it is real", file=sys.stderr)
