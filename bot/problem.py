"""A mistake that a person made: where it is, what is wrong, what is allowed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bot.printable import printable
from bot.redaction import hide_tokens


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One mistake in a file, a command or a setting that a person wrote.

    `line` and `column` count from 1; 0 means that the place is the whole file. `path` names the key
    ("follow.held", "markets.IWM"), and is empty where there is none.
    """

    file: str
    line: int
    column: int
    path: str
    message: str

    @classmethod
    def in_file(cls, file: str | Path, message: str, path: str = "") -> Problem:
        """A mistake of the whole file, option or setting called `file`, at no line of its own."""
        return cls(str(file), 0, 0, path, message)

    def __post_init__(self) -> None:
        for name in ("file", "path", "message"):  # no complaint repeats a misplaced token, or moves a cursor
            object.__setattr__(self, name, printable(hide_tokens(str(getattr(self, name)))))

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        return f"{place}: {self.path}: {self.message}" if self.path else f"{place}: {self.message}"


class ProblemError(Exception):
    """Input that a person can mend, with every mistake in it."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems

    @classmethod
    def of(cls, file: str | Path, message: str, path: str = "") -> ProblemError:
        """The error of one mistake that is at no line of its own."""
        return cls([Problem.in_file(file, message, path)])
