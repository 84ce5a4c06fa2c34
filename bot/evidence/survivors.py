"""A basket that was picked today beside the coins that were large then: what hindsight adds to its past."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import bottleneck as bn
import numpy as np

from bot.evidence.closes import Closes
from bot.signals.bars import Bars, FloatArray

SURVIVOR_DAYS = 365
"""Calendar days over which the two are set beside each other."""


ALTCOIN_CAP = "CRYPTO_ALT"
"""The market that holds all altcoins together, set beside a basket of some."""

THEN_RETURNS = "LARGE_COINS_RETURNS"
"""Macro series of the daily returns of the coins that were the largest when each month began."""

LARGE_THEN = "LARGE_COINS_THEN"
"""What the index is called that they make."""


MOST_A_DAY = 4.0
"""A day's return of several large coins is less, as a ratio: more is a price or per cents, told in its place."""


@dataclass(frozen=True, slots=True)
class Survivors:
    """Median returns over SURVIVOR_DAYS from any close of the time that both have, as ratios.

    `coins` counts the basket's members, `market` names what it is set beside: all of their kind, or LARGE_THEN.
    """

    coins: int
    market: str
    basket: float
    whole: float

    @property
    def flatters(self) -> float:
        """By how much the basket's past looks better than that of its market, as a difference of returns."""
        return self.basket - self.whole


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


def large_then(returns: Bars) -> Bars:
    """The index of the coins that were large then, 100 on the day before its first, from their daily returns.

    What can't be a return of theirs is left out.
    """
    good = np.isfinite(returns.close) & (returns.close > -1) & (returns.close < MOST_A_DAY)
    level: FloatArray = 100.0 * np.cumprod(1.0 + returns.close[good], dtype=np.float64)
    unknown = np.full(len(level), np.nan)
    start, end = returns.start[good], returns.end[good]
    return Bars(LARGE_THEN, returns.timeframe, start, end, level, level, level, level, unknown)


def hindsight(basket: Bars, coins: int, bars: Mapping[str, Bars], whole: str) -> Survivors | None:
    """The basket beside the coins that were large then, where their returns are among `bars`, else beside `whole`."""
    returns = bars.get(THEN_RETURNS)
    if returns is not None and len(returns):
        found = survivors(basket, coins, large_then(returns))
        if found is not None:
            return found
    return survivors(basket, coins, bars[whole]) if whole in bars else None


def _median(closes: Closes, since: int) -> float | None:
    forward = closes.forward(SURVIVOR_DAYS)[closes.end >= since]
    known = forward[np.isfinite(forward)]
    return float(bn.median(known)) if len(known) else None
