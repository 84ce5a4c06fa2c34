"""Text of strangers made fit for a terminal, a log or a chat: nothing in it moves a cursor or turns the line around."""

from __future__ import annotations

import unicodedata

_ODD = frozenset({"Cc", "Cf", "Cs"})
"""Categories of control characters, marks of direction, and the halves of characters that odd file names hold."""


def printable(text: str) -> str:
    """The text with a replacement character for each that does not print; line ends and tabs stay."""
    if text.isprintable():
        return text
    return "".join("\N{REPLACEMENT CHARACTER}" if _is_odd(each) else each for each in text)


def _is_odd(character: str) -> bool:
    return character not in "\n\t" and unicodedata.category(character) in _ODD
