"""Chart of a backtest: each firing of a rule and how it ended. Runs in the worker process only."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from bot.charts.axis import known_range
from bot.charts.canvas import Shape
from bot.charts.figure import ChartFigure
from bot.charts.mask import Stroke
from bot.charts.palette import Palette
from bot.charts.plot import prices, scale, volume
from bot.charts.request import BacktestChart
from bot.signals.bars import Bars
from bot.signals.replay.alert_outcomes import AlertOutcome
from bot.signals.replay.event import EventKind
from bot.views.formatting import numbers

_DETAILED = 520
"""Bars up to which what happened after an alert is marked at its own bar, and volume is drawn."""

_LEAST_SPAN = 0.012
"""Least length of a level's line, as a share of the bars shown: else nobody would see it over decades."""

_LEAD = 0.05
"""The same over few bars, where it may reach back to show where the level comes from."""


def backtest_chart(chart: BacktestChart) -> bytes:
    """PNG of all the bars, with each alert under its bar in the colour of its end, and the level that it broke."""
    figure, bars, follows = ChartFigure(dark=chart.dark), chart.bars, chart.follows
    figure.title(chart.title)
    span = known_range(bars.close, bars.high, bars.low)
    if span is None:
        figure.subtitle([("No prices in this span", figure.palette.muted)])
        return figure.png()
    detailed = len(bars) <= _DETAILED
    scale(figure, *span, foot=0.2 if detailed else 0.07)
    if detailed:
        volume(figure, bars.volume)
    prices(figure, bars)
    for outcome in chart.outcomes:
        _level(figure, bars, outcome)
        _mark(figure, bars, outcome, follows=follows)
    figure.subtitle(list(_legend(figure.palette, chart.outcomes, len(bars), follows=follows)))
    _tag(figure, bars)
    figure.foot(_foot(bars, " · ".join(filter(None, [chart.note, chart.source]))))
    return figure.png()


def _color(palette: Palette, outcome: AlertOutcome, *, follows: bool) -> str:
    if outcome.ending is EventKind.FAILED:
        return palette.accent
    return palette.ink if follows and outcome.ending is None else palette.fired


def _level(figure: ChartFigure, bars: Bars, outcome: AlertOutcome) -> None:
    """The level's line, from some bars before the alert to its end."""
    if outcome.level is None:
        return
    detailed = len(bars) <= _DETAILED
    lead = max(5.0, len(bars) * (_LEAD if detailed else _LEAST_SPAN))
    last = max(outcome.ended if outcome.ended is not None else outcome.fired, outcome.fired + lead / 3)
    ends = max(outcome.fired - lead, 0), min(last, len(bars) - 1)
    figure.plot.level(outcome.level, Stroke(figure.palette.muted, 1.5 if detailed else 1.0), ends)


def _mark(figure: ChartFigure, bars: Bars, outcome: AlertOutcome, *, follows: bool) -> None:
    """A triangle under the alert's bar; over few bars on a stem, and what happened later is marked at its own bar."""
    foot = float(np.fmin(bars.low[outcome.fired], bars.close[outcome.fired]))
    color = _color(figure.palette, outcome, follows=follows)
    failed = outcome.ending is EventKind.FAILED
    if len(bars) > _DETAILED:
        under = figure.plot.y.below(foot, 0.03)
        _point(figure, outcome.fired, under, _pointer(bars, outcome), color, 7.5, hollow=failed)
        return
    under = figure.plot.y.below(foot, 0.09)
    if math.isfinite(under):
        figure.plot.upright(outcome.fired, Stroke(color, 1.2), (under, foot), front=3)
    _point(figure, outcome.fired, under, _pointer(bars, outcome), color, 11, hollow=failed)
    held = () if outcome.held is None else (outcome.held,)
    for positions, shape, of in (
        (held, Shape.ROUND, figure.palette.fired),
        (outcome.milestones, Shape.DIAMOND, figure.palette.fired),
        (outcome.returns, Shape.PLUS, figure.palette.fired),
        (outcome.failures, Shape.CROSS, figure.palette.accent),
    ):
        for at in positions:
            _point(figure, at, float(bars.close[at]), shape, of, 8)


def _pointer(bars: Bars, outcome: AlertOutcome) -> Shape:
    """A triangle that points the way the signal points."""
    down = outcome.level is not None and bars.close[outcome.fired] < outcome.level
    return Shape.DOWN if down else Shape.UP


def _point(
    figure: ChartFigure, at: int, price: float, shape: Shape, color: str, size: float, *, hollow: bool = False
) -> None:
    edge = Stroke(color, 1.3) if hollow else Stroke(figure.palette.paper, 0.7)
    figure.plot.marks([at], [price], shape, size, figure.palette.paper if hollow else color, edge, front=5)


def _legend(
    palette: Palette, outcomes: Sequence[AlertOutcome], bars: int, *, follows: bool
) -> Iterator[tuple[str, str]]:
    if not outcomes:
        yield "It did not fire in this span", palette.muted
        return
    if not follows:
        yield f"▲ {numbers.count(len(outcomes), 'alert')}", palette.fired
        return
    failed = sum(outcome.ending is EventKind.FAILED for outcome in outcomes)
    lasted = sum(outcome.ending is EventKind.ENDED for outcome in outcomes)
    still = len(outcomes) - failed - lasted
    detailed = bars <= _DETAILED
    yield numbers.count(len(outcomes), "alert"), palette.ink
    if lasted:
        yield f"▲ {lasted} stood", palette.fired
    if failed:
        yield f"△ {failed} failed for good", palette.accent
    if still:
        yield f"▲ {still} open", palette.ink
    if detailed:
        yield from _signs(palette, outcomes)


def _signs(palette: Palette, outcomes: Sequence[AlertOutcome]) -> Iterator[tuple[str, str]]:
    """What is marked at bars of its own."""
    if any(outcome.held is not None for outcome in outcomes):
        yield "● held", palette.fired
    if any(outcome.failures for outcome in outcomes):
        yield "✖ failed", palette.accent
    if any(outcome.returns for outcome in outcomes):
        yield "✚ back", palette.fired
    if any(outcome.milestones for outcome in outcomes):
        yield "◆ further step", palette.fired


def _tag(figure: ChartFigure, bars: Bars) -> None:
    closes = bars.close[np.isfinite(bars.close)]
    if closes.size:
        figure.tags([(float(closes[-1]), numbers.price(float(closes[-1])), figure.palette.line)])


def _foot(bars: Bars, source: str) -> str:
    first, last = (numbers.day(int(start)) for start in (bars.start[0], bars.start[-1]))
    count = numbers.bars_of(len(bars), bars.timeframe)
    return " · ".join(part for part in (bars.market, f"{count}, {first} to {last}", source) if part)
