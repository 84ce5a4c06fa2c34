"""Scorecard of the alerts that were sent: what crypto did after each, and how the verdict moved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import bottleneck as bn
import numpy as np

from bot.evidence.closes import Closes, known_or_none
from bot.evidence.event_study.event_study import Signals, event_study
from bot.evidence.event_study.significance import StudyVerdict
from bot.signals.bars import Bars, FloatArray, IntArray
from bot.signals.timeframe import Instant

ALERT_HORIZONS_DAYS = (7, 30, 90)
"""Calendar days over which an alert is judged."""

VERDICT_HORIZON_DAYS = 90
"""Days of the verdict whose course is told. Fixed beforehand: picked afterwards, one of five always looks best."""


@dataclass(frozen=True, slots=True)
class SentAlert:
    """One alert. `at` is when it went out: nobody who reads it could have acted before."""

    rule: str
    market: str
    bar: Instant
    at: Instant


@dataclass(frozen=True, slots=True)
class Result:
    """One asset after one alert: `price` is its first close after it, of the bar `entry`; returns may be None."""

    entry: Instant
    price: float
    returns: Mapping[int, float | None]


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """One alert and what the assets did after it; None for an asset without a close after it."""

    alert: SentAlert
    results: Mapping[str, Result | None]


@dataclass(frozen=True, slots=True)
class Tally:
    """All alerts of one rule and one asset over `days`: how many are known, how many ended higher, and the median."""

    rule: str
    asset: str
    days: int
    n: int
    higher: int
    median: float | None


@dataclass(frozen=True, slots=True)
class Scorecard:
    """Every alert in the order given, and the tallies by rule, asset and days in the order of appearance."""

    rows: tuple[ScoreRow, ...]
    tallies: tuple[Tally, ...]


@dataclass(frozen=True, slots=True)
class Standpoint:
    """What the study said at `at`, over VERDICT_HORIZON_DAYS: events whose return was known, and the verdict."""

    at: Instant
    n: int
    median: float | None
    base_median: float | None
    verdict: StudyVerdict


def scorecard(sent: Sequence[SentAlert], assets: Mapping[str, Bars], now: Instant) -> Scorecard:
    """What each asset did after each alert, as known at `now`; alerts sent after it are left out."""
    sent = [alert for alert in sent if alert.at <= now]
    at = np.array([alert.at for alert in sent], dtype=np.int64)
    results = {name: _results(Closes.of(bars.known_at(now)), at) for name, bars in assets.items()}
    rows = tuple(
        ScoreRow(alert, {name: found[place] for name, found in results.items()}) for place, alert in enumerate(sent)
    )
    rules = dict.fromkeys(alert.rule for alert in sent)
    tallies = (_tally(rows, rule, asset, days) for rule in rules for asset in assets for days in ALERT_HORIZONS_DAYS)
    return Scorecard(rows, tuple(tallies))


def course(firings: Signals, asset: Bars, instants: Iterable[Instant]) -> tuple[Standpoint, ...]:
    """How the verdict moved: the study as it could be made at each instant, a year's end or a new alert."""
    return tuple(_standpoint(firings, asset, at) for at in instants)


def _standpoint(firings: Signals, asset: Bars, at: Instant) -> Standpoint:
    judged = event_study(firings, asset, at, horizons=(VERDICT_HORIZON_DAYS,)).horizons[VERDICT_HORIZON_DAYS]
    return Standpoint(at, judged.n, judged.median, judged.base_median, judged.verdict)


def _results(closes: Closes, at: IntArray) -> list[Result | None]:
    forward = {days: closes.forward(days) for days in ALERT_HORIZONS_DAYS}
    return [None if entry < 0 else _result(closes, entry, forward) for entry in closes.entries(at).tolist()]


def _result(closes: Closes, entry: int, forward: Mapping[int, FloatArray]) -> Result:
    return Result(
        entry=int(closes.start[entry]),
        price=float(closes.price[entry]),
        returns={days: known_or_none(values[entry]) for days, values in forward.items()},
    )


def _tally(rows: Sequence[ScoreRow], rule: str, asset: str, days: int) -> Tally:
    results = [row.results[asset] for row in rows if row.alert.rule == rule]
    returns = [result.returns[days] for result in results if result is not None]
    known = [each for each in returns if each is not None]
    median = float(bn.median(known)) if known else None
    return Tally(rule, asset, days, len(known), sum(each > 0 for each in known), median)
