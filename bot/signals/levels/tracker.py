"""Level tracker: the levels that stand, fed bar by bar, and the intervals over which each stood unchanged."""

from __future__ import annotations

import math
from array import array
from bisect import insort
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from operator import attrgetter
from typing import NamedTuple

import numpy as np

from bot.signals.bars import FloatArray

HIGHS = 1
"""Side of the resistances: swing highs touch them."""
LOWS = -1
"""Side of the supports. Prices times their side make both sides alike: the nearest level is the least."""


class Touch(NamedTuple):
    """A pivot that counts: its position, and its price, the farthest of those that came too soon after it included."""

    pivot: int
    price: float


class Break(NamedTuple):
    """A break that may still be undone: what the level was before it.

    `edge` is the price that was broken, `side` the one on which the level is since.
    """

    at: int
    side: int
    edge: float
    touches: tuple[Touch, ...]
    broken_at: int | None


@dataclass(slots=True, eq=False)
class LiveLevel:
    """A level while it lives. `price` is the outer edge of its band, `since` the first bar that knows it as it is now.

    `last_pivot` is the position of its last touch, -1 without one; `last_break` its last break while it is remembered.
    """

    price: float
    touches: tuple[Touch, ...]
    known_from: int
    since: int
    last_pivot: int = -1
    pinned: bool = False
    broken_at: int | None = None
    last_break: Break | None = None

    @property
    def band(self) -> tuple[float, float]:
        """From its lowest to its highest touch; a pinned level is as narrow as can be."""
        prices = [self.price] if self.pinned else [touch.price for touch in self.touches]
        return min(prices), max(prices)

    def distance(self, price: float, side: int) -> tuple[float, ...]:
        """Order of preference for a pivot at `price`: the nearest, the one met first, the last touched, the most."""
        return abs(self.price - price), side * self.price, -self.last_pivot, -len(self.touches)


class LevelIntervals(NamedTuple):
    """What levels were, unchanged, for bars `begin`..`end`-1, as known before each of them; columns of one length.

    `price` is times its side. `first` is its first touch that counts, -1 without one, `touches` their number. `pinned`
    is 1 or 0.
    """

    side: FloatArray
    begin: FloatArray
    end: FloatArray
    price: FloatArray
    first: FloatArray
    touches: FloatArray
    pinned: FloatArray


