"""The run after a firing: failures and returns, milestones, and where it ends."""

from __future__ import annotations

from bisect import bisect_left
from typing import NamedTuple

import numpy as np

from bot.signals.bars import FloatArray
from bot.signals.replay.episodes import NEVER

BARS_BETWEEN_FAILURES = 10
"""Bars from one failure to the next that is told: a failure and the return from it are told once in as many bars."""


class RunWindow(NamedTuple):
    """Positions that bound one run: where it fired, the last bar at which it may fail, where its window is over,
    the last yes of its episode so far, and where that is over; NEVER where it is not yet.
    """

    fire: int
    last: int
    end: int
    last_yes: int
    episode_end: int


class AlertRun(NamedTuple):
    """One run: positions of its failures and of the returns from them, and of its end; NEVER while it goes on.

    Each failure but the last has a return; the last may lack one.
    """

    fire: int
    failures: tuple[int, ...]
    returns: tuple[int, ...]
    end: int

    def standing(self, last: int) -> list[tuple[int, int]]:
        """Spans of positions, the second excluded, at which it has not failed; none after `last` or after its end."""
        begins = [self.fire + 1, *self.returns]
        stop = min(self.end, last) + 1
        ends = [*self.failures, stop][: len(begins)]
        return [(begin, min(end, stop)) for begin, end in zip(begins, ends, strict=True)]


def run_of(window: RunWindow, failing: list[int], yes: list[int]) -> AlertRun:
    """The run of one firing; `failing` and `yes` are ascending positions at which `failed` and the rule are yes.

    It comes back at the first yes of its own episode after a failure. It ends with its window, or later, where it has
    failed and its episode still lives: at the return, or with the episode.
    """
    failures: list[int] = []
    returns: list[int] = []
    at = window.fire
    while True:
        failed = _next(failing, max(at + 1, failures[-1] + BARS_BETWEEN_FAILURES if failures else 0))
        if failed > window.last:
            return AlertRun(window.fire, tuple(failures), tuple(returns), max(window.end, at))
        failures.append(failed)
        at = _next(yes, failed + 1)
        if at > window.last_yes:
            return AlertRun(window.fire, tuple(failures), tuple(returns), max(window.end, window.episode_end))
        returns.append(at)
        if at >= window.end:
            return AlertRun(window.fire, tuple(failures), tuple(returns), at)


def run_once(fire: int, failed: int, end: int) -> AlertRun:
    """The run of a firing that is not followed beyond its first failure, at which it ends without a word."""
    return AlertRun(fire, (failed,), (), failed) if failed < NEVER else AlertRun(fire, (), (), end)


def milestones(run: AlertRun, last: int, closes: FloatArray, side: float, base: float, step: float) -> list[int]:
    """Positions, `last` the last one, of closes a further `step` from `base`, a ratio of it, while the run stands.

    A close that passes several steps at once is told once, and what the firing's own close has passed is not told.
    """
    if not base > 0:
        return []
    stretch = closes[run.fire : last + 1]
    with np.errstate(invalid="ignore"):
        steps = np.floor(side * (stretch / base - 1.0) / step + 1e-9)
    told, found = max(0.0, float(steps[0])), []
    if not (steps > told).any():
        return []
    steps = np.where(np.isnan(steps), -np.inf, steps)
    for begin, end in run.standing(last):
        reached = np.maximum.accumulate(np.concatenate([[told], steps[begin - run.fire : end - run.fire]]))
        found += (np.flatnonzero(np.diff(reached) > 0) + begin).tolist()
        told = float(reached[-1])
    return found


def _next(positions: list[int], earliest: int) -> int:
    at = bisect_left(positions, earliest)
    return positions[at] if at < len(positions) else NEVER
