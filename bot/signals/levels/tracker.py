"""Level tracker: the levels that stand, fed bar by bar, and the intervals over which each stood unchanged."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from operator import attrgetter
from typing import NamedTuple

HIGHS = 1
"""Side of the resistances: swing highs touch them."""
LOWS = -1
"""Side of the supports. Prices times their side make both sides alike: the nearest level is the least."""


@dataclass(slots=True, eq=False)
class LiveLevel:
    """A level while it lives. `since` is the first bar that knows it as it is now."""

    price: float
    touches: list[int]
    known_from: int
    since: int
    pinned: bool = False
    broken_at: int | None = None

    def distance(self, price: float, side: int) -> tuple[float, ...]:
        """Order of preference for a pivot at `price`: the nearest, the one met first, the last touched, the most."""
        last = self.touches[-1] if self.touches else -1
        return abs(self.price - price), side * self.price, -last, -len(self.touches)


class LevelInterval(NamedTuple):
    """What a level was, unchanged, for bars `begin`..`end`-1, as known before each of them.

    `price` is times its side. `first` is its first touch that counts, -1 without one, `touches` their number.
    """

    side: int
    begin: int
    end: int
    price: float
    first: int
    touches: int
    pinned: bool


@dataclass(slots=True)
class LevelTracker:
    """The living levels. Fed bar by bar, in order: `close` first, then `touch` for each pivot the bar confirms.

    `sides` holds them nearest first: in order of price times side. `past` is what they were before they changed or
    died. A bar whose close, less the buffer, is not above `ceiling`, and plus the buffer not below `floor`, changes
    nothing before `due`.
    """

    spacing: int
    expires: int
    pinned: tuple[float, ...] = ()
    sides: dict[int, list[LiveLevel]] = field(default_factory=lambda: {HIGHS: [], LOWS: []})
    past: list[LevelInterval] = field(default_factory=list)
    ceiling: float = math.inf
    floor: float = -math.inf
    due: float = 0

    def close(self, t: int, close: float, above: float, below: float) -> None:
        """Bar t closed: levels die of age, and those under `above` or over `below` break.

        `above` is the close less the buffer, `below` the close plus the buffer. NaN breaks nothing.
        """
        if self.pinned and not math.isnan(close):
            self._pin(t, close)
        if t >= self.due:
            self._expire(t)
        if above > self.ceiling:
            self._break(HIGHS, t, above)
        elif below < self.floor:
            self._break(LOWS, t, -below)

    def touch(self, side: int, pivot: int, price: float, t: int, reach: float) -> None:
        """Bar t confirmed a pivot: it joins the nearest level of its side within `reach`, or founds one."""
        lines = self.sides[side]
        near = [line for line in lines if abs(line.price - price) <= reach]
        if near:
            line = near[0] if len(near) == 1 else min(near, key=lambda line: line.distance(price, side))
            self._keep(line, side, t + 1)
            self._join(line, side, pivot, price)
        else:
            lines.append(LiveLevel(price, [pivot], t, t + 1))
            self.due = min(self.due, pivot + self.expires + 1)
        self._changed(side)

    def story(self, end: int) -> list[LevelInterval]:
        """What each level was and when, up to the bar before `end`, the living ones included."""
        for side, lines in self.sides.items():
            for line in lines:
                self._keep(line, side, end)
        return self.past

    def _keep(self, line: LiveLevel, side: int, end: int) -> None:
        """Note what a level has been until the bar before `end`, where it changes."""
        since, touches = line.since, line.touches
        if since < end:
            first = touches[0] if touches else -1
            self.past.append(LevelInterval(side, since, end, side * line.price, first, len(touches), line.pinned))
            line.since = end

    def _pin(self, t: int, close: float) -> None:
        for price in set(self.pinned):
            self.sides[HIGHS if close <= price else LOWS].append(LiveLevel(price, [], t, t + 1, pinned=True))
        self.pinned = ()
        self._changed(HIGHS, LOWS)

    def _expire(self, t: int) -> None:
        eldest = math.inf
        for side, lines in self.sides.items():
            dead = [line for line in lines if not line.pinned and line.touches[-1] + self.expires < t]
            for line in dead:
                self._keep(line, side, t + 1)
                lines.remove(line)
            eldest = min([eldest, *(line.touches[-1] for line in lines if not line.pinned)])
        self.due = t + 1 if self.pinned else eldest + self.expires + 1
        self._changed()

    def _break(self, side: int, t: int, beyond: float) -> None:
        lines, broken = self.sides[side], 0
        for line in lines:
            if side * line.price >= beyond:
                break
            self._keep(line, side, t + 1)
            line.touches = line.touches[-1:]
            line.broken_at = t
            broken += 1
        self.sides[-side] += lines[:broken]
        del lines[:broken]
        self._changed(-side)

    def _join(self, line: LiveLevel, side: int, pivot: int, price: float) -> None:
        if not line.touches or pivot - line.touches[-1] >= self.spacing:
            line.touches.append(pivot)
        if not line.pinned:
            line.price = side * max(side * line.price, side * price)

    def _changed(self, *unordered: int) -> None:
        for side in unordered:
            self.sides[side].sort(key=_PRICE, reverse=side == LOWS)
        highs, lows = self.sides[HIGHS], self.sides[LOWS]
        self.ceiling = highs[0].price if highs else math.inf
        self.floor = lows[0].price if lows else -math.inf


_PRICE = attrgetter("price")
