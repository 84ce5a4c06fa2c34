"""Chart of the Fed's net liquidity above the markets that are set beside it. Runs in the worker process only."""

from __future__ import annotations

import numpy as np

from bot.charts.axis import known_range, price_ticks, time_ticks, wants_log
from bot.charts.figure import ChartFigure
from bot.charts.mask import Stroke
from bot.charts.panel import Panel, Scale
from bot.charts.request import LiquidityChart
from bot.evidence.liquidity import changes
from bot.signals.bars import Bars, FloatArray, IntArray
from bot.signals.timeframe import DAY, Instant
from bot.views.formatting import numbers

MOST_MARKETS = 2
_NAME_SIZE = 11.5
_NAME_ROOM = 0.075  # of the plot's height, above each panel for its name
_SPACE = 0.1  # of a panel's range, above and below what is drawn


def liquidity_chart(chart: LiquidityChart) -> bytes:
    """PNG of the newest `days` days: liquidity as it was public, and the first MOST_MARKETS markets, a panel each.

    Where liquidity was known to be higher than 13 weeks before, all panels are shaded. Bars that had not closed by
    `now` are not drawn.
    """
    figure = ChartFigure(dark=chart.dark)
    palette = figure.palette
    figure.title(chart.title)
    since = chart.now - chart.days * DAY
    liquidity = chart.liquidity.known_at(chart.now)
    lines = [("Fed net liquidity, $ bn", *_points(liquidity, since, chart.now, steps=True), palette.line)]
    colors = (palette.accent, palette.series[3])
    for (label, bars), color in zip(chart.markets[:MOST_MARKETS], colors, strict=False):
        lines.append((label, *_points(bars.known_at(chart.now), since, chart.now), color))
    drawn = [line for line in lines if line[2].size > 1]
    if not drawn or drawn[0][0] != lines[0][0]:
        figure.subtitle([("No figures yet", palette.muted)])
        return figure.png()
    height = 1 / len(drawn) - _NAME_ROOM
    rising = _rising(liquidity, since, chart.now)
    for row, (label, at, values, color) in enumerate(drawn):
        panel = figure.panel(0, 1 - (row + 1) * (height + _NAME_ROOM), 1, height)
        _panel(figure, panel, at, values, color)
        panel.write(0, 1 + _NAME_ROOM * 0.38 / height, label, color, _NAME_SIZE, bold=True)
        _time(panel, since, chart.now, labels=row == len(drawn) - 1)
        for first, last in rising:
            panel.box_of((first, last), None, palette.fired, 0.13, front=0.4)
    figure.subtitle([("■ liquidity had risen in 13 weeks", palette.fired)])
    figure.foot(" · ".join(filter(None, [chart.note, f"as public on {numbers.day(chart.now)}", chart.source])))
    return figure.png()


def _points(bars: Bars, since: Instant, now: Instant, *, steps: bool = False) -> tuple[FloatArray, FloatArray]:
    """Instants and values in the span; with `steps` each value stands until the next one is released."""
    known = np.isfinite(bars.close) & (bars.end >= since)
    at, values = bars.end[known].astype(np.float64), bars.close[known]
    if not steps or not at.size:
        return at, values
    return np.append(np.repeat(at, 2)[1:], float(now)), np.repeat(values, 2)


def _panel(figure: ChartFigure, panel: Panel, at: FloatArray, values: FloatArray, color: str) -> None:
    low, high = known_range(values) or (0.0, 1.0)
    log = wants_log(low, high)
    if log:
        room = (high / low) ** _SPACE
        low, high = low / room, high * room
    else:
        room = ((high - low) or abs(high) or 1.0) * _SPACE
        low, high = low - room, high + room
    panel.y = Scale(low, high, log)
    every = price_ticks(low, high, log=log)
    ticks = every[len(every) // 4 :: 2] or every
    panel.y_ticks(ticks, [numbers.number(tick, 0 if high >= 10 else 2) for tick in ticks])
    panel.line(at, values, Stroke(color, 2.0), front=3)
    figure.tags([(float(values[-1]), _short(float(values[-1])), color)], panel=panel)


def _short(value: float) -> str:
    return numbers.number(value, 0 if abs(value) >= 100 else 2)


def _time(panel: Panel, since: Instant, now: Instant, *, labels: bool) -> None:
    starts = np.arange(since - since % DAY, now + 1, DAY)
    ticks, names = time_ticks(starts)
    panel.x = Scale(float(since), float(now))
    if labels:
        panel.x_ticks([float(starts[tick]) for tick in ticks], names)


def _rising(bars: Bars, since: Instant, now: Instant) -> list[tuple[Instant, Instant]]:
    """The spans in which the newest public figure was higher than the one of 13 weeks before."""
    up: IntArray = np.flatnonzero(changes(bars) > 0)
    ends = [*bars.end.tolist(), now]
    stands = bars.valid_for or DAY * 36_500
    spans = [(max(ends[at], since), min(ends[at + 1], ends[at] + stands)) for at in up.tolist()]
    joined: list[tuple[Instant, Instant]] = []
    for first, last in (span for span in spans if span[1] > since):
        if joined and joined[-1][1] >= first:
            joined[-1] = (joined[-1][0], last)
        else:
            joined.append((first, last))
    return joined
