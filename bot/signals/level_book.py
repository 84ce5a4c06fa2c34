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

    `version` changes whenever a level does.
    """

    tolerance: float
    spacing: int
    expires: int
    pinned: tuple[float, ...] = ()
    sides: dict[int, list[Line]] = field(default_factory=lambda: {HIGHS: [], LOWS: []})
    version: int = 0
    _walls: dict[int, float] = field(default_factory=lambda: {HIGHS: math.inf, LOWS: math.inf})
    _next_expiry: float = math.inf

    def close(self, t: int, close: float, above: float, below: float) -> None:
        """Bar t closed: levels die of age, and those under `above` or over `below` break.

        `above` is the close less the buffer, `below` the close plus the buffer. NaN breaks nothing.
        """
        if self.pinned and not math.isnan(close):
            self._pin(t, close)
        if t >= self._next_expiry:
            self._expire(t)
        if above > self._walls[HIGHS]:
            self._break(HIGHS, t, above)
        elif -below > self._walls[LOWS]:
            self._break(LOWS, t, -below)

    def touch(self, side: int, pivot: int, price: float, t: int, spread: float) -> None:
        """Bar t confirmed a pivot: it joins the nearest level of its side within tolerance, or founds one."""
        near = min(self.sides[side], key=lambda line: line.distance(price, side), default=None)
        if near is None or abs(near.price - price) > self.tolerance * spread:
            self.sides[side].append(Line(price, [pivot], t))
        else:
            if not near.touches or pivot - near.touches[-1] >= self.spacing:
                near.touches.append(pivot)
            if not near.pinned:
                near.price = side * max(side * near.price, side * price)
        self._changed()

    def nearest(self, side: int, touches: int, age: int, t: int) -> tuple[float, float]:
        """Price times side of the nearest level that counts at bar t (NaN: none), and the bar when to ask again.

        Before that bar the answer changes only with `version`.
        """
        lines = [line for line in self.sides[side] if line.pinned or len(line.touches) >= touches]
        ripe = [line for line in lines if line.pinned or line.touches[0] + age <= t]
        later = [line.touches[0] + age for line in lines if not line.pinned and line.touches[0] + age > t]
        return min((side * line.price for line in ripe), default=math.nan), min(later, default=math.inf)

    def _pin(self, t: int, close: float) -> None:
        for price in sorted(set(self.pinned)):
            self.sides[HIGHS if close <= price else LOWS].append(Line(price, [], t, pinned=True))
        self.pinned = ()
        self._changed()

    def _expire(self, t: int) -> None:
        for lines in self.sides.values():
            lines[:] = [line for line in lines if line.pinned or line.touches[-1] + self.expires >= t]
        self._changed()

    def _break(self, side: int, t: int, beyond: float) -> None:
        broken = [line for line in self.sides[side] if side * line.price < beyond]
        for line in broken:
            self.sides[side].remove(line)
            self.sides[-side].append(line)
            line.touches = line.touches[-1:]
            line.broken_at = t
        self._changed()

    def _changed(self) -> None:
        self.version += 1
        for side, lines in self.sides.items():
            self._walls[side] = min((side * line.price for line in lines), default=math.inf)
        last = [line.touches[-1] for lines in self.sides.values() for line in lines if not line.pinned]
        self._next_expiry = min(last, default=math.inf) + self.expires + 1
