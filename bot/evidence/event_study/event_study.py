"""Event study: returns of an asset after each firing of a rule, beside its base rate.

An event study: returns over calendar days after the asset's first close after each firing, beside the base rate, which
is the same from every close of the span, and beside what the same events would have shown at other dates.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bot.evidence.closes import Closes, Waypoint, known_or_none
from bot.evidence.event_study.notes import study_notes
from bot.evidence.event_study.significance import (
    Verdict,
    circular_shift_test,
    non_overlapping,
    verdict,
    wilson_interval,
)
from bot.signals.bars import Bars, FloatArray, IntArray
from bot.signals.replay.replay import Replay
from bot.signals.timeframe import Instant, Timeframe, label

HORIZONS_DAYS = (7, 30, 90, 180, 365)
"""Calendar days after the entry at which the asset's close is looked up."""


@dataclass(frozen=True, eq=False)
class Signals:
    """The bars at which a rule fired, ascending: starts and closing instants.

    `since` is the close of the first bar of the rule's market; before it, nothing could have fired.
    """

    rule: str
    market: str
    timeframe: Timeframe
    start: IntArray
    end: IntArray
    since: Instant

    def __post_init__(self) -> None:
        """Refuse what would make the base rate another one than that of the firings."""
        if len(self) and (int(self.end[0]) < self.since or np.any(np.diff(self.end) < 0)):
            raise ValueError(f"{self.rule}: firings must be in order of time, none before the market's first bar")

    def __len__(self) -> int:
        return len(self.start)

    def known_at(self, now: Instant) -> Signals:
        """The firings of bars that had closed at or before `now`."""
        count = int(np.searchsorted(self.end, now, side="right"))
        return Signals(self.rule, self.market, self.timeframe, self.start[:count], self.end[:count], self.since)


@dataclass(frozen=True, slots=True)
class StudyEvent:
    """One firing and what the asset did after it.

    `bar` is the firing's bar, `entry` the asset's bar at whose close (`price`) the count begins. `returns` are ratios
    by days, None where not known yet or not known at all. `best` and `worst` are the highest and lowest close by days,
    as far as that many days have passed. `breakout` is the asset's first own breakout within the longest horizon.
    """

    bar: Instant
    label: str
    entry: Instant
    entry_label: str
    price: float
    returns: Mapping[int, float | None]
    best: Mapping[int, Waypoint | None]
    worst: Mapping[int, Waypoint | None]
    breakout: Waypoint | None


@dataclass(frozen=True, slots=True)
class Horizon:
    """The events together over `days`. `n` counts those whose return is known; what n = 0 leaves open is None.

    There is no mean: crypto's early years are so far out that one event of 2013 would be all of it.
    `base_*` are over every close of the span. `breakouts` is the share of the events after which the asset broke out
    within `days`, `base_breakouts` that of all closes.
    """

    days: int
    n: int
    non_overlapping: int
    median: float | None
    hits: int
    hit_rate: float | None
    hit_rate_interval: tuple[float, float] | None
    base_n: int
    base_median: float | None
    base_hit_rate: float | None
    p_value: float | None
    verdict: Verdict
    breakouts: float | None
    base_breakouts: float | None


@dataclass(frozen=True, slots=True)
class Study:
    """All that is known about one rule and one asset. `n` is the number of `events`: firings with an entry.

    `first` and `last` are the starts of the first and last bar of the span that makes the base rate, None without one.
    `notes` say in words what is missing or was left out.
    """

    rule: str
    market: str
    asset: str
    n: int
    first: Instant | None
    last: Instant | None
    asset_timeframe: Timeframe
    events: tuple[StudyEvent, ...]
    horizons: Mapping[int, Horizon]
    notes: tuple[str, ...]


