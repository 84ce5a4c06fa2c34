"""`bellwether rules check|list|schema`."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from bot.cli.io.options import book_with_files, is_file_name, settings_here
from bot.cli.io.output import print_json, write_file
from bot.cli.io.terminal import console
from bot.problem import Problem, ProblemError
from bot.rulebook.book import Rulebook, load_book
from bot.rulebook.check_report import check_json, check_report
from bot.rulebook.schema import KnownNames, schema_text
from bot.settings import Settings
from bot.settings.config_schema import config_schema_text

Folder = Annotated[Path | None, typer.Argument(help="Folder of rule files; the config's if left out.")]
Wanted = Annotated[
    list[str] | None,
    typer.Argument(help="Rules by name or by file, or a folder of rules; all of the config's folders if left out."),
]


def check(
    rules: Wanted = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Name every mistake in every rule file, by line and column. Exit code 2 where there is one."""
    book = _checked(settings_here(), rules or [])
    if as_json:
        print_json(check_json(book.problems))
    else:
        print(check_report(book))
    raise typer.Exit(2 if book.problems else 0)


def list_rules(folder: Folder = None) -> None:
    """List the rules with what they watch."""
    settings = settings_here()
    book = load_book(existing_folder(folder) if folder else settings.rules, frozenset(settings.markets))
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
    config: Annotated[bool, typer.Option("--config", help="The schema of config.yaml instead.")] = False,
) -> None:
    """Print the JSON Schema by which an editor completes and underlines rule files, with your markets and rules."""
    text = config_schema_text() if config else _rule_schema(settings_here())
    if file:
        write_file(file, text.encode())
    else:
        print(text, end="")


def _rule_schema(settings: Settings) -> str:
    book = load_book(settings.rules, frozenset(settings.markets))
    return schema_text(KnownNames(sorted(settings.markets), sorted(book.rules), sorted(book.definitions)))


def _checked(settings: Settings, wanted: Sequence[str]) -> Rulebook:
    """The book of what is to be checked, with the problems of that alone."""
    folders = [name for name in wanted if Path(name).is_dir()]
    if folders:
        return load_book([existing_folder(Path(name)) for name in folders], frozenset(settings.markets))
    book = book_with_files(settings, wanted)
    if not wanted:
        return book
    stems = {Path(name).stem if is_file_name(name) else name for name in wanted}
    problems = tuple(each for each in book.problems if Path(each.file).stem in stems)
    rules = {id_: rule for id_, rule in book.rules.items() if id_ in stems}
    lost = stems - rules.keys() - {Path(each.file).stem for each in problems}
    problems += no_such_rules(lost)
    return replace(book, rules=rules, problems=problems, files=len(stems))


def no_such_rules(names: Iterable[str]) -> tuple[Problem, ...]:
    """The complaints about names that no rule has."""
    return tuple(Problem.in_file(name, "no such rule; `bellwether rules list` names them") for name in sorted(names))


def existing_folder(path: Path) -> Path:
    """The folder, if it is one. Raises ProblemError."""
    if not path.is_dir():
        raise ProblemError.of(path, "no such folder; allowed: one with rule files")
    return path
