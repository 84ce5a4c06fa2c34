"""Fields of a bar that can't be: zero, infinite, or at odds with its other prices. The rest of the bar stays."""

from __future__ import annotations

from typing import Any

import numpy as np

from bot.market.quality.outliers import SuspectPrice
from bot.signals.bars import Bars, Mask

NOISE_RATIO = 1e-5
"""Relative error of vendors' prices: 32-bit numbers, and highs that were rounded apart from closes."""

_FIELDS = ("open", "high", "low")

_ORDER = (
    ("low", "high", "the high is below the low"),
    ("open", "high", "the open is above the high"),
    ("low", "open", "the open is below the low"),
)
"""Prices of which the first is at most the second, and what is said where it is not."""


def without_nonsense(bars: Bars) -> tuple[Bars, list[SuspectPrice]]:
    """The bars with what can't be unknown, and what that was.

    An open, high or low that is zero, negative or infinite becomes unknown: a vendor's zero stands for a price that it
    does not have. So do a high below its low, and an open outside of them together with the bound that it breaks. Where
    high and low are swapped, an open between them stays. A high or low that is off by no more than float noise is put
    right. The close is left as it is.
    """
    columns: dict[str, Any] = {name: np.array(getattr(bars, name)) for name in _FIELDS}
    found: list[SuspectPrice] = []
    for names, mask, reason in _impossible(bars):
        _forget(bars, columns, names, mask, reason, found)
    columns["high"], columns["low"] = _without_noise(bars, columns)
    crossed = columns["high"] < columns["low"]
    stray = crossed & ~((columns["high"] < columns["open"]) & (columns["open"] < columns["low"]))
    _forget(bars, columns, ("open",), stray, "the open is not between high and low, which are at odds", found)
    for smaller, larger, reason in _ORDER:  # what has just become unknown is at odds with nothing more
        _forget(bars, columns, (larger, smaller), columns[larger] < columns[smaller], reason, found)
    cleaned = Bars(
        bars.market, bars.timeframe, bars.start, bars.end, columns["open"], columns["high"], columns["low"],
        bars.close, bars.volume,
    )  # fmt: skip
    return cleaned, sorted(found, key=lambda each: each.start)


def outside(bars: Bars) -> Mask:
    """Where the close lies outside of high and low."""
    return np.asarray((bars.close > bars.high) | (bars.close < bars.low))


def _impossible(bars: Bars) -> list[tuple[tuple[str, ...], Mask, str]]:
    prices = [(name, getattr(bars, name)) for name in _FIELDS]
    return [
        ((name,), np.asarray((price <= 0) | np.isinf(price)), f"the {name} is zero, negative or infinite")
        for name, price in prices
    ]


def _without_noise(bars: Bars, columns: dict[str, Any]) -> tuple[Any, Any]:
    high, low = columns["high"], columns["low"]
    top, bottom = np.fmax(columns["open"], bars.close), np.fmin(columns["open"], bars.close)
    higher = (high < top) & (high >= top * (1 - NOISE_RATIO))
    lower = (low > bottom) & (low <= bottom * (1 + NOISE_RATIO))
    return np.where(higher, top, high), np.where(lower, bottom, low)


def _forget(
    bars: Bars, columns: dict[str, Any], names: tuple[str, ...], mask: Mask, reason: str, found: list[SuspectPrice]
) -> None:
    for at in np.flatnonzero(mask).tolist():
        found.append(
            SuspectPrice(int(bars.start[at]), {name: float(getattr(bars, name)[at]) for name in names}, reason)
        )
        for name in names:
            columns[name][at] = np.nan