def signals_of(replay: Replay) -> Signals:
    """The firings of a replay."""
    bars, rule = replay.bars, replay.rule
    since = int(bars.end[0]) if len(bars) else 0
    return Signals(rule.id, rule.market, rule.timeframe, bars.start[replay.fires], bars.end[replay.fires], since)


def event_study(
    firings: Signals,
    asset: Bars,
    now: Instant,
    *,
    horizons: Sequence[int] = HORIZONS_DAYS,
    shifts: int = 10_000,
    seed: int = 0,
) -> Study:
    """The event study as it could be made at `now`: bars and firings that had not closed by then do not count."""
    firings = firings.known_at(now)
    closes = Closes.of(asset.known_at(now))
    entries = closes.entries(firings.end)
    days = tuple(sorted(set(horizons)))
    span = int(np.searchsorted(closes.end, firings.since))
    used = entries[entries >= 0]
    forward = {each: closes.forward(each) for each in days}
    return Study(
        rule=firings.rule,
        market=firings.market,
        asset=asset.market,
        n=len(used),
        first=int(closes.start[span]) if span < len(closes) else None,
        last=int(closes.start[-1]) if span < len(closes) else None,
        asset_timeframe=asset.timeframe,
        events=_events(firings, closes, entries, forward),
        horizons={each: _horizon(closes, used, span, each, forward[each], shifts, seed) for each in days},
        notes=study_notes(firings.rule, firings.end, closes, entries, forward),
    )


def _events(
    firings: Signals, closes: Closes, entries: IntArray, forward: Mapping[int, FloatArray]
) -> tuple[StudyEvent, ...]:
    return tuple(
        _event(int(firings.start[at]), firings.timeframe, closes, entry, forward)
        for at, entry in enumerate(entries.tolist())
        if entry >= 0
    )


def _event(
    bar: Instant, timeframe: Timeframe, closes: Closes, entry: int, forward: Mapping[int, FloatArray]
) -> StudyEvent:
    on_the_way = {days: closes.extremes(entry, days) for days in forward}
    return StudyEvent(
        bar=bar,
        label=label(bar, timeframe),
        entry=int(closes.start[entry]),
        entry_label=closes.label(entry),
        price=float(closes.price[entry]),
        returns={days: known_or_none(values[entry]) for days, values in forward.items()},
        best={days: marks[0] if marks else None for days, marks in on_the_way.items()},
        worst={days: marks[1] if marks else None for days, marks in on_the_way.items()},
        breakout=closes.breakout_within(entry, max(forward, default=0)),
    )


def _horizon(
    closes: Closes, entries: IntArray, span: int, days: int, forward: FloatArray, shifts: int, seed: int
) -> Horizon:
    """The events at `entries` and every close from position `span` on, over `days`."""
    known = np.flatnonzero(np.isfinite(forward))
    known = known[known >= span]
    base = forward[known]
    own = entries[np.isfinite(forward[entries])]
    returns = forward[own]
    windows = non_overlapping(closes.end[own], days)
    tails = circular_shift_test(base, np.searchsorted(known, own), shifts, seed) if len(own) else None
    hits = int((returns > 0).sum())
    broke = closes.broke_out(days)
    return Horizon(
        days=days,
        n=len(own),
        non_overlapping=windows,
        median=_median(returns),
        hits=hits,
        hit_rate=hits / len(own) if len(own) else None,
        hit_rate_interval=wilson_interval(hits, len(own)),
        base_n=len(base),
        base_median=_median(base),
        base_hit_rate=float((base > 0).mean()) if len(base) else None,
        p_value=tails.p_value if tails else None,
        verdict=verdict(tails, windows) if tails else Verdict.TOO_FEW,
        breakouts=_share(broke[entries]),
        base_breakouts=_share(broke[span:]),
    )


def _median(values: FloatArray) -> float | None:
    return float(np.median(values)) if len(values) else None


def _share(answers: FloatArray) -> float | None:
    known = answers[np.isfinite(answers)]
    return float(known.mean()) if len(known) else None
