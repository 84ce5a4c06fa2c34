"""`bellwether rules check|test|list|schema`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from bot.cli.io.options import settings_here
from bot.cli.io.output import print_json, write_file
from bot.cli.io.terminal import console
from bot.market.model import MarketKind
from bot.problem import ProblemError
from bot.rulebook.book import Rulebook, load_book
from bot.rulebook.check_report import check_json, check_report
from bot.rulebook.schema import schema_text
from bot.rulebook.testing.junit import junit_xml
from bot.rulebook.testing.report import run_report
from bot.rulebook.testing.runner import TESTS, run_tests
from bot.settings import Settings

Folder = Annotated[Path | None, typer.Argument(help="Folder of rule files; the config's if left out.")]


def check(
    folder: Folder = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Name every mistake in every rule file, by line and column. Exit code 2 where there is one."""
    book = _book(settings_here(), folder)
    if as_json:
        print_json(check_json(book.problems))
    else:
        print(check_report(book))
    raise typer.Exit(2 if book.problems else 0)


def run_rule_tests(
    folder: Folder = None,
    junit: Annotated[Path | None, typer.Option(help="Also write the outcome as JUnit XML to this file.")] = None,
) -> None:
    """Run the rules' own tests through the replay that the live bot uses. Exit code 1 where one fails."""
    settings = settings_here()
    book = _book(settings, folder)
    around = frozenset(
        name for name, market in settings.markets.items() if market.kind in {MarketKind.CRYPTO, MarketKind.BASKET}
    )
    run = run_tests((folder or settings.rules) / TESTS, book, around)
    print(run_report(run))
    if junit:
        write_file(junit, junit_xml(run).encode())
    if book.problems:
        print(check_report(book), file=sys.stderr)
        raise typer.Exit(2)
    raise typer.Exit(0 if run.passed else 1)


def list_rules(folder: Folder = None) -> None:
    """List the rules with what they watch."""
    book = _book(settings_here(), folder)
    table = Table()
    for column in ("rule", "market", "every", "severity", "title"):
        table.add_column(column, overflow="fold")
    for id_, rule in sorted(book.rules.items()):
        title = rule.title if rule.enabled else f"{rule.title} (not enabled)"
        table.add_row(id_, rule.rule.market, rule.rule.timeframe.value, rule.severity.word, title)
    console.print(table)
    for problem in book.problems:
        print(problem, file=sys.stderr)


def schema(
    file: Annotated[Path | None, typer.Argument(help="File to write to; the terminal if left out.")] = None,
) -> None:
    """Print the JSON Schema by which an editor completes and underlines rule files."""
    if file:
        write_file(file, schema_text().encode())
    else:
        print(schema_text(), end="")


def _book(settings: Settings, folder: Path | None) -> Rulebook:
    if folder is not None and not folder.is_dir():
        raise ProblemError.of(folder, "no such folder; allowed: one with rule files")
    return load_book(folder or settings.rules, frozenset(settings.markets))
