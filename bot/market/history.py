"""A market's history joined of several sources: as far back as any of them agrees with what is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from bot.market.quality.gate import Gated, picked
from bot.signals.bars import Bars
from bot.signals.timeframe import DAY

_LEAST_SHARED_BARS = 20
"""Bars that two histories must share where they meet, or nobody can tell whether they are of the same thing."""

_SEAM_BARS = 250
"""Shared bars nearest to the seam by which two histories are compared."""

_SEAM_RATIO = 1e-2
"""How far their closes may be apart there in the middle, as a ratio."""

LEAST_GAIN_S = 5 * DAY
"""Seconds further back that a history must reach to be joined."""


def deepened(found: Gated, theirs: Gated, source: str) -> Gated:
    """What was found, with another source's older bars before it where the two agree; the seam is noted.

    An older history that shares too few bars, or has other closes there, is left and the reason noted.
    """
    ours, older = found.bars, theirs.bars
    if not len(ours) or not len(older) or int(ours.start[0]) - int(older.start[0]) < LEAST_GAIN_S:
        return found
    since = ours.label(0)
    reason = _seam_problem(ours, older)
    if reason:
        note = f"{source}: {ours.market}: its history before {since} is not used: {reason}"
        return replace(found, notes=(*found.notes, note))
    before = picked(older, older.start < ours.start[0])
    note = f"{source}: {ours.market}: gave {before.label(0)} to {before.label(len(before) - 1)}; the seam is {since}"
    return replace(found, bars=before.merged(ours), notes=(*found.notes, note))


def _seam_problem(ours: Bars, older: Bars) -> str:
    """Why the older history can't be joined; "" where it can."""
    _, here, there = np.intersect1d(ours.start, older.start, assume_unique=True, return_indices=True)
    if len(here) < _LEAST_SHARED_BARS:
        return f"only {len(here)} bars are shared"
    apart = np.abs(older.close[there] / ours.close[here] - 1)[:_SEAM_BARS]
    middle = float(np.median(apart))
    return f"its closes are {middle:.1%} apart" if middle > _SEAM_RATIO else ""
