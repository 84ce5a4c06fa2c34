"""Share of smaller companies that lost money in a quarter, as their reports to the SEC tell it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

import numpy as np

from bot.evidence.percentile import percentile_of_last
from bot.signals.bars import Bars
from bot.signals.timeframe import Instant

LOSSES_MARKET = "LOSING_COMPANIES"
"""Macro series of the share in percent, by quarters; its volume is the number of companies counted."""

_AT_LEAST = 8


class FiledLosses(NamedTuple):
    """One quarter, by its first day: the share of `companies` that lost money, as a ratio.

    `percentile` is its rank, 0 to 100, among all quarters up to it, the first of which is `since`; None where they are
    fewer than eight.
    """

    quarter: Instant
    released: Instant
    share: float
    companies: int
    percentile: float | None
    since: Instant


def newest_losses(bars: Bars, now: Instant) -> FiledLosses | None:
    """The newest public quarter that still stands; None where there is none."""
    known = bars.known_at(now)
    if not len(known) or now - int(known.end[-1]) > (known.valid_for or now):
        return None
    return _losses(known)


def losses_before(bars: Bars, at: Instant, now: Instant) -> FiledLosses | None:
    """The last quarter that had ended at `at`, as public at `now`; None where it is not."""
    moment = datetime.fromtimestamp(at, UTC)
    begun = moment.year * 4 + (moment.month - 1) // 3 - 1
    first = int(datetime(begun // 4, begun % 4 * 3 + 1, 1, tzinfo=UTC).timestamp())
    known = bars.known_at(now)
    place = known.position(first)
    return None if place is None else _losses(known.prefix(place + 1))


def _losses(bars: Bars) -> FiledLosses:
    count = float(bars.volume[-1])
    return FiledLosses(
        quarter=int(bars.start[-1]),
        released=int(bars.end[-1]),
        share=float(bars.close[-1]) / 100,
        companies=int(count) if np.isfinite(count) else 0,
        percentile=percentile_of_last(bars.close, _AT_LEAST),
        since=int(bars.start[0]),
    )
