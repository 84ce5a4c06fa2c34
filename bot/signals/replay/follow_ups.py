"""What follows a firing: the events of its window, vectorised over all firings of a rule.

The window of a firing at bar f is bars f+1..f+`bars`. Each thing happens at most once, at the first bar where it does:

* failed: its formula is yes. The window ends there; nothing else happens at that bar or later.
* held: its formula is yes.
* confirmed: the Nth close in a row beyond the level, on the side where the firing closed. An unknown close neither
  counts nor breaks the row. Where the rule has no level, or it was unknown, the close of the firing takes its place,
  and the side is the one to which that bar moved.
* expired: the window's last bar, unless it failed.

At a bar whose close is unknown nothing happens, whatever the formulas say; a window that would end there ends at the
next bar with a close.

Several alerts of one rule may be open at once, each with a window and a level of its own.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from bot.signals.bars import FloatArray, IntArray
from bot.signals.formula import Formula, Frame, evaluate
from bot.signals.replay.event import EventKind
from bot.signals.replay.rule import Follow

LEVEL = "level"
"""The name by which formulas speak of the level that an alert froze."""

NEVER = int(np.iinfo(np.int64).max)
"""A position after every bar."""


KINDS = tuple(EventKind)
"""Kinds by number, in the order in which they are told at one bar."""


@dataclass(frozen=True, eq=False)
class Outcomes:
    """What happened to firings, as columns: number of the firing, position of the bar, number of the kind."""

    firing: IntArray
    position: IntArray
    kind: IntArray

    @classmethod
    def of_kind(cls, kind: EventKind, positions: IntArray) -> Self:
        """That one kind happened to each firing at a position, or NEVER."""
        firing = np.flatnonzero(positions < NEVER)
        return cls(firing, positions[firing], np.full(len(firing), KINDS.index(kind)))

    @classmethod
    def told(cls, parts: Sequence[Self]) -> Self:
        """All of the parts, in the order in which they are told: by bar, then by firing."""
        firing, position, kind = (
            np.concatenate([getattr(part, name) for part in parts]) for name in ("firing", "position", "kind")
        )
        order = np.lexsort((kind, firing, position))
        return cls(firing[order], position[order], kind[order])

    def slice(self, first: int, last: int) -> Self:
        """Only what happened at positions first..last-1; for what is in order."""
        rows = slice(*np.searchsorted(self.position, [first, last]).tolist())
        return type(self)(self.firing[rows], self.position[rows], self.kind[rows])


View = tuple[IntArray, Frame]
"""Some firings, by number, and a frame in which `level` is theirs."""


def outcomes(follow: Follow | None, frame: Frame, fires: IntArray, levels: FloatArray) -> Outcomes:
    """The firings at `fires`, whose levels are `levels` (NaN: none or unknown), and all that followed them."""
    fired = Outcomes.of_kind(EventKind.FIRED, fires)
    if follow is None or not len(fires):
        return fired
    views = _views(follow, frame, fires, levels)
    failed = _first_yes(follow.failed, views, fires, follow.bars)
    happened = {
        EventKind.CONFIRMED: _confirmed(follow, frame, fires, levels),
        EventKind.HELD: _first_yes(follow.held, views, fires, follow.bars),
        EventKind.EXPIRED: _ends(follow, frame, fires),
    }
    followed = [
        Outcomes.of_kind(kind, np.where(positions < failed, positions, NEVER)) for kind, positions in happened.items()
    ]
    return Outcomes.told([fired, *followed, Outcomes.of_kind(EventKind.FAILED, failed)])


def _ends(follow: Follow, frame: Frame, fires: IntArray) -> IntArray:
    """Where each window ends: its last bar, or the first after it whose close is known; NEVER where still open."""
    known = np.append(np.flatnonzero(~np.isnan(frame.bars.close)), NEVER)
    return known[np.searchsorted(known, fires + follow.bars)]


def _first_yes(formula: Formula | None, views: Iterable[View], fires: IntArray, bars: int) -> IntArray:
    """First position in each firing's window where the formula is yes; NEVER where it is not."""
    found = np.full(len(fires), NEVER, dtype=np.int64)
    if formula is None:
        return found
    for view, frame in views:
        yes = np.flatnonzero((evaluate(formula, frame) == 1) & ~np.isnan(frame.bars.close))
        first = np.append(yes, NEVER)[np.searchsorted(yes, fires[view], side="right")]
        found[view] = np.where(first <= fires[view] + bars, first, NEVER)
    return found


def _views(follow: Follow, frame: Frame, fires: IntArray, levels: FloatArray) -> list[View]:
    """Frames that show each firing its level from its bar to its window's end; as few as can serve all firings."""
    formulas = [formula for formula in (follow.held, follow.failed) if formula and LEVEL in formula.names]
    if not formulas:
        return [(np.arange(len(fires)), frame)]
    views = []
    look_back = max(formula.history for formula in formulas)
    for view in _apart(fires.tolist(), follow.bars + look_back):
        level = np.full(len(frame.bars), np.nan)
        for fire, value in zip(fires[view].tolist(), levels[view].tolist(), strict=True):
            level[fire : fire + follow.bars + 1] = value
        views.append((view, frame.with_names({LEVEL: level}, frame.pinned)))
    return views


def _apart(fires: list[int], span: float) -> list[IntArray]:
    """The firings, by number, in groups of which no two are within `span` bars of each other."""
    groups: list[list[int]] = []
    for firing, fire in enumerate(fires):
        free = next((group for group in groups if fires[group[-1]] + span < fire), None)
        if free is None:
            groups.append([firing])
        else:
            free.append(firing)
    return [np.array(group, dtype=np.int64) for group in groups]


def _confirmed(follow: Follow, frame: Frame, fires: IntArray, levels: FloatArray) -> IntArray:
    """Position of the close that confirms each firing; NEVER where none does."""
    found = np.full(len(fires), NEVER, dtype=np.int64)
    if follow.confirmed is None:
        return found
    closes: list[float] = frame.bars.close.tolist()
    for firing, (fire, level) in enumerate(zip(fires.tolist(), levels.tolist(), strict=True)):
        side, barrier = _barrier(closes, fire, level)
        at = _row(closes[fire + 1 : fire + 1 + follow.bars], side, barrier, follow.confirmed)
        if at is not None:
            found[firing] = fire + 1 + at
    return found


def _barrier(closes: list[float], fire: int, level: float) -> tuple[int, float]:
    """Which side the firing closed on, 1 above or -1 below, and of which price."""
    close = closes[fire]
    if math.isnan(level):
        return (-1 if fire and close < closes[fire - 1] else 1), close
    return (-1 if close < level else 1), level


def _row(closes: list[float], side: int, barrier: float, wanted: int) -> int | None:
    """Position of the close that completes the first row of `wanted` closes beyond the barrier; None without one."""
    row = 0
    for at, close in enumerate(closes):
        if not math.isnan(close):
            row = row + 1 if side * close > side * barrier else 0
        if row == wanted:
            return at
    return None
