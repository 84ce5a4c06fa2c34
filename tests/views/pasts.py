"""Studies, correlations and panels made by hand, for tests of how they read."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bot.evidence.closes import Waypoint
from bot.evidence.correlation import CorrelationReport, Rolling
from bot.evidence.event_study.event_study import HORIZONS_DAYS, Horizon, Study, StudyEvent
from bot.evidence.event_study.significance import StudyVerdict
from bot.evidence.lead_lag import LeadLag
from bot.evidence.return_pairs import Pairs
from bot.signals.timeframe import DAY, Timeframe, label, start_of


def horizon(days: int, n: int = 8, verdict: StudyVerdict = StudyVerdict.NONE, apart: int | None = None) -> Horizon:
    """Half of n ended higher, by 20 % in the median; on any day 10 % and 60 %."""
    return Horizon(
        days=days,
        n=n,
        non_overlapping=n if apart is None else apart,
        median=0.2 if n else None,
        hits=n // 2,
        hit_rate=n // 2 / n if n else None,
        hit_rate_interval=(0.2, 0.8) if n else None,
        base_n=3_000,
        base_median=0.1,
        base_hit_rate=0.6,
        whole_base_n=5_000,
        whole_base_median=0.3,
        whole_base_hit_rate=0.7,
        excess=0.08 if n else None,
        excess_interval=(-0.1, 0.3) if n else None,
        detectable=1.5 if n else None,
        p_value=0.4321 if n else None,
        p_adjusted=0.9 if n else None,
        p_without_one=0.8 if n else None,
        above=True,
        verdict=verdict,
        breakouts=0.5 if n else None,
        base_breakouts=0.84,
    )


def event(
    day: str, returns: Sequence[float | None], best: float = 3.14, breakout: int | None = 20, spans: Sequence[int] = ()
) -> StudyEvent:
    """A firing on `day`, the returns over HORIZONS_DAYS, and after it the best and worst close after 10 and 5 days."""
    bar = start_of(day)
    days = [*HORIZONS_DAYS, *spans]
    high = Waypoint(bar + 10 * DAY, 100 * (1 + best), best, 10 * DAY)
    low = Waypoint(bar + 5 * DAY, 90.0, -0.1, 5 * DAY)
    own = None if breakout is None else Waypoint(bar + breakout * DAY, 110.0, 0.1, breakout * DAY)
    return StudyEvent(
        bar=bar,
        label=label(bar, Timeframe.D1),
        entry=bar,
        entry_label=label(bar, Timeframe.D1),
        price=100.0,
        returns=dict(zip(days, [*returns, *[None] * len(days)], strict=False)),
        best=dict.fromkeys(days, high),
        worst=dict.fromkeys(days, low),
        breakout=own,
    )


def past(
    events: Sequence[StudyEvent],
    asset: str = "BTC",
    verdict: StudyVerdict = StudyVerdict.NONE,
    apart: int | None = None,
    notes: tuple[str, ...] = (),
) -> Study:
    """A study of these events, whose sums are those of `horizon`."""
    days = sorted({each for one in events for each in one.returns} | set(HORIZONS_DAYS))
    return Study(
        rule="rut-record",
        market="RUT",
        asset=asset,
        n=len(events),
        first=start_of("2010-07-13"),
        last=start_of("2026-09-27"),
        asset_timeframe=Timeframe.D1,
        events=tuple(events),
        horizons={each: horizon(each, len(events), verdict, apart) for each in days},
        notes=notes,
    )


EIGHT = tuple(event(f"20{year}-11-13", [0.02, -0.05, 1.94, 2.0, None]) for year in (11, 13, 14, 16, 18, 20, 21, 25))
"""Eight events, one of them in 2020."""


def moving(now: float | None = 0.37, lag: int = 0, largest: float = 0.4, band: float = 0.05) -> CorrelationReport:
    """BTC and IWM, with the same correlation over 30 and 90 sessions."""
    none = np.empty(0)
    empty = np.empty(0, dtype=np.int64)
    return CorrelationReport(
        pairs=Pairs("IWM", "BTC", empty, empty, none, none),
        as_of=start_of("2026-09-25"),
        rolling={sessions: Rolling(sessions, none, now, 82.9, 0.7) for sessions in (30, 90)},
        lead_lag=LeadLag((), lag, largest, band, 900),
    )
