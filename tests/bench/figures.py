"""Figures of a bench: printed with their goals, and handed to `python -m tests.bench`, which makes the table."""

from __future__ import annotations

import json
import os
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

HANDED_TO = "BENCH_FIGURES"
"""Environment variable that names the file in which `tests.bench` wants the figures, as JSON.

The bot takes whatever begins with its own name for a setting."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value, the median of its rounds. `goal` None: it is told, and may be what it is.

    Smaller is better, unless `more_is_better`. `least` and `most` are those of the rounds.
    """

    name: str
    value: float
    unit: str
    goal: float | None = None
    more_is_better: bool = False
    least: float | None = None
    most: float | None = None

    @property
    def met(self) -> bool:
        """Whether the goal is met, or there is none."""
        if self.goal is None:
            return True
        return self.value >= self.goal if self.more_is_better else self.value <= self.goal

    def __str__(self) -> str:
        spread = "" if self.least is None else f"   ({number(self.least)} to {number(self.most or 0)})"
        sign = ">=" if self.more_is_better else "<="
        goal = "" if self.goal is None else f"   goal {sign} {number(self.goal)}{'' if self.met else ': MISSED'}"
        return f"{self.name:58} {number(self.value):>9} {self.unit:7}{goal}{spread}"


def number(value: float) -> str:
    """Three digits that count, thousands apart."""
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}" if abs(value) >= 0.1 else f"{value:.4f}"


def of_rounds(
    name: str, rounds: Sequence[float], unit: str, goal: float | None = None, *, more_is_better: bool = False
) -> Figure:
    """The median of rounds, with the least and the most."""
    return Figure(name, statistics.median(rounds), unit, goal, more_is_better, min(rounds), max(rounds))


def timed(
    name: str,
    act: Callable[[], object],
    rounds: int,
    goal: float | None = None,
    *,
    clock: Callable[[], float] = time.perf_counter,
) -> Figure:
    """Milliseconds that `act` takes; by `clock`, which may count the processor's time instead."""
    taken = []
    for _ in range(rounds):
        began = clock()
        act()
        taken.append(1000 * (clock() - began))
    return of_rounds(name, taken, "ms", goal)


def tell(figures: Sequence[Figure]) -> int:
    """Print them and hand them over. Returns the exit code: 1 where a goal is missed."""
    for figure in figures:
        print(figure)
    if path := os.environ.get(HANDED_TO):
        Path(path).write_text(json.dumps([asdict(figure) for figure in figures]), encoding="utf-8")
    return 0 if all(figure.met for figure in figures) else 1
