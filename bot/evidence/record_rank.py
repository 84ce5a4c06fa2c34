"""Rank of a close among all closes before it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bot.signals.bars import Bars
from bot.signals.timeframe import Instant

MIN_BARS = 252
"""Bars that must lie before a close for the word "record" to mean anything."""


@dataclass(frozen=True, slots=True)
class Mark:
    """An earlier close: the bar's start, its close, and how many bars ago it was."""

    start: Instant
    close: float
    bars_ago: int


@dataclass(frozen=True, slots=True)
class RecordRank:
    """A close among those before it (this one excluded).

    `record` is the highest of them, where it was first reached; None with fewer than MIN_BARS bars before.
    `last_higher` is the newest of them above this close; None where there is none.
    """

    record: Mark | None
    last_higher: Mark | None

    def is_record(self, close: float) -> bool:
        """Whether `close` tops every close before it."""
        return self.record is not None and close > self.record.close


def record_rank(bars: Bars, start: Instant, close: float) -> RecordRank:
    """Place of `close`, at the bar that starts at `start`, among the closes of the bars before it."""
    count = int(np.searchsorted(bars.start, start))
    before = np.where(np.isfinite(bars.close[:count]), bars.close[:count], -np.inf)
    higher = np.flatnonzero(before > close)
    top = int(np.argmax(before)) if count >= MIN_BARS and before.max() > -np.inf else None
    return RecordRank(
        record=None if top is None else _mark(bars, top, count),
        last_higher=_mark(bars, int(higher[-1]), count) if higher.size else None,
    )


def _mark(bars: Bars, at: int, count: int) -> Mark:
    return Mark(int(bars.start[at]), float(bars.close[at]), count - at)
