"""Day-by-day paths of an asset after earlier signals, beside the band of the paths of their time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import bottleneck as bn
import numpy as np

from bot.evidence.closes import Closes
from bot.evidence.event_study.base_rate import FirstHighs, time_of
from bot.signals.asof import STALE_AFTER_SECONDS, last_closed
from bot.signals.bars import Bars, FloatArray, IntArray
from bot.signals.timeframe import DAY, Instant

BAND_SHARES = (0.1, 0.5, 0.9)
"""Shares of the base's ways that lie below the band's lower edge, its middle, its upper edge."""


@dataclass(frozen=True, eq=False)
class Paths:
    """Changes since the entry as ratios, by calendar days from it (`days`: before it negative, 0 the entry itself).

    `ways` has a row for each of `entries` (starts of the entry bars), NaN where a day is not known or has not come.
    `base` has a row for each share of BAND_SHARES, over what the study sets the events against: the median over those
    whose way is complete (all, where none is) of that share of their time, or of the rises that the rule demands. NaN
    where no way is known.
    """

    days: IntArray
    entries: tuple[Instant, ...]
    ways: FloatArray
    base: FloatArray


def paths(
    asset: Bars, entries: Sequence[Instant], since: Instant, before: int, after: int, rises: FirstHighs | None = None
) -> Paths:
    """The ways from `before` days ahead of each entry to `after` days past it.

    Entries at which the asset has no usable close are left out; without any the base is every close from `since` on.
    """
    closes = Closes.of(asset)
    days = np.arange(-before, after + 1, dtype=np.int64)
    known = {int(start): at for at, start in enumerate(closes.start)}
    found = tuple(entry for entry in entries if entry in known)
    at = np.array([known[entry] for entry in found], dtype=np.int64)
    changes = np.array([_change(closes, day) for day in days.tolist()])
    ways = changes[:, at].T
    complete = at[np.isfinite(ways[:, -1])]
    if rises is not None:
        groups = [rises.entries(asset, closes)]
    elif len(at):
        own = complete if len(complete) else at
        groups = [np.arange(*span) for span in zip(*time_of(closes, own), strict=True)]
    else:
        groups = [np.arange(np.searchsorted(closes.end, since), len(closes))]
    base = bn.nanmedian(np.array([_quantiles(changes[:, group]) for group in groups]), axis=0)
    return Paths(days, found, ways, base)


def _quantiles(changes: FloatArray) -> FloatArray:
    """Of each row the quantiles BAND_SHARES, in rows; unknown changes left out, NaN where all are."""
    if not changes.shape[1]:
        return np.full((len(BAND_SHARES), len(changes)), np.nan)
    ordered = np.sort(changes, axis=1)
    place = np.outer(BAND_SHARES, np.isfinite(ordered).sum(axis=1) - 1).clip(min=0)
    row, low = np.arange(len(changes)), place.astype(np.int64)
    lower, upper = ordered[row, low], ordered[row, np.ceil(place).astype(np.int64)]
    return np.asarray(lower + (upper - lower) * (place - low))


def _change(closes: Closes, day: int) -> FloatArray:
    """Change from each close to the last one at or before `day` days from it; NaN where that is unknown."""
    if not len(closes):
        return np.empty(0)
    target = closes.counted + day * DAY
    there = last_closed(target, closes.counted, STALE_AFTER_SECONDS)
    return np.where((there >= 0) & (target <= closes.counted[-1]), closes.price[there] / closes.price - 1.0, np.nan)
