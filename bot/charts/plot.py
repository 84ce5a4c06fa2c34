"""Drawing of prices and volume, shared by the charts of one market. Runs in the worker process only."""

from __future__ import annotations

import numpy as np

from bot.charts.axis import price_ticks, time_ticks, wants_log
from bot.charts.figure import ChartFigure
from bot.signals.bars import Bars, FloatArray
from bot.views.formatting import numbers

_BAND_UP_TO = 800
"""Bars beyond which the band from low to high would be a smear."""


def scale(figure: ChartFigure, low: float, high: float, foot: float = 0.16) -> None:
    """Make room for prices from low to high, and below them for volume and marks; logarithmic where they span much."""
    log = wants_log(low, high)
    if log:
        figure.axes.set_yscale("log")
        low, high = low * (low / high) ** foot, high * (high / low) ** 0.05
    else:
        room = (high - low) or abs(high) * 0.02 or 1.0
        low, high = low - room * (foot + 0.04), high + room * 0.06
    figure.axes.set_ylim(low, high)
    ticks = price_ticks(low, high, log=log)
    labels = [_far_apart(tick) if log else _tick(tick, ticks) for tick in ticks]
    figure.axes.set_yticks(ticks, labels, minor=False)
    figure.axes.set_yticks([], minor=True)


def prices(figure: ChartFigure, bars: Bars) -> None:
    """Closes as a line, over the band from low to high where there is room for it, and the axis of time."""
    at = np.arange(len(bars))
    axes, color = figure.axes, figure.palette.line
    few = len(bars) <= _BAND_UP_TO
    if few:
        axes.fill_between(at, bars.low, bars.high, color=color, alpha=0.16, linewidth=0)
    known = np.isfinite(bars.close)
    axes.plot(at[known], bars.close[known], color=color, linewidth=2.1 if few else 1.3, solid_joinstyle="round")
    axes.plot(at[known][-1:], bars.close[known][-1:], "o", color=color, markersize=6, clip_on=False, zorder=4)
    axes.set_xlim(-0.5, max(len(bars) - 0.5, (len(bars) - 1) * 1.02))  # room beside the newest bar
    ticks, labels = time_ticks(bars.start)
    axes.set_xticks(ticks, labels)


def volume(figure: ChartFigure, traded: FloatArray) -> None:
    """Bars of volume at the foot of the plot; nothing where none is known."""
    known = np.where(np.isfinite(traded) & (traded > 0), traded, 0.0)
    if not known.any():
        return
    heights = np.minimum(known / np.quantile(known[known > 0], 0.98), 1.15) * 0.13
    gap = np.full(len(heights), np.nan)  # one line with gaps: of so many lines each would be an object
    figure.axes.plot(
        np.column_stack([np.arange(len(heights)), np.arange(len(heights)), gap]).ravel(),
        np.column_stack([np.zeros(len(heights)), heights, gap]).ravel(),
        color=figure.palette.muted,
        alpha=0.28,
        linewidth=min(figure.plot_width / len(heights) * 0.72, 12),
        solid_capstyle="butt",
        transform=figure.axes.get_xaxis_transform(),
    )


def below(figure: ChartFigure, price: float, share: float) -> float:
    """The price that lies so much of the plot's height under another."""
    low, high = figure.axes.get_ylim()
    if figure.axes.get_yscale() == "log":
        return float(price * (low / high) ** share)
    return float(price - (high - low) * share)


def _tick(value: float, ticks: list[float]) -> str:
    """As few digits as tell the ticks apart."""
    apart = min(np.diff(ticks), default=abs(value) or 1.0)
    return numbers.number(value, max(0, min(8, -int(np.floor(np.log10(apart) + 1e-9)))) if apart < 1 else 0)


def _far_apart(value: float) -> str:
    """A tick of a logarithmic scale: each has as many digits as it needs by itself."""
    return numbers.number(value, 0 if value >= 1 else min(8, -int(np.floor(np.log10(value) + 1e-9))))
