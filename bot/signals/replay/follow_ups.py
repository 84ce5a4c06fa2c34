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

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from bot.signals.bars import FloatArray, IntArray
from bot.signals.formula import Frame
from bot.signals.replay.alert_run import AlertRun, RunWindow, milestones, run_of, run_once
from bot.signals.replay.episodes import NEVER, Episodes
from bot.signals.replay.event import EventKind
from bot.signals.replay.follow_windows import FollowWindows, View, views_of, windows_of, yes_positions
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
    def of_kind(cls, kind: EventKind, positions: IntArray) -> Self:
        """That one kind happened to each firing at a position, or NEVER."""
        firing = np.flatnonzero(positions < NEVER)
        return cls(firing, positions[firing], np.full(len(firing), KINDS.index(kind)))

    @classmethod
    def of_pairs(cls, kind: EventKind, pairs: Iterable[tuple[int, int]]) -> Self:
        """That one kind happened at these places: number of the firing, position."""
        columns = np.array([*pairs], dtype=np.int64).reshape(-1, 2)
        return cls(columns[:, 0], columns[:, 1], np.full(len(columns), KINDS.index(kind)))

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
        rows = slice(*np.searchsorted(self.position, [first, last]).tolist())
        return type(self)(self.firing[rows], self.position[rows], self.kind[rows])


def outcomes(follow: Follow | None, frame: Frame, episodes: Episodes, levels: FloatArray) -> Outcomes:
    """The firings of the episodes, whose levels are `levels` (NaN: none or unknown), and all that followed them."""
    fired = Outcomes.of_kind(EventKind.FIRED, episodes.fires)
    if follow is None or not len(episodes.fires):
        return fired
    windows = windows_of(follow, frame, episodes)
    views = views_of(follow, frame, windows, levels)
    runs = _runs(follow, windows, views)
    failed = np.array([run.failures[0] if run.failures else NEVER for run in runs])
    before = {
        EventKind.CONFIRMED: _confirmed(follow, frame, windows, levels),
        EventKind.HELD: _held(follow, windows, views),
    }
    happened = [Outcomes.of_kind(kind, np.where(at < failed, at, NEVER)) for kind, at in before.items()]
    happened += _of_runs(runs, follow)
    if follow.milestones is not None:
        pairs = _milestones(follow.milestones, frame, windows, levels, runs)
        happened.append(Outcomes.of_pairs(EventKind.MILESTONE, pairs))
    return Outcomes.in_order([fired, *happened])


def _runs(follow: Follow, windows: FollowWindows, views: Sequence[View]) -> list[AlertRun]:
    """Where each firing failed, came back and ended."""
    found: dict[int, AlertRun] = {}
    for view, frame in views:
        failing = yes_positions(follow.failed, frame)
        if follow.resumed:
            failures, yes = failing.tolist(), windows.episodes.yes.tolist()
            found |= {firing: run_of(_bounds(windows, firing), failures, yes) for firing in view.tolist()}
        else:
            first = windows.first(failing).tolist()
            ends, fires = windows.ends.tolist(), windows.fires.tolist()
            found |= {firing: run_once(fires[firing], first[firing], ends[firing]) for firing in view.tolist()}
    return [found[firing] for firing in range(len(windows))]


def _bounds(windows: FollowWindows, firing: int) -> RunWindow:
    episodes = windows.episodes
    columns = (windows.fires, windows.lasts, windows.ends, episodes.last_yes, episodes.ends)
    return RunWindow(*(int(column[firing]) for column in columns))


def _of_runs(runs: Sequence[AlertRun], follow: Follow) -> list[Outcomes]:
    """Failures, returns and ends; a failure that nothing can follow is an end of its own."""
    numbered = [*enumerate(runs)]
    ended = [(firing, run.end) for firing, run in numbered if run.end < NEVER and (follow.resumed or not run.failures)]
    return [
        Outcomes.of_pairs(EventKind.FAILED, ((firing, at) for firing, run in numbered for at in run.failures)),
        Outcomes.of_pairs(EventKind.RESUMED, ((firing, at) for firing, run in numbered for at in run.returns)),
        Outcomes.of_pairs(EventKind.ENDED, ended),
    ]


def _held(follow: Follow, windows: FollowWindows, views: Iterable[View]) -> IntArray:
    """Position at which each firing held; NEVER where it did not."""
    found = np.full(len(windows), NEVER, dtype=np.int64)
    if follow.held is not None:
        for view, frame in views:
            found[view] = windows.first(yes_positions(follow.held, frame))[view]
    return found


def _confirmed(follow: Follow, frame: Frame, windows: FollowWindows, levels: FloatArray) -> IntArray:
    """Position of the close that confirms each firing; NEVER where none does."""
    found = np.full(len(windows), NEVER, dtype=np.int64)
    if follow.confirmed is None:
        return found
    closes: list[float] = frame.bars.close.tolist()
    spans = zip(windows.fires.tolist(), windows.lasts.tolist(), levels.tolist(), strict=True)
    for firing, (fire, last, level) in enumerate(spans):
        side, barrier = _barrier(closes, fire, level)
        at = _row(closes[fire + 1 : last + 1], side, barrier, follow.confirmed)
        if at is not None:
            found[firing] = fire + 1 + at
    return found


def _milestones(
    step: float, frame: Frame, windows: FollowWindows, levels: FloatArray, runs: Sequence[AlertRun]
) -> Iterable[tuple[int, int]]:
    closes = frame.bars.close
    listed: list[float] = closes.tolist()
    for firing, (run, last, level) in enumerate(zip(runs, windows.lasts.tolist(), levels.tolist(), strict=True)):
        side, barrier = _barrier(listed, run.fire, level)
        yield from ((firing, at) for at in milestones(run, last, closes, side, barrier, step))


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
