"""Chart of a market with its levels and firings. Runs in the worker process only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from bot.charts.axis import known_range
from bot.charts.canvas import Shape
from bot.charts.figure import ChartFigure
from bot.charts.mask import Stroke
from bot.charts.plot import Joined, joined, prices, scale, volume
from bot.charts.request import ChartLevel, Marker, MarketChart
from bot.evidence.record_rank import record_rank
from bot.signals.bars import Bars, FloatArray
from bot.signals.timeframe import DAY, Timeframe
from bot.views.formatting import numbers

_REACH = 0.6
"""A level farther away than this share of the prices' range is named, but not drawn."""

_MARKERS = {
    Marker.UP: (Shape.UP, "▲ signals"),
    Marker.DOWN: (Shape.DOWN, "▼ signals"),
    Marker.NONE: (Shape.ROUND, "● signals"),
}
"""How firings are marked on the line, and what the legend calls them."""

_ON_THE_LINE = 40
"""More firings than these would hide the line: they are strokes at the foot of the plot."""

_AT_THE_FOOT = "❘ signals, at the foot"
_APART = 0.04
"""Share of the prices' range by which levels are apart that are drawn beside each other."""

_RINGS_APART = 0.015
"""The same of the time's, for touches of one level."""

OTHERS = 5
"""Levels beside the rule's own that are drawn at most."""


@dataclass(frozen=True, slots=True)
class _Line:
    """The level, or the prior record, as it is drawn and named."""

    price: float
    name: str
    is_level: bool = False


def market_chart(chart: MarketChart) -> bytes:
    """PNG of the newest bars: closes over the band from low to high, volume, the level, the firings.

    Of the other levels the OTHERS nearest to the last close are drawn. Never fails for what is in the bars: no bars,
    NaN, a single one.
    """
    figure, bars = ChartFigure(dark=chart.dark), chart.bars
    figure.title(chart.title)
    first = chart.first
    shown = bars.slice(first, len(bars))
    drawn = joined(shown)
    span = known_range(drawn.bars.close, drawn.bars.high, drawn.bars.low)
    if span is None:
        return _empty(figure)
    line = _line_of(chart)
    _scale(figure, span, line)
    volume(figure, drawn.bars.volume)
    prices(figure, drawn.bars)
    near = [_placed(each, first, drawn) for each in _near(figure, shown, line, chart.others)]
    _others(figure, near)
    level = None if chart.level is None else _placed(chart.level, first, drawn)
    if level is not None and line is not None:
        _band(figure, level, figure.palette.accent)
    _level(figure, line)
    fired = _fired(figure, shown, drawn, [at - first for at in chart.fired], chart)
    touched = any(touch >= 0 for each in (*near, level) if each is not None for touch in each.touches)
    legend = [*fired, ("○ touches", figure.palette.muted)] if touched else fired
    _label(figure, shown, line, near, legend, points=chart.in_points or bars.in_points)
    figure.foot(_foot(shown, chart, drawn.by))
    return figure.png()


def _placed(level: ChartLevel, first: int, drawn: Joined) -> ChartLevel:
    """With touches where they are drawn; −1: before the first bar shown."""
    at = [int(drawn.places[touch - first]) if touch >= first else -1 for touch in level.touches]
    return replace(level, touches=tuple(at))


def _empty(figure: ChartFigure) -> bytes:
    figure.subtitle([("No prices yet", figure.palette.muted)])
    return figure.png()


def _line_of(chart: MarketChart) -> _Line | None:
    level, bars = chart.level, chart.bars
    if level is not None and np.isfinite(level.price):
        return _Line(level.price, f"level {numbers.price(level.price)}", is_level=True)
    mark = chart.record or record_rank(bars, int(bars.start[-1]), float(bars.close[-1])).record
    if mark is None:
        return None
    name = "record before" if bars.close[-1] > mark.close else "record close"
    return _Line(mark.close, f"{name} {numbers.price(mark.close)}, {numbers.bar_day(mark.start, bars.timeframe)}")


def _scale(figure: ChartFigure, span: tuple[float, float], line: _Line | None) -> None:
    low, high = span
    if line is not None and low - (high - low) * _REACH <= line.price <= high + (high - low) * _REACH:
        low, high = min(low, line.price), max(high, line.price)
    scale(figure, low, high)


def _level(figure: ChartFigure, line: _Line | None) -> None:
    if line is not None:
        figure.plot.level(line.price, Stroke(figure.palette.accent, 1.8, dashes=(5, 3)), front=3)


def _near(figure: ChartFigure, bars: Bars, line: _Line | None, others: Sequence[ChartLevel]) -> list[ChartLevel]:
    """Those of the other levels that lie in the picture, the nearest to the last close."""
    low, high = figure.plot.y.low, figure.plot.y.high
    last = bars.close[np.isfinite(bars.close)][-1:]
    inside = [each for each in others if low < each.price < high and (line is None or each.price != line.price)]
    nearest = sorted(inside, key=lambda each: float(abs(each.price - last[0])) if last.size else 0.0)
    taken, kept = [] if line is None else [line.price], list[ChartLevel]()
    for level in nearest:
        if all(abs(figure.plot.y.share(level.price) - figure.plot.y.share(each)) >= _APART for each in taken):
            taken.append(level.price)
            kept.append(level)
    return kept[:OTHERS]


