"""Drawing of prices and volume, shared by the charts of one market. Runs in the worker process only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from bot.charts.axis import price_ticks, time_ticks, wants_log
from bot.charts.canvas import Shape
from bot.charts.figure import ChartFigure
from bot.charts.mask import Stroke
from bot.charts.panel import Scale
from bot.signals.bars import Bars, FloatArray, IntArray
from bot.signals.timeframe import DAY, Timeframe
from bot.views.formatting import numbers

_LARGE: Final = 1e9
MOST_SEEN: Final = 800
"""Bars beyond which a picture of a phone's width shows a smear."""


@dataclass(frozen=True, eq=False, slots=True)
class Joined:
    """Bars as they are drawn. `places`: of each bar that was joined, the position of the drawn one.

    `by` is what one drawn bar holds, "week" or "month"; empty where it is a bar as it was.
    """

    bars: Bars
    places: IntArray
    by: str = ""


def scale(figure: ChartFigure, low: float, high: float, foot: float = 0.16) -> None:
    """Make room for prices from low to high, and below them for volume and marks; logarithmic where they span much."""
    log = wants_log(low, high)
    if log:
        low, high = low * (low / high) ** foot, high * (high / low) ** 0.05
    else:
        room = (high - low) or abs(high) * 0.02 or 1.0
        low, high = low - room * (foot + 0.04), high + room * 0.06
    figure.plot.y = Scale(low, high, log)
    ticks = price_ticks(low, high, log=log)
    figure.plot.y_ticks(ticks, price_labels(ticks, log=log))


def prices(figure: ChartFigure, bars: Bars) -> None:
    """Closes as a line, over the band from low to high where there is room for it, and the axis of time."""
    at = np.arange(len(bars))
    plot, color = figure.plot, figure.palette.line
    few = len(bars) <= MOST_SEEN
    if few:
        plot.band(at, bars.low, bars.high, color, 0.16)
    known = np.isfinite(bars.close)
    plot.line(at[known], bars.close[known], Stroke(color, 2.1 if few else 1.3))
    newest = at[known][-1:], bars.close[known][-1:]
    plot.marks(*newest, Shape.ROUND, 6, color, Stroke(color, 1.0), front=4)
    plot.x = Scale(-0.5, max(len(bars) - 0.5, (len(bars) - 1) * 1.02))  # room beside the newest bar
    plot.x_ticks(*time_ticks(bars.start))


def volume(figure: ChartFigure, traded: FloatArray) -> None:
    """Bars of volume at the foot of the plot; nothing where none is known."""
    known = np.where(np.isfinite(traded) & (traded > 0), traded, 0.0)
    if not known.any():
        return
    ascending = np.sort(known[known > 0])
    usual_most = ascending[round(0.98 * (len(ascending) - 1))]  # np.quantile would load all of numpy.ma
    heights = np.minimum(known / usual_most, 1.15) * 0.13
    figure.plot.columns(heights, figure.palette.muted, 0.28)


def price_labels(ticks: list[float], *, log: bool) -> list[str]:
    """With as few digits as tell them apart; on a logarithmic scale each with as many as it needs."""
    return [_far_apart(tick) if log else _tick(tick, ticks) for tick in ticks]


def _tick(value: float, ticks: list[float]) -> str:
    """As few digits as tell the ticks apart."""
    if max(map(abs, ticks)) >= _LARGE:
        return numbers.large(value)
    apart = min(np.diff(ticks), default=abs(value) or 1.0)
    return numbers.number(value, max(0, min(8, -int(np.floor(np.log10(apart) + 1e-9)))) if apart < 1 else 0)


def _far_apart(value: float) -> str:
    """A tick of a logarithmic scale: each has as many digits as it needs by itself."""
    if value >= _LARGE:
        return numbers.large(value)
    return numbers.number(value, 0 if value >= 1 else min(8, -int(np.floor(np.log10(value) + 1e-9))))


def joined(bars: Bars) -> Joined:
    """Days by week, or by month where there are too many weeks, too. The last one may have only begun.

    What is unknown of some days is passed over, so that a hole does not make a hole of a week.
    """
    if len(bars) <= MOST_SEEN or bars.timeframe is not Timeframe.D1:
        return Joined(bars, np.arange(len(bars)))
    by, begins = "week", _begins(_week(bars.start))
    if len(begins) > MOST_SEEN:
        by, begins = "month", _begins(_month(bars.start))
    places = np.searchsorted(begins, np.arange(len(bars)), side="right") - 1
    return Joined(_over(bars, begins), places, by)


def _begins(numbers: IntArray) -> IntArray:
    return np.flatnonzero(np.diff(numbers, prepend=numbers[:1] - 1))


def _over(bars: Bars, begins: IntArray) -> Bars:
    lasts = np.append(begins[1:], len(bars)) - 1
    known = np.maximum.accumulate(np.where(np.isfinite(bars.close), np.arange(len(bars)), -1))[lasts]
    close = np.where(known >= begins, bars.close[known], np.nan)
    traded = np.where(np.isfinite(bars.volume), bars.volume, 0.0)
    return Bars(
        bars.market,
        bars.timeframe,
        bars.start[begins],
        bars.end[lasts],
        bars.open[begins],
        np.fmax.reduceat(bars.high, begins),
        np.fmin.reduceat(bars.low, begins),
        close,
        np.add.reduceat(traded, begins),
    )


def _week(start: IntArray) -> IntArray:
    return (start // DAY + 3) // 7


def _month(start: IntArray) -> IntArray:
    return start.astype("datetime64[s]").astype("datetime64[M]").astype(np.int64)
