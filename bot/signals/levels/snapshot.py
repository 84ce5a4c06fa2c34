"""The levels above and below a close, with their distances and touches."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bot.signals.bars import Bars
from bot.signals.levels.levels import Level, Role, active_levels
from bot.signals.levels.settings import LevelSettings
from bot.signals.timeframe import Instant, Timeframe


@dataclass(frozen=True, slots=True)
class LevelView:
    """One level: its band from `low` to `high`, its distance from the close, and what touched it.

    The distance is a ratio; of a snapshot `in_points` it is a difference.

    `price` is the edge that a break must pass, `touches` are starts of bars. `broken` is the start of the bar of its
    last break, when its role changed; None where it never did.
    """

    price: float
    low: float
    high: float
    role: Role
    distance: float
    touches: tuple[Instant, ...]
    broken: Instant | None
    pinned: bool


@dataclass(frozen=True, slots=True)
class LevelSnapshot:
    """The living levels of a market after the bar that starts at `bar`, highest price first."""

    market: str
    timeframe: Timeframe
    bar: Instant
    end: Instant
    close: float
    levels: tuple[LevelView, ...]
    in_points: bool = False

    @property
    def next_above(self) -> LevelView | None:
        """The nearest level above the close."""
        return next(reversed(self.above), None)

    @property
    def next_below(self) -> LevelView | None:
        """The nearest level at the close or below."""
        return next(iter(self.below), None)

    @property
    def above(self) -> tuple[LevelView, ...]:
        """Levels above the close, highest first."""
        return tuple(level for level in self.levels if level.distance > 0)

    @property
    def below(self) -> tuple[LevelView, ...]:
        """Levels at the close or below, highest first."""
        return tuple(level for level in self.levels if not level.distance > 0)


def level_snapshot(bars: Bars, position: int, pinned: tuple[float, ...] = (), touches: int = 2) -> LevelSnapshot:
    """The levels that stand after the bar at `position`, those with at least `touches` touches and pinned ones.

    The levels are the language's default ones. Where the close is unknown the last known one is taken.
    """
    known = bars.prefix(position + 1)
    closes = known.close[np.isfinite(known.close)]
    close = float(closes[-1]) if len(closes) else float("nan")
    levels = active_levels(known, LevelSettings(), pinned=pinned)
    views = [_view(level, known, close) for level in reversed(levels) if level.pinned or len(level.touches) >= touches]
    return LevelSnapshot(
        bars.market,
        bars.timeframe,
        int(bars.start[position]),
        int(bars.end[position]),
        close,
        tuple(views),
        known.in_points,
    )


def _view(level: Level, bars: Bars, close: float) -> LevelView:
    return LevelView(
        level.price,
        level.low,
        level.high,
        level.role,
        level.price - close if bars.in_points else level.price / close - 1,
        tuple(bars.start[list(level.touches)].tolist()),
        None if level.broken_at is None else int(bars.start[level.broken_at]),
        level.pinned,
    )
