"""What became of each firing in its window?

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

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.signals.bars import FloatArray, IntArray
from bot.signals.event import EventKind
from bot.signals.formula import Formula, evaluate
from bot.signals.frame import Frame
from bot.signals.rule import Follow

LEVEL = "level"
"""The name by which formulas speak of the level that an alert froze."""

NEVER = int(np.iinfo(np.int64).max)
"""A position after every bar."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What happened to the firing number `firing` at the bar at `position`."""

    firing: int
    position: int
    kind: EventKind


def outcomes(follow: Follow, frame: Frame, fires: IntArray, levels: FloatArray) -> list[Outcome]:
    """All that followed the firings at `fires`, whose levels are `levels` (NaN: none or unknown), by firing."""
    count = len(frame.bars)
    failed = _first_yes(follow.failed, follow, frame, fires, levels)
    happened = {
        EventKind.CONFIRMED: _confirmed(follow, frame, fires, levels),
        EventKind.HELD: _first_yes(follow.held, follow, frame, fires, levels),
        EventKind.EXPIRED: _ends(follow, frame, fires),
    }
    found = [
        Outcome(firing, position, kind)
        for kind, positions in happened.items()
        for firing, position in _pairs(positions, (positions < failed) & (positions < count))
    ]
    found += [Outcome(firing, position, EventKind.FAILED) for firing, position in _pairs(failed, failed < count)]
    return found


def _pairs(positions: IntArray, which: NDArray[np.bool_]) -> list[tuple[int, int]]:
    at = np.flatnonzero(which)
    return list(zip(at.tolist(), positions[at].tolist(), strict=True))


def _ends(follow: Follow, frame: Frame, fires: IntArray) -> IntArray:
    """Where each window ends: its last bar, or the first after it whose close is known; NEVER where still open."""
    known = np.append(np.flatnonzero(~np.isnan(frame.bars.close)), NEVER)
    return known[np.searchsorted(known, fires + follow.bars)]


def _first_yes(formula: Formula | None, follow: Follow, frame: Frame, fires: IntArray, levels: FloatArray) -> IntArray:
    """First position in each firing's window where the formula is yes; NEVER where it is not."""
    found = np.full(len(fires), NEVER, dtype=np.int64)
    if formula is None:
        return found
    known = ~np.isnan(frame.bars.close)
    for layer in _layers(formula, follow, fires):
        truth = _truth(formula, follow, frame, fires[layer], levels[layer])
        yes = np.append(np.flatnonzero((truth == 1) & known), NEVER)
        first = yes[np.searchsorted(yes, fires[layer], side="right")]
        found[layer] = np.where(first <= fires[layer] + follow.bars, first, NEVER)
    return found


def _layers(formula: Formula, follow: Follow, fires: IntArray) -> list[IntArray]:
    """Firings in groups for which one evaluation serves: no formula sees the level of another alert in its group."""
    if LEVEL not in formula.names:
        return [np.arange(len(fires))]
    if formula.whole_history:
        return [np.array([firing]) for firing in range(len(fires))]
    span = follow.bars + formula.warmup
    layers: list[list[int]] = []
    for firing, fire in enumerate(fires.tolist()):
        free = next((layer for layer in layers if fires[layer[-1]] + span < fire), None)
        if free is None:
            layers.append([firing])
        else:
            free.append(firing)
    return [np.array(layer, dtype=np.int64) for layer in layers]


def _truth(formula: Formula, follow: Follow, frame: Frame, fires: IntArray, levels: FloatArray) -> FloatArray:
    """The formula over all bars, with `level` known from each firing to the end of its window."""
    if LEVEL not in formula.names:
        return evaluate(formula, frame)
    level = np.full(len(frame.bars), np.nan)
    for fire, value in zip(fires.tolist(), levels.tolist(), strict=True):
        level[fire : fire + follow.bars + 1] = value
    return evaluate(formula, frame.with_names({LEVEL: level}, frame.pinned))


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
    if level == level:  # noqa: PLR0124  # known
        return (-1 if close < level else 1), level
    return (-1 if fire and close < closes[fire - 1] else 1), close


def _row(closes: list[float], side: int, barrier: float, wanted: int) -> int | None:
    """Position of the close that completes the first row of `wanted` closes beyond the barrier; None without one."""
    row = 0
    for at, close in enumerate(closes):
        beyond = side * (close - barrier)
        row = row + (beyond > 0) if not beyond <= 0 else 0
        if row == wanted:
            return at
    return None
