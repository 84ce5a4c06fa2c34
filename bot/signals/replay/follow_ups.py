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
from functools import reduce
from typing import Self

import numpy as np

from bot.signals.bars import FloatArray, IntArray
from bot.signals.formula import Formula, Frame
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
    def fired(cls, fires: IntArray) -> Self:
        """The firings alone."""
        return cls(np.arange(len(fires)), fires, np.full(len(fires), KINDS.index(EventKind.FIRED)))

    @classmethod
    def of_kinds(cls, happened: Mapping[EventKind, IntArray]) -> Self:
        """That each kind happened to each firing at a position, or NEVER."""
        positions = np.array([*happened.values()])
        row, firing = np.nonzero(positions < NEVER)
        return cls(firing, positions[row, firing], np.array([KINDS.index(kind) for kind in happened])[row])

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
        rows = slice(*self.position.searchsorted([first, last]).tolist())
        return type(self)(self.firing[rows], self.position[rows], self.kind[rows])


def outcomes(follow: Follow | None, frame: Frame, episodes: Episodes, levels: FloatArray) -> Outcomes:
    """The firings of the episodes, whose levels are `levels` (NaN: none or unknown), and all that followed them."""
    if follow is None or not len(episodes.fires):
        return Outcomes.fired(episodes.fires)
    windows = windows_of(follow, frame, episodes)
    views = views_of(follow, frame, windows, levels)
    failed = _first(follow.failed, windows, views)
    happened = {
        EventKind.FIRED: episodes.fires,
        EventKind.CONFIRMED: _before(failed, _confirmed(follow, frame, windows, levels)),
        EventKind.HELD: _before(failed, _first(follow.held, windows, views)),
    }
    if not follow.resumed:
        happened[EventKind.FAILED] = failed
        happened[EventKind.ENDED] = _before(failed, windows.ends)
    parts = [Outcomes.of_kinds(happened)]
    if follow.resumed or follow.milestones is not None:
        parts += _of_runs(follow, frame, windows, levels, _runs(follow, windows, views, failed))
    return Outcomes.in_order(parts)


def _before(failed: IntArray, positions: IntArray) -> IntArray:
    """Where something happened to each firing before it failed; else NEVER."""
    return np.where(positions < failed, positions, NEVER)


def _first(formula: Formula | None, windows: FollowWindows, views: Iterable[View]) -> IntArray:
    """First position in each firing's window at which the formula is yes; NEVER where it is not."""
    found = np.full(len(windows), NEVER, dtype=np.int64)
    if formula is not None:
        for view, frame in views:
            found[view] = windows.first(yes_positions(formula, frame), view)
    return found


def _runs(follow: Follow, windows: FollowWindows, views: Iterable[View], failed: IntArray) -> list[AlertRun]:
    """Where each firing failed, came back and ended."""
    if not follow.resumed:
        columns = zip(windows.fires.tolist(), failed.tolist(), windows.ends.tolist(), strict=True)
        return [run_once(fire, first, end) for fire, first, end in columns]
    found: dict[int, AlertRun] = {}
    yes = windows.episodes.yes.tolist()
    for view, frame in views:
        failing = yes_positions(follow.failed, frame).tolist()
        found |= {firing: run_of(_bounds(windows, firing), failing, yes) for firing in view.tolist()}
    return [found[firing] for firing in range(len(windows))]


def _bounds(windows: FollowWindows, firing: int) -> RunWindow:
    episodes = windows.episodes
    columns = (windows.fires, windows.lasts, windows.ends, episodes.last_yes, episodes.ends)
    return RunWindow(*(int(column[firing]) for column in columns))


def _of_runs(
    follow: Follow, frame: Frame, windows: FollowWindows, levels: FloatArray, runs: Sequence[AlertRun]
) -> list[Outcomes]:
    """Milestones, and of what may come back its failures, returns and ends."""
    found = {EventKind.MILESTONE: _milestones(follow.milestones, frame, windows, levels, runs)}
    if follow.resumed:
        found[EventKind.FAILED] = [(firing, at) for firing, run in enumerate(runs) for at in run.failures]
        found[EventKind.RESUMED] = [(firing, at) for firing, run in enumerate(runs) for at in run.returns]
        found[EventKind.ENDED] = [(firing, run.end) for firing, run in enumerate(runs) if run.end < NEVER]
    return [Outcomes.of_pairs(kind, pairs) for kind, pairs in found.items()]


def _milestones(
    step: float | None, frame: Frame, windows: FollowWindows, levels: FloatArray, runs: Sequence[AlertRun]
) -> list[tuple[int, int]]:
    if step is None:
        return []
    closes = frame.bars.close
    sides, barriers = _barriers(closes, windows.fires, levels)
    columns = zip(runs, windows.lasts.tolist(), sides.tolist(), barriers.tolist(), strict=True)
    return [
        (firing, at)
        for firing, (run, last, side, barrier) in enumerate(columns)
        for at in milestones(run, last, closes, side, barrier, step)
    ]


def _confirmed(follow: Follow, frame: Frame, windows: FollowWindows, levels: FloatArray) -> IntArray:
    """Position of the close that confirms each firing; NEVER where none does."""
    wanted, closes = follow.confirmed, frame.bars.close
    if wanted is None:
        return np.full(len(windows), NEVER, dtype=np.int64)
    known = frame.bars.known
    sides, barriers = _barriers(closes, windows.fires, levels)
    begins = known.searchsorted(windows.fires, side="right")
    ends = known.searchsorted(windows.lasts, side="right")
    count = max(int((ends - begins).max()), wanted)
    places = begins[:, None] + np.arange(count)
    following = closes.take(known.take(places, mode="clip"))
    beyond = (places < ends[:, None]) & (sides[:, None] * following > (sides * barriers)[:, None])
    in_a_row = reduce(np.logical_and, (beyond[:, at : at + count - wanted + 1] for at in range(wanted)))
    done = begins + in_a_row.argmax(axis=1) + wanted - 1
    return np.where(in_a_row.any(axis=1), known.take(done, mode="clip"), NEVER)


def _barriers(closes: FloatArray, fires: IntArray, levels: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Which side each firing closed on, 1 above or -1 below, and of which price: the level, else its own close."""
    own, before = closes[fires], closes[np.maximum(fires - 1, 0)]
    bare = np.isnan(levels)
    down = np.where(bare, (own < before) & (fires > 0), own < levels)
    return np.where(down, -1.0, 1.0), np.where(bare, own, levels)
