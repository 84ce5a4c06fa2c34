"""Fan chart of what an asset did after each earlier signal. Runs in the worker process only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bot.charts.axis import change_labels, change_ticks, known_range, wants_log
from bot.charts.figure import ChartFigure
from bot.evidence.event_study.paths import Paths, paths
from bot.signals.bars import Bars, FloatArray
from bot.signals.timeframe import DAY, Instant
from bot.views.formatting import numbers

BEFORE = 30
"""Days ahead of the entry that are shown."""

_FEWEST = 3
"""Ways of which a median is drawn."""

_MANY = 12
"""Ways up to which each is drawn in full and named."""


def fan_chart(
    asset: Bars,
    entries: Sequence[Instant],
    since: Instant,
    title: str,
    verdict: str = "",
    days: int = 180,
    dark: bool = False,  # noqa: FBT001, FBT002 - the worker passes arguments by position
    source: str = "",
    note: str = "",
) -> bytes:
    """PNG of what became of `asset` after each of `entries` (starts of its bars), in percent from the entry's close.

    Behind the ways lie the band in which eight of ten of all days since `since` ended up, and the median of all.
    `verdict` goes into the line under the title. Never fails for what is in the bars, nor for entries that are none.
    """
    sheet = ChartFigure(dark=dark)
    sheet.title(title)
    found = paths(asset, entries, since, BEFORE, days)
    span = known_range(1 + found.ways, 1 + found.base)
    if span is None:
        sheet.axes.set_axis_off()
        sheet.subtitle([("No prices yet", sheet.palette.muted)])
        return sheet.png()
    _scales(sheet, found, span)
    _band(sheet, found)
    last = int(asset.start[-1])
    running = np.array([entry + days * DAY > last for entry in found.entries], dtype=np.bool_)
    complete = found.ways[np.isfinite(found.ways[:, -1])]
    median = _median(complete)
    _ways(sheet, found, running)
    sheet.axes.plot(found.days, 1 + median, color=sheet.palette.line, linewidth=3.6, zorder=4)
    _subtitle(sheet, found, len(complete), int(running.sum()), verdict)
    told = f"days from the entry · band: 8 of 10 days since {numbers.day(max(since, int(asset.start[0])))}"
    sheet.foot(" · ".join(filter(None, [note, told, source])))
    return sheet.png()


def _scales(sheet: ChartFigure, found: Paths, span: tuple[float, float]) -> None:
    low, high = span
    log = wants_log(low, high)
    if log:
        sheet.axes.set_yscale("log")
        low, high = low * (low / high) ** 0.04, high * (high / low) ** 0.04
    else:
        room = (high - low) or 0.1
        low, high = low - room * 0.04, high + room * 0.04
    sheet.axes.set_ylim(low, high)
    ticks = change_ticks(low, high, log=log)
    sheet.axes.set_yticks([1 + tick for tick in ticks], change_labels(ticks))
    sheet.axes.set_yticks([], minor=True)
    last = int(found.days[-1])
    sheet.axes.set_xlim(int(found.days[0]), last)
    places = [-BEFORE, *range(0, last + 1, 30)] if last <= 200 else [*range(0, last + 1, 60)]
    sheet.axes.set_xticks(places, ["entry" if day == 0 else numbers.number(day, 0) for day in places])
    sheet.axes.axvline(0, color=sheet.palette.muted, linewidth=1.1, zorder=1.5)
    sheet.axes.axhline(1, color=sheet.palette.muted, linewidth=1.1, zorder=1.5)


def _band(sheet: ChartFigure, found: Paths) -> None:
    low, middle, high = 1 + found.base
    sheet.axes.fill_between(found.days, low, high, color=sheet.palette.muted, alpha=0.14, linewidth=0)
    sheet.axes.plot(found.days, middle, color=sheet.palette.muted, linewidth=2.0, dashes=(4, 2.5), zorder=3)


def _ways(sheet: ChartFigure, found: Paths, running: NDArray[np.bool_]) -> None:
    """Each way, and its name at the edge: of many, those that still run, the newest, and what lies apart from them."""
    names = _names(found.entries)
    marks: list[tuple[float, float, str, str]] = []
    for row, way in reversed(list(enumerate(1 + found.ways))):
        known = np.flatnonzero(np.isfinite(way))
        color = sheet.palette.accent if running[row] else sheet.palette.muted
        width, front = (2.0, 3.5) if running[row] else (1.1, 2.5)
        alpha = 0.85 if running[row] or len(names) <= _MANY else 0.4
        sheet.axes.plot(found.days[known], way[known], color=color, linewidth=width, alpha=alpha, zorder=front)
        mark = (float(found.days[known[-1]]), float(way[known[-1]]), names[row], color)
        marks.insert(0 if running[row] else len(marks), mark)
    sheet.ends(marks, thin_from=_MANY)


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


def _subtitle(sheet: ChartFigure, found: Paths, complete: int, running: int, verdict: str) -> None:
    palette = sheet.palette
    if complete >= _FEWEST:
        middle = float(np.median(found.ways[np.isfinite(found.ways[:, -1]), -1]))
        parts = [(f"━ median of {complete} {numbers.tight_whole(middle)}", palette.line)]
    else:
        parts = [(numbers.count(complete, "complete signal"), palette.line)]
    if np.isfinite(found.base[1, -1]):
        parts.append((f"– – any day {numbers.tight_whole(float(found.base[1, -1]))}", palette.muted))
    if running:
        parts.append((f"━ {running} running", palette.accent))
    sheet.subtitle([*parts, (verdict.partition(":")[0], palette.ink)])
