"""What a rule's own market did after its firings, beside what it did after any bar."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import bottleneck as bn
import numpy as np

from bot.signals.bars import Bars, FloatArray
from bot.signals.replay.replay import Replay

HORIZONS_BARS = (5, 20, 60)


class ForwardReturns(NamedTuple):
    """Returns from the close of a firing to the close `bars` bars later, as ratios, and the same for every bar.

    `firings` are those whose return is known, `open` those for which it is not yet; the two add up to all. `higher` is
    how many of them ended higher. Medians and the share `base_higher` are NaN where there is nothing.
    """

    bars: int
    firings: int
    open: int
    higher: int
    median: float
    base: int
    base_higher: float
    base_median: float


def forward_returns(replay: Replay, within: slice) -> tuple[ForwardReturns, ...]:
    """The returns after the firings on the bars at the positions `within`, as far as these bars tell."""
    first, last, _ = within.indices(len(replay.bars))
    fires = replay.fires[(replay.fires >= first) & (replay.fires < last)] - first
    return tuple(_after(_returns(replay.bars, first, last, bars), fires, bars) for bars in HORIZONS_BARS)


class _Returns(NamedTuple):
    """The return after each bar, NaN where it is unknown; how many are known, which share of them is higher, and their
    median.
    """

    every: FloatArray
    known: int
    higher: float
    median: float


@lru_cache(maxsize=12)  # rules of one market have the same
def _returns(bars: Bars, first: int, last: int, after: int) -> _Returns:
    close = bars.close[first:last]
    later = np.full(len(close), np.nan)
    later[: max(len(close) - after, 0)] = close[after:]
    every = later / np.where(close > 0, close, np.nan) - 1
    known = every[np.isfinite(every)]
    if not len(known):
        return _Returns(every, 0, np.nan, np.nan)
    return _Returns(every, len(known), float((known > 0).mean()), float(bn.median(known)))


def _after(base: _Returns, fires: np.ndarray, bars: int) -> ForwardReturns:
    found = base.every[fires]
    known = found[np.isfinite(found)]
    return ForwardReturns(
        bars,
        len(known),
        len(found) - len(known),
        int((known > 0).sum()),
        float(bn.median(known)) if len(known) else np.nan,
        base.known,
        base.higher,
        base.median,
    )
