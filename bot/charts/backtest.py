"""Chart of a backtest: each firing of a rule and how it ended. Runs in the worker process only."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from bot.charts.axis import known_range
from bot.charts.figure import ChartFigure, Palette
from bot.charts.plot import below, prices, scale, volume
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


def backtest_chart(
    bars: Bars,
    title: str,
    lives: Sequence[AlertOutcome],
    follows: bool,  # noqa: FBT001 - the worker passes arguments by position
    dark: bool = False,  # noqa: FBT001, FBT002
    source: str = "",
) -> bytes:
    """PNG of all the bars, with each alert under its bar in the colour of its end, and the level that it broke.

    Positions in `lives` are those in `bars`. `follows`: whether the rule looks at what becomes of its alerts.
    """
    sheet = ChartFigure(dark=dark)
    sheet.title(title)
    span = known_range(bars.close, bars.high, bars.low)
    if span is None:
        sheet.axes.set_axis_off()
        sheet.subtitle([("No prices in this span", sheet.palette.muted)])
        return sheet.png()
    detailed = len(bars) <= _DETAILED
    scale(sheet, *span, foot=0.2 if detailed else 0.07)
    if detailed:
        volume(sheet, bars.volume)
    prices(sheet, bars)
    for life in lives:
        _level(sheet, bars, life)
        _mark(sheet, bars, life, follows=follows)
    sheet.subtitle(list(_legend(sheet.palette, lives, len(bars), follows=follows)))
    _tag(sheet, bars)
    sheet.foot(_foot(bars, source))
    return sheet.png()


def _color(palette: Palette, life: AlertOutcome, *, follows: bool) -> str:
    if life.ending is EventKind.FAILED:
        return palette.accent
    return palette.ink if follows and life.ending is None else palette.fired


def _level(sheet: ChartFigure, bars: Bars, life: AlertOutcome) -> None:
    """The level's line, from some bars before the alert to its end."""
    if life.level is None:
        return
    detailed = len(bars) <= _DETAILED
    lead = max(5.0, len(bars) * (_LEAD if detailed else _LEAST_SPAN))
    last = max(life.ended if life.ended is not None else life.fired, life.fired + lead / 3)
    ends = max(life.fired - lead, 0), min(last, len(bars) - 1)
    sheet.axes.hlines(life.level, *ends, color=sheet.palette.muted, linewidth=1.5 if detailed else 1.0, zorder=2)


def _mark(sheet: ChartFigure, bars: Bars, life: AlertOutcome, *, follows: bool) -> None:
    """A triangle under the alert's bar; over few bars on a stem, and what happened later is marked at its own bar."""
    foot = float(np.fmin(bars.low[life.fired], bars.close[life.fired]))
    color = _color(sheet.palette, life, follows=follows)
    if len(bars) > _DETAILED:
        _point(sheet, life.fired, below(sheet, foot, 0.03), "^", color, 7.5)
        return
    under = below(sheet, foot, 0.09)
    if math.isfinite(under):
        sheet.axes.vlines(life.fired, under, foot, color=color, linewidth=1.2, zorder=3)
    _point(sheet, life.fired, under, "^", color, 11)
    if life.held is not None:
        _point(sheet, life.held, float(bars.close[life.held]), "o", sheet.palette.fired, 8)
    if life.ended is not None and life.ending is EventKind.FAILED:
        _point(sheet, life.ended, float(bars.close[life.ended]), "X", sheet.palette.accent, 9)


def _point(sheet: ChartFigure, at: int, price: float, shape: str, color: str, size: float) -> None:
    if not math.isfinite(price):
        return
    edge = sheet.palette.paper
    sheet.axes.plot(
        [at],
        [price],
        shape,
        color=color,
        markeredgecolor=edge,
        markeredgewidth=0.7,
        markersize=size,
        zorder=5,
        clip_on=False,
    )


def _legend(palette: Palette, lives: Sequence[AlertOutcome], bars: int, *, follows: bool) -> Iterator[tuple[str, str]]:
    if not lives:
        yield "It did not fire in this span", palette.muted
        return
    if not follows:
        yield f"▲ {numbers.count(len(lives), 'alert')}", palette.fired
        return
    failed = sum(life.ending is EventKind.FAILED for life in lives)
    lasted = sum(life.ending is EventKind.EXPIRED for life in lives)
    still = len(lives) - failed - lasted
    detailed = bars <= _DETAILED
    yield numbers.count(len(lives), "alert"), palette.ink
    if lasted:
        yield f"▲ {lasted} did not fail", palette.fired
    if failed:
        yield f"▲ {failed} failed{' (✖)' if detailed else ''}", palette.accent
    if detailed and any(life.held is not None for life in lives):
        yield "● held", palette.fired
    if still:
        yield f"▲ {still} open", palette.ink


def _tag(sheet: ChartFigure, bars: Bars) -> None:
    closes = bars.close[np.isfinite(bars.close)]
    if closes.size:
        sheet.tags([(float(closes[-1]), numbers.price(float(closes[-1])), sheet.palette.line)])


def _foot(bars: Bars, source: str) -> str:
    first, last = (numbers.day(int(start)) for start in (bars.start[0], bars.start[-1]))
    count = numbers.bars_of(len(bars), bars.timeframe)
    return " · ".join(part for part in (bars.market, f"{count}, {first} to {last}", source) if part)
