"""The levels above and below a close, with their distances and touches."""

from __future__ import annotations

from dataclasses import dataclass

from bot.signals.bars import Bars
from bot.signals.levels.levels import Level, LevelSettings, Role, active_levels
from bot.signals.timeframe import Instant, Timeframe


@dataclass(frozen=True, slots=True)
class LevelView:
    """One level: its price, its distance from the close as a ratio, the starts of the bars that touched it.

    `broken` is the start of the bar of its last break, when its role changed; None where it never did.
    """

    price: float
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

    @property
    def above(self) -> tuple[LevelView, ...]:
        """Levels above the close, highest first."""
        return tuple(rung for rung in self.levels if rung.distance > 0)

    @property
    def below(self) -> tuple[LevelView, ...]:
        """Levels at the close or below, highest first."""
        return tuple(rung for rung in self.levels if not rung.distance > 0)


def level_snapshot(bars: Bars, position: int, pinned: tuple[float, ...] = (), touches: int = 1) -> LevelSnapshot:
    """The levels that stand after the bar at `position`, those with at least `touches` touches and pinned ones.

    The levels are the language's default ones. Where the close is unknown the last known one is taken.
    """
    known = bars.prefix(position + 1)
    closes = known.close[known.close > 0]
    close = float(closes[-1]) if len(closes) else float("nan")
    levels = active_levels(known, LevelSettings(), pinned=pinned)
    rungs = [_rung(level, bars, close) for level in reversed(levels) if level.pinned or len(level.touches) >= touches]
    return LevelSnapshot(
        bars.market, bars.timeframe, int(bars.start[position]), int(bars.end[position]), close, tuple(rungs)
    )


def _rung(level: Level, bars: Bars, close: float) -> LevelView:
    return LevelView(
        level.price,
        level.role,
        level.price / close - 1,
        tuple(bars.start[list(level.touches)].tolist()),
        None if level.broken_at is None else int(bars.start[level.broken_at]),
        level.pinned,
    )
