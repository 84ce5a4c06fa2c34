"""Day-by-day paths of an asset after earlier signals, beside the band of all its paths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bot.evidence.closes import Closes
from bot.signals.asof import STALE_AFTER_SECONDS, last_closed
from bot.signals.bars import Bars, FloatArray, IntArray
from bot.signals.timeframe import DAY, Instant

BAND_SHARES = (0.1, 0.5, 0.9)
"""Shares of all days' ways that lie below the band's lower edge, its middle, its upper edge."""


@dataclass(frozen=True, eq=False)
class Paths:
    """Changes since the entry as ratios, by calendar days from it (`days`: before it negative, 0 the entry itself).

    `ways` has a row for each of `entries` (starts of the entry bars), NaN where a day is not known or has not come.
    `base` has a row for each share of BAND_SHARES, over every close of the span; NaN where no way is known.
    """

    days: IntArray
    entries: tuple[Instant, ...]
    ways: FloatArray
    base: FloatArray


def paths(asset: Bars, entries: Sequence[Instant], since: Instant, before: int, after: int) -> Paths:
    """The ways from `before` days ahead of each entry to `after` days past it.

    The base is taken over the closes at or after `since`. Entries at which the asset has no usable close are left out.
    """
    closes = Closes.of(asset)
    days = np.arange(-before, after + 1, dtype=np.int64)
    known = {int(start): at for at, start in enumerate(closes.start)}
    found = tuple(entry for entry in entries if entry in known)
    at = np.array([known[entry] for entry in found], dtype=np.int64)
    span = int(np.searchsorted(closes.end, since))
    ways = np.full((len(found), len(days)), np.nan)
    base = np.full((len(BAND_SHARES), len(days)), np.nan)
    for column, day in enumerate(days.tolist()):
        change = _change(closes, day)
        ways[:, column] = change[at]
        usual = change[span:][np.isfinite(change[span:])]
        if len(usual):
            base[:, column] = np.quantile(usual, BAND_SHARES)
    return Paths(days, found, ways, base)


def _change(closes: Closes, day: int) -> FloatArray:
    """Change from each close to the last one at or before `day` days from it; NaN where that is unknown."""
    if not len(closes):
        return np.empty(0)
    target = closes.counted + day * DAY
    there = last_closed(target, closes.counted, STALE_AFTER_SECONDS)
    return np.where((there >= 0) & (target <= closes.counted[-1]), closes.price[there] / closes.price - 1.0, np.nan)
