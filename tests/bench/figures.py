"""Figures of a bench: printed with their goals, and handed to `python -m tests.bench`, which makes the table."""

from __future__ import annotations

import json
import math
import os
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

HANDED_TO = "BENCH_FIGURES"
"""Environment variable that names the file in which `tests.bench` wants the figures, as JSON.

The bot takes whatever begins with its own name for a setting."""

LONG_ENOUGH_MS = 50.0
MOST_ROUNDS = 200


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value, the median of its rounds where its name says nothing else.

    `goal` None: it is told, and may be what it is. Smaller is better, unless `more_is_better`. `least` and `most` are
    those of the `rounds`. What `waits` for others more than it works is not faster on a faster machine. A `peer` is
    what somebody else's code takes: a mark beside ours, and no fault where it gets slower. A `growth` is next to
    nothing as a rule, and how many times as much it was tells nothing: its goal does.
    """

    name: str
    value: float
    unit: str
    goal: float | None = None
    more_is_better: bool = False
    least: float | None = None
    most: float | None = None
    rounds: int = 1
    waits: bool = False
    peer: bool = False
    growth: bool = False

    def __post_init__(self) -> None:
        if self.unit.endswith("/s") and not self.more_is_better:
            raise ValueError(f"{self.name}: of {self.unit} more is better")

    @property
    def met(self) -> bool:
        """Whether the goal is met, or there is none."""
        if self.goal is None:
            return True
        return self.value >= self.goal if self.more_is_better else self.value <= self.goal

    @property
    def measured(self) -> str:
        """The value as people read it."""
        return f"{number(self.value)} {self.unit}".rstrip()

    @property
    def spread(self) -> str:
        """From the least to the most of the rounds; nothing of a single one."""
        if self.least is None or self.most is None:
            return ""
        return f"{number(self.least)} to {number(self.most)} of {self.rounds}"

    def __str__(self) -> str:
        sign = ">=" if self.more_is_better else "<="
        goal = "" if self.goal is None else f"   goal {sign} {number(self.goal)}{'' if self.met else ': MISSED'}"
        return f"{self.name:58} {number(self.value):>9} {self.unit:7}{goal}{self.spread and f'   ({self.spread})'}"


def number(value: float) -> str:
    """Three digits that count, thousands apart."""
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}" if abs(value) >= 0.1 else f"{value:.4f}"


def of_rounds(
    name: str,
    rounds: Sequence[float],
    unit: str,
    goal: float | None = None,
    *,
    more_is_better: bool = False,
    waits: bool = False,
    peer: bool = False,
) -> Figure:
    """The median of rounds, with the least and the most."""
    middle, least, most = statistics.median(rounds), min(rounds), max(rounds)
    return Figure(name, middle, unit, goal, more_is_better, least, most, len(rounds), waits, peer)


def quantile(values: Sequence[float], share: float) -> float:
    """The least value that `share` of all do not exceed: of twenty, the nineteenth is that of 95 %."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def timed(
    name: str,
    act: Callable[[], object],
    rounds: int,
    goal: float | None = None,
    *,
    clock: Callable[[], float] = time.perf_counter,
) -> Figure:
    """Milliseconds that `act` takes; by `clock`, which may count the processor's time instead.

    What takes microseconds is done more often than `rounds`, so that its median means something.
    """

    def once() -> float:
        began = clock()
        act()
        return 1000 * (clock() - began)

    return of_rounds(name, repeated(once, rounds), "ms", goal)


def repeated(once: Callable[[], float], rounds: int) -> list[float]:
    """The milliseconds that `once` tells, `rounds` times, and again while they are few all together."""
    taken: list[float] = []
    while len(taken) < rounds or (sum(taken) < LONG_ENOUGH_MS and len(taken) < MOST_ROUNDS):
        taken.append(once())
    return taken


def tell(figures: Sequence[Figure]) -> int:
    """Print them and hand them over. Returns the exit code: 1 where a goal is missed."""
    for figure in figures:
        print(figure)
    if path := os.environ.get(HANDED_TO):
        Path(path).write_text(json.dumps([asdict(figure) for figure in figures]), encoding="utf-8")
    return 0 if all(figure.met for figure in figures) else 1
