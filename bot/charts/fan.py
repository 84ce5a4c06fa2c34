"""Fan chart of what an asset did after each earlier signal. Runs in the worker process only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from bot.charts.axis import change_labels, change_ticks, known_range, wants_log
from bot.charts.figure import ChartFigure
from bot.charts.mask import Stroke
from bot.charts.panel import Scale
from bot.charts.request import FanChart
from bot.evidence.event_study.paths import Paths, paths
from bot.signals.bars import FloatArray, Mask
from bot.signals.timeframe import DAY, Instant
from bot.views.formatting import numbers

BEFORE = 30
"""Days ahead of the entry that are shown."""

_FEWEST = 3
"""Ways of which a median is drawn."""

_MANY = 12
"""Ways up to which each is drawn in full and named."""


def fan_chart(chart: FanChart) -> bytes:
    """PNG of what became of the asset after each entry, in percent from the entry's close.

    Behind the paths lie the band in which eight of ten days of their time ended up, and the median of these: the base
    rate of the study. Never fails for what is in the bars, nor for entries that are none.
    """
    figure, asset, days = ChartFigure(dark=chart.dark), chart.asset, chart.days
    figure.title(chart.title)
    found = paths(asset, chart.entries, chart.since, BEFORE, days, chart.rises)
    span = known_range(1 + found.ways, 1 + found.base)
    if span is None:
        figure.subtitle([("No prices yet", figure.palette.muted)])
        return figure.png()
    _scales(figure, found, span)
    _band(figure, found)
    last = int(asset.start[-1])
    running = np.array([entry + days * DAY > last for entry in found.entries], dtype=np.bool_)
    complete = found.ways[np.isfinite(found.ways[:, -1])]
    median = _median(complete)
    _ways(figure, found, running)
    figure.plot.line(found.days, 1 + median, Stroke(figure.palette.line, 3.6), front=4)
    usual = "its time" if found.entries or chart.rises else "any day"
    _subtitle(figure, found, len(complete), int(running.sum()), usual, chart.verdict)
    told = f"days from the entry · band: 8 of 10 {_base_words(chart, found)}"
    figure.foot(" · ".join(filter(None, [chart.note, told, chart.source])))
    return figure.png()


def _base_words(chart: FanChart, found: Paths) -> str:
    if chart.rises is not None:
        return f"first {chart.rises.bars}-day highs"
    if found.entries:
        return "days within a year of a signal"
    return f"days since {numbers.day(max(chart.since, int(chart.asset.start[0])))}"


def _scales(figure: ChartFigure, found: Paths, span: tuple[float, float]) -> None:
    low, high = span
    log = wants_log(low, high)
    if log:
        low, high = low * (low / high) ** 0.04, high * (high / low) ** 0.04
    else:
        room = (high - low) or 0.1
        low, high = low - room * 0.04, high + room * 0.04
    plot, muted = figure.plot, figure.palette.muted
    plot.y = Scale(low, high, log)
    ticks = change_ticks(low, high, log=log)
    plot.y_ticks([1 + tick for tick in ticks], change_labels(ticks))
    last = int(found.days[-1])
    plot.x = Scale(int(found.days[0]), last)
    places = [-BEFORE, *range(0, last + 1, 30)] if last <= 200 else [*range(0, last + 1, 60)]
    plot.x_ticks(places, ["entry" if day == 0 else numbers.number(day, 0) for day in places])
    plot.upright(0, Stroke(muted, 1.1), front=1.5)
    plot.level(1, Stroke(muted, 1.1), front=1.5)


def _band(figure: ChartFigure, found: Paths) -> None:
    low, middle, high = 1 + found.base
    figure.plot.band(found.days, low, high, figure.palette.muted, 0.14)
    figure.plot.line(found.days, middle, Stroke(figure.palette.muted, 2.0, dashes=(4, 2.5)), front=3)


def _ways(figure: ChartFigure, found: Paths, running: Mask) -> None:
    """Each way, and its name at the edge: of many, those that still run, the newest, and what lies apart from them."""
    names = _names(found.entries)
    marks: list[tuple[float, float, str, str]] = []
    for row, way in reversed(list(enumerate(1 + found.ways))):
        known = np.flatnonzero(np.isfinite(way))
        color = figure.palette.accent if running[row] else figure.palette.muted
        width, front = (2.0, 3.5) if running[row] else (1.1, 2.5)
        alpha = 0.85 if running[row] or len(names) <= _MANY else 0.4
        figure.plot.line(found.days[known], way[known], Stroke(color, width, alpha), front=front)
        mark = (float(found.days[known[-1]]), float(way[known[-1]]), names[row], color)
        marks.insert(0 if running[row] else len(marks), mark)
    figure.ends(marks, thin_from=_MANY)


def _names(entries: Sequence[Instant]) -> list[str]:
    """The year of each; with the month, or the day, where they tell it from others."""
    days = [numbers.day(entry).split() for entry in entries]
    years = Counter(year for _, _, year in days)
    months = Counter((month, year) for _, month, year in days)
    return [
        year if years[year] == 1 else f"{month} {year}" if months[month, year] == 1 else f"{day} {month} {year[2:]}"
        for day, month, year in days
    ]


def _median(ways: FloatArray) -> FloatArray:
    """The median of complete ways by day, NaN where there are too few of them or one is unknown."""
    return np.median(ways, axis=0) if len(ways) >= _FEWEST else np.full(ways.shape[1], np.nan)


def _subtitle(figure: ChartFigure, found: Paths, complete: int, running: int, usual: str, verdict: str) -> None:
    palette = figure.palette
    if complete >= _FEWEST:
        middle = float(np.median(found.ways[np.isfinite(found.ways[:, -1]), -1]))
        parts = [(f"━ median of {complete} {numbers.percent(middle, digits=0, tight=True)}", palette.line)]
    else:
        parts = [(numbers.count(complete, "complete signal"), palette.line)]
    if np.isfinite(found.base[1, -1]):
        parts.append((f"– – {usual} {numbers.percent(float(found.base[1, -1]), digits=0, tight=True)}", palette.muted))
    if running:
        parts.append((f"━ {running} running", palette.accent))
    figure.subtitle([*parts, (verdict.partition(":")[0], palette.ink)])
