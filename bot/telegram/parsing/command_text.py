"""Command lines as people type them, and names in their normal form."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

MAX_ARGUMENT_CHARACTERS = 200
_COMMAND = re.compile(r"/([^\s@/]{1,64})(?:@([A-Za-z0-9_]{1,64}))?(?:\s+(.*))?", re.DOTALL)
_QUOTES = "\"'`´“”„«»‘’<>[](){}"
_SEPARATORS = re.compile(r"[\s_\-‐‑‒–—/.]+")


@dataclass(frozen=True, slots=True)
class ParsedCommand:
    """One command as it was typed: its name in lower case, and the rest of the message as `argument`.

    `addressed` says whether the bot was named ("/status@bellwether_bot").
    """

    name: str
    argument: str
    addressed: bool


def read_command(text: str, username: str) -> ParsedCommand | None:
    """What was typed, or None where the text is no command or one for another bot."""
    found = _COMMAND.fullmatch(_plain(text).strip())
    if found is None:
        return None
    name, bot, argument = found.groups()
    if bot is not None and bot.casefold() != username.casefold():
        return None
    return ParsedCommand(name.casefold(), (argument or "").strip()[:MAX_ARGUMENT_CHARACTERS], bot is not None)


def is_for_another_bot(text: str, username: str) -> bool:
    """Whether the text is a command that names some other bot."""
    found = _COMMAND.fullmatch(_plain(text).strip())
    return found is not None and found[2] is not None and found[2].casefold() != username.casefold()


def mentions(text: str, username: str) -> bool:
    """Whether the text speaks to the bot by its @name."""
    return re.search(rf"(?<![\w@])@{re.escape(username)}(?!\w)", text, re.IGNORECASE) is not None


def normalized(text: str) -> str:
    """The text as an id would be written: lower case, words joined by one hyphen, no quotes around it.

    >>> normalized(' "IWM  resistance_Break" ')
    'iwm-resistance-break'
    """
    folded = unicodedata.normalize("NFKC", _plain(text)).casefold()
    bare = unicodedata.normalize("NFKC", folded)  # casefolding can undo it
    return _SEPARATORS.sub("-", bare).strip(f"-{_QUOTES}")


def _plain(text: str) -> str:
    """Without the invisible marks that right-to-left keyboards and copied text bring along, and no NUL."""
    return "".join(
        " " if character == "\xa0" else character
        for character in text
        if unicodedata.category(character) not in {"Cf", "Cc", "Cs"} or character in "\n\t"
    )
