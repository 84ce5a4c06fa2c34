"""Bars within a day held beside the day that they are of."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from bot.market.model import MarketKind
from bot.market.quality.gate import picked
from bot.market.quality.reconcile import CRYPTO_REACH_AGREE_RATIO, REACH_AGREE_RATIO
from bot.signals.bars import Bars, FloatArray, IntArray, Mask
from bot.signals.sessions import Sessions

_APART = 0.05
"""How far a bar within a day may lie beyond its day's prices, as a ratio: prints of vendors and exchanges differ."""


@dataclass(frozen=True, eq=False)
class OfTheirDays:
    """Bars within a day that can be of their days, and what was found of the others, "" where nothing was."""

    bars: Bars
    told: str = ""


def of_their_days(bars: Bars, days: Bars, sessions: Sessions, kind: MarketKind) -> OfTheirDays:
    """The bars without those of days that they can't be of, and without highs and lows that their days have not.

    A high above its day's, or a low below it, becomes unknown where two sources of such a market would not differ so.
    """
    odd = beyond_their_day(bars, days, sessions)
    left = picked(bars, ~odd)
    wicks = _wicks(left, days, sessions, REACH_AGREE_RATIO.get(kind, CRYPTO_REACH_AGREE_RATIO))
    told = []
    if odd.any():
        last = bars.label(int(np.flatnonzero(odd)[-1]))
        count = f"{np.count_nonzero(odd):,} of {len(bars):,} bars left out, the last: {last}"
        told.append(f"{count}: not within 5 % of its day's prices")
    either = np.logical_or(*wicks.values())
    if either.any():
        last = left.label(int(np.flatnonzero(either)[-1]))
        plural = "s" if np.count_nonzero(either) > 1 else ""
        told.append(
            f"{np.count_nonzero(either):,} high{plural} or low{plural} not believed, the last: {last}: "
            "beyond those of its day"
        )
        columns: dict[str, Any] = {name: np.where(odd, np.nan, getattr(left, name)) for name, odd in wicks.items()}
        left = replace(left, **columns)
    return OfTheirDays(left, "; ".join(told))


def _wicks(bars: Bars, days: Bars, sessions: Sessions, ratio: float) -> dict[str, Mask]:
    """Which highs and lows lie further than the ratio beyond those of their known days, and beyond their own closes."""
    known, at = _days_of(bars, days, sessions)
    if not known.any():
        return {"high": known, "low": known}
    return {
        "high": known & (bars.high > days.high[at] * (1 + ratio)) & (bars.high > bars.close),
        "low": known & (bars.low < days.low[at] / (1 + ratio)) & (bars.low < bars.close),
    }


def _days_of(bars: Bars, days: Bars, sessions: Sessions) -> tuple[Mask, IntArray]:
    """Which bars are of a session whose day is known, and the day's position."""
    day = np.searchsorted(sessions.opens, bars.start, side="right") - 1
    if not len(days) or not len(sessions):
        return np.zeros(len(bars), dtype=bool), day
    at = np.searchsorted(days.start, sessions.start[np.maximum(day, 0)]).clip(max=len(days) - 1)
    return np.asarray((day >= 0) & (days.start[at] == sessions.start[np.maximum(day, 0)])), at


def beyond_their_day(bars: Bars, days: Bars, sessions: Sessions) -> Mask:
    """Which bars within a day are of a session whose known day they can't be of.

    All bars of a session go together: where one closes beyond the day's high or low, or the one that ends with the
    session closes elsewhere than the day does.
    """
    known, at = _days_of(bars, days, sessions)
    if not known.any():
        return known
    day = np.maximum(np.searchsorted(sessions.opens, bars.start, side="right") - 1, 0)
    top, bottom = np.fmax(days.high, days.close)[at], np.fmin(days.low, days.close)[at]
    ends = bars.end == sessions.closes[day]
    odd = _apart(bars.close, top) > 0
    odd |= _apart(bottom, bars.close) > 0
    odd |= ends & (np.maximum(_apart(bars.close, days.close[at]), _apart(days.close[at], bars.close)) > 0)
    return np.asarray(known & np.isin(day, day[known & odd]))


def _apart(higher: FloatArray, lower: FloatArray) -> FloatArray:
    """By how much one price is more than _APART above another; not above zero where either is unknown."""
    return np.nan_to_num(higher / np.where(lower > 0, lower, np.nan) - 1 - _APART, nan=-1.0)
