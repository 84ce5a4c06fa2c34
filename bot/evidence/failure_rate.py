"""Failure rate of a rule's earlier firings, beside random days of the same market at the same distance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bot.signals.bars import FloatArray, IntArray
from bot.signals.formula import Formula, Frame, evaluate
from bot.signals.indicators.smoothing import atr
from bot.signals.replay.event import EventKind
from bot.signals.replay.follow_ups import KINDS
from bot.signals.replay.follow_windows import LEVEL
from bot.signals.replay.replay import Replay

EPISODE_BARS = 60
"""Bars within which a firing counts as failed where its rule follows it as long as its episode lives."""

ATR_BARS = 14

FEWEST_DAYS = 30
"""Random days below which no base is given."""


@dataclass(frozen=True, slots=True)
class FailureRate:
    """Of `fired` earlier firings whose `bars` bars are over, `failed` failed within them.

    `base` is the share of random days that fail the same way: a level drawn as far from their close, in units of what
    the market usually moves, as the firings were from theirs. None where it could not be measured. `open` more had
    fired, whose bars are not over.
    """

    fired: int
    failed: int
    bars: int
    base: float | None
    open: int = 0


def failure_rate(replay: Replay, frame: Frame, position: int) -> FailureRate | None:
    """How the firings before the bar at `position` went, as known there; None for a rule that watches for no failure.

    `frame` is the one that the rule was replayed over.
    """
    follow = replay.rule.follow
    if follow is None or follow.failed is None:
        return None
    bars = follow.bars or EPISODE_BARS
    earlier = replay.fires[replay.fires < position]
    over = earlier[earlier + bars <= position]
    failed = int((_first_failures(replay)[: len(over)] - over <= bars).sum())
    base = _base(replay, frame, follow.failed, over, bars, position)
    return FailureRate(len(over), failed, bars, base, len(earlier) - len(over))


def _first_failures(replay: Replay) -> FloatArray:
    """Position at which each firing failed first, infinity where it did not."""
    first = np.full(len(replay.fires), np.inf)
    rows = replay.outcomes.kind == KINDS.index(EventKind.FAILED)
    np.minimum.at(first, replay.outcomes.firing[rows], replay.outcomes.position[rows])
    return first


def _base(replay: Replay, frame: Frame, formula: Formula, fires: IntArray, bars: int, position: int) -> float | None:
    """Share of windows, one after the other from two beginnings, that fail with a level drawn into them."""
    if not len(fires):
        return None
    close, usual = frame.bars.close, atr(frame.bars, ATR_BARS)
    distances = np.nan_to_num((close[fires] - replay.level[fires]) / usual[fires])
    failed: list[bool] = []
    for begin in (0, bars // 2):
        days = np.arange(begin, position - bars, bars + 1)
        days = days[np.isfinite(usual[days]) & np.isfinite(close[days])]
        levels = close[days] - distances[np.arange(len(days)) % len(distances)] * usual[days]
        failed += _fail(frame, formula, days, levels, bars)
    return sum(failed) / len(failed) if len(failed) >= FEWEST_DAYS else None


def _fail(frame: Frame, formula: Formula, days: IntArray, levels: FloatArray, bars: int) -> list[bool]:
    """Whether the formula is yes on any of the `bars` bars after each of these days, which are farther apart."""
    level = np.full(len(frame.bars), np.nan)
    for day, price in zip(days.tolist(), levels.tolist(), strict=True):
        level[day : day + bars + 1] = price
    yes = np.flatnonzero(evaluate(formula, frame.with_names({LEVEL: level}, frame.pinned)) == 1)
    within = np.searchsorted(yes, days + bars, side="right") > np.searchsorted(yes, days, side="right")
    return [bool(each) for each in within]
