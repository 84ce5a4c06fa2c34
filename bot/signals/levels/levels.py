"""Resistance and support at each bar, from the pivots that were known at the bar before.

A level is a price band that swing highs or lows (pivots) came back to. The life of one, on closed bars only:

* A pivot is known `right` bars after it. It joins the nearest standing level of its role (highs: resistance, lows:
  support) within `tolerance` x ATR and counts as a touch if it is `spacing` bars after the last one (else it may widen
  that touch); else it founds a level. The band goes from the lowest to the highest touch, and its price is the outer
  edge: a resistance lies at its highest touch, a support at its lowest.
* A close beyond the price by more than `buffer` x ATR breaks it. Until then a resistance stays what `resistance`
  answers, also on days that close a hair above it: a level is not used up by a poke that broke nothing, and a slow
  break is seen.
* A broken level changes its role and must prove itself in the new one: of its touches only the last one counts on, at
  the price that was broken.
* A close back beyond the broken price by the same margin, within `undo` bars, undoes the break: the level stands as it
  did before, with all its touches, so that a second attempt is a break too.
* It expires `expires` bars after its last touch.
* Pinned levels are the user's word: they need no touches and no age, never move and never expire. Pivots near
  one still touch it, and it changes its role as any level does.

Why so. Were old touches kept when the role changes, each level inside a trading range would be broken up and down again
and again: 155 breaks of IWM by 0.25 ATR since 2000, instead of 97 (3.7 a year). Were failed breaks not undone, there
would be 73, and every second attempt would go unheard, as that of October 2025. Were a level used up by the first close
above it, breaks that take two days (March 2024, June 2025) would never be seen. A rule's own buffer must not be larger
than this one, else slow breaks pass it unseen. With levels that live three years instead of five (1,260 bars) the high
of November 2021 is forgotten two weeks before it is met again in November 2024.

The ATR is the language's own, Wilder's. Unknown prices break nothing, touch nothing and pass no time differently:
positions count bars. Where the ATR is unknown the last known one serves; before the first it is taken as 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np

from bot.signals.bars import Bars, FloatArray
from bot.signals.indicators.windows import MIN_KNOWN_BARS
from bot.signals.levels.settings import LevelSettings
from bot.signals.levels.tracker import HIGHS, LOWS, LevelIntervals, LevelTracker, LiveLevel
from bot.signals.levels.walk import walk_to_end

Role = Literal["resistance", "support"]

_ROLES: Mapping[Role, int] = {"resistance": HIGHS, "support": LOWS}
_OTHER: Mapping[Role, Role] = {"resistance": "support", "support": "resistance"}


@dataclass(frozen=True, slots=True)
class Level:
    """A band from `low` to `high` that stands, as known after the last bar; its `price` is the outer edge.

    `touches` are positions of the pivots that count, oldest first (of a pinned level maybe none); `known_from` is the
    bar from which the level was known, `broken_at` the bar of its last break, when its role changed.
    """

    price: float
    low: float
    high: float
    touches: tuple[int, ...]
    known_from: int
    broken_at: int | None
    role: Role
    pinned: bool


def resistance(
    bars: Bars, settings: LevelSettings, *, touches: int, age: int, pinned: tuple[float, ...] = ()
) -> FloatArray:
    """Per bar t: the lowest resistance that no close up to t-1 has broken, from what was known at t-1.

    Only levels with `touches` touches whose first is `age` bars old or older count, and pinned ones. Infinite where
    there is none, as where every high of the past has been passed; NaN while fewer than MIN_KNOWN_BARS bars say so.
    """
    return _nearest(_intervals(bars, settings, pinned), len(bars), HIGHS, touches, age)


def support(
    bars: Bars, settings: LevelSettings, *, touches: int, age: int, pinned: tuple[float, ...] = ()
) -> FloatArray:
    """Per bar t: the highest support that no close up to t-1 has broken; `resistance` upside down."""
    return -_nearest(_intervals(bars, settings, pinned), len(bars), LOWS, touches, age)


def active_levels(bars: Bars, settings: LevelSettings, *, pinned: tuple[float, ...] = ()) -> tuple[Level, ...]:
    """Every level that stands after the last bar, lowest price first."""
    return walk_to_end(bars, settings, pinned, _active)


def level_priced(bars: Bars, settings: LevelSettings, price: float, *, pinned: tuple[float, ...] = ()) -> Level | None:
    """The level of that price as it stands after the last bar or, where a break changed it lately, as it was before."""
    return walk_to_end(bars, settings, pinned, lambda tracker: _priced(tracker, price))


def _priced(tracker: LevelTracker, price: float) -> Level | None:
    for role, side in _ROLES.items():
        for live in tracker.sides[side]:
            was = live.last_break
            if was is not None and was.edge == price and was.touches:
                prices = [touch.price for touch in was.touches]
                pivots, before = tuple(touch.pivot for touch in was.touches), _OTHER[role]
                band = (was.edge, was.edge) if live.pinned else (min(prices), max(prices))
                return Level(was.edge, *band, pivots, live.known_from, was.broken_at, before, live.pinned)
            if price in {live.price, *live.band}:
                return _level(live, role)
    return None


def _active(tracker: LevelTracker) -> tuple[Level, ...]:
    found = [_level(each, role) for role, side in _ROLES.items() for each in tracker.sides[side]]
    return tuple(sorted(found, key=lambda level: (level.price, level.known_from)))


def _level(live: LiveLevel, role: Role) -> Level:
    touches = tuple(touch.pivot for touch in live.touches)
    return Level(live.price, *live.band, touches, live.known_from, live.broken_at, role, live.pinned)


@lru_cache(maxsize=4)
def _intervals(bars: Bars, settings: LevelSettings, pinned: tuple[float, ...]) -> LevelIntervals:
    """What each level was and when: one walk serves all questions about the bars."""
    return walk_to_end(bars, settings, pinned, lambda tracker: tracker.intervals(len(bars)))


def _nearest(levels: LevelIntervals, count: int, side: int, touches: int, age: int) -> FloatArray:
    """Per bar the nearest level of a side with so many touches, the first so old, or pinned: its price times the side.

    The nearer a level is, the later it is put down, over what lies behind it.
    """
    nearest = np.full(count, np.inf)
    nearest[:MIN_KNOWN_BARS] = np.nan
    begin = np.where(levels.pinned, levels.begin, np.maximum(levels.begin, levels.first + age))
    counts = (levels.side == side) & (begin < levels.end) & ((levels.touches >= touches) | (levels.pinned == 1))
    begin, end, price = begin[counts], levels.end[counts], levels.price[counts]
    order = np.argsort(-price, kind="stable")
    columns = (begin[order].astype(np.int64), end[order].astype(np.int64), price[order])
    for first, last, value in zip(*(column.tolist() for column in columns), strict=True):
        nearest[first:last] = value
    return nearest
