"""What a rule's own market did after its firings, beside what it did after any bar."""

from __future__ import annotations

from typing import NamedTuple

import bottleneck as bn
import numpy as np

from bot.signals.bars import FloatArray
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
    close = replay.bars.close[within]
    return tuple(_after(close, fires, bars) for bars in HORIZONS_BARS)


def _after(close: FloatArray, fires: np.ndarray, bars: int) -> ForwardReturns:
    later = np.full(len(close), np.nan)
    later[: max(len(close) - bars, 0)] = close[bars:]
    every = later / np.where(close > 0, close, np.nan) - 1
    base = every[np.isfinite(every)]
    found = every[fires]
    known = found[np.isfinite(found)]
    return ForwardReturns(
        bars,
        len(known),
        len(found) - len(known),
        int((known > 0).sum()),
        float(bn.median(known)) if len(known) else np.nan,
        len(base),
        float((base > 0).mean()) if len(base) else np.nan,
        float(bn.median(base)) if len(base) else np.nan,
    )
