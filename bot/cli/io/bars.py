"""The bars that a command sees: those of CSV files, or those in the bot's own database."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from bot.cli.io.demo_bars import demo_bars, is_demo
from bot.cli.loading import imported
from bot.market import new_york
from bot.market.basket import basket
from bot.market.csv_form.bars import CsvBars, read_csv
from bot.market.csv_form.complaints import shown
from bot.market.csv_form.symbols import is_of, is_symbol_of
from bot.market.model import FetchAnswer, Market, MarketKind
from bot.market.quality.beside_days import of_their_days
from bot.market.quality.outliers import SuspectPrice
from bot.market.quality.reconcile import GateContext, reconcile
from bot.market.quality.splits import unadjusted
from bot.market.releases import ruled_sessions, with_validity
from bot.problem import Problem, ProblemError
from bot.scan.fetch_plan import FIRST_SESSION, Series
from bot.settings import Settings
from bot.signals.bars import Bars
from bot.signals.sessions import Sessions
from bot.signals.timeframe import DAY, Instant, Timeframe, label
from bot.signals.weeks import week_start, weekly

BRINGS_BARS = "`bellwether data fetch` brings them, --data demo takes a simulated market"

AHEAD = 200 * DAY
"""How far beyond today a calendar is asked for; exchange_calendars knows a year."""


def bars_of(
    data: Path | None, settings: Settings, names: Iterable[str], timeframes: Iterable[Timeframe] = ()
) -> dict[Series, Bars]:
    """Bars of the named markets, through the bot's own gate: of CSV files in `data`, or of the bot's database.

    Daily ones, and those of `timeframes` where there are such: weeks are made of the days, bars within a day are in
    files such as IWM.1h.csv. `data` may name the simulator, which needs no gate. What the gate doubts, holds back or
    misses is said on standard error, a line for each market.
    """
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
            read = {name: _of_its_days(bars, found, specs[name], calendars) for name, bars in read.items()}
        found |= {(name, timeframe): bars for name, bars in read.items()}
    if Timeframe.W1 in lengths:
        found |= {(name, Timeframe.W1): _weeks(found, specs[name], calendars) for name in wanted}
    return found


def bar_at(name: str, data: Path | None, settings: Settings, at: Instant | None) -> tuple[Bars, int]:
    """The daily bars of a market, and the position of the last one at or before a date. Raises ProblemError."""
    bars = bars_of(data, settings, [name]).get((name, Timeframe.D1)) or Bars.empty(name, Timeframe.D1)
    position = (len(bars) if at is None else int(np.searchsorted(bars.start, at, side="right"))) - 1
    if position < 0:
        raise missing_market(name, data, at)
    return bars, position


def hourly_bars(
    data: Path | None,
    settings: Settings,
    names: Iterable[str],
    known: Mapping[Series, Bars],
    calendars: dict[str, Sessions],
) -> dict[str, Bars]:
    """Hourly bars of the named markets as `bars_of` has them, of those that have any; `calendars` are filled.

    `known` has their days, which hours are held beside.
    """
    markets = {name: settings.specs[name] for name in names}
    found = _read(data, settings, markets, Timeframe.H1, calendars) if markets else {}
    if not is_demo(data):
        found = {name: _of_its_days(bars, known, markets[name], calendars) for name, bars in found.items()}
    return {name: bars for name, bars in found.items() if len(bars)}


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
        return _from_folder(data, markets, settings.specs, timeframe, calendars)
    return _from_store(settings, markets, timeframe, calendars)


def _weeks(found: Mapping[Series, Bars], market: Market, calendars: dict[str, Sessions]) -> Bars:
    """A market's weeks out of its days; a macro series has its figures for them."""
    daily = found.get((market.name, Timeframe.D1)) or Bars.empty(market.name, Timeframe.D1)
    return daily if market.kind is MarketKind.MACRO else weekly(daily, sessions_of(market.calendar, calendars))


def missing_market(
    name: str, data: Path | None, at: Instant | None = None, timeframe: Timeframe = Timeframe.D1
) -> ProblemError:
    """What to raise where a market has no bar at all, or none at or before `at`."""
    then = f" on or before {label(at, Timeframe.D1)}" if at is not None else ""
    return ProblemError([no_bars(name, data, then, timeframe)])


