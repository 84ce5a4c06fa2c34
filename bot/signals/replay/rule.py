"""A rule as replay knows it: all that decides when it speaks, and nothing of how it reads."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property

from bot.signals.formula import Formula
from bot.signals.timeframe import Timeframe


class Trigger(StrEnum):
    """At which bars a rule is evaluated."""

    CLOSE = "close"
    INTRADAY = "intraday"  # the forming bar too, provisionally


@dataclass(frozen=True, slots=True)
class Follow:
    """What is looked for in the `bars` bars after a firing; None: as long as its episode lives.

    `confirmed` is a number of closes in a row beyond the level. `held` and `failed` are yes/no formulas that may
    name `level`: the level at the firing, known from the firing's bar to the window's end and unknown elsewhere.
    `resumed`: a failure is not the end. `milestones` is the step, a ratio of the level, of which each is told.
    """

    bars: int | None
    confirmed: int | None = None
    held: Formula | None = None
    failed: Formula | None = None
    resumed: bool = False
    milestones: float | None = None

    @property
    def needs_episode(self) -> bool:
        """Whether it is the episode that decides how long an alert is followed."""
        return self.bars is None or self.resumed


@dataclass(frozen=True)
class Rule:
    """One rule of one market. `quiet` counts bars; `digest` is a hash of all the rest, so of what decides."""

    id: str
    market: str
    timeframe: Timeframe
    when: Formula
    level: Formula | None = None
    quiet: int = 1
    trigger: Trigger = Trigger.CLOSE
    follow: Follow | None = None
    pinned: tuple[float, ...] = ()
    digest: str = ""

    @cached_property
    def unfollowed(self) -> Rule:
        """The same with no follow-ups; it fires at the same bars."""
        return replace(self, follow=None)

    @cached_property
    def formulas(self) -> tuple[Formula, ...]:
        """Every formula that decides."""
        follow = self.follow
        parts = (self.when, self.level, follow.held if follow else None, follow.failed if follow else None)
        return tuple(part for part in parts if part is not None)

    @cached_property
    def needs(self) -> frozenset[str]:
        """Ids of the rules whose firings decide about this one's events."""
        return frozenset(rule for rule, _ in self.firings)

    @cached_property
    def firings(self) -> frozenset[tuple[str, int]]:
        """Those rules, and within how many of their bars each formula asks for firings."""
        return frozenset[tuple[str, int]]().union(*(formula.firings for formula in self.formulas))

    @cached_property
    def history(self) -> float:
        """How many bars before a bar a frame's ending must hold for its formulas; infinite where none will do."""
        return max(formula.history for formula in self.formulas)
