"""Sums over windows by doubling: a window of 2k bars is two windows of k.

So a value depends on the values in its window alone: no drift, no poison from values that have left, and equal prices
have a spread of exactly 0. Windows of several lengths over one series are put together of the same halves, which are
made once for all of them.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from bot.signals.bars import FloatArray

Moments = tuple[FloatArray, ...]


class Doubling:
    """Windows over a series out of what summarises those of 1, 2, 4, … bars, each made when it is first needed.

    `leaves` summarise the single bars; arrays without dimension are the same at every bar. `merge` takes what
    summarises two adjoining windows, the newer first. No window may be longer than the series.
    """

    def __init__(self, series: FloatArray, leaves: Moments, merge: Callable[[Moments, Moments], Moments]) -> None:
        self.series = series
        self._merge = merge
        self._blocks = [leaves]

    def window(self, n: int) -> Moments:
        """What summarises each n neighbours, merged in a fixed tree: arrays that are n - 1 shorter than the series."""
        found, width = self._blocks[0], 0
        for power in range(n.bit_length()):
            size = 1 << power
            if n & size:
                block = self._block(power)
                found = self._merge(_cut(found, slice(size, None)), _cut(block, slice(-width))) if width else block
                width += size
        return found

    def _block(self, power: int) -> Moments:
        """What summarises each 2 ** power neighbours."""
        while len(self._blocks) <= power:
            size, last = 1 << len(self._blocks) - 1, self._blocks[-1]
            self._blocks.append(self._merge(_cut(last, slice(size, None)), _cut(last, slice(-size))))
        return self._blocks[power]


def known_counts(x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """How many values stand at each bar (1 or 0), and the values with 0 for the unknown."""
    known = ~np.isnan(x)
    if known.all():
        return np.array(1.0), x
    return known.astype(np.float64), np.where(known, x, 0.0)


def _cut(parts: Moments, bars: slice) -> Moments:
    return tuple([part[bars] if part.ndim else part for part in parts])
