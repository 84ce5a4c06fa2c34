"""`bellwether rules schema`: the JSON Schema by which an editor completes rule files and the config."""

from __future__ import annotations

from pathlib import Path

from bot.cli.io.options import current_settings
from bot.cli.io.output import write_file
from bot.rulebook.book import load_book
from bot.rulebook.schema import KnownNames, schema_text
from bot.settings import Settings
from bot.settings.config_schema import config_schema_text


def schema(*, file: Path | None, config: bool) -> None:
    """`bellwether rules schema`, as it is typed in `bot.cli.signatures.rules`."""
    text = config_schema_text() if config else rule_schema_text(current_settings())
    if file:
        write_file(file, text.encode())
    else:
        print(text, end="")


def rule_schema_text(settings: Settings) -> str:
    """The schema of rule files with the markets, rules and definitions that these settings name."""
    book = load_book(settings.rules, settings.market_names)
    return schema_text(KnownNames(sorted(settings.markets), sorted(book.rules), sorted(book.definitions)))
