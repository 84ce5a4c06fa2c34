"""Complaints about the rows of a file: the first of each kind are told, the others counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from bot.problem import Problem, ProblemError

MOST = 100
"""Complaints that are told of one file."""

MOST_ALIKE = 3
"""Complaints of one kind that are told."""

_LONGEST_CELL = 60


@dataclass(slots=True)
class Complaints:
    """What is wrong with a file, row by row; a kind is told in the order of its lines."""

    told: list[Problem] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    _last: dict[str, int] = field(default_factory=dict)

    def add(self, problem: Problem) -> None:
        """One that is told in any case."""
        self.told.append(problem)

    def note(self, file: str, line: int, path: str, message: Callable[[], str], kind: str = "") -> None:
        """One of a kind of which there may be a million: its words are asked for where it is told."""
        self.counts[kind] += 1
        if self.counts[kind] <= MOST_ALIKE:
            self.told.append(Problem(file, line, 1, path, message()))
            self._last[kind] = len(self.told) - 1

    def refuse(self) -> None:
        """Raise ProblemError where there is any."""
        if not self.told:
            return
        for kind, at in self._last.items():
            if self.counts[kind] > MOST_ALIKE:
                last, more_alike = self.told[at], self.counts[kind] - MOST_ALIKE
                self.told[at] = replace(last, message=f"{last.message} … and {more_alike:,} more like it")
        untold = max(0, len(self.told) - MOST)
        more = [Problem.in_file(self.told[0].file, f"and {untold:,} problems more")] if untold else []
        raise ProblemError([*sorted(self.told)[:MOST], *more])


def shown(cell: str) -> str:
    """A cell as a complaint repeats it: not all of a long one."""
    return repr(cell if len(cell) <= _LONGEST_CELL else f"{cell[:_LONGEST_CELL]}…")
