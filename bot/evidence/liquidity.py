"""Liquidity as known at an instant: each macro series with its direction, its percentile and its release."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from bot.evidence.closes import known_or_none
from bot.evidence.percentile import percentile_of_last
from bot.signals.asof import as_of
from bot.signals.bars import Bars, FloatArray
from bot.signals.timeframe import DAY, Instant

WEEKS = 13
"""Weeks over which a direction is told."""

YEARS = 10
"""Years of figures that a percentile ranks the newest among."""

NEVER_STALE = 100_000 * DAY
"""A limit for figures that stand until the next one comes."""

_AT_LEAST = 20
"""Figures without which there is no percentile."""


@dataclass(frozen=True, slots=True)
class LiquidityReading:
    """The newest figure of one series that was public.

    `day` is the midnight UTC of the day that it speaks of, `released` the instant at which it was public. `change` is
    what it has moved by since the figure that was the newest 13 weeks before, in its own unit, None where none was
    known then. `percentile` is its rank, 0 to 100, among the figures of ten years, or of the `years` that are known;
    None where they are too few.
    """

    market: str
    day: Instant
    released: Instant
    value: float
    change: float | None
    percentile: float | None
    years: int = YEARS


def liquidity(series: Mapping[str, Bars], now: Instant) -> tuple[LiquidityReading, ...]:
    """The readings of the series in their order, of those whose newest public figure still stands at `now`."""
    readings = (_reading(bars.known_at(now), now) for bars in series.values())
    return tuple(each for each in readings if each is not None)


def _reading(bars: Bars, now: Instant) -> LiquidityReading | None:
    if not len(bars) or (bars.valid_for is not None and now - int(bars.end[-1]) > bars.valid_for):
        return None
    inside = bars.start >= int(bars.start[-1]) - YEARS * 365 * DAY
    lately, first = bars.close[inside], int(bars.start[inside][0])
    return LiquidityReading(
        bars.market,
        int(bars.start[-1]),
        int(bars.end[-1]),
        float(bars.close[-1]),
        known_or_none(float(changes(bars)[-1])),
        percentile_of_last(np.asarray(lately), _AT_LEAST),
        min(YEARS, round((int(bars.start[-1]) - first) / (365 * DAY))),
    )


def changes(bars: Bars, weeks: int = WEEKS) -> FloatArray:
    """What each figure of a macro series has moved by since the one that stood so many weeks before its release.

    NaN where none stood then.
    """
    limit = NEVER_STALE if bars.valid_for is None else bars.valid_for
    return np.asarray(bars.close - as_of(bars.end - weeks * 7 * DAY, bars.end, bars.close, limit))
