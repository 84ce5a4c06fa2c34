"""The command-line program: every command with its help line.

Of the typed one its signature is imported, which help, mistakes and a shell's completion need; its work only once it is
to be done.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Annotated, NamedTuple

import typer

from bot import __version__
from bot.cli.loading import import_pydantic, imported, imported_to_work

GROUPS = {
    "rules": "Check, test and list the rule files.",
    "data": "Bring the history of markets.",
    "db": "Look after the database.",
}


class CommandEntry(NamedTuple):
    """Where a command's signature is (the module in `bot.cli.signatures`) and its work ("module:function" in
    `bot.cli`, of the same name and parameters), and its line in the overview.

    The line is kept here so that the overview imports no signature, whose docstring is the command's help.
    """

    signatures: str
    work: str
    help: str
    hidden: bool = False


COMMANDS: Mapping[str, CommandEntry] = {
    "init": CommandEntry("operation", "init:init", "Write a config.yaml for your bot's token."),
    "run": CommandEntry("operation", "run:run", "Start the bot, until Ctrl-C or SIGTERM."),
    "demo": CommandEntry("operation", "demo:demo", "Show the bot at work on a simulated market."),
    "status": CommandEntry("operation", "status:status", "Tell how the running bot is."),
    "doctor": CommandEntry("operation", "doctor.command:doctor", "Try all that the bot leans on; say what mends it."),
    "rules check": CommandEntry("rules", "rules.check:check", "Name every mistake in the rule files."),
    "rules test": CommandEntry("rules", "rules.testing:run_rule_tests", "Run the rules' own tests."),
    "rules new": CommandEntry("rules", "rules.new:new_rule", "Write a rule and its test to begin with."),
    "rules list": CommandEntry("rules", "rules.listing:list_rules", "List the rules with what they watch."),
    "rules schema": CommandEntry("rules", "rules.schema:schema", "Print the JSON Schema for your editor."),
    "rules explain": CommandEntry("rules", "rules.explain:explain", "Show why a rule fired at a bar, or why not."),
    "rules diff": CommandEntry("rules", "rules.diff:diff", "Compare the days of an edited rule with before."),
    "backtest": CommandEntry("analysis", "analysis.backtest:backtest", "Replay rules over their whole history."),
    "levels": CommandEntry("analysis", "analysis.levels:levels", "List resistance above and support below."),
    "chart": CommandEntry("analysis", "analysis.chart:chart", "Draw a market's last year, or any span."),
    "replay": CommandEntry("analysis", "analysis.replay:replay", "Print the messages of past sessions."),
    "evidence": CommandEntry("analysis", "analysis.evidence:evidence", "Tell what an asset did after signals."),
    "claims": CommandEntry("analysis", "analysis.claims:claims", "Score what others said of the signals."),
    "scorecard": CommandEntry("analysis", "analysis.scorecard:scorecard", "Tell what crypto did after each alert."),
    "data fetch": CommandEntry("operation", "data:fetch", "Fetch the history of every market, without a token."),
    "service": CommandEntry("operation", "service:service", "Print a systemd unit for the bot of this folder."),
    "db backup": CommandEntry("operation", "db:backup", "Copy the database, also while the bot runs."),
    "db restore": CommandEntry("operation", "db:restore", "Put a backup back in place; the old file is kept."),
    "reference": CommandEntry("operation", "reference:reference", "Renew generated parts of documents.", hidden=True),
}


def build(words: Sequence[str]) -> typer.Typer:
    """The program for what was typed: the named command as it is, all others with their help line only."""
    if not all(word.startswith("-") for word in words):  # typer reads options by it; the overview has none
        import_pydantic()
    program = typer.Typer(
        name="bellwether",
        help="Watches US small caps for breakouts, and tells what crypto did after the earlier ones.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,  # rich would be a third of the time that help takes
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    program.callback()(_options)
    groups = {name: typer.Typer(help=line, no_args_is_help=True) for name, line in GROUPS.items()}
    for name, group in groups.items():
        program.add_typer(group, name=name)
    typed = _typed_command(words)
    for name, entry in COMMANDS.items():
        place, _, own_name = name.rpartition(" ")
        register = (groups[place] if place else program).command
        if name == typed:
            register(own_name)(load(entry))
        else:
            register(own_name, help=entry.help, hidden=entry.hidden)(_not_imported)
    return program


def load(entry: CommandEntry) -> Callable[..., None]:
    """The command's signature, imported, as a function that imports the work and does it."""
    name = entry.work.partition(":")[2]
    signature: Callable[..., None] = imported(f"bot.cli.signatures.{entry.signatures}:{name}")

    @wraps(signature)
    def work(**given: object) -> None:
        imported_to_work(f"bot.cli.{entry.work}")(**given)

    return work


def _typed_command(words: Sequence[str]) -> str:
    """The command that the words name; empty where they name none."""
    plain = [word for word in words if not word.startswith("-")]
    return next((name for name in (" ".join(plain[:2]), *plain[:1]) if name in COMMANDS), "")


def _not_imported() -> None:
    raise AssertionError("a command that was not typed is never called")


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
