"""How is a market doing, as known at some instant?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from bot.signals.bars import Bars, FloatArray, IntArray
from bot.signals.timeframe import DAY, Instant

SPANS: Mapping[str, int] = {"24h": DAY, "7d": 7 * DAY, "30d": 30 * DAY, "90d": 90 * DAY}
"""The spans over which a change is told, in seconds."""

GAP = 2 * DAY
"""A change is unknown when the close it would be measured from is older than its span by more than this."""


@dataclass(frozen=True, slots=True)
class Performance:
    """What one market's closes say at `as_of`, the end of its last bar with a known close.

    `changes` are ratios (0.02 = +2 %) by the names of SPANS, None where unknown. `record` is the highest
    close so far, first reached by the bar that starts at `record_at`; `distance` is price / record - 1,
    never above 0.
    """

    price: float
    as_of: Instant
    changes: Mapping[str, float | None]
    record: float
    record_at: Instant
    distance: float


def performance(bars: Bars, now: Instant) -> Performance | None:
    """Price, changes and distance from the record, from the bars that had closed by `now`.

    Spans count back from `as_of`, not from `now`: to the last known close at or before that instant, unless
    it lies more than GAP before it. Closes that are NaN or not positive are passed over. None without any.
    """
    known = bars.known_at(now)
    usable = np.isfinite(known.close) & (known.close > 0)
    if not usable.any():
        return None
    ends, closes, starts = known.end[usable], known.close[usable], known.start[usable]
    price, top = float(closes[-1]), int(np.argmax(closes))
    return Performance(
        price=price,
        as_of=int(ends[-1]),
        changes={name: _change(ends, closes, span) for name, span in SPANS.items()},
        record=float(closes[top]),
        record_at=int(starts[top]),
        distance=price / float(closes[top]) - 1,
    )


def _change(ends: IntArray, closes: FloatArray, span: int) -> float | None:
    target = int(ends[-1]) - span
    at = int(np.searchsorted(ends, target, side="right")) - 1
    if at < 0 or target - int(ends[at]) > GAP:
        return None
    return float(closes[-1] / closes[at]) - 1
