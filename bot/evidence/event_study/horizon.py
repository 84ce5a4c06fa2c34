"""One horizon of an event study: the events together, their base rate, and what may be concluded."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from bot.cancellation import end_if_cancelled
from bot.evidence.closes import Closes
from bot.evidence.event_study.base_rate import (
    BaseRate,
    EraReturns,
    base_of,
    base_of_time,
    bootstrap_interval,
    era_returns,
    median_of,
)
from bot.evidence.event_study.significance import (
    ShiftTest,
    StudyVerdict,
    mean_score,
    non_overlapping,
    shift_p_value,
    shift_test,
    verdict,
    wilson_interval,
)
from bot.signals.bars import FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class Horizon:
    """The events together over `days`. `n` counts those whose return is known; what n = 0 leaves open is None.

    There is no mean: crypto's early years are so far out that one event of 2013 would be all of it.
    `base_*` are over the closes of the events' time, or over the rises that the rule itself demands, `whole_base_*`
    over every close of the span. `excess` is the median over the events of the return less the median of its base, with
    its 95 % interval. `p_value`, `p_without_one` (the most that is left when one event is dropped) and `detectable` are
    those of `ShiftTest`; `p_adjusted` is the p-value corrected for all rules, assets and horizons, None where
    the others were not looked at. `breakouts` is the share of the events after which the asset broke out within `days`,
    `base_breakouts` that of all closes.
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
    whole_base_n: int
    whole_base_median: float | None
    whole_base_hit_rate: float | None
    excess: float | None
    excess_interval: tuple[float, float] | None
    detectable: float | None
    p_value: float | None
    p_adjusted: float | None
    p_without_one: float | None
    above: bool
    verdict: StudyVerdict
    breakouts: float | None
    base_breakouts: float | None

    def adjusted_to(self, p_adjusted: float | None) -> Horizon:
        """The same among all tests that were made."""
        said = verdict(self.p_value, p_adjusted, self.non_overlapping, above=self.above)
        return replace(self, p_adjusted=p_adjusted, verdict=said)

    def corrected_for(self, tests: int) -> Horizon:
        """The same with its p-value corrected for so many tests that nobody has looked at (Bonferroni)."""
        return self.adjusted_to(None if self.p_value is None else min(1.0, self.p_value * tests))


@dataclass(frozen=True, eq=False)
class StudySample:
    """What a horizon is made from: closes, positions of the entries, of the span's first close and of an own base.

    `rises` is None where the events are compared with their time.
    """

    closes: Closes
    entries: IntArray
    span: int
    rises: IntArray | None = None


def horizon_of(sample: StudySample, days: int, forward: FloatArray, *, tested: bool) -> Horizon:
    """The events of a sample over `days`, by the returns from each close; without `tested` no p-value is sought."""
    end_if_cancelled()
    closes, entries = sample.closes, sample.entries
    own = entries[np.isfinite(forward[entries])]
    returns = forward[own]
    base, whole = _base(sample, forward, own), base_of(forward[sample.span :], 0)
    found = _tested(sample, forward, own) if tested and len(own) else None
    excess = returns - base.medians
    windows = non_overlapping(closes.counted[own], days)
    hits = int((returns > 0).sum())
    broke = closes.broke_out(days)
    return Horizon(
        days=days,
        n=len(own),
        non_overlapping=windows,
        median=median_of(returns),
        hits=hits,
        hit_rate=hits / len(own) if len(own) else None,
        hit_rate_interval=wilson_interval(hits, len(own)),
        base_n=base.n,
        base_median=base.median,
        base_hit_rate=base.hit_rate,
        whole_base_n=whole.n,
        whole_base_median=whole.median,
        whole_base_hit_rate=whole.hit_rate,
        excess=median_of(excess[np.isfinite(excess)]),
        excess_interval=bootstrap_interval(excess, closes.counted[own], days),
        detectable=found.detectable if found else None,
        p_value=found.p_value if found else None,
        p_adjusted=None,
        p_without_one=found.p_without_one if found else None,
        above=bool(found and found.above),
        verdict=verdict(found.p_value if found else None, None, windows, above=bool(found and found.above)),
        breakouts=_share(broke[entries]),
        base_breakouts=_share(broke[sample.span :]),
    )


def p_value_of(sample: StudySample, forward: FloatArray, returns: EraReturns) -> float | None:
    """The p-value that `horizon_of` finds, without the rest; None where no return is known. `returns` of all closes."""
    own = sample.entries[np.isfinite(forward[sample.entries])]
    if not len(own):
        return None
    returns, places, usual = _placed(sample, forward, own, returns)
    return shift_p_value(returns, places, usual)


def _base(sample: StudySample, forward: FloatArray, own: IntArray) -> BaseRate:
    if sample.rises is None:
        return base_of_time(sample.closes, forward, own)
    return base_of(forward[sample.rises], len(own))


def _tested(sample: StudySample, forward: FloatArray, own: IntArray) -> ShiftTest:
    returns, places, usual = _placed(sample, forward, own, era_returns(sample.closes, forward))
    return shift_test(returns, places, usual)


def _placed(
    sample: StudySample, forward: FloatArray, own: IntArray, returns: EraReturns
) -> tuple[EraReturns, IntArray, float | None]:
    """The returns of the span, the places of the events among them, and the mean score of an own base."""
    returns = returns.since(sample.span)
    usual = None
    if sample.rises is not None:
        rises = sample.rises[np.isfinite(forward[sample.rises]) & (sample.rises >= returns.at[0])]
        usual = mean_score(returns, np.searchsorted(returns.at, rises)) if len(rises) else None
    return returns, np.searchsorted(returns.at, own), usual


def _share(answers: FloatArray) -> float | None:
    known = answers[np.isfinite(answers)]
    return float(known.mean()) if len(known) else None
