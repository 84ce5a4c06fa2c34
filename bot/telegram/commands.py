"""Which commands are there? The menu, /help and the table for readers come from here."""

from __future__ import annotations

from bot.telegram import (
    context,
    evidence,
    looking,
    markets,
    muting,
    operating,
    reasons,
    rulefiles,
    ruling,
    subscribing,
    terms,
)
from bot.telegram.command import Command

COMMANDS: tuple[Command, ...] = (
    *subscribing.COMMANDS,
    *muting.COMMANDS,
    *terms.COMMANDS,
    *looking.COMMANDS,
    *ruling.COMMANDS,
    *markets.COMMANDS,
    *context.COMMANDS,
    *reasons.COMMANDS,
    *evidence.COMMANDS,
    *operating.COMMANDS,
    *rulefiles.COMMANDS,
)


def command_table() -> str:
    """The table of commands in Markdown, one line a command."""
    lines = ["| command | what it does | for whom |", "|---|---|---|"]
    for command in filter(lambda each: each.typed, COMMANDS):
        typed = f"/{command.name} {command.usage}".strip().replace("|", "\\|")
        lines.append(f"| `{typed}` | {command.help} | {command.who} |")
    return "\n".join(lines)
