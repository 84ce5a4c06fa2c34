"""Where does a command work: which settings, rules, names and dates are meant?"""

from __future__ import annotations

import difflib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from bot.problem import Problem, ProblemError
from bot.rulebook.book import Rulebook, load_book
from bot.rulebook.written import WrittenRule
from bot.settings import Settings, find_config, load_settings
from bot.signals.timeframe import Instant, start_of

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


def _stranger(name: str, book: Rulebook) -> Problem:
    near = difflib.get_close_matches(name, book.rules, 1)
    hint = f"did you mean {near[0]}?" if near else f"allowed: {', '.join(sorted(book.rules)) or 'none'}"
    return Problem(name, 0, 0, "", f"no such rule; {hint}")
