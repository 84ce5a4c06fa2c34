"""Complaints about the rows of a file: the first of each kind are told, the others counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.problem import Problem, ProblemError

MOST = 100
"""Complaints that are told of one file."""

_LONGEST_CELL = 60


@dataclass(slots=True)
class Complaints:
    """What is wrong with a file, row by row; a kind is told in the order of its lines."""

    told: list[Problem] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def add(self, problem: Problem) -> None:
        """One that is told in any case."""
        self.told.append(problem)

    def note(self, file: str, line: int, path: str, message: Callable[[], str], kind: str = "") -> None:
        """One of a kind of which there may be a million: its words are asked for where it is told."""
        self.counts[kind] += 1
        if self.counts[kind] <= MOST:
            self.told.append(Problem(file, line, 1, path, message()))

    def refuse(self) -> None:
        """Raise ProblemError where there is any."""
        if not self.told:
            return
        untold = sum(max(0, count - MOST) for count in self.counts.values()) + max(0, len(self.told) - MOST)
        more = [Problem.in_file(self.told[0].file, f"and {untold:,} problems more")] if untold else []
        raise ProblemError([*sorted(self.told)[:MOST], *more])


def shown(cell: str) -> str:
    """A cell as a complaint repeats it: not all of a long one."""
    return repr(cell if len(cell) <= _LONGEST_CELL else f"{cell[:_LONGEST_CELL]}…")