def no_bars(name: str, data: Path | None, then: str = "", timeframe: Timeframe = Timeframe.D1) -> Problem:
    """What is wrong where a market has no bars of a length, and what brings some; weeks are made of days."""
    within = not timeframe.has_dates
    what = f"no bars of {timeframe}" if within else "no bars"
    if data:
        wanted = wanted_file(name, data, timeframe)
        a_file = "a file " if not (data / csv_name(name, timeframe)).is_file() else ""
        return Problem.in_file(data, f"{what} of this market here{then}; wanted: {a_file}{wanted}", name)
    file = csv_name(name, timeframe)
    brings = f"`bellwether data fetch` brings them for rules in your folders, or --data FOLDER has {file}"
    return Problem.in_file(
        "the database", f"{what} of this market here{then}; {brings if within else BRINGS_BARS}", name
    )


def wanted_file(name: str, data: Path, timeframe: Timeframe) -> str:
    """The file that would have a market's bars; one that is there has none of that length in it that count."""
    path = data / csv_name(name, timeframe)
    length = "a day" if timeframe.has_dates else str(timeframe)
    return f"bars of {length} in {path}, which has none that count" if path.is_file() else str(path)


def csv_name(market: str, timeframe: Timeframe) -> str:
    """The file of a market's bars in a folder of CSV files: IWM.csv, IWM.1h.csv."""
    return f"{market}.csv" if timeframe.has_dates else f"{market}.{timeframe.value}.csv"


def note_bar(market: str, at: Instant | None, taken: Instant, timeframe: Timeframe) -> None:
    """Say which bar was taken where the asked one is not there."""
    within = timeframe is Timeframe.W1 and at is not None and week_start(at) == taken
    if at is not None and taken != at and not within:
        asked = label(at, Timeframe.D1)
        print(f"{market} has no bar of {asked}; the one before is taken: {label(taken, timeframe)}", file=sys.stderr)


def note_form(path: Path, read: CsvBars) -> None:
    """Say how a file that is not of the plain form was understood, and what is odd about its rows."""
    if read.form:
        print(f"{path}: understood as: {read.form}", file=sys.stderr)
    for doubt in read.doubts:
        print(doubt, file=sys.stderr)


def _from_folder(
    folder: Path,
    markets: Mapping[str, Market],
    specs: Mapping[str, Market],
    timeframe: Timeframe,
    calendars: dict[str, Sessions],
) -> dict[str, Bars]:
    if not folder.is_dir():
        raise ProblemError.of(folder, "no such folder; allowed: one with files like RUT.csv, or demo")
    read: dict[str, Bars] = {}
    problems: list[Problem] = []
    sisters = [market.sister for market in markets.values() if market.sister in specs]
    for name in dict.fromkeys((*markets, *sisters)):
        path = folder / csv_name(name, timeframe)
        if not path.is_file():
            continue
        try:
            table = read_csv(path, name, sessions_of(specs[name].calendar, calendars), timeframe)
        except ProblemError as error:
            problems += error.problems
            continue
        if strange := _strange_symbol(path, table.symbol, specs[name], specs):
            problems.append(strange)
            continue
        read[name] = table.bars
        if name in markets:
            note_form(path, table)
    if problems:
        raise ProblemError(problems)
    return {
        name: _believed(read[name], market, sessions_of(market.calendar, calendars), sister=read.get(market.sister))
        for name, market in markets.items()
        if name in read
    }


def _of_its_days(bars: Bars, known: Mapping[Series, Bars], market: Market, calendars: dict[str, Sessions]) -> Bars:
    """The bars within a day without what can't be of their day; says which on standard error."""
    days = known.get((market.name, Timeframe.D1)) or Bars.empty(market.name, Timeframe.D1)
    held = of_their_days(bars, days, sessions_of(market.calendar, calendars), market.kind)
    if held.told:
        print(f"{market.name} {bars.timeframe}: {held.told}", file=sys.stderr)
    return held.bars


def _strange_symbol(path: Path, symbol: str, market: Market, specs: Mapping[str, Market]) -> Problem | None:
    """What is wrong where a file's own symbol is another market's; one that nobody here knows is only said."""
    if not symbol or is_of(symbol, market):
        return None
    said = f"its column of symbols says {shown(symbol)}"
    if other := next((name for name, each in specs.items() if is_symbol_of(symbol, each)), ""):
        allowed = f"allowed: prices of {market.name}, or the file as {csv_name(other, Timeframe.D1)}"
        return Problem.in_file(path, f"{said}, which is {other}; {allowed}")
    print(f"{path}: {said}, which no source of {market.name} is called; read as {market.name}", file=sys.stderr)
    return None


