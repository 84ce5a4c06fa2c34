"""Money that small-cap funds took in and paid out, month by month, as their official filings tell it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import reduce
from typing import NamedTuple

import numpy as np

from bot.signals.bars import Bars, FloatArray, IntArray
from bot.signals.timeframe import DAY, Instant, Timeframe

FLOW_MARKETS: Mapping[str, str] = {"IWM_FLOWS": "IWM", "IWN_FLOWS": "IWN", "IJR_FLOWS": "IJR", "VB_FLOWS": "VB"}
"""Macro series of sales less redemptions in billions of dollars, and the funds that they are of."""

YEAR_OF_FLOWS = "SMALL_CAP_FLOWS"
"""Name of the series that `yearly_flows` makes."""

MONTHS = 12


class FiledFlow(NamedTuple):
    """One fund's flows over the calendar months from `first` to `last`, by their first days, in billions of dollars.

    `months` counts those that are public, `released` is the newest release among them; `amount` is their sum.
    """

    fund: str
    amount: float
    first: Instant
    last: Instant
    months: int
    released: Instant

    @property
    def whole(self) -> bool:
        """Whether all months of the span are public."""
        return self.months == _months_between(self.first, self.last)


def flows_before(series: Mapping[str, Bars], at: Instant, now: Instant) -> tuple[FiledFlow, ...]:
    """Each fund's flows over the twelve calendar months before the one of `at`, as far as they are public at `now`."""
    last = month_before(at, 1)
    found = (_flow(bars.known_at(now), month_before(at, MONTHS), last) for bars in _funds(series).values())
    return tuple(each for each in found if each is not None)


def newest_flows(series: Mapping[str, Bars], now: Instant) -> tuple[FiledFlow, ...]:
    """Each fund's flows over the twelve months to the newest that all of them filed; none of those too old to stand."""
    known = [bars.known_at(now) for bars in _funds(series).values()]
    fresh = [each for each in known if len(each) and now - int(each.end[-1]) <= (each.valid_for or now)]
    if not fresh:
        return ()
    last = min(int(each.start[-1]) for each in fresh)
    found = (_flow(each, month_before(last, MONTHS - 1), last) for each in fresh)
    return tuple(each for each in found if each is not None)


def yearly_flows(series: Mapping[str, Bars]) -> Bars:
    """All funds together: at each month the sum of twelve months, once every fund has filed all of them."""
    funds = list(_funds(series).values())
    if not funds:
        return Bars.empty(YEAR_OF_FLOWS, Timeframe.D1)
    months: IntArray = reduce(np.intersect1d, [each.start for each in funds])
    places = [np.searchsorted(each.start, months) for each in funds]
    monthly: FloatArray = np.sum([each.close[at] for each, at in zip(funds, places, strict=True)], axis=0)
    ends: IntArray = np.max([each.end[at] for each, at in zip(funds, places, strict=True)], axis=0)
    numbers = np.array([_number(each) for each in months.tolist()], dtype=np.int64)
    last = np.arange(MONTHS - 1, len(numbers))
    full = last[numbers[last] - numbers[last - MONTHS + 1] == MONTHS - 1]
    sums = np.concatenate([[0.0], np.cumsum(monthly)])
    close = sums[full + 1] - sums[full + 1 - MONTHS]
    unknown = np.full(len(close), np.nan)
    released = np.maximum.accumulate(ends[full] - np.arange(len(full))) + np.arange(len(full))
    stands = min(each.valid_for or 130 * DAY for each in funds)
    prices = (close, close, close, close, unknown)
    return Bars(YEAR_OF_FLOWS, Timeframe.D1, months[full], released, *prices, valid_for=stands)


def month_before(at: Instant, months: int) -> Instant:
    """Midnight UTC of the first day of the month so many months before that of `at`."""
    number = _number(at) - months
    return int(datetime(number // 12, number % 12 + 1, 1, tzinfo=UTC).timestamp())


def _funds(series: Mapping[str, Bars]) -> dict[str, Bars]:
    """The funds' series that have any figure, by fund."""
    return {fund: series[name] for name, fund in FLOW_MARKETS.items() if len(series.get(name, ()))}


def _flow(bars: Bars, first: Instant, last: Instant) -> FiledFlow | None:
    inside = (bars.start >= first) & (bars.start <= last)
    if not inside.any():
        return None
    amount, released = float(bars.close[inside].sum()), int(bars.end[inside][-1])
    return FiledFlow(FLOW_MARKETS[bars.market], amount, first, last, int(inside.sum()), released)


def _number(at: Instant) -> int:
    moment = datetime.fromtimestamp(at, UTC)
    return moment.year * 12 + moment.month - 1


def _months_between(first: Instant, last: Instant) -> int:
    return _number(last) - _number(first) + 1


def together(flows: Sequence[FiledFlow]) -> float:
    """The sum over the funds, in billions of dollars."""
    return sum(each.amount for each in flows)
