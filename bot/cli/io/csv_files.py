"""Bars of CSV files, through the bot's own gate."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from bot.cli.io.gate import believed
from bot.cli.io.sessions import sessions_of
from bot.market.csv_form.bars import CsvBars, read_csv
from bot.market.csv_form.complaints import shown
from bot.market.csv_form.symbols import is_of, is_symbol_of
from bot.market.model import Market
from bot.problem import Problem, ProblemError
from bot.signals.bars import Bars
from bot.signals.sessions import Sessions
from bot.signals.timeframe import Timeframe


def csv_name(market: str, timeframe: Timeframe) -> str:
    """The file of a market's bars in a folder of CSV files: IWM.csv, IWM.1h.csv."""
    return f"{market}.csv" if timeframe.has_dates else f"{market}.{timeframe.value}.csv"


def length_named(path: Path) -> Timeframe | None:
    """The length that a file's name tells, as in IWM.15m.csv; None where it tells none."""
    said = path.stem.rpartition(".")[2]
    return Timeframe(said) if said in {each.value for each in Timeframe} else None


def folder_bars(
    folder: Path,
    markets: Mapping[str, Market],
    specs: Mapping[str, Market],
    timeframe: Timeframe,
    calendars: dict[str, Sessions],
) -> dict[str, Bars]:
    """The bars that the gate believes of the files in a folder; markets without a file lack. Raises ProblemError."""
    if not folder.is_dir():
        raise ProblemError.of(folder, "no such folder; allowed: one with files like RUT.csv, or demo")
    paths = {name: folder / csv_name(name, timeframe) for name in _with_sisters(markets, specs)}
    return _believed_files(
        {name: path for name, path in paths.items() if path.is_file()}, markets, specs, timeframe, calendars
    )


def file_bars(
    path: Path, market: Market, specs: Mapping[str, Market], timeframe: Timeframe, calendars: dict[str, Sessions]
) -> Bars:
    """The same of one file, whatever it is called; a sister's file beside it is what it is judged by."""
    beside = {name: path.with_name(csv_name(name, timeframe)) for name in _with_sisters({market.name: market}, specs)}
    paths = {name: each for name, each in beside.items() if each.is_file()} | {market.name: path}
    return _believed_files(paths, {market.name: market}, specs, timeframe, calendars)[market.name]


def _with_sisters(markets: Mapping[str, Market], specs: Mapping[str, Market]) -> list[str]:
    return list(dict.fromkeys((*markets, *(each.sister for each in markets.values() if each.sister in specs))))


def _believed_files(
    paths: Mapping[str, Path],
    markets: Mapping[str, Market],
    specs: Mapping[str, Market],
    timeframe: Timeframe,
    calendars: dict[str, Sessions],
) -> dict[str, Bars]:
    """The bars of those of the files that are of `markets`; the others bear them out."""
    read: dict[str, Bars] = {}
    problems: list[Problem] = []
    for name, path in paths.items():
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
        name: believed(read[name], market, sessions_of(market.calendar, calendars), sister=read.get(market.sister))
        for name, market in markets.items()
        if name in read
    }


def note_form(path: Path, read: CsvBars) -> None:
    """Say how a file that is not of the plain form was understood, and what is odd about its rows."""
    if read.form:
        print(f"{path}: understood as: {read.form}", file=sys.stderr)
    for doubt in read.doubts:
        print(doubt, file=sys.stderr)


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
