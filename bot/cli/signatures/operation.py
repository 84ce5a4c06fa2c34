"""Signatures of the commands that set up, run and look after the bot."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from bot.cli.signatures.shared import Json, market_names
from bot.market.simulation.scenarios import SCENARIOS

_CHOICES = "; ".join(f"{name}: {scenario.tells}" for name, scenario in SCENARIOS.items())


def init(
    force: Annotated[bool, typer.Option("--force", help="Put a new config.yaml in the place of the old one.")] = False,
    operator: Annotated[int | None, typer.Option(min=1, help="Telegram user id of who operates the bot.")] = None,
    access: Annotated[
        Literal["open", "approval", "members"] | None, typer.Option(help="Who may subscribe; else you are asked.")
    ] = None,
) -> None:
    """Ask for the bot's token, who operates it and who may subscribe; write config.yaml, which only you can read.

    The token is checked with Telegram. Where nobody can be asked, it comes from TELEGRAM_TOKEN, and without
    --operator nobody may subscribe yet.
    """


def run(
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log more.")] = False,
    log_format: Annotated[
        Literal["text", "json"] | None, typer.Option(help="Log lines as text or as JSON; else as the config says.")
    ] = None,
) -> None:
    """Start the bot; it runs until it is stopped with Ctrl-C or SIGTERM."""


def demo(
    days: Annotated[int | None, typer.Option(min=1, max=500, help="Play so many sessions, then end.")] = None,
    pace: Annotated[float | None, typer.Option(min=0.01, max=60, help="Seconds that a session takes.")] = None,
    scenario: Annotated[str, typer.Option(help=f"What happens. {_CHOICES}.")] = "default",
    seed: Annotated[int, typer.Option(min=0, help="Another number, another market.")] = 7,
    files: Annotated[Path | None, typer.Option(help="Folder for pictures and files; else a temporary one.")] = None,
) -> None:
    """Show the bot at work on a simulated market, in this terminal.

    Lines that are piped in are said to it, each as if it was typed; then the demo ends, or plays its --days.
    """


def status(as_json: Json = False) -> None:
    """Tell how the bot is, from its database; exit code 1 where something is wrong."""


def doctor(as_json: Json = False) -> None:
    """Try the config, the token, the database, the rules, every market's sources and a chart; exit code 1 if ill."""


def fetch(
    markets: Annotated[
        list[str] | None,
        typer.Argument(help="Markets by name; else all.", autocompletion=market_names),
    ] = None,
) -> None:
    """Fetch the history of markets into the database, for backtests and charts; no token is needed.

    Daily bars, and those within a day that rules read, as far back as vendors keep them.

    What was fetched stays where it is broken off, and the next time goes on from there. Exit code 1 where a market
    has no bars, 2 where a rule file can't be read, whose bars within a day are then not known. A running bot fetches
    by itself; this command is for before it runs.
    """


def service(
    user: Annotated[str | None, typer.Option(help="Who runs it; else the owner of this folder.")] = None,
) -> None:
    """Print a systemd unit that runs the bot of this folder, may write nowhere else, and is watched.

    Nothing is installed; the first lines of the unit say how.
    """


def backup(file: Path) -> None:
    """Copy the database to FILE, consistently, also while the bot runs."""


def restore(file: Path) -> None:
    """Put the backup FILE in the place of the database, which is kept; the bot must not run."""


def reference() -> None:
    """Renew what is generated in README.md and rules/README.md of this folder."""
