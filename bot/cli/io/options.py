"""Settings, rules, names and dates that a command line names."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import typer

from bot.problem import Problem, ProblemError
from bot.rulebook.book import Candidate, Rulebook, book_with, load_book
from bot.rulebook.check_report import counted
from bot.rulebook.rule_definition import RuleDefinition
from bot.rulebook.rule_files import SUFFIX, id_problem
from bot.settings import Settings, find_config, load_settings, without_absent
from bot.signals.timeframe import Instant, start_of
from bot.suggest import did_you_mean, nearest
from bot.yamlfile.load import read_bytes


def current_settings() -> Settings:
    """The settings of this folder, or the example's where it has none, with the folders of rules that there are."""
    return without_absent(named_settings())


def named_settings() -> Settings:
    """The same with the folder of one's own rules, which may be absent."""
    here = Path.cwd()
    settings = load_settings(find_config(os.environ, here), os.environ, here)
    rules = tuple(_near(folder, here) for folder in settings.rules)
    return settings.model_copy(update={"rules": rules, "database": _near(settings.database, here)})


def _near(path: Path, here: Path) -> Path:
    """A path as a person in this folder would write it, who reads it in every complaint."""
    return path.relative_to(here) if path.is_relative_to(here) else path


def current_rulebook(settings: Settings) -> Rulebook:
    """The rules of the settings."""
    return load_book(settings.rules, settings.market_names)


def is_file_name(name: str) -> bool:
    """Whether a rule was named by its file."""
    return name.endswith(SUFFIX) or "/" in name


def book_with_files(settings: Settings, names: Sequence[str]) -> Rulebook:
    """The rules of the settings, and those of the files among `names` in their place. Raises ProblemError."""
    candidates = {}
    for name in names:
        if is_file_name(name):
            if problem := id_problem(name):
                raise ProblemError([problem])
            candidates[Path(name).stem] = Candidate(name, read_bytes(Path(name), name))
    markets = settings.market_names
    return book_with(settings.rules, markets, candidates) if candidates else load_book(settings.rules, markets)


def rule_named(name: str) -> str:
    """The id of a rule that was named by it or by its file."""
    return Path(name).stem if is_file_name(name) else name


def select_rules(book: Rulebook, names: Sequence[str]) -> list[RuleDefinition]:
    """The rules that were named, all enabled ones where none was.

    Raises ProblemError for a stranger, and for a rule that can't be read with what is wrong with it. Where none
    was named, those that can't be read are counted on standard error; where there are no files at all it raises too.
    """
    if not names and book.problems and not book.files:
        raise ProblemError(list(book.problems))
    if not names:
        note_left_out(book)
        return [rule for rule in book.rules.values() if rule.enabled]
    ids = [rule_named(name) for name in names]
    strangers = [id_ for id_ in ids if id_ not in book.rules]
    if strangers:
        raise ProblemError(list(dict.fromkeys(problem for id_ in strangers for problem in _unknown(id_, book))))
    return [book.rules[id_] for id_ in ids]


def note_left_out(book: Rulebook) -> None:
    """Count the files that can't be read on standard error, where there are some."""
    broken = len({problem.file for problem in book.problems})
    if broken and book.files:
        of_all = f"{broken} of " if broken < book.files else ""
        print(f"left out: {of_all}{counted(book.files, 'file')}; `bellwether rules check` says why", file=sys.stderr)


def end_as_read(book: Rulebook, names: Sequence[str] = ()) -> None:
    """End the command with exit code 2 where all rules were meant and some of their files can't be read.

    It is called last: what could be read has its answer, and a build server sees that it is not the whole one.
    """
    if book.problems and book.files and not names:
        raise typer.Exit(2)


def market_named(name: str, settings: Settings) -> str:
    """The name of a market as the config has it, whichever case was typed. Raises ProblemError for a stranger."""
    known = {each.upper(): each for each in settings.markets}
    if name.upper() not in known:
        near = nearest(name, settings.markets, most=3)
        hint = f"did you mean {' or '.join(sorted(near))}?" if near else f"allowed: {', '.join(settings.markets)}"
        raise ProblemError.of(name, f"no such market; {hint}")
    return known[name.upper()]


def date_option(name: str, text: str | None) -> Instant | None:
    """Midnight UTC of a date that a person typed; None where none was."""
    if text is None:
        return None
    try:
        return start_of(text)
    except ValueError:
        raise ProblemError.of(name, f"not a date (got {text!r}); allowed: as 2020-01-31") from None


def _unknown(name: str, book: Rulebook) -> list[Problem]:
    """What is wrong with the rule's file; where there is no such file, that, and where there are none at all, that."""
    if book.problems and not book.files:
        return list(book.problems)
    return [problem for problem in book.problems if Path(problem.file).stem == name] or [_stranger(name, book)]


def _stranger(name: str, book: Rulebook) -> Problem:
    hint = did_you_mean(name, book.rules, otherwise=f"allowed: {', '.join(sorted(book.rules)) or 'none'}")
    return Problem.in_file(name, f"no such rule; {hint}")
