"""Chart of two prices above the rolling correlation of their returns. Runs in the worker process only."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bot.charts.axis import change_labels, change_ticks, known_range, time_ticks, wants_log
from bot.charts.figure import ChartFigure
from bot.charts.mask import Stroke
from bot.charts.panel import Scale
from bot.charts.request import CorrelationChart
from bot.evidence.correlation import CORRELATION_SESSIONS, correlate
from bot.signals.asof import STALE_AFTER_SECONDS, as_of
from bot.signals.bars import Bars, FloatArray, IntArray
from bot.signals.timeframe import DAY
from bot.views.formatting import numbers

_PRICES, _BELOW = 0.5, 0.44  # shares of the plot's height: the prices above, the correlation under them


def correlation_chart(chart: CorrelationChart) -> bytes:
    """PNG of what both prices have changed, above the rolling correlations of their daily returns.

    As known at `now`, by sessions of the leader. The correlations use the history before the span that is shown, too.
    """
    figure, leader = ChartFigure(dark=chart.dark), chart.leader
    figure.title(chart.title)
    both = correlate(leader, chart.follower, chart.now)
    known = np.isfinite(both.pairs.x + both.pairs.y) & (both.pairs.end >= chart.now - chart.days * DAY)
    shown = np.arange(len(known))[int(np.argmax(known)) :] if known.any() else np.arange(0)
    curves = {sessions: both.rolling[sessions].history[shown] for sessions in CORRELATION_SESSIONS}
    if not any(np.isfinite(curve).any() for curve in curves.values()):
        figure.subtitle([("Too few days with both prices", figure.palette.muted)])
        return figure.png()
    starts, ends = both.pairs.start[shown], both.pairs.end[shown]
    _prices(figure, (leader, chart.follower), ends)
    parts = _correlations(figure, curves, starts)
    figure.subtitle(parts)
    told = f"daily returns to {numbers.day(int(starts[-1]))}, by sessions of {leader.market}"
    figure.foot(" · ".join(filter(None, [chart.note, told, chart.source])))
    return figure.png()


def _prices(figure: ChartFigure, markets: Sequence[Bars], ends: IntArray) -> None:
    """Both prices since the first session shown, on a scale of ratios, so that equal changes look equal."""
    panel = figure.panel(0, 1 - _PRICES, 1, _PRICES)
    lines = [(bars.market, _growth(bars, ends), color) for bars, color in zip(markets, _colors(figure), strict=True)]
    marks = []
    for name, growth, color in lines:
        known = np.flatnonzero(np.isfinite(growth))
        panel.line(known, growth[known], Stroke(color, 2.0))
        marks += [(float(growth[known[-1]]), name, color)] if known.size else []
    low, high = known_range(*(growth for _, growth, _ in lines)) or (1.0, 1.0)
    low, high = low * 0.97, high * 1.03
    panel.y = Scale(low, high, log=True)
    every = change_ticks(low, high, log=wants_log(low, high))
    ticks = every[every.index(0) % 2 :: 2] if 0 in every else every
    panel.y_ticks([1 + tick for tick in ticks], change_labels(ticks))
    panel.x = Scale(0, max(len(ends) - 1, 1))
    figure.tags(marks, panel=panel)


def _growth(bars: Bars, ends: IntArray) -> FloatArray:
    """Price over the first one known."""
    usable = np.isfinite(bars.close) & (bars.close > 0)
    price = as_of(ends, bars.end[usable], bars.close[usable], STALE_AFTER_SECONDS)
    known = np.flatnonzero(np.isfinite(price))
    return price / price[known[0]] if known.size else price


def _correlations(figure: ChartFigure, curves: dict[int, FloatArray], starts: IntArray) -> list[tuple[str, str]]:
    panel, palette = figure.panel(0, 0, 1, _BELOW), figure.palette
    panel.y, panel.x = Scale(-1, 1), Scale(0, max(len(starts) - 1, 1))
    panel.y_ticks([-1, -0.5, 0, 0.5, 1], ["−1", "−0.5", "0", "+0.5", "+1"])
    panel.x_ticks(*time_ticks(starts))
    panel.level(0, Stroke(palette.muted, 1.1))
    styles = ((palette.muted, 1.1, 0.75), (palette.fired, 2.6, 1.0))
    parts, marks = [], []
    for (sessions, curve), (color, width, alpha) in zip(curves.items(), styles, strict=True):
        panel.line(np.arange(len(curve)), curve, Stroke(color, width, alpha))
        now = numbers.signed(float(curve[-1]), 2)
        parts.append((f"━ correlation over {sessions} sessions {now}", color))
        if np.isfinite(curve[-1]):
            marks.append((float(curve[-1]), now, color))
    figure.tags(marks, panel=panel)
    return parts


def _colors(figure: ChartFigure) -> tuple[str, str]:
    return figure.palette.line, figure.palette.accent
