"""A basket that was picked today beside the whole market: what hindsight adds to its past."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bot.evidence.closes import Closes
from bot.signals.bars import Bars

SURVIVOR_DAYS = 365
"""Calendar days over which the two are set beside each other."""


@dataclass(frozen=True, slots=True)
class Survivors:
    """Median returns over SURVIVOR_DAYS from any close of the time that both have, as ratios.

    `coins` counts the basket's members, `market` names what holds all of their kind.
    """

    coins: int
    market: str
    basket: float
    whole: float


def survivors(basket: Bars, coins: int, market: Bars) -> Survivors | None:
    """None where the two have no such time in common."""
    ours, theirs = Closes.of(basket), Closes.of(market)
    if not len(ours) or not len(theirs):
        return None
    since = max(int(ours.end[0]), int(theirs.end[0]))
    medians = [_median(closes, since) for closes in (ours, theirs)]
    if medians[0] is None or medians[1] is None:
        return None
    return Survivors(coins, market.market, medians[0], medians[1])


def _median(closes: Closes, since: int) -> float | None:
    forward = closes.forward(SURVIVOR_DAYS)[closes.end >= since]
    known = forward[np.isfinite(forward)]
    return float(np.median(known)) if len(known) else None