def _others(figure: ChartFigure, levels: Sequence[ChartLevel]) -> None:
    """Each from its first touch on, or from the edge."""
    color = figure.palette.muted
    for level in levels:
        figure.plot.level(level.price, Stroke(color, 1.3, 0.8), _span(figure, level), front=2.5)
        _band(figure, level, color)


def _band(figure: ChartFigure, level: ChartLevel, color: str) -> None:
    """A level's band, and a ring at each of its touches."""
    low, high = level.low, level.high
    if low is not None and high is not None and high > low:
        figure.plot.box_of(_span(figure, level), (low, high), color, 0.15, front=1.8)
    seen, apart = list[int](), (figure.plot.x.high - figure.plot.x.low) * _RINGS_APART
    for touch in sorted(level.touches):
        if touch >= 0 and (not seen or touch - seen[-1] >= apart):
            seen.append(touch)
    prices_at = [level.price] * len(seen)
    figure.plot.marks(seen, prices_at, Shape.ROUND, 7, None, Stroke(color, 1.0), front=2.6)


def _span(figure: ChartFigure, level: ChartLevel) -> tuple[float, float]:
    seen = [touch for touch in level.touches if touch >= 0]
    begins = seen[0] if seen and len(seen) == len(level.touches) else -0.5
    return begins, figure.plot.x.high


def _fired(
    figure: ChartFigure, bars: Bars, drawn: Joined, positions: Sequence[int], chart: MarketChart
) -> list[tuple[str, str]]:
    """A mark on the line at the close of each bar at which the rule fired, hollow on a forming one. Its legend."""
    known = [at for at in positions if 0 <= at < len(bars) and np.isfinite(bars.close[at])]
    palette, plot = figure.palette, figure.plot
    color = palette.fallen if chart.marker is Marker.DOWN else palette.fired
    if len(known) > _ON_THE_LINE:
        for place in sorted({int(drawn.places[at]) for at in known}):
            plot.upright(place, Stroke(color, 1.4), (plot.y.low, plot.y.below(plot.y.low, -0.045)), front=5)
        return [(_AT_THE_FOOT, color)]
    shape, name = _MARKERS[chart.marker]
    for at in known:
        at_close = [int(drawn.places[at])], [float(bars.close[at])]
        hollow = chart.forming and at == len(bars) - 1
        plot.marks(*at_close, shape, 12.5, palette.paper, Stroke(palette.paper, 1.0), front=4.9)
        plot.marks(*at_close, shape, 10, None if hollow else color, Stroke(color, 1.8 if hollow else 1.0), front=5)
    return [(name, color)] if known else []


def _label(
    figure: ChartFigure,
    bars: Bars,
    line: _Line | None,
    others: Sequence[ChartLevel],
    legend: Sequence[tuple[str, str]],
    *,
    points: bool,
) -> None:
    """The line under the title and the prices beside the plot."""
    palette = figure.palette
    closes = bars.close[np.isfinite(bars.close)]
    marks = [(float(closes[-1]), numbers.price(float(closes[-1])), palette.line)] if closes.size else []
    parts = [(f"{marks[0][1]}{_change(bars, closes, points=points)}", palette.line)] if marks else []
    if line is not None:
        marks.append((line.price, numbers.price(line.price), palette.accent))
        parts.append((f"– – {line.name}{_apart(line, closes, points=points)}", palette.accent))
    figure.subtitle([*parts, *legend])
    figure.tags(marks, spare=[(level.price, numbers.price(level.price), palette.muted) for level in others])


def _apart(line: _Line, closes: FloatArray, *, points: bool) -> str:
    """How far a level is from the newest close; a record close's name has its day instead."""
    if not line.is_level or not closes.size or not (points or closes[-1] > 0):
        return ""
    close = float(closes[-1])
    distance = line.price - close if points else line.price / close - 1
    return f", {numbers.change(abs(distance), points=points, sign=False)} {'above' if distance > 0 else 'below'}"


def _change(bars: Bars, closes: FloatArray, *, points: bool) -> str:
    """What the newest bar changed, and that it was that bar."""
    if closes.size < 2 or not (points or closes[-2] > 0):
        return ""
    daily = "in 24 h" if _around_the_clock(bars) else "today"
    span = {Timeframe.D1: daily, Timeframe.W1: "in the week"}.get(bars.timeframe, f"in {bars.timeframe.value}")
    before, now = float(closes[-2]), float(closes[-1])
    return f"  {span} {numbers.change(now - before if points else now / before - 1, points=points)}"


def _foot(bars: Bars, chart: MarketChart, by: str) -> str:
    last = numbers.bar_name(int(bars.start[-1]), bars.timeframe)
    count = numbers.count(len(bars), "day") if _around_the_clock(bars) else numbers.bars_of(len(bars), bars.timeframe)
    state = "forming until" if chart.forming else "closed"
    joined_by = f", by {by}" if by else ""
    parts = [chart.note, f"{count}{joined_by} to {last}", f"{state} {numbers.clock(int(bars.end[-1]))}", chart.source]
    return " · ".join(part for part in parts if part)


def _around_the_clock(bars: Bars) -> bool:
    return bars.timeframe is Timeframe.D1 and len(bars) > 0 and int(bars.end[-1] - bars.start[-1]) >= DAY
