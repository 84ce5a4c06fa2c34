"""Rolling correlation of two markets: now, its percentile, its slope, and which goes first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bot.evidence.closes import known_or_none
from bot.evidence.lead_lag import LeadLag, lead_lag
from bot.evidence.percentile import percentile_of_last
from bot.evidence.return_pairs import Pairs, pairs
from bot.signals.bars import Bars, FloatArray
from bot.signals.indicators.doubling import Doubling
from bot.signals.indicators.statistics import beta, correlation
from bot.signals.indicators.statistics import pairs as pair_windows
from bot.signals.indicators.windows import MIN_KNOWN_BARS
from bot.signals.timeframe import Instant

ALERT_SESSIONS = 90
"""Sessions of the correlation that an alert tells."""

CORRELATION_SESSIONS = (30, ALERT_SESSIONS)
"""Sessions over which a correlation is rolled."""


PERCENTILE_SESSIONS = 756
"""Sessions among which the newest correlation is ranked: three years."""


@dataclass(frozen=True, eq=False)
class Rolling:
    """The correlation over the last `sessions` of them, at each session: `history`, NaN where unknown.

    `now` is the newest; `percentile` its place among those of the last PERCENTILE_SESSIONS (0 to 100): before 2020 the
    two hardly moved together, so a place in all of the past would tell of that break only. `beta` is how far the
    follower moved per unit of the leader. None where unknown; the percentile needs a year of history.
    """

    sessions: int
    history: FloatArray
    now: float | None
    percentile: float | None
    beta: float | None


@dataclass(frozen=True, eq=False)
class CorrelationReport:
    """How two markets' daily log returns go together, as of `as_of`: when both newest closes were known.

    `pairs` holds the sessions, for a chart of `rolling[…].history`. None where nothing is known, or was not sought.
    """

    pairs: Pairs
    as_of: Instant | None
    rolling: Mapping[int, Rolling]
    lead_lag: LeadLag | None


def correlate(
    leader: Bars, follower: Bars, now: Instant, sessions: Sequence[int] = CORRELATION_SESSIONS, *, leads: bool = True
) -> CorrelationReport:
    """The correlation of a follower (crypto) with a leader (an equity) as known at `now`, by sessions of the leader.

    Without `leads` it is not sought which goes first.
    """
    both = pairs(leader, follower, now)
    known = np.flatnonzero(np.isfinite(both.x + both.y))
    windows = pair_windows(both.y, both.x)
    return CorrelationReport(
        pairs=both,
        as_of=int(both.end[known[-1]]) if len(known) else None,
        rolling={each: _rolling(both, windows, each) for each in sessions},
        lead_lag=lead_lag(both.x, both.y) if leads else None,
    )


def _rolling(both: Pairs, windows: Doubling, sessions: int) -> Rolling:
    history = correlation(windows, sessions)
    now = _newest(history)
    newest = pair_windows(both.y[-sessions:], both.x[-sessions:])
    return Rolling(
        sessions=sessions,
        history=history,
        now=now,
        percentile=None if now is None else percentile_of_last(history[-PERCENTILE_SESSIONS:], MIN_KNOWN_BARS),
        beta=_newest(beta(newest, sessions)),
    )


def _newest(values: FloatArray) -> float | None:
    return known_or_none(values[-1]) if len(values) else None
