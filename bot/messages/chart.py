"""What did a market do over the last year, in a picture for a phone? Runs in the worker process only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bot.evidence.standing import standing
from bot.messages import numbers
from bot.messages.axis import known_range, price_ticks, time_ticks, wants_log
from bot.messages.canvas import Sheet
from bot.signals.bars import Bars, FloatArray

SHOWN = 252
"""Bars in the picture: about a year of sessions."""

_REACH = 0.6
"""A level farther away than this share of the prices' range is named, but not drawn."""


@dataclass(frozen=True, slots=True)
class _Line:
    """The level, or the prior record, as it is drawn and named."""

    price: float
    name: str


def market_chart(
    bars: Bars,
    title: str,
    level: float | None = None,
    fired: Sequence[int] = (),
    dark: bool = False,  # noqa: FBT001, FBT002 - the worker passes arguments by position
    source: str = "",
    note: str = "",
) -> bytes:
    """PNG of the newest SHOWN bars: closes over the band from low to high, volume, the level, the firings.

    `fired` are positions in `bars`. Without a level the record close before the last bar is drawn, which
    needs the whole history in `bars`. `note` ("SIMULATED") goes before the source. Never fails for what is in
    the bars: no bars, NaN, a single one.
    """
    sheet = Sheet(dark=dark)
    sheet.title(title)
    shown = bars.slice(max(0, len(bars) - SHOWN), len(bars))
    span = known_range(shown.close, shown.high, shown.low)
    if span is None:
        return _empty(sheet)
    line = _line_of(bars, level)
    _scale(sheet, span, line)
    _volume(sheet, shown.volume)
    _prices(sheet, shown)
    _level(sheet, line)
    _fired(sheet, shown, [position - (len(bars) - len(shown)) for position in fired])
    _label(sheet, shown, line)
    sheet.foot(_foot(shown, source, note))
    return sheet.png()


def _empty(sheet: Sheet) -> bytes:
    sheet.axes.set_axis_off()
    sheet.subtitle([("No prices yet", sheet.palette.muted)])
    return sheet.png()


def _line_of(bars: Bars, level: float | None) -> _Line | None:
    if level is not None and np.isfinite(level):
        return _Line(float(level), f"level {numbers.price(level)}")
    mark = standing(bars, int(bars.start[-1]), float(bars.close[-1])).record
    if mark is None:
        return None
    return _Line(mark.close, f"record close {numbers.price(mark.close)}, {numbers.day(mark.start)}")


def _scale(sheet: Sheet, span: tuple[float, float], line: _Line | None) -> None:
    low, high = span
    if line is not None and low - (high - low) * _REACH <= line.price <= high + (high - low) * _REACH:
        low, high = min(low, line.price), max(high, line.price)
    log = wants_log(low, high)
    if log:
        sheet.axes.set_yscale("log")
        low, high = low * (low / high) ** 0.16, high * (high / low) ** 0.05
    else:
        room = (high - low) or abs(high) * 0.02 or 1.0
        low, high = low - room * 0.2, high + room * 0.06
    sheet.axes.set_ylim(low, high)
    ticks = price_ticks(low, high, log=log)
    sheet.axes.set_yticks(ticks, [_tick(tick, ticks) for tick in ticks], minor=False)
    sheet.axes.set_yticks([], minor=True)


def _tick(value: float, ticks: list[float]) -> str:
    """As few digits as tell the ticks apart."""
    apart = min(np.diff(ticks), default=abs(value) or 1.0)
    return numbers.number(value, max(0, min(8, -int(np.floor(np.log10(apart) + 1e-9)))) if apart < 1 else 0)


def _volume(sheet: Sheet, volume: FloatArray) -> None:
    known = np.where(np.isfinite(volume) & (volume > 0), volume, 0.0)
    if not known.any():
        return
    heights = np.minimum(known / np.quantile(known[known > 0], 0.98), 1.15) * 0.13
    sheet.axes.vlines(
        np.arange(len(heights)),
        0,
        heights,
        color=sheet.palette.muted,
        alpha=0.28,
        linewidth=min(sheet.plot_width / len(heights) * 0.72, 12),
        capstyle="butt",
        transform=sheet.axes.get_xaxis_transform(),
    )


def _prices(sheet: Sheet, bars: Bars) -> None:
    at = np.arange(len(bars))
    axes, color = sheet.axes, sheet.palette.line
    axes.fill_between(at, bars.low, bars.high, color=color, alpha=0.16, linewidth=0)
    known = np.isfinite(bars.close)
    axes.plot(at[known], bars.close[known], color=color, linewidth=2.1, solid_joinstyle="round")
    axes.plot(at[known][-1:], bars.close[known][-1:], "o", color=color, markersize=6, clip_on=False, zorder=4)
    axes.set_xlim(-0.5, max(len(bars) - 0.5, (len(bars) - 1) * 1.02))  # room beside the newest bar
    ticks, labels = time_ticks(bars.start)
    axes.set_xticks(ticks, labels)


def _level(sheet: Sheet, line: _Line | None) -> None:
    if line is not None:
        sheet.axes.axhline(line.price, color=sheet.palette.accent, linewidth=1.8, dashes=(5, 3), zorder=3)


def _fired(sheet: Sheet, bars: Bars, positions: Sequence[int]) -> None:
    """A triangle under the low of each bar at which the rule fired."""
    low, high = sheet.axes.get_ylim()
    places = [(at, float(np.fmin(bars.low[at], bars.close[at]))) for at in positions if 0 <= at < len(bars)]
    for at, price in places:
        if not np.isfinite(price):
            continue
        under = price * (low / high) ** 0.035 if sheet.axes.get_yscale() == "log" else price - (high - low) * 0.035
        sheet.axes.plot([at], [under], "^", color=sheet.palette.fired, markersize=11, zorder=5, clip_on=False)


def _label(sheet: Sheet, bars: Bars, line: _Line | None) -> None:
    palette = sheet.palette
    closes = bars.close[np.isfinite(bars.close)]
    marks = [(float(closes[-1]), numbers.price(float(closes[-1])), palette.line)] if closes.size else []
    parts = [(f"{marks[0][1]}{_change(closes)}", palette.line)] if marks else []
    if line is not None:
        marks.append((line.price, numbers.price(line.price), palette.accent))
        parts.append((f"– – {line.name}", palette.accent))
    sheet.subtitle(parts)
    sheet.tags(marks)


def _change(closes: FloatArray) -> str:
    return f"  {numbers.percent(float(closes[-1] / closes[-2]) - 1)}" if closes.size > 1 and closes[-2] > 0 else ""


def _foot(bars: Bars, source: str, note: str) -> str:
    last = numbers.bar_name(int(bars.start[-1]), bars.timeframe)
    count = numbers.bars_of(len(bars), bars.timeframe)
    parts = [note, f"{count} to {last}", f"closed {numbers.clock(int(bars.end[-1]))}", source]
    return " · ".join(part for part in parts if part)
