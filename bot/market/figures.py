"""Figures as a source of macro series tells them, made into bars that close when they are released."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from bot.market.model import FetchAnswer, FetchRequest, SourceError, SourceErrorKind
from bot.market.releases import with_validity
from bot.signals.bars import Bars, IntArray, among
from bot.signals.timeframe import Instant, Timeframe


def released(
    request: FetchRequest,
    figures: Mapping[Instant, float],
    public: Mapping[Instant, Instant] | None = None,
    counts: Mapping[Instant, float] | None = None,
) -> FetchAnswer:
    """The figures that are public at the request's `now`, by the midnight UTC of the day that each speaks of.

    A figure's four prices are one, its volume is what `counts` gives for it, else unknown. It is public when the
    market's release schedule says so, or at the instant that `public` gives for it, where a source tells that; of
    several that came out at once, or in another order than their days', each counts from a second after the one before.
    Figures of days that are not of the schedule are left out: daily series have month-ends on weekends, too. Raises
    SourceError where there is none at all.
    """
    if not figures:
        raise SourceError(SourceErrorKind.NO_DATA, request.source.name, f"{request.source.symbol}: no figures")
    days = np.array(sorted(figures), dtype=np.int64)
    values = np.array([figures[each] for each in days.tolist()])
    wanted = np.isfinite(values) & (days >= request.since) & among(days, request.sessions.start)
    days, values = days[wanted], values[wanted]
    ends = _ends(request, days, public or {})
    out = ends <= request.now
    days, ends, close = days[out], ends[out], values[out]
    volume = np.array([(counts or {}).get(day, np.nan) for day in days.tolist()], dtype=np.float64)
    bars = Bars(request.market, Timeframe.D1, days, ends, close, close, close, close, volume)
    empty = Bars.empty(request.market, Timeframe.D1)
    return FetchAnswer(with_validity(bars, request.sessions.calendar), empty, request.source.name)


def _ends(request: FetchRequest, days: IntArray, public: Mapping[Instant, Instant]) -> IntArray:
    """The instants of release, never before the day that a figure speaks of has begun."""
    at = np.searchsorted(request.sessions.start, days).clip(max=max(len(request.sessions) - 1, 0))
    planned = request.sessions.closes[at] if len(request.sessions) else days
    pairs = zip(days.tolist(), planned.tolist(), strict=True)
    told = np.array([public.get(day, int(end)) for day, end in pairs], dtype=np.int64)
    order = np.arange(len(days))
    return np.asarray(np.maximum.accumulate(np.maximum(told, days) - order) + order)
