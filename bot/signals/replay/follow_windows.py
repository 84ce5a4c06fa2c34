"""Windows of firings: how long each is followed, and what formulas say on the bars in them.

In each window the name `level` is the level that its firing froze: from the firing's bar to the window's end, and
unknown elsewhere. Windows may overlap, so the same bar may be asked once for each.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from bot.signals.bars import FloatArray, IntArray, Mask
from bot.signals.formula import Formula, Frame, evaluate, evaluate_at
from bot.signals.replay.episodes import NEVER, Episodes
from bot.signals.replay.rule import Follow

LEVEL = "level"
"""The name by which formulas speak of the level that an alert froze."""

ROWS_AT_ONCE = 100_000
"""Bars of windows that are looked at together; where long windows overlap there may be more of them than of bars."""


@dataclass(frozen=True, eq=False)
class FollowWindows:
    """Firings of a rule in a row, from the one with that `number` on, with their windows, as columns.

    A firing's formulas are looked at on the bars after it up to `lasts`. The window is over at `ends`: its last bar, or
    the first after it whose close is known; NEVER where it is still open. `levels` is NaN where there was none.
    """

    number: int
    fires: IntArray
    lasts: IntArray
    ends: IntArray
    levels: FloatArray

    def __len__(self) -> int:
        """Number of firings."""
        return len(self.fires)

    def portions(self) -> Iterator[FollowWindows]:
        """The same in portions of so few firings that their bars can be looked at together."""
        rows = np.cumsum(self.lasts - self.fires)
        begin = 0
        while begin < len(self):
            before = int(rows[begin - 1]) if begin else 0
            end = max(int(rows.searchsorted(before + ROWS_AT_ONCE, side="right")), begin + 1)
            some = slice(begin, end)
            yield FollowWindows(
                self.number + begin, self.fires[some], self.lasts[some], self.ends[some], self.levels[some]
            )
            begin = end


@dataclass(frozen=True, eq=False)
class WindowBars:
    """The bars of windows whose close is known, window after window: the window's number among them, and position."""

    window: IntArray
    position: IntArray

    def earliest(self, rows: IntArray, count: int) -> IntArray:
        """Position of the first of some rows in each of `count` windows; NEVER where there is none."""
        found = np.full(count, NEVER, dtype=np.int64)
        np.minimum.at(found, self.window[rows], self.position[rows])
        return found


def windows_of(follow: Follow, frame: Frame, episodes: Episodes, levels: FloatArray) -> FollowWindows:
    """The window of each episode's firing: so many bars, or as long as the episode lives."""
    newest = len(frame.bars) - 1
    if follow.bars is None:
        return FollowWindows(0, episodes.fires, np.minimum(episodes.ends, newest), episodes.ends, levels)
    lasts = episodes.fires + follow.bars
    known = frame.bars.known
    ends = np.append(known, NEVER)[known.searchsorted(lasts)]
    return FollowWindows(0, episodes.fires, np.minimum(lasts, newest), ends, levels)


def bars_in(windows: FollowWindows, frame: Frame) -> WindowBars:
    """The bars after each firing up to its window's last one, but for those without a close."""
    known = frame.bars.known
    begins = known.searchsorted(windows.fires, side="right")
    counts = known.searchsorted(windows.lasts, side="right") - begins
    window = np.repeat(np.arange(len(windows)), counts)
    shift = np.repeat(begins - (np.cumsum(counts) - counts), counts)
    return WindowBars(window, known[np.arange(len(window)) + shift])


def yes_rows(formula: Formula | None, frame: Frame, windows: FollowWindows, bars: WindowBars) -> IntArray:
    """Rows of `bars` at which a formula is yes, ascending; none where there is no formula."""
    if formula is None:
        return np.empty(0, dtype=np.int64)
    if formula.needs_no_past_names:
        levels = {LEVEL: windows.levels[bars.window]}
        return np.flatnonzero(evaluate_at(formula, frame, bars.position, levels) == 1)
    yes = np.zeros(len(bars.window), dtype=np.bool_)
    for group in _apart(windows, formula.names_history):
        everywhere = evaluate(formula, frame.with_names({LEVEL: _levels(windows, group, frame)}, frame.pinned))
        theirs = group[bars.window]
        yes[theirs] = everywhere[bars.position[theirs]] == 1
    return np.flatnonzero(yes)


def _levels(windows: FollowWindows, group: Mask, frame: Frame) -> FloatArray:
    """The level of each window of a group, on its bars."""
    level = np.full(len(frame.bars), np.nan)
    columns = (column[group].tolist() for column in (windows.fires, windows.lasts, windows.levels))
    for fire, last, value in zip(*columns, strict=True):
        level[fire : last + 1] = value
    return level


def _apart(windows: FollowWindows, look_back: float) -> list[Mask]:
    """The windows in groups, each as a mask, of which no two are within `look_back` bars of each other."""
    group_of: list[int] = []
    last_of_group: list[int] = []
    for fire, last in zip(windows.fires.tolist(), windows.lasts.tolist(), strict=True):
        free = (group for group, before in enumerate(last_of_group) if before + look_back < fire)
        group = next(free, len(last_of_group))
        last_of_group[group : group + 1] = [last]
        group_of.append(group)
    return [np.array(group_of) == group for group in range(len(last_of_group))]
