"""`bellwether reference`: the generated parts of the documents, written anew."""

from __future__ import annotations

from pathlib import Path

from bot.rulebook.reference import with_part, with_reference
from bot.telegram.commands.registry import command_table


def reference() -> None:
    """`bellwether reference`, as it is typed in `bot.cli.signatures.operation`."""
    for file, renewed in (("README.md", with_chat_commands), ("rules/README.md", with_reference)):
        path = Path(file)
        path.write_text(renewed(path.read_text("utf-8")), "utf-8")


def with_chat_commands(readme: str) -> str:
    """The README with its table of the chat's commands brought up to date."""
    return with_part(readme, "chat commands", command_table())
