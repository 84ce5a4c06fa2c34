"""What follows a firing: the events of its window, as columns over all firings of a rule.

The window of a firing at bar f is the bars after it: so many, or as long as its episode lives. In it:

* held: its formula is yes, for the first time.
* confirmed: the Nth close in a row beyond the level, on the side where the firing closed, for the first time. An
  unknown close neither counts nor breaks the row. Where the rule has no level, or it was unknown, the close of the
  firing takes its place, and the side is the one to which that bar moved.
* failed: its formula is yes. Nothing else happens at that bar, held and confirmed never after it; and nothing at all
  ever after, but for rules that follow on:
* resumed: after a failure the rule is yes again, in the same episode. It may fail and resume again; failures are told
  BARS_BETWEEN_FAILURES bars apart at least, returns at once, so that "failed" is never the last word above a later yes.
* milestone: a close a further step from the level, or from the close of the firing, while it has not failed.
* ended: the window's last bar. What has failed by then and may resume ends at its return, or with its episode.

At a bar whose close is unknown nothing happens, whatever the formulas say; a window that would end there ends at the
next bar with a close.

Several alerts of one rule may be open at once, each with a window and a level of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Self

import numpy as np

from bot.signals.bars import FloatArray, IntArray
from bot.signals.formula import Frame
from bot.signals.replay.alert_run import AlertRun, RunWindow, milestones, run_of, run_once
from bot.signals.replay.episodes import NEVER, Episodes
from bot.signals.replay.event import EventKind
from bot.signals.replay.follow_windows import FollowWindows, WindowBars, bars_in, windows_of, yes_rows
from bot.signals.replay.rule import Follow

KINDS = tuple(EventKind)
"""Kinds by number, in the order in which they are told at one bar."""


@dataclass(frozen=True, eq=False)
class Outcomes:
    """What happened to firings, as columns: number of the firing, position of the bar, number of the kind."""

    firing: IntArray
    position: IntArray
    kind: IntArray

    @classmethod
    def fired(cls, fires: IntArray) -> Self:
        """The firings alone."""
        return cls(np.arange(len(fires)), fires, np.full(len(fires), KINDS.index(EventKind.FIRED)))

    @classmethod
    def of_kinds(cls, happened: Mapping[EventKind, IntArray], first: int) -> Self:
        """That each kind happened to each firing, counted from `first`, at a position, or NEVER."""
        positions = np.array([*happened.values()])
        row, firing = np.nonzero(positions < NEVER)
        return cls(first + firing, positions[row, firing], np.array([KINDS.index(kind) for kind in happened])[row])

    @classmethod
    def of_pairs(cls, kind: EventKind, pairs: Iterable[tuple[int, int]], first: int) -> Self:
        """That one kind happened at these places: number of the firing, counted from `first`, and position."""
        columns = np.array([*pairs], dtype=np.int64).reshape(-1, 2)
        return cls(first + columns[:, 0], columns[:, 1], np.full(len(columns), KINDS.index(kind)))

    @classmethod
    def in_order(cls, parts: Sequence[Self]) -> Self:
        """All of the parts, in the order in which they are told: by bar, then by firing."""
        firing, position, kind = (
            np.concatenate([getattr(part, name) for part in parts]) for name in ("firing", "position", "kind")
        )
        order = np.lexsort((kind, firing, position))
        return cls(firing[order], position[order], kind[order])

    def slice(self, first: int, last: int) -> Self:
        """Only what happened at positions first..last-1; for what is in order."""
        rows = slice(*self.position.searchsorted([first, last]).tolist())
        return type(self)(self.firing[rows], self.position[rows], self.kind[rows])


def outcomes(follow: Follow | None, frame: Frame, episodes: Episodes, levels: FloatArray) -> Outcomes:
    """The firings of the episodes, whose levels are `levels` (NaN: none or unknown), and all that followed them."""
    if follow is None or not len(episodes.fires):
        return Outcomes.fired(episodes.fires)
    windows = windows_of(follow, frame, episodes, levels)
    return Outcomes.in_order([part for some in windows.portions() for part in _of(follow, frame, episodes, some)])


def _of(follow: Follow, frame: Frame, episodes: Episodes, windows: FollowWindows) -> list[Outcomes]:
    """What happened to the firings of some windows."""
    bars = bars_in(windows, frame)
    failing = yes_rows(follow.failed, frame, windows, bars)
    failed = bars.earliest(failing, len(windows))
    happened = {EventKind.FIRED: windows.fires}
    if follow.confirmed is not None:
        happened[EventKind.CONFIRMED] = _before(failed, _confirmed(follow.confirmed, frame, windows, bars))
    if follow.held is not None:
        holding = yes_rows(follow.held, frame, windows, bars)
        happened[EventKind.HELD] = _before(failed, bars.earliest(holding, len(windows)))
    if not follow.resumed:
        happened[EventKind.FAILED] = failed
        happened[EventKind.ENDED] = _before(failed, windows.ends)
    parts = [Outcomes.of_kinds(happened, windows.number)]
    if follow.resumed or follow.milestones is not None:
        runs = _runs(episodes, windows, bars, failing) if follow.resumed else _runs_once(windows, failed)
        pairs = _of_runs(follow, frame, windows, runs)
        parts += [Outcomes.of_pairs(kind, found, windows.number) for kind, found in pairs.items()]
    return parts


def _before(failed: IntArray, positions: IntArray) -> IntArray:
    """Where something happened to each firing before it failed; else NEVER."""
    return np.where(positions < failed, positions, NEVER)


def _runs_once(windows: FollowWindows, failed: IntArray) -> list[AlertRun]:
    """Where each firing ended that does not come back once it has failed."""
    columns = zip(windows.fires.tolist(), failed.tolist(), windows.ends.tolist(), strict=True)
    return [run_once(fire, first, end) for fire, first, end in columns]


def _runs(episodes: Episodes, windows: FollowWindows, bars: WindowBars, failing: IntArray) -> list[AlertRun]:
    """Where each firing failed, came back and ended; `failing` are the rows at which it fails."""
    theirs = slice(windows.number, windows.number + len(windows))
    columns = (windows.fires, windows.lasts, windows.ends, episodes.last_yes[theirs], episodes.ends[theirs])
    bounds = [RunWindow(*each) for each in zip(*(column.tolist() for column in columns), strict=True)]
    positions, yes = bars.position[failing].tolist(), episodes.yes.tolist()
    rows = pairwise(bars.window[failing].searchsorted(np.arange(len(windows) + 1)).tolist())
    return [run_of(each, positions[begin:end], yes) for each, (begin, end) in zip(bounds, rows, strict=True)]


def _of_runs(
    follow: Follow, frame: Frame, windows: FollowWindows, runs: Sequence[AlertRun]
) -> dict[EventKind, list[tuple[int, int]]]:
    """Milestones, and of what may come back its failures, returns and ends: number of the window, position."""
    found = {EventKind.MILESTONE: _milestones(follow.milestones, frame, windows, runs)}
    if follow.resumed:
        found[EventKind.FAILED] = [(window, at) for window, run in enumerate(runs) for at in run.failures]
        found[EventKind.RESUMED] = [(window, at) for window, run in enumerate(runs) for at in run.returns]
        found[EventKind.ENDED] = [(window, run.end) for window, run in enumerate(runs) if run.end < NEVER]
    return found


def _milestones(
    step: float | None, frame: Frame, windows: FollowWindows, runs: Sequence[AlertRun]
) -> list[tuple[int, int]]:
    if step is None:
        return []
    closes = frame.bars.close
    sides, barriers = _barriers(closes, windows)
    columns = zip(runs, windows.lasts.tolist(), sides.tolist(), barriers.tolist(), strict=True)
    return [
        (window, at)
        for window, (run, last, side, barrier) in enumerate(columns)
        for at in milestones(run, last, closes, side, barrier, step)
    ]


def _confirmed(wanted: int, frame: Frame, windows: FollowWindows, bars: WindowBars) -> IntArray:
    """Position of the close that confirms each firing; NEVER where none does."""
    if wanted > len(bars.window):
        return np.full(len(windows), NEVER, dtype=np.int64)
    closes = frame.bars.close
    sides, barriers = _barriers(closes, windows)
    beyond = sides[bars.window] * closes[bars.position] > (sides * barriers)[bars.window]
    begins = len(beyond) - wanted + 1
    in_a_row = bars.window[:begins] == bars.window[wanted - 1 :]
    for later in range(wanted):
        in_a_row &= beyond[later : later + begins]
    return bars.earliest(np.flatnonzero(in_a_row) + wanted - 1, len(windows))


def _barriers(closes: FloatArray, windows: FollowWindows) -> tuple[FloatArray, FloatArray]:
    """Which side each firing closed on, 1 above or -1 below, and of which price: the level, else its own close."""
    fires, levels = windows.fires, windows.levels
    own, before = closes[fires], closes[np.maximum(fires - 1, 0)]
    bare = np.isnan(levels)
    down = np.where(bare, (own < before) & (fires > 0), own < levels)
    return np.where(down, -1.0, 1.0), np.where(bare, own, levels)
