"""Which ticks tell a reader when and how much, without crowding? Runs in the worker process only."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime

import numpy as np

from bot.messages import numbers
from bot.signals.bars import FloatArray, IntArray
from bot.signals.timeframe import DAY

MOST_TICKS = 7


def time_ticks(starts: IntArray) -> tuple[list[int], list[str]]:
    """Positions and labels along the bars: years, months, days or hours, whichever the span asks for."""
    moments = [datetime.fromtimestamp(int(start), UTC) for start in starts]
    if not moments:
        return [], []
    daily = not np.any(starts % DAY)
    key, text = _scale(int(starts[-1] - starts[0]), daily=daily)
    firsts = [0] if len(moments) <= MOST_TICKS else []
    firsts += [i for i in range(1, len(moments)) if key(moments[i]) != key(moments[i - 1])]
    step = max(1, math.ceil(len(firsts) / MOST_TICKS))
    ticks = firsts[step // 2 :: step] or [0]
    return ticks, [text(moments[i]) for i in ticks]


def _scale(span: int, *, daily: bool) -> tuple[Callable[[datetime], object], Callable[[datetime], str]]:
    if span > 4 * 365 * DAY:
        return (lambda at: at.year), (lambda at: str(at.year))
    if span > 60 * DAY:
        return (lambda at: (at.year, at.month)), _month
    if daily or span > 2 * DAY:
        return (lambda at: at.date()), (lambda at: numbers.weekday(int(at.timestamp())).partition(" ")[2])
    return (lambda at: (at.date(), at.hour)), (lambda at: at.strftime("%H:%M"))


def _month(at: datetime) -> str:
    name = numbers.day(int(at.timestamp())).split()[1]
    return f"{name} {at.year}" if at.month <= 2 else name


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


def wants_log(low: float, high: float) -> bool:
    """Whether prices span so much that equal steps would flatten the low ones."""
    return low > 0 and high / low > 4


def known_range(*arrays: FloatArray) -> tuple[float, float] | None:
    """Lowest and highest of all finite values; None without any."""
    finite = np.concatenate([array[np.isfinite(array)] for array in arrays])
    return (float(finite.min()), float(finite.max())) if finite.size else None
