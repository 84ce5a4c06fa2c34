"""`bellwether rules check`: every mistake in the rule files. It imports little: editors call it at each save."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import typer

from bot.cli.io.options import book_with_files, current_settings, is_file_name
from bot.cli.io.output import print_json
from bot.problem import Problem, ProblemError
from bot.rulebook.book import Rulebook, load_book
from bot.rulebook.check_report import check_json, check_report
from bot.rulebook.clock_hints import clock_hints
from bot.rulebook.rule_files import DEFINITIONS, SUFFIX, TESTS
from bot.settings import Settings


def check(*, rules: list[str] | None, as_json: bool) -> None:
    """`bellwether rules check`, as it is typed in `bot.cli.signatures.rules`."""
    settings = current_settings()
    book = _checked(settings, rules or [])
    if as_json:
        print_json(check_json(book.problems))
    else:
        print(check_report(book))
        _print_hints(book, settings)
    raise typer.Exit(2 if book.problems else 0)


def _print_hints(book: Rulebook, settings: Settings) -> None:
    """Say on standard error what is no mistake and yet hardly what the author means."""
    calendars = {name: market.calendar for name, market in settings.specs.items()}
    for rule in book.rules.values():
        for hint in clock_hints(rule, calendars):
            print(hint, file=sys.stderr)


def _checked(settings: Settings, wanted: Sequence[str]) -> Rulebook:
    """The book of what is to be checked, with the problems of that alone."""
    folders = [name for name in wanted if Path(name).is_dir()]
    if folders:
        return load_book([existing_folder(Path(name)) for name in folders], settings.market_names)
    if strangers := [problem for name in wanted if (problem := _no_rule_file(Path(name)))]:
        return Rulebook(problems=tuple(strangers), files=len(wanted))
    book = book_with_files(settings, [name for name in wanted if Path(name).stem != DEFINITIONS])
    if not wanted:
        return book
    stems = {Path(name).stem if is_file_name(name) else name for name in wanted}
    problems = tuple(each for each in book.problems if Path(each.file).stem in stems)
    rules = {id_: rule for id_, rule in book.rules.items() if id_ in stems}
    lost = stems - rules.keys() - {Path(each.file).stem for each in problems} - {DEFINITIONS}
    problems += no_such_rules(lost)
    return replace(book, rules=rules, problems=problems, files=len(stems))


def _no_rule_file(path: Path) -> Problem | None:
    """What is wrong with a file that is there and of another kind than rules."""
    if path.suffix and path.suffix != SUFFIX and path.is_file():
        return Problem.in_file(path, f"not read; allowed: rules by name, and files that end in {SUFFIX}")
    if path.suffix == SUFFIX and TESTS in path.absolute().parts[:-1] and path.is_file():
        return Problem.in_file(path, f"tests of a rule; `bellwether rules test {path.stem}` runs them")
    return None


def no_such_rules(names: Iterable[str]) -> tuple[Problem, ...]:
    """The complaints about names that no rule has."""
    return tuple(Problem.in_file(name, "no such rule; `bellwether rules list` names them") for name in sorted(names))


def existing_folder(path: Path) -> Path:
    """The folder, if it is one. Raises ProblemError."""
    if not path.is_dir():
        raise ProblemError.of(path, "no such folder; allowed: one with rule files")
    return path
