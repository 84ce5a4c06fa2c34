"""`bellwether rules test`: the rules' own tests, once or at each save."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import typer

from bot.cli.io.csv_files import file_bars, length_named
from bot.cli.io.gate import of_its_days
from bot.cli.io.options import current_settings, is_file_name
from bot.cli.io.output import write_file
from bot.cli.io.sessions import sessions_of
from bot.cli.rules.check import existing_folder, no_such_rules
from bot.market.model import MarketKind
from bot.problem import Problem, ProblemError
from bot.rulebook.book import Rulebook, load_book
from bot.rulebook.check_report import check_report
from bot.rulebook.rule_files import SUFFIX
from bot.rulebook.testing.junit import junit_xml
from bot.rulebook.testing.report import run_report
from bot.rulebook.testing.runner import TestRun, TestSetting, run_tests
from bot.scan.series import TRADED
from bot.settings import Settings
from bot.signals.bars import Bars
from bot.signals.hours.forming_days import FormingDays, forming_days
from bot.signals.sessions import Sessions
from bot.signals.timeframe import Timeframe
from bot.signals.weeks import weekly

WATCH_SECONDS = 0.5
"""Seconds between two looks at the files while `--watch` waits for a change."""


def run_rule_tests(*, rules: list[str] | None, junit: Path | None, watch: bool) -> None:
    """`bellwether rules test`, as it is typed in `bot.cli.signatures.rules`."""
    settings = current_settings()
    folders = [Path(name) for name in rules or [] if Path(name).is_dir()] or settings.rules
    stamps = _stamps(folders)  # before they are read, so that no save is missed
    code = _test(settings, rules or [], junit)
    while watch:
        try:
            stamps = _changed(folders, stamps)
        except KeyboardInterrupt:
            break
        print(flush=True)
        try:
            code = _test(settings, rules or [], junit)
        except ProblemError as error:  # the next save may mend it
            print(error, file=sys.stderr)
            code = 2
    raise typer.Exit(code)


def _test(settings: Settings, wanted: Sequence[str], junit: Path | None) -> int:
    """Run the tests once and print what came of them; the exit code."""
    places = [existing_folder(Path(name)) for name in wanted if Path(name).is_dir()]
    only = frozenset(Path(name).stem if is_file_name(name) else name for name in wanted if not Path(name).is_dir())
    folders = places or list(settings.rules)
    book = load_book(folders, settings.market_names)
    if lost := sorted(only - book.rules.keys() - {Path(each.file).stem for each in book.problems}):
        raise ProblemError(list(no_such_rules(lost)))
    run = run_tests(folders, book, _setting(settings), only)
    print(run_report(run), flush=True)  # whoever watches reads each run as it ends
    if junit:
        write_file(junit, junit_xml(run).encode())
    return _exit_code(run, replace(book, problems=_problems_of(book, only)))


def _problems_of(book: Rulebook, only: frozenset[str]) -> tuple[Problem, ...]:
    return tuple(each for each in book.problems if not only or Path(each.file).stem in only)


def _exit_code(run: TestRun, book: Rulebook) -> int:
    if book.problems:
        print(check_report(book), file=sys.stderr)
        return 2
    return 2 if run.problems else 0 if run.passed else 1


def _setting(settings: Settings) -> TestSetting:
    around = frozenset(
        name for name, market in settings.markets.items() if market.kind in {MarketKind.CRYPTO, MarketKind.BASKET}
    )
    calendars: dict[str, Sessions] = {}
    markets = settings.specs

    def sessions(path: Path, market: str) -> Sessions:
        if market not in markets:
            raise ProblemError.of(path, f"no such market (got {market})")
        return sessions_of(markets[market].calendar, calendars)

    read_before: dict[tuple[Path, str, Timeframe], Bars] = {}

    def read(path: Path, market: str, timeframe: Timeframe) -> Bars:
        within = sessions(path, market)
        if timeframe is Timeframe.W1:
            return weekly(read(path, market, Timeframe.D1), within)
        known = (path, market, timeframe)
        if known not in read_before:  # so that what is odd about a file is said once, not test by test
            read_before[known] = file_bars(path, markets[market], markets, timeframe, calendars)
        return read_before[known]

    def read_hours(path: Path, days: Bars) -> FormingDays:
        within = sessions(path, days.market)
        hours = of_its_days(
            read(path, days.market, length_named(path) or Timeframe.H1), days, markets[days.market], within
        )
        return forming_days(hours, within)

    traded = frozenset(name for name, market in markets.items() if market.kind in TRADED)
    return TestSetting(around, read, read_hours, traded)


def _changed(folders: Sequence[Path], before: dict[Path, int]) -> dict[Path, int]:
    """The stamps of the files once they are others than before."""
    while (stamps := _stamps(folders)) == before:
        time.sleep(WATCH_SECONDS)
    return stamps


def _stamps(folders: Sequence[Path]) -> dict[Path, int]:
    """Time of the last change of each file of rules and tests."""
    files = (path for folder in folders for path in folder.rglob(f"*{SUFFIX}"))
    found = {}
    for path in files:
        with contextlib.suppress(OSError):  # editors replace a file by another one
            found[path] = path.stat().st_mtime_ns
    return found
