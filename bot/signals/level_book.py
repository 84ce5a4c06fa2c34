"""Which levels live after the bars seen so far, and on which side of the price?"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

HIGHS = 1
"""Side of the resistances: swing highs touch them."""
LOWS = -1
"""Side of the supports. Prices times their side make both sides alike: the nearest level is the least."""


@dataclass(slots=True, eq=False)
class Line:
    """A level while it lives."""

    price: float
    touches: list[int]
    known_from: int
    pinned: bool = False
    broken_at: int | None = None

    def distance(self, price: float, side: int) -> tuple[float, ...]:
        """Order of preference for a pivot at `price`: the nearest, the one met first, the last touched, the most."""
        last = self.touches[-1] if self.touches else -1
        return abs(self.price - price), side * self.price, -last, -len(self.touches)


@dataclass(slots=True)
class LevelBook:
    """The living levels. Fed bar by bar, in order: `close` first, then `touch` for each pivot the bar confirms.

    `sides` holds them nearest first: in order of price times side. `version` changes whenever a level does. A bar whose
    close, less the buffer, is not above `ceiling`, and plus the buffer not below `floor`, changes nothing before `due`.
    """

    spacing: int
    expires: int
    pinned: tuple[float, ...] = ()
    sides: dict[int, list[Line]] = field(default_factory=lambda: {HIGHS: [], LOWS: []})
    version: int = 0
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
            self._join(min(near, key=lambda line: line.distance(price, side)), side, pivot, price)
        else:
            lines.append(Line(price, [pivot], t))
            self.due = min(self.due, pivot + self.expires + 1)
        self._changed()

    def nearest(self, side: int, touches: int, age: int, t: int) -> tuple[float, float]:
        """Price times side of the nearest level that counts at bar t (NaN: none), and the bar when to ask again.

        Before that bar the answer changes only with `version`.
        """
        again = math.inf
        for line in self.sides[side]:
            if line.pinned:
                return side * line.price, again
            if len(line.touches) >= touches:
                if line.touches[0] + age <= t:
                    return side * line.price, again
                again = min(again, line.touches[0] + age)
        return math.nan, again

    def _pin(self, t: int, close: float) -> None:
        for price in set(self.pinned):
            self.sides[HIGHS if close <= price else LOWS].append(Line(price, [], t, pinned=True))
        self.pinned = ()
        self._changed()

    def _expire(self, t: int) -> None:
        for lines in self.sides.values():
            lines[:] = [line for line in lines if line.pinned or line.touches[-1] + self.expires >= t]
        last = [line.touches[-1] for lines in self.sides.values() for line in lines if not line.pinned]
        self.due = t + 1 if self.pinned else min(last, default=math.inf) + self.expires + 1
        self._changed()

    def _break(self, side: int, t: int, beyond: float) -> None:
        broken = [line for line in self.sides[side] if side * line.price < beyond]
        del self.sides[side][: len(broken)]
        self.sides[-side] += broken
        for line in broken:
            line.touches = line.touches[-1:]
            line.broken_at = t
        self._changed()

    def _join(self, line: Line, side: int, pivot: int, price: float) -> None:
        if not line.touches or pivot - line.touches[-1] >= self.spacing:
            line.touches.append(pivot)
        if not line.pinned:
            line.price = side * max(side * line.price, side * price)

    def _changed(self) -> None:
        self.version += 1
        highs, lows = self.sides[HIGHS], self.sides[LOWS]
        highs.sort(key=_price)
        lows.sort(key=_price, reverse=True)
        self.ceiling = highs[0].price if highs else math.inf
        self.floor = lows[0].price if lows else -math.inf


def _price(line: Line) -> float:
    return line.price
