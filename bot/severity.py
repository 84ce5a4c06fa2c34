"""Severity of an alert: low, normal, high."""

from __future__ import annotations

from enum import IntEnum


class Severity(IntEnum):
    """How much an alert matters, ordered; its value is the rank that the database keeps."""

    LOW = 0
    NORMAL = 1
    HIGH = 2

    @property
    def word(self) -> str:
        """The word that rule files, chats and documents use: "low", "normal", "high"."""
        return self.name.lower()

    @classmethod
    def from_word(cls, word: str) -> Severity:
        """The severity of that word. Raises ValueError where it is none of the three."""
        for each in cls:
            if each.word == word:
                return each
        raise ValueError(f"no severity (got {word}); allowed: {', '.join(each.word for each in cls)}")
