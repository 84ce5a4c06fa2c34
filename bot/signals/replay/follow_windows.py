"""Windows of firings: how long each is followed, and frames in which `level` is the one that it froze."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bot.signals.bars import FloatArray, IntArray
from bot.signals.formula import Formula, Frame, evaluate
from bot.signals.replay.episodes import NEVER, Episodes
from bot.signals.replay.rule import Follow

LEVEL = "level"
"""The name by which formulas speak of the level that an alert froze."""


@dataclass(frozen=True, eq=False)
class FollowWindows:
    """The firings of a rule with their windows, as columns of positions.

    A firing's formulas are looked at on the bars after it up to `lasts`. The window is over at `ends`: its last bar, or
    the first after it whose close is known; NEVER where it is still open.
    """

    fires: IntArray
    lasts: IntArray
    ends: IntArray
    episodes: Episodes

    def __len__(self) -> int:
        """Number of firings."""
        return len(self.fires)

    def first(self, positions: IntArray, firings: IntArray) -> IntArray:
        """The first of some ascending positions within the window of each of the firings; NEVER where there is none."""
        following = positions.searchsorted(self.fires[firings], side="right")
        found = np.append(positions, NEVER)[following]
        return np.where(found <= self.lasts[firings], found, NEVER)


def windows_of(follow: Follow, frame: Frame, episodes: Episodes) -> FollowWindows:
    """The window of each episode's firing: so many bars, or as long as the episode lives."""
    if follow.bars is None:
        lasts = np.minimum(episodes.ends, len(frame.bars) - 1)
        return FollowWindows(episodes.fires, lasts, episodes.ends, episodes)
    lasts = episodes.fires + follow.bars
    known = frame.bars.known
    ends = np.append(known, NEVER)[known.searchsorted(lasts)]
    return FollowWindows(episodes.fires, lasts, ends, episodes)


View = tuple[IntArray, Frame]
"""Some firings, by number, and a frame in which `level` is theirs."""


def views_of(follow: Follow, frame: Frame, windows: FollowWindows, levels: FloatArray) -> list[View]:
    """Frames that show each firing its level from its bar to its window's end; as few as can serve all firings."""
    formulas = [formula for formula in (follow.held, follow.failed) if formula and LEVEL in formula.names]
    if not formulas:
        return [(np.arange(len(windows)), frame)]
    views = []
    look_back = max(formula.history for formula in formulas)
    for view in _apart(windows, look_back):
        level = np.full(len(frame.bars), np.nan)
        spans = zip(windows.fires[view].tolist(), windows.lasts[view].tolist(), levels[view].tolist(), strict=True)
        for fire, last, value in spans:
            level[fire : last + 1] = value
        views.append((view, frame.with_names({LEVEL: level}, frame.pinned)))
    return views


def yes_positions(formula: Formula | None, frame: Frame) -> IntArray:
    """Where a formula is yes at a bar whose close is known, ascending; nowhere where there is no formula."""
    if formula is None:
        return np.empty(0, dtype=np.int64)
    yes: IntArray = (frame.bars.where_known(evaluate(formula, frame)) == 1).nonzero()[0]
    return yes


def _apart(windows: FollowWindows, look_back: float) -> list[IntArray]:
    """The firings, by number, in groups of which no two windows are within `look_back` bars of each other."""
    groups: list[list[int]] = []
    fires, lasts = windows.fires.tolist(), windows.lasts.tolist()
    for firing, fire in enumerate(fires):
        for group in groups:
            if lasts[group[-1]] + look_back < fire:
                group.append(firing)
                break
        else:
            groups.append([firing])
    return [np.array(group, dtype=np.int64) for group in groups]
