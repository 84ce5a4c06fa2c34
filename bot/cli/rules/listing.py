"""`bellwether rules list`: the rules with what they watch."""

from __future__ import annotations

import sys
from pathlib import Path

import typer

from bot.cli.io.options import current_settings
from bot.cli.io.tables import TextTable
from bot.cli.rules.check import existing_folder
from bot.rulebook.book import load_book


def list_rules(*, folder: Path | None) -> None:
    """`bellwether rules list`, as it is typed in `bot.cli.signatures.rules`."""
    settings = current_settings()
    book = load_book(existing_folder(folder) if folder else settings.rules, settings.market_names)
    table = TextTable("", ("rule", "market", "every", "severity", "title"))
    for id_, rule in sorted(book.rules.items()):
        title = rule.title if rule.enabled else f"{rule.title} (not enabled)"
        table.add(id_, rule.rule.market, rule.rule.timeframe.value, rule.severity.word, title)
    table.print()
    for problem in book.problems:
        print(problem, file=sys.stderr)
    if book.problems:
        raise typer.Exit(2)
