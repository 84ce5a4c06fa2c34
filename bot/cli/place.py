"""Where does a command work: which settings, rules and bars are meant?"""

from __future__ import annotations

import difflib
import os
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from bot.market.basket import basket
from bot.market.calendars import sessions
from bot.market.csvfile import read_csv
from bot.market.spec import Market
from bot.problem import Problem, ProblemError
from bot.rulebook.book import Rulebook, load_book
from bot.rulebook.written import WrittenRule
from bot.settings import Settings, find_config, load_settings
from bot.signals.bars import Bars
from bot.signals.sessions import Sessions
from bot.signals.timeframe import DAY, Instant, Timeframe, label, start_of
from bot.store.bars import load_bars
from bot.store.database import open_readonly
from bot.watch.plan import FIRST_SESSION, Series

AHEAD = 200 * DAY
"""How far beyond today a calendar is asked for; exchange_calendars knows a year."""

Data = Annotated[Path | None, typer.Option(help="Folder with <MARKET>.csv files; else the bot's database.")]
At = Annotated[str | None, typer.Option("--at", help="As of this date, as 2020-01-31; else the newest bar.")]


def settings_here() -> Settings:
    """The settings of this folder, or the example's where it has none."""
    here = Path.cwd()
    return load_settings(find_config(os.environ, here), os.environ, here)


def book_here(settings: Settings) -> Rulebook:
    """The rules of the settings."""
    return load_book(settings.rules, frozenset(settings.markets))


def chosen(book: Rulebook, names: Sequence[str]) -> list[WrittenRule]:
    """The rules that were named, all enabled ones where none was. Raises ProblemError for a stranger."""
    if not names:
        return [rule for rule in book.rules.values() if rule.enabled]
    strangers = [name for name in names if name not in book.rules]
    if strangers:
        raise ProblemError([_stranger(name, book) for name in strangers])
    return [book.rules[name] for name in names]


def bars_of(data: Path | None, settings: Settings, names: Iterable[str]) -> dict[Series, Bars]:
    """Daily bars of the named markets: from CSV files in `data`, else from the bot's own database."""
    specs = settings.specs
    wanted = [name for name in dict.fromkeys(names) if name in specs]
    plain = list(dict.fromkeys(each for name in wanted for each in (specs[name].members or (name,))))
    found = _from_folder(data, {name: specs[name] for name in plain}) if data else _from_store(settings, plain)
    for name in wanted:
        members = [found[each] for each in specs[name].members if each in found]
        if members:
            found[name] = basket(name, members)
    return {(name, Timeframe.D1): bars for name, bars in found.items()}


def market_named(name: str, settings: Settings) -> str:
    """The name of a market as the config has it, whichever case was typed. Raises ProblemError for a stranger."""
    known = {each.upper(): each for each in settings.markets}
    if name.upper() not in known:
        near = difflib.get_close_matches(name.upper(), known, 3)
        hint = f"did you mean {' or '.join(sorted(near))}?" if near else f"allowed: {', '.join(settings.markets)}"
        raise ProblemError([Problem(name, 0, 0, "", f"no such market; {hint}")])
    return known[name.upper()]


def date_option(name: str, text: str | None) -> Instant | None:
    """Midnight UTC of a date that a person typed; None where none was."""
    if text is None:
        return None
    try:
        return start_of(text)
    except ValueError:
        raise ProblemError([Problem(name, 0, 0, "", f"not a date (got {text!r}); allowed: as 2020-01-31")]) from None


def missing_market(name: str, data: Path | None, at: Instant | None = None) -> ProblemError:
    """What to raise where a market has no bar at all, or none at or before `at`."""
    where = str(data) if data else "the database"
    then = f" on or before {label(at, Timeframe.D1)}" if at is not None else ""
    return ProblemError([Problem(where, 0, 0, name, f"no bars of this market here{then}")])


def note_bar(market: str, at: Instant | None, taken: Instant, timeframe: Timeframe) -> None:
    """Say which bar was taken where the asked one is not there."""
    if at is not None and taken != at:
        asked = label(at, Timeframe.D1)
        print(f"{market} has no bar of {asked}; the one before is taken: {label(taken, timeframe)}", file=sys.stderr)


def _stranger(name: str, book: Rulebook) -> Problem:
    near = difflib.get_close_matches(name, book.rules, 1)
    hint = f"did you mean {near[0]}?" if near else f"allowed: {', '.join(sorted(book.rules)) or 'none'}"
    return Problem(name, 0, 0, "", f"no such rule; {hint}")


def _from_folder(folder: Path, markets: Mapping[str, Market]) -> dict[str, Bars]:
    if not folder.is_dir():
        raise ProblemError([Problem(str(folder), 0, 0, "", "no such folder; allowed: one with files like RUT.csv")])
    calendars: dict[str, Sessions] = {}
    found: dict[str, Bars] = {}
    problems: list[Problem] = []
    for name, market in markets.items():
        path = folder / f"{name}.csv"
        if not path.is_file():
            continue
        try:
            found[name] = read_csv(path, name, sessions_of(market.calendar, calendars))
        except ProblemError as error:
            problems += error.problems
    if problems:
        raise ProblemError(problems)
    return found


def sessions_of(calendar: str, known: dict[str, Sessions]) -> Sessions:
    """Sessions of a calendar, computed once for each dictionary of `known` ones."""
    if calendar not in known:
        known[calendar] = sessions(calendar, FIRST_SESSION, int(time.time()) + AHEAD)
    return known[calendar]


def _from_store(settings: Settings, names: Iterable[str]) -> dict[str, Bars]:
    if not settings.database.is_file():
        message = "no such database; allowed: --data FOLDER with files like RUT.csv, or a bot that has run here"
        raise ProblemError([Problem(str(settings.database), 0, 0, "", message)])
    db = open_readonly(settings.database)
    try:
        return {name: load_bars(db, name, Timeframe.D1) for name in names}
    finally:
        db.close()
