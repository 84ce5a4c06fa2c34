"""Base rates: what an asset does anyway, at the time of an event, over its whole history, or after rises of its own."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import bottleneck as bn
import numpy as np

from bot.evidence.closes import Closes
from bot.evidence.event_study.draws import indices
from bot.signals.bars import Bars, FloatArray, IntArray
from bot.signals.indicators.windows import new_high
from bot.signals.replay.episodes import firings
from bot.signals.timeframe import DAY

SAME_TIME_DAYS = 365
"""Calendar days around an entry, on both sides, whose closes are of its time."""

_RESAMPLES = 2_000
_SEED = 0
_MAD_OF_NORMAL = 1.4826


@dataclass(frozen=True, slots=True)
class FirstHighs:
    """The rises that a rule demands of its own market: closes above all of the `bars` before.

    Only the first of an episode counts: none of the `quiet` bars before was such a high.
    """

    bars: int
    quiet: int

    def entries(self, asset: Bars, closes: Closes) -> IntArray:
        """Positions in `closes` of the first close after each such high of the asset."""
        highs = firings(new_high(asset.close, self.bars), self.quiet)
        entries = closes.entries(asset.end[highs])
        return entries[entries >= 0]


@dataclass(frozen=True, eq=False)
class BaseRate:
    """What the events are set against. `n` counts the returns in it; None where there are none.

    `medians` holds for each event the median of its base, `median` and `hit_rate` are taken over the events: the
    median of their medians, the mean of their shares above 0.
    """

    n: int
    medians: FloatArray
    median: float | None
    hit_rate: float | None


def base_of_time(closes: Closes, forward: FloatArray, own: IntArray) -> BaseRate:
    """Each event beside all closes within SAME_TIME_DAYS of its entry whose return is known."""
    first, last = time_of(closes, own)
    known = np.isfinite(forward)
    values, known_before = forward[known], np.append(0, np.cumsum(known))
    spans = list(zip(known_before[first].tolist(), known_before[last].tolist(), strict=True))
    medians = np.array([bn.median(values[begin:end]) for begin, end in spans])
    rises_before = np.append(0, np.cumsum(values > 0))
    shares = [int(rises_before[end] - rises_before[begin]) / (end - begin) for begin, end in spans]
    inside = np.zeros(len(forward) + 1, dtype=np.int64)
    np.add.at(inside, first, 1)
    np.add.at(inside, last, -1)
    covered = (np.cumsum(inside)[:-1] > 0) & known
    return BaseRate(int(covered.sum()), medians, median_of(medians), float(np.mean(shares)) if shares else None)


def time_of(closes: Closes, own: IntArray) -> tuple[IntArray, IntArray]:
    """Positions of the first close of each event's time, and past its last: within SAME_TIME_DAYS of its entry."""
    reach = SAME_TIME_DAYS * DAY
    first = np.searchsorted(closes.counted, closes.counted[own] - reach)
    return first, np.searchsorted(closes.counted, closes.counted[own] + reach, side="right")


def base_of(returns: FloatArray, events: int) -> BaseRate:
    """All events beside one and the same base: these returns, unknown ones left out."""
    known = _known(returns)
    usual = median_of(known)
    medians = np.full(events, np.nan if usual is None else usual)
    return BaseRate(len(known), medians, usual, float((known > 0).mean()) if len(known) else None)


def bootstrap_interval(excess: FloatArray, counted: IntArray, days: int) -> tuple[float, float] | None:
    """The 95 % interval of the median, by drawing the events anew with a fixed seed; None for less than two groups.

    Events whose windows of `days` share days are drawn together, as they tell of the same time. `counted` are the
    instants of their entries, ascending.
    """
    groups = _groups(counted, days)
    if len(groups) < 2:
        return None
    times = _times_drawn(len(groups))
    group_of = np.repeat(np.arange(len(groups)), [len(group) for group in groups])
    medians = np.sort(_weighted_medians(excess, times, group_of))
    low, high = np.interp(np.array([0.025, 0.975]) * (_RESAMPLES - 1), np.arange(_RESAMPLES), medians)
    return float(low), float(high)


@lru_cache(maxsize=8)
def _times_drawn(count: int) -> IntArray:
    """How many times each of `count` is drawn (row) in each of _RESAMPLES draws of as many (column)."""
    # np.bincount counts in one dimension only: each cell of the table goes by the number row * _RESAMPLES + column.
    cells = indices(_SEED, count, _RESAMPLES, count)
    cells *= _RESAMPLES
    cells += np.arange(_RESAMPLES)[:, None]
    times = np.bincount(cells.ravel(), minlength=count * _RESAMPLES).reshape(count, _RESAMPLES)
    return times.astype(np.min_scalar_type(times.max()))  # a byte each, as they are kept


def _weighted_medians(values: FloatArray, times: IntArray, row: IntArray) -> FloatArray:
    """The median of the known values for each column of `times`: each value as often as its row says; NaN of none."""
    order = np.argsort(values)[: np.count_nonzero(~np.isnan(values))]
    reached = np.cumsum(times[row[order]], axis=0, dtype=np.int32)
    count = reached[-1] if len(order) else np.zeros(times.shape[1], dtype=np.int32)
    ordered = np.append(values[order], np.nan)
    lower, upper = (ordered[np.count_nonzero(reached <= at, axis=0)] for at in ((count - 1) // 2, count // 2))
    return np.asarray((lower + upper) / 2)


@dataclass(frozen=True, eq=False)
class EraReturns:
    """The closes with a known return: positions, log returns, and median and spread of their time.

    The spread is the median distance of the returns of the time from the median of theirs, on the scale of a standard
    deviation.
    """

    at: IntArray
    value: FloatArray
    median: FloatArray
    spread: FloatArray

    def since(self, span: int) -> EraReturns:
        """Those from the close at position `span` on."""
        used = self.at >= span
        return EraReturns(self.at[used], self.value[used], self.median[used], self.spread[used])


def era_returns(closes: Closes, forward: FloatArray) -> EraReturns:
    """Of all closes; the time of one is that of `base_of_time`, by days."""
    known = np.flatnonzero(np.isfinite(forward))
    value = np.log1p(forward[known])
    day = closes.counted[known] // DAY
    median = _rolling_median(value, day)
    spread = _MAD_OF_NORMAL * _rolling_median(np.abs(value - median), day)
    return EraReturns(known, value, median, spread)


def median_of(values: FloatArray) -> float | None:
    """The median, None of nothing."""
    return float(bn.median(values)) if len(values) else None


def _rolling_median(values: FloatArray, day: IntArray) -> FloatArray:
    """Median of the values within SAME_TIME_DAYS of each; of several on a day the last one stands for it."""
    if not len(values):
        return values
    place = day - day[0]
    width = 2 * SAME_TIME_DAYS + 1
    grid = np.full(int(place[-1]) + width, np.nan)
    grid[place + SAME_TIME_DAYS] = values
    moved: FloatArray = bn.move_median(grid, width, min_count=1)
    return np.asarray(moved[width - 1 :][place], dtype=np.float64)


def _known(returns: FloatArray) -> FloatArray:
    return returns[np.isfinite(returns)]


def _groups(counted: IntArray, days: int) -> list[IntArray]:
    """The events, by number, in groups that begin where the first window of the group before has ended."""
    begins = []
    free = None
    for number, instant in enumerate(counted.tolist()):
        if free is None or instant >= free:
            begins.append(number)
            free = instant + days * DAY
    return np.split(np.arange(len(counted)), begins[1:]) if begins else []
