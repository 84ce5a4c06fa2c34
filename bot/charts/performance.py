"""Bar chart of several assets' changes over the usual spans. Runs in the worker process only."""

from __future__ import annotations

import math
from collections.abc import Sequence

from bot.charts.canvas import Anchor
from bot.charts.figure import ChartFigure
from bot.charts.mask import Stroke
from bot.charts.panel import Panel, Scale
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
    shown = rows[:MOST_ROWS]
    known = [(name, [_known(changes.get(span)) for span, _ in _SPANS]) for name, changes in shown]
    if not any(value is not None for _, values in known for value in values):
        figure.subtitle([("No prices yet", figure.palette.muted)])
        return figure.png()
    figure.subtitle([("■ higher", figure.palette.line), ("■ lower", figure.palette.accent)])
    for column, (_, span) in enumerate(_SPANS):
        panel = figure.panel(_FIRST + column * _STEP, 0.0, _WIDTH, 1.0)
        _panel(figure, panel, span, [values[column] for _, values in known])
        if column == 0:
            _labels(figure, panel, [name for name, _ in known])
    more = f"{len(rows) - len(shown)} more not shown" if len(rows) > len(shown) else ""
    figure.foot(" · ".join(filter(None, [chart.note, f"changes to {numbers.moment(chart.as_of)}", more, chart.source])))
    return figure.png()


def _known(change: float | None) -> float | None:
    return change if change is not None and math.isfinite(change) else None


def _panel(figure: ChartFigure, panel: Panel, span: str, changes: Sequence[float | None]) -> None:
    """One span: each change as text over its bar, all bars on one scale that holds 0."""
    palette = figure.palette
    known = [change for change in changes if change is not None]
    low, high = min([0.0, *known]), max([0.0, *known])
    room = high - low or 1.0
    rows = max(len(changes), _FEWEST_ROWS)
    panel.x = Scale(low - room * 0.02, high + room * 0.02)
    panel.y = Scale(rows - 0.5, -0.5 - _HEADROOM * rows)
    panel.write(0.0, 1.0, span, palette.muted, 12, anchor=Anchor.TOP)
    size = 11.5 if len(changes) <= 6 else 9.5
    for row, change in enumerate(changes):
        at = float(panel.y.share(row - 0.22))
        told = numbers.percent(change, tight=True)
        stands = change is None or not any(digit in told for digit in "123456789")  # 0.0%
        color = palette.muted if stands else palette.line if change and change > 0 else palette.accent
        panel.write(0.0, at, told, color, size, bold=True)
        if change is not None:
            panel.box_of((0, change), (row + 0.05, row + 0.35), color)
            panel.upright(0, Stroke(palette.muted, 1.4), (row, row + 0.4))


def _labels(figure: ChartFigure, panel: Panel, names: Sequence[str]) -> None:
    size = 12.5 if len(names) <= 6 else 10.5
    for row, name in enumerate(names):
        at = float(panel.y.share(row))
        panel.write(-0.06, at, html.clip(name.partition(" (")[0], 8), figure.palette.ink, size, bold=True, at="r")
