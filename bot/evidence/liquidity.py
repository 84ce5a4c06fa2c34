"""Liquidity as known at an instant: each macro series with its direction, its percentile and its release."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from bot.evidence.percentile import percentile_of_last
from bot.signals.bars import Bars
from bot.signals.timeframe import DAY, Instant

WEEKS = 13
"""Weeks over which a direction is told."""

YEARS = 10
"""Years of figures that a percentile ranks the newest among."""

_AT_LEAST = 20
"""Figures without which there is no percentile."""


@dataclass(frozen=True, slots=True)
class LiquidityReading:
    """The newest figure of one series that was public.

    `day` is the midnight UTC of the day that it speaks of, `released` the instant at which it was public. `change` is
    what it has moved by since the figure that was the newest 13 weeks before, in its own unit, None where none was
    known then. `percentile` is its rank, 0 to 100, among the figures of ten years; None where they are too few.
    """

    market: str
    day: Instant
    released: Instant
    value: float
    change: float | None
    percentile: float | None


def liquidity(series: Mapping[str, Bars], now: Instant) -> tuple[LiquidityReading, ...]:
    """The readings of the series in their order, of those whose newest public figure still stands at `now`."""
    readings = (_reading(bars.known_at(now), now) for bars in series.values())
    return tuple(each for each in readings if each is not None)


def _reading(bars: Bars, now: Instant) -> LiquidityReading | None:
    if not len(bars) or (bars.valid_for is not None and now - int(bars.end[-1]) > bars.valid_for):
        return None
    value, released = float(bars.close[-1]), int(bars.end[-1])
    then = bars.known_at(released - WEEKS * 7 * DAY)
    lately = bars.close[bars.start >= int(bars.start[-1]) - YEARS * 365 * DAY]
    fresh_then = len(then) and (bars.valid_for is None or released - WEEKS * 7 * DAY - then.end[-1] <= bars.valid_for)
    return LiquidityReading(
        bars.market,
        int(bars.start[-1]),
        released,
        value,
        value - float(then.close[-1]) if fresh_then else None,
        percentile_of_last(np.asarray(lately), _AT_LEAST),
    )