def _believed(
    bars: Bars, market: Market, sessions: Sessions, *, history: Bars | None = None, sister: Bars | None = None
) -> Bars:
    """The bars that pass the gate, as of the last closed one; `history` are those that the bot believed before."""
    if not len(bars):
        return bars
    now = int(time.time())
    closed = bars.end[bars.end <= now]
    context = GateContext(market, sessions, int(closed[-1]) if len(closed) else now, None, history, sister)
    passed = reconcile([FetchAnswer(bars, Bars.empty(market.name, bars.timeframe), "file")], context)
    unit = "session" if bars.timeframe is Timeframe.D1 else "bar"
    told = [
        _counted(len(passed.doubts), "price", "not believed", [_doubt(each, bars.timeframe) for each in passed.doubts]),
        _left_out(passed.held),
        _counted(len(passed.missing), unit, "missing", [label(at, bars.timeframe) for at in passed.missing.tolist()]),
        *_splits(passed.bars, market, sister),
    ]
    if any(told):
        name = market.name if bars.timeframe.has_dates else f"{market.name} {bars.timeframe}"
        print(f"{name}: {'; '.join(filter(None, told))}", file=sys.stderr)
    return with_validity(passed.bars, market.calendar)


def _doubt(suspect: SuspectPrice, timeframe: Timeframe) -> str:
    return f"{label(suspect.start, timeframe)} {' and '.join(suspect.prices)}: {suspect.reason}"


def _left_out(held: Sequence[str]) -> str:
    """As "14 bars left out, the last: …", and for each reason so where there are several, the commonest first."""
    told = [each.partition(" (")[0] for each in held]
    kinds: dict[str, list[str]] = {}
    for each in told:
        reason = each.partition(": ")[2]
        kinds.setdefault(re.sub(r"[-+]?\d[\d.,e+%-]*", "", reason.partition(":")[0]), []).append(each)
    if len(kinds) < 2:
        return _counted(len(told), "bar", "left out", told)
    ordered = sorted(kinds.values(), key=len, reverse=True)
    parts = (each[0] if len(each) == 1 else f"{len(each)}, the last: {each[-1]}" for each in ordered)
    return f"{len(told)} bars left out ({'; '.join(parts)})"


def _splits(bars: Bars, market: Market, sister: Bars | None) -> list[str]:
    """Where prices look like those of a split that the file has not adjusted; only what has shares is split."""
    traded = market.kind is MarketKind.EQUITY or (market.kind is MarketKind.INDEX and sister is not None)
    if not traded or bars.timeframe is not Timeframe.D1:
        return []
    found = unadjusted(bars, sister)
    times = [
        f"from {label(start, Timeframe.D1)} on prices are {ratio:.3g} times those before" for start, ratio in found
    ]
    return [f"{each}: an unadjusted split?" for each in times]


def _counted(count: int, what: str, how: str, which: list[str]) -> str:
    """As "4 prices not believed, the last: …"; "" where there is none."""
    if not count:
        return ""
    return f"{count} {what}{'' if count == 1 else 's'} {how}, {'' if count == 1 else 'the last: '}{which[-1]}"


def sessions_of(calendar: str, known: dict[str, Sessions]) -> Sessions:
    """Sessions of a calendar, computed once for each dictionary of `known` ones."""
    if calendar not in known:
        known[calendar] = _computed(calendar, FIRST_SESSION, int(time.time()) + AHEAD)
    return known[calendar]


def _computed(calendar: str, first: Instant, last: Instant) -> Sessions:
    if (ruled := ruled_sessions(calendar, first, last)) is not None:
        return ruled
    if calendar == new_york.CALENDAR and last <= new_york.LAST:
        return new_york.new_york_sessions(first, last)
    # By name, since it takes a second, which commands on any other market should not wait for.
    sessions: Sessions = imported("bot.market.vendors.calendars:sessions")(calendar, first, last)
    return sessions


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
        name: _believed(bars, markets[name], calendars[markets[name].calendar], history=bars)
        if len(calendars[markets[name].calendar])
        else bars
        for name, bars in kept.items()
    }
