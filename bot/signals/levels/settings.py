"""What makes a level: the settings that the language's level functions take."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LevelSettings:
    """What makes a level. Spans in bars; `tolerance` and `buffer` in Wilder's average true ranges over `atr` bars."""

    left: int = 10
    right: int = 10
    tolerance: float = 1.0
    atr: int = 14
    spacing: int = 10
    expires: int = 1_260
    buffer: float = 0.5
    undo: int = 20

    def __post_init__(self) -> None:
        """Refuse what has no meaning."""
        if (
            min(self.left, self.right, self.atr, self.spacing, self.expires) < 1
            or min(self.tolerance, self.buffer, self.undo) < 0
        ):
            raise ValueError(f"levels: got {self}; allowed: windows of 1 bar or more, multiples of 0 or more")
