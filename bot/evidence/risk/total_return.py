"""Closes of a fund as if what it pays out were put back into it: by price alone it falls at each dividend."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from bot.signals.asof import STALE_AFTER_SECONDS
from bot.signals.bars import Bars

SUFFIX = "_DIVIDENDS"
"""What the macro series of a market's dividends is called, after the market: amounts per share by ex-dates, or 0."""


def with_dividends(bars: Bars, dividends: Bars) -> Bars | None:
    """The bars with closes that are adjusted for later dividends; the newest close is the price.

    Bars from before the first known day of dividends are left out. None where the dividends don't reach up to the
    newest bar: who knows not whether one was paid today knows no return. Open, high and low stay prices.
    """
    if not len(bars) or not len(dividends) or int(bars.end[-1] - dividends.end[-1]) > STALE_AFTER_SECONDS:
        return None
    shown = bars.slice(int(np.searchsorted(bars.start, dividends.start[0])), len(bars))
    good = np.isfinite(shown.close) & (shown.close > 0)
    price, start = shown.close[good], shown.start[good]
    if not len(price):
        return None
    # a dividend goes to who held the fund at the close before its ex-date, also where that day has no bar
    at = np.searchsorted(start, dividends.start)
    inside = (at > 0) & (at < len(start)) & np.isfinite(dividends.close) & (dividends.close > 0)
    paid = np.zeros(len(price))
    np.add.at(paid, at[inside], dividends.close[inside])
    kept = np.ones(len(price))
    kept[1:] = 1 - np.minimum(paid[1:] / price[:-1], 0.99)
    later = np.append(np.cumprod(kept[:0:-1])[::-1], 1.0)
    close = np.full(len(shown.close), np.nan)
    close[good] = price * later
    return replace(shown, close=close)
