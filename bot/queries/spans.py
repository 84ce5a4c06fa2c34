"""Spans of time: what a market's closes did over one."""

from __future__ import annotations

import numpy as np

from bot.evidence.record_rank import Mark
from bot.signals.bars import Bars
from bot.signals.timeframe import Instant
from bot.views.markets.spans import SpanFacts


def span_facts(bars: Bars, name: str, asked: Instant | None) -> SpanFacts | None:
    """The closes from the last one before the date of `asked` on (None: all), as /chart draws them; None without any.

    So what a market did since 1 January is counted from the last close of the year before.
    """
    first = 0 if asked is None else max(0, int(np.searchsorted(bars.start, asked, side="left")) - 1)
    known = first + np.flatnonzero(np.isfinite(bars.close[first:]))
    if not len(known):
        return None
    closes = bars.close[known]
    low, high = int(known[np.argmin(closes)]), int(known[np.argmax(closes)])
    ends = _mark(bars, int(known[0])), _mark(bars, int(known[-1]))
    return SpanFacts(name, asked, *ends, _mark(bars, low), _mark(bars, high), bars.in_points)


def _mark(bars: Bars, at: int) -> Mark:
    return Mark(int(bars.start[at]), float(bars.close[at]), len(bars) - 1 - at)
