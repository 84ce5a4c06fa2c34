"""Signatures of the commands behind `bellwether rules`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.signatures.shared import At, Data, Json, rule_names

Wanted = Annotated[
    list[str] | None,
    typer.Argument(
        help="Rules by name or by file, or a folder of rules; all of the config's folders if left out.",
        autocompletion=rule_names,
    ),
]
Folder = Annotated[Path | None, typer.Argument(help="Folder of rule files; the config's if left out.")]


def check(
    rules: Wanted = None,
    as_json: Json = False,
) -> None:
    """Name every mistake in every rule file, by line and column. Exit code 2 where there is one."""


def run_rule_tests(
    rules: Wanted = None,
    junit: Annotated[Path | None, typer.Option(help="Also write the outcome as JUnit XML to this file.")] = None,
    watch: Annotated[bool, typer.Option("--watch", help="Run them anew whenever a file is saved.")] = False,
) -> None:
    """Run the rules' own tests through the live bot's replay. Exit code 1 where one fails, 2 where a file is wrong."""


def new_rule(
    name: Annotated[str, typer.Argument(help="The rule's name: small letters, digits and hyphens, like my-breakout.")],
    market: Annotated[str, typer.Option(help="The market that it reads.")] = "IWM",
) -> None:
    """Write a rule of your own and its test, in the last of your rule folders, my-rules where you named none."""


def list_rules(folder: Folder = None) -> None:
    """List the rules with what they watch. Exit code 2 where a file can't be read; the others are listed."""


def schema(
    file: Annotated[Path | None, typer.Argument(help="File to write to; the terminal if left out.")] = None,
    config: Annotated[bool, typer.Option("--config", help="The schema of config.yaml instead.")] = False,
) -> None:
    """Print the JSON Schema by which an editor completes and underlines rule files, with your markets and rules."""


def explain(
    rule: Annotated[str, typer.Argument(help="The rule, by its name.", autocompletion=rule_names)],
    at: At = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Show each part of a rule with its value at a bar, how far it is from firing, and what holds it back."""


def diff(
    files: Annotated[
        list[Path], typer.Argument(help="The edited rule; or the old file and the new one.", autocompletion=rule_names)
    ],
    old: Annotated[
        str | None,
        typer.Option(help="The old version: a file, or a git revision like HEAD; else what the bot ran before."),
    ] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Show side by side on which days a rule fired before an edit, and on which it would now."""
