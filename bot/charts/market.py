"""Chart of a market's last year with its levels and firings. Runs in the worker process only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bot.charts.axis import known_range
from bot.charts.figure import ChartFigure
from bot.charts.plot import below, prices, scale, volume
from bot.charts.request import ChartLevel, MarketChart
from bot.evidence.record_rank import record_rank
from bot.signals.bars import Bars, FloatArray
from bot.views.formatting import numbers

SHOWN = 252
"""Bars in the picture: about a year of sessions."""

_REACH = 0.6
"""A level farther away than this share of the prices' range is named, but not drawn."""

OTHERS = 5
"""Levels beside the rule's own that are drawn at most."""


@dataclass(frozen=True, slots=True)
class _Line:
    """The level, or the prior record, as it is drawn and named."""

    price: float
    name: str


def market_chart(chart: MarketChart) -> bytes:
    """PNG of the newest SHOWN bars: closes over the band from low to high, volume, the level, the firings.

    Of the other levels the OTHERS nearest to the last close are drawn. Never fails for what is in the bars: no bars,
    NaN, a single one.
    """
    figure, bars = ChartFigure(dark=chart.dark), chart.bars
    figure.title(chart.title)
    shown = bars.slice(max(0, len(bars) - SHOWN), len(bars))
    span = known_range(shown.close, shown.high, shown.low)
    if span is None:
        return _empty(figure)
    line = _line_of(bars, chart.level)
    _scale(figure, span, line)
    volume(figure, shown.volume)
    prices(figure, shown)
    near = _near(figure, shown, line, chart.others)
    _others(figure, len(bars) - len(shown), near)
    _level(figure, line)
    _fired(figure, shown, [position - (len(bars) - len(shown)) for position in chart.fired])
    _label(figure, shown, line, [level.price for level in near])
    figure.foot(_foot(shown, chart))
    return figure.png()


def _empty(figure: ChartFigure) -> bytes:
    figure.axes.set_axis_off()
    figure.subtitle([("No prices yet", figure.palette.muted)])
    return figure.png()


def _line_of(bars: Bars, level: ChartLevel | None) -> _Line | None:
    if level is not None and np.isfinite(level.price):
        return _Line(level.price, f"level {numbers.price(level.price)}")
    mark = record_rank(bars, int(bars.start[-1]), float(bars.close[-1])).record
    if mark is None:
        return None
    return _Line(mark.close, f"record close {numbers.price(mark.close)}, {numbers.day(mark.start)}")


def _scale(figure: ChartFigure, span: tuple[float, float], line: _Line | None) -> None:
    low, high = span
    if line is not None and low - (high - low) * _REACH <= line.price <= high + (high - low) * _REACH:
        low, high = min(low, line.price), max(high, line.price)
    scale(figure, low, high)


def _level(figure: ChartFigure, line: _Line | None) -> None:
    if line is not None:
        figure.axes.axhline(line.price, color=figure.palette.accent, linewidth=1.8, dashes=(5, 3), zorder=3)


def _near(figure: ChartFigure, bars: Bars, line: _Line | None, others: Sequence[ChartLevel]) -> list[ChartLevel]:
    """Those of the other levels that lie in the picture, the nearest to the last close."""
    low, high = figure.axes.get_ylim()
    last = bars.close[np.isfinite(bars.close)][-1:]
    inside = [each for each in others if low < each.price < high and (line is None or each.price != line.price)]
    return sorted(inside, key=lambda each: float(abs(each.price - last[0])) if last.size else 0.0)[:OTHERS]


def _others(figure: ChartFigure, first: int, levels: Sequence[ChartLevel]) -> None:
    """Each from its first touch on, or from the edge, with a ring at each touch; `first` is the first bar shown."""
    style: dict[str, Any] = {"color": figure.palette.muted, "zorder": 2.5}
    for level in levels:
        price = level.price
        seen = [touch - first for touch in level.touches if touch >= first]
        begins = seen[0] if seen and len(seen) == len(level.touches) else -0.5
        figure.axes.plot([begins, figure.axes.get_xlim()[1]], [price, price], linewidth=1.3, alpha=0.8, **style)
        figure.axes.plot(seen, [price] * len(seen), "o", markersize=7, markerfacecolor="none", **style)


def _fired(figure: ChartFigure, bars: Bars, positions: Sequence[int]) -> None:
    """A triangle under the low of each bar at which the rule fired."""
    places = [(at, float(np.fmin(bars.low[at], bars.close[at]))) for at in positions if 0 <= at < len(bars)]
    under = [(at, below(figure, price, 0.035)) for at, price in places if np.isfinite(price)]
    if under:  # all in one go: each alone would cost an alert some milliseconds
        style: dict[str, Any] = {"color": figure.palette.fired, "markersize": 11, "zorder": 5, "clip_on": False}
        figure.axes.plot(*zip(*under, strict=True), "^", **style)


def _label(figure: ChartFigure, bars: Bars, line: _Line | None, others: Sequence[float]) -> None:
    palette = figure.palette
    closes = bars.close[np.isfinite(bars.close)]
    marks = [(float(closes[-1]), numbers.price(float(closes[-1])), palette.line)] if closes.size else []
    parts = [(f"{marks[0][1]}{_change(closes)}", palette.line)] if marks else []
    if line is not None:
        marks.append((line.price, numbers.price(line.price), palette.accent))
        parts.append((f"– – {line.name}", palette.accent))
    figure.subtitle(parts)
    figure.tags(marks, spare=[(price, numbers.price(price), palette.muted) for price in others])


def _change(closes: FloatArray) -> str:
    return f"  {numbers.percent(float(closes[-1] / closes[-2]) - 1)}" if closes.size > 1 and closes[-2] > 0 else ""


def _foot(bars: Bars, chart: MarketChart) -> str:
    last = numbers.bar_name(int(bars.start[-1]), bars.timeframe)
    count = numbers.bars_of(len(bars), bars.timeframe)
    parts = [chart.note, f"{count} to {last}", f"closed {numbers.clock(int(bars.end[-1]))}", chart.source]
    return " · ".join(part for part in parts if part)
