"""Bars and sessions in the bot's database, for commands."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from bot.signals.bars import Bars
from bot.signals.sessions import Sessions
from bot.signals.timeframe import Timeframe
from bot.store.bars import load_bars, load_sessions
from bot.store.database import reading


def stored_bars(
    database: Path, markets: Iterable[str], timeframe: Timeframe, calendars: Iterable[str]
) -> tuple[dict[str, Bars], dict[str, Sessions]]:
    """The bars by market and the sessions by calendar, empty where there are none. Raises ProblemError as `reading`."""
    with reading(database) as db:
        bars = {name: load_bars(db, name, timeframe) for name in markets}
        return bars, {each: load_sessions(db, each) for each in calendars}
