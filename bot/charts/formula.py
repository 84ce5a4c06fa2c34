"""Chart of the series that a rule compares: a ratio, a spread, another market. Runs in the worker process only."""

from __future__ import annotations

import numpy as np

from bot.charts.axis import known_range, time_ticks
from bot.charts.canvas import Shape
from bot.charts.figure import ChartFigure
from bot.charts.mask import Stroke
from bot.charts.panel import Scale
from bot.charts.plot import scale
from bot.charts.request import SHOWN, FormulaChart
from bot.signals.bars import FloatArray
from bot.views.formatting import html, numbers

_LONGEST_NAME = 46


def formula_chart(chart: FormulaChart) -> bytes:
    """PNG of the newest SHOWN values, with what they are held against as a dashed line, and the firings."""
    figure, first = ChartFigure(dark=chart.dark), max(0, len(chart.start) - SHOWN)
    figure.title(chart.title)
    values, against = chart.values[first:], chart.against[first:]
    span = known_range(values, against)
    if span is None:
        figure.subtitle([("No figures yet", figure.palette.muted)])
        return figure.png()
    scale(figure, *span)
    known = np.flatnonzero(np.isfinite(values)), np.flatnonzero(np.isfinite(against))
    figure.plot.line(known[0], values[known[0]], Stroke(figure.palette.line, 2.1))
    figure.plot.line(known[1], against[known[1]], Stroke(figure.palette.accent, 1.8, dashes=(5, 3)), front=3)
    figure.plot.x = Scale(-0.5, max(len(values) - 0.5, (len(values) - 1) * 1.02))
    figure.plot.x_ticks(*time_ticks(chart.start[first:]))
    fired = _fired(figure, values, [at - first for at in chart.fired])
    _label(figure, chart, values, against, fired=fired)
    shown = numbers.bars_of(len(values), chart.timeframe)
    last = numbers.bar_name(int(chart.start[-1]), chart.timeframe)
    where = f"at the closes of {chart.market}{', the last one still forming' if chart.forming else ''}"
    figure.foot(" · ".join(filter(None, [chart.note, f"{shown} to {last}, {where}", chart.source])))
    return figure.png()


def _fired(figure: ChartFigure, values: FloatArray, positions: list[int]) -> bool:
    """A mark on each value at which the rule fired; whether there is any in the picture."""
    inside = [at for at in positions if 0 <= at < len(values) and np.isfinite(values[at])]
    color = figure.palette.fired
    figure.plot.marks(inside, values[inside], Shape.ROUND, 10, color, Stroke(color, 1.0), front=5)
    return bool(inside)


def _label(figure: ChartFigure, chart: FormulaChart, values: FloatArray, against: FloatArray, *, fired: bool) -> None:
    palette, parts, marks = figure.palette, [], []
    sides = (
        ("━", chart.name, values, palette.line),
        ("– –", chart.against_name, against, palette.accent),
    )
    for mark, name, series, color in sides:
        known = series[np.isfinite(series)]
        if known.size:
            now = numbers.price(float(known[-1]))
            parts.append((f"{mark} {html.clip(name, _LONGEST_NAME)}  {now}", color))
            marks.append((float(known[-1]), now, color))
    figure.subtitle([*parts, ("● signals", palette.fired)] if fired else parts)
    figure.tags(marks)
