"""The bars that a command sees: those of CSV files, or those in the bot's own database."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np

from bot.cli.io.csv_files import csv_name, folder_bars
from bot.cli.io.demo_bars import demo_bars, is_demo
from bot.cli.io.gate import believed, of_its_days
from bot.cli.io.memory import keep_freed_memory
from bot.cli.io.sessions import AHEAD, sessions_of
from bot.cli.loading import imported
from bot.market.basket import FEWEST_MEMBERS, basket
from bot.market.model import Market, MarketKind
from bot.market.releases import ruled_sessions
from bot.problem import Problem, ProblemError
from bot.scan.fetching.fetch_plan import FIRST_SESSION
from bot.scan.series import Series
from bot.settings import Settings
from bot.signals.bars import Bars
from bot.signals.sessions import Sessions
from bot.signals.timeframe import Instant, Timeframe, label
from bot.signals.weeks import week_start, weekly

BRINGS_BARS = "`bellwether data fetch` brings them, --data demo takes a simulated market"


WITHIN_DAYS = (Timeframe.H1, Timeframe.M30, Timeframe.M15, Timeframe.M5, Timeframe.H4)
"""Lengths of the bars by which days are looked at as they formed, the first that there are."""


def bars_of(
    data: Path | None, settings: Settings, names: Iterable[str], timeframes: Iterable[Timeframe] = ()
) -> dict[Series, Bars]:
    """Bars of the named markets, through the bot's own gate: of CSV files in `data`, or of the bot's database.

    Daily ones, and those of `timeframes` where there are such: weeks are made of the days, bars within a day are in
    files such as IWM.1h.csv. `data` may name the simulator, which needs no gate. What the gate doubts, holds back or
    misses is said on standard error, a line for each market.
    """
    keep_freed_memory()
    specs = settings.specs
    wanted = [name for name in dict.fromkeys(names) if name in specs]
    plain = list(dict.fromkeys(each for name in wanted for each in (specs[name].members or (name,))))
    markets = {name: specs[name] for name in plain}
    calendars: dict[str, Sessions] = {}
    found: dict[Series, Bars] = {}
    lengths = set(timeframes)
    for timeframe in (Timeframe.D1, *sorted(lengths - {Timeframe.D1, Timeframe.W1})):
        read = _read(data, settings, markets, timeframe, calendars)
        for name in wanted:
            members = [read[each] for each in specs[name].members if each in read]
            if members:
                read[name] = basket(name, members)
        if not is_demo(data) and not timeframe.has_dates:
            read = _of_their_days(read, found, specs, calendars)
        found |= {(name, timeframe): bars for name, bars in read.items()}
    if Timeframe.W1 in lengths:
        found |= {(name, Timeframe.W1): _weeks(found, specs[name], calendars) for name in wanted}
    return found


def bar_at(name: str, data: Path | None, settings: Settings, at: Instant | None) -> tuple[Bars, int]:
    """The daily bars of a market, and the position of the last one at or before a date. Raises ProblemError."""
    bars = bars_of(data, settings, [name]).get((name, Timeframe.D1), Bars.empty(name, Timeframe.D1))
    position = (len(bars) if at is None else int(np.searchsorted(bars.start, at, side="right"))) - 1
    if position < 0:
        raise missing_market(name, data, settings.specs, at, bars=bars)
    return bars, position


def hourly_bars(
    data: Path | None,
    settings: Settings,
    names: Iterable[str],
    known: Mapping[Series, Bars],
    calendars: dict[str, Sessions],
) -> dict[str, Bars]:
    """Hourly bars of the named markets as `bars_of` has them, of those that have any; `calendars` are filled.

    Of a market without hours the bars of another length within a day, which make the day so far as well; it is said.
    `known` has their days, which these bars are held beside.
    """
    specs = settings.specs
    left = {name: specs[name] for name in names}
    found: dict[str, Bars] = {}
    for timeframe in (Timeframe.H1,) if is_demo(data) else WITHIN_DAYS:
        read = _read(data, settings, left, timeframe, calendars) if left else {}
        if not is_demo(data):
            read = _of_their_days(read, known, left, calendars)
        for name in (name for name, bars in read.items() if len(bars)):
            found[name] = read[name]
            del left[name]
            if timeframe is not Timeframe.H1:
                print(f"{name}: no hours; its days are looked at by its bars of {timeframe}", file=sys.stderr)
    return found


def _read(
    data: Path | None,
    settings: Settings,
    markets: Mapping[str, Market],
    timeframe: Timeframe,
    calendars: dict[str, Sessions],
) -> dict[str, Bars]:
    """The bars of one length by market; markets without such a file or such bars may lack."""
    if is_demo(data):
        return demo_bars(markets, timeframe, lambda calendar: sessions_of(calendar, calendars))
    if data:
        return folder_bars(data, markets, settings.specs, timeframe, calendars)
    return _from_store(settings, markets, timeframe, calendars)


def _of_their_days(
    read: Mapping[str, Bars],
    known: Mapping[Series, Bars],
    markets: Mapping[str, Market],
    calendars: dict[str, Sessions],
) -> dict[str, Bars]:
    """Bars within a day held beside the known days of their markets."""
    return {
        name: of_its_days(
            bars, known.get((name, Timeframe.D1)), markets[name], sessions_of(markets[name].calendar, calendars)
        )
        for name, bars in read.items()
    }


def _weeks(found: Mapping[Series, Bars], market: Market, calendars: dict[str, Sessions]) -> Bars:
    """A market's weeks out of its days; a macro series has its figures for them."""
    daily = found.get((market.name, Timeframe.D1)) or Bars.empty(market.name, Timeframe.D1)
    return daily if market.kind is MarketKind.MACRO else weekly(daily, sessions_of(market.calendar, calendars))


