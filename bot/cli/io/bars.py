"""The bars that a command sees: those of CSV files, or those in the bot's own database."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Mapping
from importlib import import_module
from pathlib import Path

from bot.cli.io.demo_bars import demo_bars, is_demo
from bot.market.basket import basket
from bot.market.model import Market
from bot.market.sources.csv import read_csv
from bot.problem import Problem, ProblemError
from bot.scan.fetch_plan import FIRST_SESSION, Series
from bot.settings import Settings
from bot.signals.bars import Bars
from bot.signals.sessions import Sessions
from bot.signals.timeframe import DAY, Instant, Timeframe, label
from bot.store.bars import load_bars
from bot.store.database import reading

BRINGS_BARS = "`bellwether data fetch` brings them, --data demo takes a simulated market"

AHEAD = 200 * DAY
"""How far beyond today a calendar is asked for; exchange_calendars knows a year."""


def bars_of(data: Path | None, settings: Settings, names: Iterable[str]) -> dict[Series, Bars]:
    """Daily bars of the named markets: from CSV files in `data`, the simulator, else from the bot's own database."""
    specs = settings.specs
    wanted = [name for name in dict.fromkeys(names) if name in specs]
    plain = list(dict.fromkeys(each for name in wanted for each in (specs[name].members or (name,))))
    markets = {name: specs[name] for name in plain}
    if is_demo(data):
        calendars: dict[str, Sessions] = {}
        found = demo_bars(markets, lambda calendar: sessions_of(calendar, calendars))
    else:
        found = _from_folder(data, markets) if data else _from_store(settings, plain)
    for name in wanted:
        members = [found[each] for each in specs[name].members if each in found]
        if members:
            found[name] = basket(name, members)
    return {(name, Timeframe.D1): bars for name, bars in found.items()}


def missing_market(name: str, data: Path | None, at: Instant | None = None) -> ProblemError:
    """What to raise where a market has no bar at all, or none at or before `at`."""
    then = f" on or before {label(at, Timeframe.D1)}" if at is not None else ""
    return ProblemError([no_bars(name, data, then)])


def no_bars(name: str, data: Path | None, then: str = "") -> Problem:
    """What is wrong where a market has no bars, and what brings some."""
    if data:
        return Problem.in_file(data, f"no bars of this market here{then}; wanted: a file {data / name}.csv", name)
    return Problem.in_file("the database", f"no bars of this market here{then}; {BRINGS_BARS}", name)


def note_bar(market: str, at: Instant | None, taken: Instant, timeframe: Timeframe) -> None:
    """Say which bar was taken where the asked one is not there."""
    if at is not None and taken != at:
        asked = label(at, Timeframe.D1)
        print(f"{market} has no bar of {asked}; the one before is taken: {label(taken, timeframe)}", file=sys.stderr)


def _from_folder(folder: Path, markets: Mapping[str, Market]) -> dict[str, Bars]:
    if not folder.is_dir():
        raise ProblemError.of(folder, "no such folder; allowed: one with files like RUT.csv, or demo")
    calendars: dict[str, Sessions] = {}
    found: dict[str, Bars] = {}
    problems: list[Problem] = []
    for name, market in markets.items():
        path = folder / f"{name}.csv"
        if not path.is_file():
            continue
        try:
            read = read_csv(path, name, sessions_of(market.calendar, calendars))
        except ProblemError as error:
            problems += error.problems
            continue
        found[name] = read.bars
        for doubt in read.doubts:
            print(doubt, file=sys.stderr)
    if problems:
        raise ProblemError(problems)
    return found


def sessions_of(calendar: str, known: dict[str, Sessions]) -> Sessions:
    """Sessions of a calendar, computed once for each dictionary of `known` ones.

    By name, since pandas takes half a second to load, which a command that reads no CSV file should not wait for.
    """
    if calendar not in known:
        sessions = import_module("bot.market.vendors.calendars").sessions
        known[calendar] = sessions(calendar, FIRST_SESSION, int(time.time()) + AHEAD)
    return known[calendar]


def _from_store(settings: Settings, names: Iterable[str]) -> dict[str, Bars]:
    if not settings.database.is_file():
        message = "no such database; `bellwether data fetch` makes one with the history of every market"
        others = "--data FOLDER reads files like RUT.csv, --data demo takes a simulated market"
        raise ProblemError.of(settings.database, f"{message}; {others}")
    with reading(settings.database) as db:
        return {name: load_bars(db, name, Timeframe.D1) for name in names}
