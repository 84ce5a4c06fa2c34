"""The command line: which command was typed, and its exit code (0 fine, 1 something is wrong, 2 misuse)."""

from __future__ import annotations

import importlib
import os
import sys
from io import TextIOWrapper
from typing import Annotated

import typer

from bot import __version__
from bot.problem import ProblemError

COMMANDS = {
    "init": "bot.cli.init",
    "run": "bot.cli.run",
    "demo": "bot.cli.demo",
    "status": "bot.cli.status",
    "doctor": "bot.cli.doctor",
    "rules": "bot.cli.rules.rules",
    "rules explain": "bot.cli.rules.explain",
    "rules diff": "bot.cli.rules.diff",
    "backtest": "bot.cli.analysis.backtest",
    "levels": "bot.cli.analysis.levels",
    "chart": "bot.cli.analysis.chart",
    "replay": "bot.cli.analysis.replay",
    "evidence": "bot.cli.analysis.evidence",
    "claims": "bot.cli.analysis.claims",
    "scorecard": "bot.cli.analysis.scorecard",
    "db": "bot.cli.db",
    "reference": "bot.cli.reference",
}
"""Where each command lives. Only the one that was typed is imported, so that each starts as fast as it can."""


def build(argv: list[str]) -> typer.Typer:
    """The command-line program, with the typed command only, or all of them where help is wanted."""
    program = typer.Typer(
        name="bellwether",
        help="Watches US small caps for breakouts, and tells what crypto did after the earlier ones.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode="rich",
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    program.callback()(_options)
    homes = _homes([word for word in argv if not word.startswith("-")])
    for home in homes[-1:] if "--version" in argv else homes:
        importlib.import_module(home).add(program)
    return program


def _homes(words: list[str]) -> list[str]:
    """The typed command's home; a group's with all in it where only the group was typed; all where neither is known."""
    group, command = words[0] if words else "", " ".join(words[:2])
    found = [home for name, home in COMMANDS.items() if name in {group, command}]
    if len(words) == 1:
        found += [home for name, home in COMMANDS.items() if name.startswith(f"{group} ")]
    return found or list(COMMANDS.values())


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"bellwether {__version__}")
        raise typer.Exit


def _options(
    version: Annotated[  # its callback answers it
        bool, typer.Option("--version", help="Print the version and stop.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    pass


def main(argv: list[str] | None = None) -> None:
    """Run one command; mistakes of the person are said in lines, never as a traceback."""
    words = sys.argv[1:] if argv is None else argv
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without UTF-8 reads a question mark, not a traceback
    try:
        build(words)(words, prog_name="bellwether")
    except ProblemError as error:
        for problem in error.problems:
            print(problem, file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


if __name__ == "__main__":
    main()