def missing_market(
    name: str,
    data: Path | None,
    specs: Mapping[str, Market],
    at: Instant | None = None,
    timeframe: Timeframe = Timeframe.D1,
    bars: Bars | None = None,
) -> ProblemError:
    """What to raise where a market has no bar at all, or none at or before `at`; `bars` are those that it has."""
    then = f" on or before {label(at, Timeframe.D1)}" if at is not None else ""
    if bars is not None and len(bars):
        begins = label(int(bars.start[0]), Timeframe.D1)
        told = f"no bars of this market here{then}: its bars begin on {begins}; allowed: that day or a later one"
        return ProblemError([Problem.in_file(data or "the database", told, name)])
    return ProblemError([no_bars(name, data, specs, then, timeframe)])


def no_bars(
    name: str, data: Path | None, specs: Mapping[str, Market], then: str = "", timeframe: Timeframe = Timeframe.D1
) -> Problem:
    """What is wrong where a market has no bars of a length, and what brings some; weeks are made of days."""
    within = not timeframe.has_dates
    what = f"no bars of {timeframe}" if within else "no bars"
    if data:
        wanted = wanted_file(name, data, specs, timeframe)
        a_file = "a file " if wanted == str(data / csv_name(name, timeframe)) else ""
        return Problem.in_file(data, f"{what} of this market here{then}; wanted: {a_file}{wanted}", name)
    file = ", ".join(csv_name(each, timeframe) for each in _parts(name, specs))
    brings = f"`bellwether data fetch` brings them for rules in your folders, or --data FOLDER has {file}"
    return Problem.in_file(
        "the database", f"{what} of this market here{then}; {brings if within else BRINGS_BARS}", name
    )


def wanted_file(name: str, data: Path, specs: Mapping[str, Market], timeframe: Timeframe) -> str:
    """The file that would have a market's bars, those of a basket's members; one that is there has none that count."""
    length = "a day" if timeframe.has_dates else str(timeframe)
    if is_demo(data):
        return f"bars of {length} of {name} in --data FOLDER, as the simulated market has none"
    parts = _parts(name, specs)
    paths = [data / csv_name(each, timeframe) for each in parts]
    lacking = [str(path) for path in paths if not path.is_file()]
    if len(parts) > 1:
        return f"files of at least {FEWEST_MEMBERS} members of this basket, as {', '.join(lacking or map(str, paths))}"
    return lacking[0] if lacking else f"bars of {length} in {paths[0]}, which has none that count"


def _parts(name: str, specs: Mapping[str, Market]) -> tuple[str, ...]:
    """The members of a basket, which has no bars of its own; else the market itself."""
    return (specs[name].members if name in specs else ()) or (name,)


def note_bar(market: str, at: Instant | None, taken: Instant, timeframe: Timeframe) -> None:
    """Say which bar was taken where the asked one is not there, or can't be there yet."""
    within = timeframe is Timeframe.W1 and at is not None and week_start(at) == taken
    if at is not None and taken != at and not within:
        asked = label(at, Timeframe.D1)
        ahead = at > time.time()
        told = f"{asked} lies ahead; the newest bar" if ahead else f"{market} has no bar of {asked}; the one before"
        print(f"{told}{f' of {market}' if ahead else ''} is taken: {label(taken, timeframe)}", file=sys.stderr)


def _from_store(
    settings: Settings, markets: Mapping[str, Market], timeframe: Timeframe, calendars: dict[str, Sessions]
) -> dict[str, Bars]:
    """The bars that the bot keeps: they have passed the gate, and what it believed of them stays believed."""
    if not settings.database.is_file():
        message = "no such database; `bellwether data fetch` makes one with the history of every market"
        others = "--data FOLDER reads files like RUT.csv, --data demo takes a simulated market"
        raise ProblemError.of(settings.database, f"{message}; {others}")
    wanted = {market.calendar for market in markets.values()} - calendars.keys()
    last = int(time.time()) + AHEAD
    calendars |= {each: ruled for each in wanted if (ruled := ruled_sessions(each, FIRST_SESSION, last)) is not None}
    # By name, since the database's library takes longer to load than a folder of files to read.
    read = imported("bot.cli.io.stored_bars:stored_bars")
    kept, sessions = read(settings.database, list(markets), timeframe, sorted(wanted - calendars.keys()))
    calendars |= sessions
    return {
        name: believed(bars, markets[name], calendars[markets[name].calendar], history=bars)
        if len(calendars[markets[name].calendar])
        else bars
        for name, bars in kept.items()
    }
