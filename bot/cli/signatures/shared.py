"""Options that several signatures share, and names that a shell completes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.loading import imported_to_work

Data = Annotated[Path | None, typer.Option(help="Folder with <MARKET>.csv files, or demo; else the bot's database.")]
At = Annotated[str | None, typer.Option("--at", help="As of this date, as 2020-01-31; else the newest bar.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


def rule_names(incomplete: str) -> list[str]:
    """Ids of rules of this folder that begin so."""
    names: list[str] = imported_to_work("bot.cli.io.completion:rule_names")(incomplete)
    return names


def market_names(incomplete: str) -> list[str]:
    """Names of markets of this folder that begin so."""
    names: list[str] = imported_to_work("bot.cli.io.completion:market_names")(incomplete)
    return names
