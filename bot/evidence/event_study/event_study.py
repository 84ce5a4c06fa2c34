"""Event study: returns of an asset after each firing of a rule, beside its base rate.

Returns over calendar days after the asset's first close after each firing, beside the returns from every close of the
same time, and beside what the same events would have shown at other dates.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from bot.evidence.closes import Closes, Waypoint, known_or_none
from bot.evidence.event_study.base_rate import FirstHighs, era_returns
from bot.evidence.event_study.horizon import Horizon, StudySample, horizon_of, p_value_of
from bot.evidence.event_study.notes import study_notes
from bot.evidence.event_study.significance import adjusted
from bot.signals.bars import Bars, FloatArray, IntArray
from bot.signals.replay.replay import Replay
from bot.signals.timeframe import DAY, Instant, Timeframe, label

__all__ = ["HORIZONS_DAYS", "Horizon", "Signals", "Study", "StudyEvent", "event_study", "family_p_values", "signals_of"]

HORIZONS_DAYS = (7, 30, 90, 180, 365)
"""Calendar days after the entry at which the asset's close is looked up."""


@dataclass(frozen=True, eq=False)
class Signals:
    """The bars at which a rule fired, ascending: starts and closing instants.

    `since` is the close of the first bar of the rule's market; before it, nothing could have fired. `base` are the
    rises that the rule itself demands of its market, None where it demands none.
    """

    rule: str
    market: str
    timeframe: Timeframe
    start: IntArray
    end: IntArray
    since: Instant
    base: FirstHighs | None = None

    def __post_init__(self) -> None:
        """Refuse what would make the base rate another one than that of the firings."""
        if len(self) and (int(self.end[0]) < self.since or np.any(np.diff(self.end) < 0)):
            raise ValueError(f"{self.rule}: firings must be in order of time, none before the market's first bar")

    def __len__(self) -> int:
        return len(self.start)

    def known_at(self, now: Instant) -> Signals:
        """The firings of bars that had closed at or before `now`."""
        count = int(np.searchsorted(self.end, now, side="right"))
        return replace(self, start=self.start[:count], end=self.end[:count])


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
class Study:
    """All that is known about one rule and one asset. `n` is the number of `events`: firings with an entry.

    `first` and `last` are the starts of the first and last bar of the span that makes the base rate, None without one.
    `base` are the rises that the events are compared with, None where they are compared with their time. `tests` counts
    the p-values that `p_adjusted` was corrected for, 0 where it was not. `notes` say in words what is missing or was
    left out. `due` counts by days the firings that are so old, whether or not a price of the asset is known then.
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
    base: FirstHighs | None = None
    tests: int = 0
    due: Mapping[int, int] = field(default_factory=dict)

    def among(self, family: Mapping[tuple[str, str, int], float]) -> Study:
        """The same study with its p-values corrected for all of a family, as `family_p_values` gives it."""
        corrected = adjusted(family)
        horizons = {
            days: horizon.adjusted_to(corrected.get((self.rule, self.asset, days)))
            for days, horizon in self.horizons.items()
        }
        return replace(self, horizons=horizons, tests=len(family))

    def among_at_most(self, tests: int) -> Study:
        """The same with each p-value corrected for so many others that nobody has looked at (Bonferroni).

        No difference is told that `among` would not tell.
        """
        horizons = {days: each.corrected_for(tests) for days, each in self.horizons.items()}
        return replace(self, horizons=horizons, tests=tests)


def signals_of(replay: Replay, demanded_high: int | None = None) -> Signals:
    """The firings of a replay; `demanded_high` is the length in bars of the high that the rule itself demands."""
    bars, rule = replay.bars, replay.rule
    since = int(bars.end[0]) if len(bars) else 0
    base = None if demanded_high is None else FirstHighs(demanded_high, rule.quiet)
    start, end = bars.start[replay.fires], bars.end[replay.fires]
    return Signals(rule.id, rule.market, rule.timeframe, start, end, since, base)


def event_study(
    firings: Signals,
    asset: Bars,
    now: Instant,
    *,
    horizons: Sequence[int] = HORIZONS_DAYS,
    tested: Collection[int] | None = None,
) -> Study:
    """The event study as it could be made at `now`: bars and firings that had not closed by then do not count.

    `tested` are the horizons whose p-values are sought, None for all. A rule's own base serves for its own market only.
    """
    firings, asset = firings.known_at(now), asset.known_at(now)
    closes = Closes.of(asset)
    entries = closes.entries(firings.end)
    days = tuple(sorted(set(horizons)))
    sample = sample_of(firings, asset, closes, entries)
    forward = {each: closes.forward(each) for each in days}
    return Study(
        rule=firings.rule,
        market=firings.market,
        asset=asset.market,
        n=len(sample.entries),
        first=int(closes.start[sample.span]) if sample.span < len(closes) else None,
        last=int(closes.start[-1]) if sample.span < len(closes) else None,
        asset_timeframe=asset.timeframe,
        events=_events(firings, closes, entries, forward),
        horizons={
            each: horizon_of(sample, each, forward[each], tested=tested is None or each in tested) for each in days
        },
        notes=study_notes(firings.rule, firings.end, closes, entries, forward),
        base=firings.base if sample.rises is not None else None,
        due=_due(firings, closes, entries, now, days),
    )


def family_p_values(
    rules: Sequence[Signals], assets: Sequence[Bars], now: Instant
) -> dict[tuple[str, str, int], float]:
    """The p-value of each rule, asset and horizon that has one, as known at `now`: what `Study.among` corrects for."""
    found = {}
    for asset in (bars.known_at(now) for bars in assets):
        closes = Closes.of(asset)
        forward = {days: closes.forward(days) for days in HORIZONS_DAYS}
        eras = {days: era_returns(closes, returns) for days, returns in forward.items()}
        for firings in (each.known_at(now) for each in rules):
            sample = sample_of(firings, asset, closes, closes.entries(firings.end))
            for days, returns in forward.items():
                p_value = p_value_of(sample, returns, eras[days])
                if p_value is not None:
                    found[firings.rule, asset.market, days] = p_value
    return found


def sample_of(firings: Signals, asset: Bars, closes: Closes, entries: IntArray) -> StudySample:
    """What the horizons of a study are made from; `entries` are those of the firings, -1 where there is none."""
    own = firings.base if firings.base and firings.market == asset.market else None
    span = int(np.searchsorted(closes.end, firings.since))
    return StudySample(closes, entries[entries >= 0], span, own.entries(asset, closes) if own else None)


def _due(firings: Signals, closes: Closes, entries: IntArray, now: Instant, days: Sequence[int]) -> dict[int, int]:
    """How many firings are so many days old, counted from the entry or, where there is none, from a day's end later."""
    begin = firings.end + DAY
    begin[entries >= 0] = closes.end[entries[entries >= 0]]
    return {each: int((begin + each * DAY <= now).sum()) for each in days}


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
