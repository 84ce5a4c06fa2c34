"""An event study by loops over plain rows, as one would do it on paper: what `event_study` must agree with."""

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
    bases: list[list[float]]
    whole: list[float]
    p_value: float | None


def rows_of(bars: Bars, now: int) -> list[Row]:
    rows = [(int(s), int(e), float(c)) for s, e, c in zip(bars.start, bars.end, bars.close, strict=True)]
    return [row for row in rows if row[1] <= now and math.isfinite(row[2]) and row[2] > 0]


def change_after(rows: list[Row], entry: Row, days: int) -> float | None:
    """By dates: to the close of the last bar that is dated no later than so many days after the entry's."""
    target = entry[0] + days * DAY
    if target > rows[-1][0]:
        return None
    before = [row for row in rows if row[0] <= target]
    if target - before[-1][0] > min(STALE, days * DAY // 2):
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
            way = [row for row in rows if entry[0] < row[0] <= entry[0] + days * DAY]
            best[days] = max(way, key=lambda row: (row[2], -row[1])) if way else None
            worst[days] = min(way, key=lambda row: (row[2], row[1])) if way else None
        own = [row for row in breakouts if entry[0] < row[0] <= entry[0] + max(horizons) * DAY]
        returns = {days: change_after(rows, entry, days) for days in horizons}
        events.append(SlowEvent(bar, entry, returns, best, worst, own[0] if own else None))
    return events


def slow_horizon(events: list[SlowEvent], rows: list[Row], since: int, days: int) -> SlowHorizon:
    known = [event for event in events if event.returns[days] is not None]
    changes = {row: change_after(rows, row, days) for row in rows}
    told = {row: change for row, change in changes.items() if change is not None}
    span = [row for row in told if row[1] >= since]
    windows, free = 0, -math.inf
    for event in known:
        if event.entry[0] >= free:
            windows, free = windows + 1, event.entry[0] + days * DAY
    return SlowHorizon(
        returns=[told[event.entry] for event in known],
        non_overlapping=windows,
        bases=[[told[row] for row in told if near(row, event.entry)] for event in known],
        whole=[told[row] for row in span],
        p_value=slow_p_value([span.index(event.entry) for event in known], slow_scores(told, span)) if known else None,
    )


def near(row: Row, other: Row) -> bool:
    """Whether two bars are of the same time: no more than 365 days apart."""
    return abs(row[0] - other[0]) <= 365 * DAY


def slow_scores(told: dict[Row, float], span: list[Row], effect: float = 0.0) -> list[float]:
    """How far each log return is from the median of its time, in spreads of its time, within -2 and 2."""
    logs = {row: math.log1p(change) for row, change in told.items()}
    middles = {row: median(logs[other] for other in told if near(row, other)) for row in told}
    off = {row: abs(logs[row] - middles[row]) for row in told}
    scores = []
    for row in span:
        spread = 1.4826 * median(off[other] for other in told if near(row, other))
        over = logs[row] + effect - middles[row]
        score = over / spread if spread else math.copysign(2, over) if over else 0.0
        scores.append(max(-2.0, min(2.0, score)))
    return scores


def slow_means(places: list[int], scores: list[float]) -> list[float]:
    """Mean score of the places and of every circular shift of them."""
    size = len(scores)
    return [sum(scores[(place + by) % size] for place in places) / len(places) for by in range(size)]


def slow_p_value(places: list[int], scores: list[float]) -> float:
    """Two-sided: the share of all shifts that lie as far from the middle of all."""
    means = slow_means(places, scores)
    middle = sum(means) / len(means)
    return sum(abs(each - middle) >= abs(means[0] - middle) - 1e-9 for each in means) / len(means)
