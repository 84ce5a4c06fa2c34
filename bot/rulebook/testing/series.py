"""Notation of a line of bars, as in `100x30 101 102 _ 99`.

100        one bar at 100
100x30     thirty bars at 100
100+2x5    a ramp: 100, then five steps of 2 up, so six bars, the last at 110 (as promtool reads it)
100-2x5    the same downwards, the last at 90
_  _x3     a bar, or three, that are missing: the data has no such bar
?  ?x3     a bar that is there, with an unknown value
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MAX_BARS = 20_000
"""Bars that one line may stand for."""

MAX_PROBLEMS = 20
"""Mistakes told of one line; more would help nobody."""

_NUMBER = r"(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)"
_TOKEN = re.compile(rf"(?P<value>-?{_NUMBER}|_|\?)(?P<step>[+-]{_NUMBER})?(?:x(?P<times>[0-9]{{1,6}}))?")

Value = float | None
"""Of one bar; NaN is unknown, None is a bar that is missing."""


@dataclass(frozen=True, slots=True)
class SeriesProblem:
    """One word of the line that can't be read, at its offset."""

    offset: int
    message: str


class SeriesError(ValueError):
    """A line that stands for no bars, with every mistake in it."""

    def __init__(self, problems: tuple[SeriesProblem, ...]) -> None:
        super().__init__("; ".join(problem.message for problem in problems))
        self.problems = problems


def parse_series(text: str) -> tuple[Value, ...]:
    """The values, bar by bar. Raises SeriesError."""
    values: list[Value] = []
    problems: list[SeriesProblem] = []
    for word in re.finditer(r"\S+", text):
        try:
            values += _values(word[0], MAX_BARS - len(values))
        except ValueError as error:
            problems.append(SeriesProblem(word.start(), str(error)))
        if len(problems) == MAX_PROBLEMS:
            break
    if problems:
        raise SeriesError(tuple(problems))
    return tuple(values)


def _values(word: str, room: int) -> list[Value]:
    found = _TOKEN.fullmatch(word)
    if not found:
        raise ValueError(f"can't read '{word[:40]}'; allowed: 100, 100x30, 100+1x20, 100-1x20, _, _x3, ?, ?x3")
    step, times = found["step"], found["times"]
    if step and (times is None or found["value"] in "_?"):
        raise ValueError(f"a ramp needs a number and its steps (got '{word[:40]}'); allowed: like 100+1x20")
    count = int(times) if times else 1
    if count < 1:
        raise ValueError(f"no bars at all (got '{word[:40]}'); allowed: x1 or more")
    if count + bool(step) > room:
        raise ValueError(f"too many bars; allowed: up to {MAX_BARS} in one line")
    if found["value"] in "_?":
        return [None if found["value"] == "_" else float("nan")] * count
    return _numbers(float(found["value"]), float(step or 0), count + bool(step))


def _numbers(first: float, step: float, count: int) -> list[Value]:
    # Ten digits, so that 0.1 added thirty times is 3 and a comparison in a test means what it says.
    return [round(first + step * i, 10) for i in range(count)]