@dataclass(slots=True)
class LevelTracker:
    """The standing levels. Fed bar by bar, in order: `close` first, then `touch` for each pivot the bar confirms.

    `sides` holds them nearest first: in order of price times side. `past` is what they were before they changed or
    died, row by row of `LevelIntervals`. A bar whose close, less the buffer, is not above `ceiling`, and plus the
    buffer not below `floor`, changes nothing before `due`. A break is undone by a close back beyond the broken price
    within `undo` bars.
    """

    spacing: int
    expires: int
    undo: int
    pinned: tuple[float, ...] = ()
    sides: dict[int, list[LiveLevel]] = field(default_factory=lambda: {HIGHS: [], LOWS: []})
    past: array[float] = field(default_factory=lambda: array("d"))
    ceiling: float = math.inf
    floor: float = -math.inf
    due: float = 0
    _broken: list[tuple[LiveLevel, Break]] = field(default_factory=list)

    def close(self, t: int, close: float, above: float, below: float) -> None:
        """Bar t closed: levels die of age, and those under `above` or over `below` break or have their break undone.

        `above` is the close less the buffer, `below` the close plus the buffer. NaN breaks nothing.
        """
        if self.pinned and not math.isnan(close):
            self._pin(t, close)
        if t >= self.due:
            self._expire(t)
        if above > self.ceiling:
            self._cross(HIGHS, t, above)
        if below < self.floor:  # both, where the average range has just shrunk
            self._cross(LOWS, t, -below)

    def touch(self, side: int, pivot: int, price: float, t: int, reach: float) -> None:
        """Bar t confirmed a pivot: it joins the nearest level of its side within `reach`, or founds one."""
        levels = self.sides[side]
        near = [level for level in levels if -reach <= level.price - price <= reach]
        if near:
            level = near[0] if len(near) == 1 else min(near, key=lambda level: level.distance(price, side))
            self._keep(level, side, t + 1)
            self._join(level, side, Touch(pivot, price))
        else:
            insort(levels, LiveLevel(price, (Touch(pivot, price),), t, t + 1, pivot), key=_NEAREST[side])
            self.due = min(self.due, pivot + self.expires + 1)
            self._changed()

    def copy(self) -> LevelTracker:
        """The same, to be fed on its own."""
        levels = {id(level): replace(level) for each in self.sides.values() for level in each}
        sides = {side: [levels[id(level)] for level in each] for side, each in self.sides.items()}
        broken = [(levels[id(level)], was) for level, was in self._broken]
        return replace(self, sides=sides, past=self.past[:], _broken=broken)

    def intervals(self, end: int) -> LevelIntervals:
        """What each level was and when, up to the bar before `end`, the standing ones included."""
        rows = self.past[:]
        for side, levels in self.sides.items():
            for level in levels:
                if level.since < end:
                    rows.fromlist(_interval(level, side, end))
        return LevelIntervals(*np.array(rows).reshape(-1, len(LevelIntervals._fields)).T)

    def _keep(self, level: LiveLevel, side: int, end: int) -> None:
        """Note what a level has been until the bar before `end`, where it changes."""
        if level.since < end:
            self.past.fromlist(_interval(level, side, end))
            level.since = end

    def _pin(self, t: int, close: float) -> None:
        for price in set(self.pinned):
            self.sides[HIGHS if close <= price else LOWS].append(LiveLevel(price, (), t, t + 1, pinned=True))
        self.pinned = ()
        self._changed(HIGHS, LOWS)

    def _expire(self, t: int) -> None:
        eldest = math.inf
        for side, levels in self.sides.items():
            dead = [level for level in levels if not level.pinned and level.last_pivot + self.expires < t]
            for level in dead:
                self._keep(level, side, t + 1)
                level.last_break = None
                levels.remove(level)
            eldest = min([eldest, *(level.last_pivot for level in levels if not level.pinned)])
        self.due = t + 1 if self.pinned else eldest + self.expires + 1
        self._broken = [(level, was) for level, was in self._broken if level.last_break is was]
        self._changed()

    def _cross(self, side: int, t: int, beyond: float) -> None:
        """A close beyond levels of `side`: breaks of the other side's that it takes back are undone, the rest break."""
        if self._broken:
            self._take_back(side, t, beyond)
        levels = self.sides[side]
        while levels and side * levels[0].price < beyond:
            self._break(levels[0], side, t)
        self._changed()

    def _take_back(self, side: int, t: int, beyond: float) -> None:
        """Undo the breaks that a close beyond levels of `side` takes back, and let go of those too old for that."""
        remembered = []
        for level, was in self._broken:
            if was.at + self.undo < t:
                continue
            if was.side == side and side * was.edge < beyond:
                self._undo(level, was, t)
            else:
                remembered.append((level, was))
        self._broken = remembered

    def _break(self, level: LiveLevel, side: int, t: int) -> None:
        """Let a level change its role: in the new one only its last touch counts, at the price that was broken."""
        self._keep(level, side, t + 1)
        was = level.last_break = Break(t, -side, level.price, level.touches, level.broken_at)
        self._broken.append((level, was))
        level.broken_at = t
        if level.touches:
            level.touches = (Touch(level.touches[-1].pivot, level.price),)
        self._move(level, side)

    def _undo(self, level: LiveLevel, was: Break, t: int) -> None:
        """Let a level stand again as it did before its last break."""
        self._keep(level, was.side, t + 1)
        level.price, level.touches, level.broken_at, level.last_break = was.edge, was.touches, was.broken_at, None
        self._move(level, was.side)
        if level.touches:
            level.last_pivot = level.touches[-1].pivot
            self.due = min(self.due, level.last_pivot + self.expires + 1)

    def _move(self, level: LiveLevel, side: int) -> None:
        self.sides[side].remove(level)
        insort(self.sides[-side], level, key=_NEAREST[-side])

    def _join(self, level: LiveLevel, side: int, touch: Touch) -> None:
        if not level.touches or touch.pivot - level.last_pivot >= self.spacing:
            level.touches = (*level.touches, touch)
            level.last_pivot = touch.pivot
        elif side * touch.price > side * level.touches[-1].price:
            level.touches = (*level.touches[:-1], Touch(level.touches[-1].pivot, touch.price))
        if not level.pinned and side * touch.price > side * level.price:
            level.price = touch.price
            self._changed(side)

    def _changed(self, *unordered: int) -> None:
        for side in unordered:
            self.sides[side].sort(key=_PRICE, reverse=side == LOWS)
        highs, lows = self.sides[HIGHS], self.sides[LOWS]
        self.ceiling = highs[0].price if highs else math.inf
        self.floor = lows[0].price if lows else -math.inf
        for _, was in self._broken:
            if was.side == HIGHS:
                self.ceiling = min(self.ceiling, was.edge)
            else:
                self.floor = max(self.floor, was.edge)


def _interval(level: LiveLevel, side: int, end: int) -> list[float]:
    """A row of `LevelIntervals`."""
    touches = level.touches
    first = touches[0].pivot if touches else -1
    return [side, level.since, end, side * level.price, first, len(touches), level.pinned]


_PRICE = attrgetter("price")
_NEAREST: Mapping[int, Callable[[LiveLevel], float]] = {HIGHS: _PRICE, LOWS: lambda level: -level.price}
