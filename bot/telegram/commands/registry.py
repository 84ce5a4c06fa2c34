"""Registry of all commands, from which the menu, /help and the table for readers are made."""

from __future__ import annotations

from bot.telegram.command import Command
from bot.telegram.commands import (
    admin,
    claims,
    crypto,
    evidence,
    info,
    markets,
    mute,
    price_alerts,
    rule_files,
    rules,
    settings,
    subscribe,
    why,
)

COMMANDS: tuple[Command, ...] = (
    *subscribe.COMMANDS,
    *mute.COMMANDS,
    *price_alerts.COMMANDS,
    *settings.COMMANDS,
    *info.COMMANDS,
    *rules.COMMANDS,
    *markets.COMMANDS,
    *crypto.COMMANDS,
    *why.COMMANDS,
    *evidence.COMMANDS,
    *claims.COMMANDS,
    *admin.COMMANDS,
    *rule_files.COMMANDS,
)


def command_table() -> str:
    """The table of commands in Markdown, one line a command."""
    lines = ["| command | what it does | for whom |", "|---|---|---|"]
    for command in filter(lambda each: each.typed, COMMANDS):
        typed = f"/{command.name} {command.usage}".strip().replace("|", "\\|")
        lines.append(f"| `{typed}` | {command.help} | {command.who} |")
    return "\n".join(lines)
