"""Ticks of an axis, for times, prices and changes, few enough for a phone. Runs in the worker process only."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

import numpy as np

from bot.signals.bars import FloatArray, IntArray
from bot.signals.timeframe import DAY
from bot.views.formatting import numbers

MOST_TICKS = 7
_MONTHS_APART, _YEARS_APART = (1, 2, 3, 6, 12), (1, 2, 5, 10, 20, 50)


def time_ticks(starts: IntArray) -> tuple[list[int], list[str]]:
    """Positions and labels along the bars: years, months, days or hours, whichever the span asks for.

    Of many years or months those that a calendar would show: 2010, 2015; Jan, Apr, Jul.
    """
    moments = [datetime.fromtimestamp(int(start), UTC) for start in starts]
    if not moments:
        return [], []
    daily = not np.any(starts % DAY)
    key, text = _scale(int(starts[-1] - starts[0]), daily=daily)
    firsts = [0] if len(moments) <= MOST_TICKS else []
    firsts += [i for i in range(1, len(moments)) if key(moments[i]) != key(moments[i - 1])]
    ticks = _round_ones(firsts, [_COUNTED[text](moments[at]) for at in firsts]) if text in _COUNTED else []
    step = max(1, math.ceil(len(firsts) / MOST_TICKS))
    ticks = ticks or firsts[step // 2 :: step] or [0]
    labels = [text(moments[i]) for i in ticks]
    for at in range(1, len(ticks)):
        year = moments[ticks[at]].year
        if text is _month and year != moments[ticks[at - 1]].year and str(year) not in labels[at]:
            labels[at] += f" {year}"
    return ticks, labels


def _round_ones(places: list[int], numbers_of: list[int]) -> list[int]:
    """Every second, third, … of them, so that few enough are left."""
    steps = _MONTHS_APART if max(numbers_of, default=0) < 12 else _YEARS_APART
    chosen = ([place for place, each in zip(places, numbers_of, strict=True) if each % step == 0] for step in steps)
    return next((kept for kept in chosen if len(kept) <= MOST_TICKS), [])


def _scale(span: int, *, daily: bool) -> tuple[Callable[[datetime], object], Callable[[datetime], str]]:
    if span > 4 * 365 * DAY:
        return (lambda at: at.year), _year
    if span > 60 * DAY:
        return (lambda at: (at.year, at.month)), _month
    if daily or span > 2 * DAY:
        return (lambda at: at.date()), (lambda at: numbers.weekday(int(at.timestamp())).partition(" ")[2])
    return (lambda at: (at.date(), at.hour)), (lambda at: at.strftime("%H:%M"))


def _year(at: datetime) -> str:
    return str(at.year)


def _month(at: datetime) -> str:
    name = numbers.day(int(at.timestamp())).split()[1]
    return f"{name} {at.year}" if at.month <= 2 else name


_COUNTED: Final[Mapping[Callable[[datetime], str], Callable[[datetime], int]]] = {
    _year: lambda at: at.year,
    _month: lambda at: at.month - 1,
}


def price_ticks(low: float, high: float, *, log: bool) -> list[float]:
    """Four to seven round prices between low and high."""
    if log:
        return _log_ticks(low, high)
    raw = (high - low) / 5
    size = 10.0 ** math.floor(math.log10(raw))
    step = next(size * factor for factor in (1, 2, 2.5, 5, 10) if size * factor >= raw)
    return [float(tick) for tick in np.arange(math.ceil(low / step), math.floor(high / step) + 1) * step]


def _log_ticks(low: float, high: float) -> list[float]:
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for factors in ((1,), (1, 3), (1, 2, 5)):
        ticks = [factor * 10.0**decade for decade in decades for factor in factors]
        inside = [tick for tick in ticks if low <= tick <= high]
        if len(inside) >= 4:
            break
    return inside[:: max(1, math.ceil(len(inside) / MOST_TICKS))]


_CHANGES = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0, 20.0, 50.0)

_TIMES = (100.0, 200.0, 500.0, 1_000.0, 5_000.0, 10_000.0, 50_000.0, 100_000.0, 500_000.0, 1_000_000.0)


def change_ticks(low: float, high: float, *, log: bool) -> list[float]:
    """A handful of round changes (0.5 = +50 %), 0 among them, for prices between `low` and `high` times the first."""
    if not log:
        return [tick - 1 for tick in price_ticks(low, high, log=False)]
    factors = [factor for factor in (*_CHANGES, *_TIMES) if low <= factor <= high]
    apart = math.log(high / low) / MOST_TICKS
    kept = [1.0]
    for factor in [each for each in factors if each > 1] + [each for each in reversed(factors) if each < 1]:
        if min(abs(math.log(factor / other)) for other in kept) >= apart * 0.9:
            kept.append(factor)
    return sorted(factor - 1 for factor in kept if low <= factor <= high)


def change_labels(ticks: Sequence[float]) -> list[str]:
    """+50% · 0% · −2.5%: all with as few digits as tell them apart; from ten times the price on ×20."""
    digits = next((few for few in range(4) if all(abs(round(t * 100, few) - t * 100) < 1e-6 for t in ticks)), 4)
    return [f"×{tick + 1:,.0f}" if tick > 9.5 else f"{numbers.signed(tick * 100, digits)}%" for tick in ticks]


def wants_log(low: float, high: float) -> bool:
    """Whether prices span so much that equal steps would flatten the low ones."""
    return low > 0 and high / low > 4


def known_range(*arrays: FloatArray) -> tuple[float, float] | None:
    """Lowest and highest of all finite values; None without any."""
    finite = np.concatenate([array[np.isfinite(array)] for array in arrays])
    return (float(finite.min()), float(finite.max())) if finite.size else None
