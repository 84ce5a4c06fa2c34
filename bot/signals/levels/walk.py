"""Walk of the level tracker over bars, continued where it stopped as long as the bars behind it are the same.

Walks are kept by market, timeframe, settings and pinned levels, each as it was before the last bar: that one may still
form, or be put right, and is fed to a copy. So a look costs the bars that are new or changed. A walk goes on only where
every high, low and close that it has seen is still what it was: a bar that was corrected further back begins a new one.
Two are kept of a history, so that who goes through the past bar by bar has one beside that of the present. They are
taken out while one is used, so that nobody else moves it meanwhile.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self, TypeVar

import numpy as np

from bot.cancellation import end_if_cancelled
from bot.signals.bars import Bars, FloatArray
from bot.signals.indicators.smoothing import atr as average_true_range
from bot.signals.levels.pivots import pivot_highs, pivot_lows
from bot.signals.levels.settings import LevelSettings
from bot.signals.levels.tracker import HIGHS, LOWS, LevelTracker
from bot.signals.timeframe import Timeframe

T = TypeVar("T")

MAX_KEPT = 16
"""Markets, or settings of one, whose walks are kept, the last used ones; one of eleven years holds 115 kB."""

_WALKS_OF_ONE = 2

_PRICES = ("high", "low", "close")

_Key = tuple[str, Timeframe, LevelSettings, tuple[float, ...]]

_walks: OrderedDict[_Key, list[LevelWalk]] = OrderedDict()


def walk_to_end(bars: Bars, settings: LevelSettings, pinned: tuple[float, ...], read: Callable[[LevelTracker], T]) -> T:
    """What `read` makes of the tracker after the last bar; it must change nothing and keep nothing of it."""
    key = (bars.market, bars.timeframe, settings, pinned)
    known = [walk for walk in _walks.pop(key, []) if walk.agrees_with(bars)]
    leading = [walk for walk in known if walk.walked <= len(bars)] or [LevelWalk.begun(settings, pinned)]
    walk = max(leading, key=lambda walk: walk.walked)
    result = read(walk.tracker_after(bars))
    _walks[key] = [walk, *(each for each in known if each is not walk)][:_WALKS_OF_ONE]
    while len(_walks) > MAX_KEPT:
        _walks.popitem(last=False)
    return result


@dataclass
class LevelWalk:
    """A tracker, and highs, lows and closes of the bars that it has been fed.

    Copies: the bars themselves would be seven columns of a day long gone, kept until their market is asked about again.
    """

    settings: LevelSettings
    seen: FloatArray
    tracker: LevelTracker

    @classmethod
    def begun(cls, settings: LevelSettings, pinned: tuple[float, ...]) -> Self:
        """Before the first bar."""
        tracker = LevelTracker(settings.spacing, settings.expires, settings.undo, pinned)
        return cls(settings, np.empty((len(_PRICES), 0)), tracker)

    @property
    def walked(self) -> int:
        """Bars that the tracker has been fed."""
        return int(self.seen.shape[1])

    def agrees_with(self, bars: Bars) -> bool:
        """Whether the bars and those that have been walked over are the same to the bit, as far as there are both."""
        count = min(self.walked, len(bars))
        pairs = ((seen[:count], getattr(bars, name)[:count]) for seen, name in zip(self.seen, _PRICES, strict=True))
        return all(np.array_equal(_bits(seen), _bits(now)) for seen, now in pairs)

    def tracker_after(self, bars: Bars) -> LevelTracker:
        """The tracker after the last of the bars, which is fed to a copy: the walk itself stops before it."""
        if self.walked == len(bars):
            return self.tracker
        spread = _last_known(average_true_range(bars, self.settings.atr))
        if self.walked < len(bars) - 1:
            closed = bars.prefix(len(bars) - 1)
            _feed(self.tracker, self.settings, closed, spread[:-1], self.walked)
            self.seen = np.stack([getattr(closed, name) for name in _PRICES])
        ahead = self.tracker.copy()
        _feed(ahead, self.settings, bars, spread, self.walked)
        return ahead


def _feed(tracker: LevelTracker, settings: LevelSettings, bars: Bars, spread: FloatArray, begin: int) -> None:
    """Feed the tracker the bars from the one at `begin` on; `spread` is the average true range at each of all."""
    spread, close = spread[begin:], bars.close[begin:]
    reaches, margin, closes = (settings.tolerance * spread).tolist(), settings.buffer * spread, close.tolist()
    above, below = (close - margin).tolist(), (close + margin).tolist()
    pivots = _pivots_by_bar(bars, settings, begin)
    ceiling, floor, due = tracker.ceiling, tracker.floor, tracker.due
    for at, (high, low) in enumerate(zip(above, below, strict=True)):
        t = begin + at
        if high > ceiling or low < floor or t >= due:
            tracker.close(t, closes[at], high, low)
        elif t not in pivots:
            continue  # most bars change nothing
        end_if_cancelled()
        for side, pivot, price in pivots.get(t, ()):
            tracker.touch(side, pivot, price, t, reaches[at])
        ceiling, floor, due = tracker.ceiling, tracker.floor, tracker.due


def _bits(values: FloatArray) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """The values as whole numbers, so that an unknown one equals itself."""
    return np.ascontiguousarray(values).view(np.int64)


def _pivots_by_bar(bars: Bars, settings: LevelSettings, begin: int) -> dict[int, list[tuple[int, int, float]]]:
    """Pivots by the bar that confirms them, from the one at `begin` on: (side, position, price)."""
    found: dict[int, list[tuple[int, int, float]]] = {}
    first = max(begin - settings.left - settings.right, 0)
    high, low, close = (getattr(bars, name)[first:] for name in _PRICES)
    for side, prices, pivots in (
        (HIGHS, bars.high, pivot_highs(high, close, settings.left, settings.right)),
        (LOWS, bars.low, pivot_lows(low, close, settings.left, settings.right)),
    ):
        for pivot, price in zip((pivots + first).tolist(), prices[pivots + first].tolist(), strict=True):
            if pivot + settings.right >= begin:
                found.setdefault(pivot + settings.right, []).append((side, pivot, price))
    return found


def _last_known(values: FloatArray) -> FloatArray:
    """Each value, or the last one known before it; 0 before the first."""
    at = np.maximum.accumulate(np.where(np.isnan(values), -1, np.arange(len(values))))
    return np.where(at >= 0, values[at], 0.0)
