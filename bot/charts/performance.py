"""Bar chart of several assets' changes over the usual spans. Runs in the worker process only."""

from __future__ import annotations

import math
from collections.abc import Sequence

from matplotlib.axes import Axes

from bot.charts.figure import ChartFigure, drawable
from bot.charts.request import PerformanceChart
from bot.views.formatting import html, numbers

MOST_ROWS = 12
_SPANS = (("24h", "24 h"), ("7d", "7 d"), ("30d", "30 d"), ("90d", "90 d"))
_FIRST, _STEP, _WIDTH = 0.075, 0.262, 0.228  # of the plot's width: where panels begin, how far apart, how wide
_HEADROOM = 0.1  # of the rows' height, for the span's name
_FEWEST_ROWS = 3


def performance_chart(chart: PerformanceChart) -> bytes:
    """PNG of a bar for each of the first MOST_ROWS rows and each span.

    Every span has a scale of its own, since a day's changes would vanish beside a quarter's.
    """
    figure, rows = ChartFigure(dark=chart.dark), chart.rows
    figure.title(chart.title)
    figure.axes.set_axis_off()
    shown = rows[:MOST_ROWS]
    known = [(name, [_known(changes.get(span)) for span, _ in _SPANS]) for name, changes in shown]
    if not any(value is not None for _, values in known for value in values):
        figure.subtitle([("No prices yet", figure.palette.muted)])
        return figure.png()
    figure.subtitle([("■ higher", figure.palette.line), ("■ lower", figure.palette.accent)])
    for column, (_, span) in enumerate(_SPANS):
        axes = figure.panel(_FIRST + column * _STEP, 0.0, _WIDTH, 1.0)
        _panel(figure, axes, span, [values[column] for _, values in known])
        if column == 0:
            _labels(figure, axes, [name for name, _ in known])
    more = f"{len(rows) - len(shown)} more not shown" if len(rows) > len(shown) else ""
    figure.foot(" · ".join(filter(None, [chart.note, f"changes to {numbers.moment(chart.as_of)}", more, chart.source])))
    return figure.png()


def _known(change: float | None) -> float | None:
    return change if change is not None and math.isfinite(change) else None


def _panel(figure: ChartFigure, axes: Axes, span: str, changes: Sequence[float | None]) -> None:
    """One span: each change as text over its bar, all bars on one scale that holds 0."""
    palette = figure.palette
    known = [change for change in changes if change is not None]
    low, high = min([0.0, *known]), max([0.0, *known])
    room = high - low or 1.0
    rows = max(len(changes), _FEWEST_ROWS)
    axes.set_xlim(low - room * 0.02, high + room * 0.02)
    axes.set_ylim(rows - 0.5, -0.5 - _HEADROOM * rows)
    axes.grid(visible=False)
    axes.set_xticks([])
    axes.set_yticks([])
    figure.write(axes, 0.0, 1.0, span, size=12, color=palette.muted, va="top")
    size = 11.5 if len(changes) <= 6 else 9.5
    for row, change in enumerate(changes):
        at = axes.transLimits.transform((0, row - 0.22))[1]
        color = palette.muted if change is None else palette.line if change >= 0 else palette.accent
        figure.write(
            axes, 0.0, at, numbers.percent(change, tight=True), size=size, color=color, weight="bold", va="center"
        )
        if change is not None:
            axes.barh(row + 0.2, change, height=0.3, color=color, linewidth=0)
            axes.vlines(0, row, row + 0.4, color=palette.muted, linewidth=1.4)


def _labels(figure: ChartFigure, axes: Axes, names: Sequence[str]) -> None:
    size = 12.5 if len(names) <= 6 else 10.5
    for row, name in enumerate(names):
        at = axes.transLimits.transform((0, row))[1]
        text = drawable(html.clip(name, 8))
        figure.write(axes, -0.06, at, text, size=size, color=figure.palette.ink, weight="bold", va="center", ha="right")
