"""An event study by loops over plain rows, as one would do it on paper: what `study` must agree with."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import median

from bot.signals.bars import Bars

DAY = 86_400
STALE = 5 * DAY

Row = tuple[int, int, float]
"""Start, end and close of a bar."""


@dataclass
class SlowEvent:
    bar: int
    entry: Row
    returns: dict[int, float | None]
    best: dict[int, Row | None]
    worst: dict[int, Row | None]
    breakout: Row | None


@dataclass
class SlowHorizon:
    returns: list[float]
    non_overlapping: int
    base: list[float]
    p_value: float | None


def rows_of(bars: Bars, now: int) -> list[Row]:
    rows = [(int(s), int(e), float(c)) for s, e, c in zip(bars.start, bars.end, bars.close, strict=True)]
    return [row for row in rows if row[1] <= now and math.isfinite(row[2]) and row[2] > 0]


def change_after(rows: list[Row], entry: Row, days: int) -> float | None:
    target = entry[1] + days * DAY
    if target > rows[-1][1]:
        return None
    before = [row for row in rows if row[1] <= target]
    if target - before[-1][1] > min(STALE, days * DAY // 2):
        return None
    return before[-1][2] / entry[2] - 1


def entry_after(rows: list[Row], fired: int) -> Row | None:
    after = [row for row in rows if row[1] > fired]
    return after[0] if after and after[0][1] - fired <= STALE else None


def breakouts_of(rows: list[Row]) -> list[Row]:
    return [rows[i] for i in range(90, len(rows)) if rows[i][2] > max(row[2] for row in rows[i - 90 : i])]


def slow_events(fired: list[tuple[int, int]], rows: list[Row], horizons: list[int]) -> list[SlowEvent]:
    breakouts = breakouts_of(rows)
    events = []
    for bar, end in fired:
        entry = entry_after(rows, end)
        if entry is None:
            continue
        best: dict[int, Row | None] = {}
        worst: dict[int, Row | None] = {}
        for days in horizons:
            way = [row for row in rows if entry[1] < row[1] <= entry[1] + days * DAY]
            best[days] = max(way, key=lambda row: (row[2], -row[1])) if way else None
            worst[days] = min(way, key=lambda row: (row[2], row[1])) if way else None
        own = [row for row in breakouts if entry[1] < row[1] <= entry[1] + max(horizons) * DAY]
        returns = {days: change_after(rows, entry, days) for days in horizons}
        events.append(SlowEvent(bar, entry, returns, best, worst, own[0] if own else None))
    return events


def slow_horizon(events: list[SlowEvent], rows: list[Row], since: int, days: int) -> SlowHorizon:
    known = [event for event in events if event.returns[days] is not None]
    returns = [float(event.returns[days] or 0.0) for event in known]
    base_rows = [row for row in rows if row[1] >= since and change_after(rows, row, days) is not None]
    base = [float(change_after(rows, row, days) or 0.0) for row in base_rows]
    windows, free = 0, -math.inf
    for event in known:
        if event.entry[1] >= free:
            windows, free = windows + 1, event.entry[1] + days * DAY
    return SlowHorizon(returns, windows, base, _p_value([base_rows.index(event.entry) for event in known], base))


def _p_value(places: list[int], base: list[float]) -> float | None:
    """Two-sided, from every circular shift there is."""
    if not places:
        return None
    medians = [median(base[(place + by) % len(base)] for place in places) for by in range(len(base))]
    upper = sum(each >= medians[0] for each in medians) / len(base)
    lower = sum(each <= medians[0] for each in medians) / len(base)
    return min(1.0, 2 * min(upper, lower))
