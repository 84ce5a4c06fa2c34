"""Pre-named conditions of an event study: the signals that came while one held, beside the days on which it held.

Named before anybody looked at what came after them, all the same for every rule: picked afterwards, one always helps.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bot.evidence.closes import Closes
from bot.evidence.event_study.event_study import Signals, Study, sample_of
from bot.evidence.event_study.horizon import Horizon, StudySample, horizon_of
from bot.evidence.liquidity import NEVER_STALE, WEEKS, changes
from bot.evidence.risk.filed_flows import FLOW_MARKETS, YEAR_OF_FLOWS, yearly_flows
from bot.evidence.scorecard import VERDICT_HORIZON_DAYS
from bot.signals.asof import as_of
from bot.signals.bars import Bars, FloatArray, IntArray
from bot.signals.timeframe import Instant


@dataclass(frozen=True, slots=True)
class StudyCondition:
    """What one macro series said at an instant: above 0, or below.

    Its figure's change over `weeks` is taken, or the figure itself where they are 0. `above` and `below` are words for
    both that can stand after "while".
    """

    name: str
    market: str
    weeks: int
    above: str
    below: str


CONDITIONS = (
    StudyCondition(
        "Fed net liquidity over 13 weeks",
        "NET_LIQUIDITY",
        WEEKS,
        "the Fed's net liquidity rose",
        "the Fed's net liquidity fell",
    ),
    StudyCondition(
        "flows of small-cap funds over a year",
        YEAR_OF_FLOWS,
        0,
        "small-cap funds had taken in money over a year",
        "small-cap funds had lost money over a year",
    ),
)
"""All conditions; each counts among the tests of a study, also where it can't be told."""


CONDITION_MARKETS = (*(each.market for each in CONDITIONS if each.market != YEAR_OF_FLOWS), *FLOW_MARKETS)
"""Markets whose daily bars decide the conditions."""


@dataclass(frozen=True, slots=True)
class Branch:
    """The signals that came while a condition said one thing, over each horizon; their base are all such days.

    `signals` counts them, also those with no return yet.
    """

    words: str
    signals: int
    horizons: Mapping[int, Horizon]


@dataclass(frozen=True, slots=True)
class ConditionedStudy:
    """A study split by a condition as it was public at each signal. `unknown` counts the signals without such a figure.

    `tests` counts the p-values that `p_adjusted` was corrected for.
    """

    condition: StudyCondition
    branches: tuple[Branch, Branch]
    unknown: int
    tests: int


def split_by(
    conditions: Sequence[StudyCondition],
    series: Mapping[str, Bars],
    firings: Signals,
    study: Study,
    asset: Bars,
    now: Instant,
    horizons: Sequence[int] = (VERDICT_HORIZON_DAYS,),
) -> tuple[ConditionedStudy, ...]:
    """The signals of a `study` by each condition whose series is there, as it could be made at `now`.

    Over the days by which a rule is judged, unless others are asked for: the more that is looked at, the less it tells.

    Each branch is corrected for the study's own tests times all branches of all conditions (Bonferroni): no difference
    is told for having looked often enough.
    """
    firings, asset = firings.known_at(now), asset.known_at(now)
    series = {**series, YEAR_OF_FLOWS: yearly_flows(series)}
    closes = Closes.of(asset)
    forward = {days: closes.forward(days) for days in horizons}
    sample = sample_of(firings, asset, closes, closes.entries(firings.end))
    told = closes.entries(firings.end) >= 0
    tests = max(study.tests, 1) * 2 * len(conditions)
    return tuple(
        _split(condition, known, firings.end[told], sample, forward, tests)
        for condition in conditions
        if len(known := series.get(condition.market, Bars.empty(condition.market, asset.timeframe)).known_at(now))
    )


def states(condition: StudyCondition, series: Bars, at: IntArray) -> FloatArray:
    """What a condition said at each instant, by what was public then: 1 above, -1 below, NaN unknown or neither."""
    values = changes(series, condition.weeks) if condition.weeks else series.close
    limit = NEVER_STALE if series.valid_for is None else series.valid_for
    sign = np.sign(as_of(at, series.end, values, limit))
    return np.where(sign == 0, np.nan, sign)


def _split(
    condition: StudyCondition,
    series: Bars,
    fired: IntArray,
    sample: StudySample,
    forward: Mapping[int, FloatArray],
    tests: int,
) -> ConditionedStudy:
    at_signals, at_closes = states(condition, series, fired), states(condition, series, sample.closes.end)
    branches = [
        _branch(words, sample, at_signals == sign, at_closes == sign, forward, tests)
        for words, sign in ((condition.above, 1), (condition.below, -1))
    ]
    return ConditionedStudy(condition, (branches[0], branches[1]), int(np.isnan(at_signals).sum()), tests)


def _branch(
    words: str,
    sample: StudySample,
    came: np.ndarray,
    held: np.ndarray,
    forward: Mapping[int, FloatArray],
    tests: int,
) -> Branch:
    """Signals beside all closes at which the condition held; of those of the rule's own base, where it has one."""
    base = sample.rises if sample.rises is not None else np.arange(sample.span, len(sample.closes))
    part = StudySample(sample.closes, sample.entries[came], sample.span, base[held[base]])
    found = {days: horizon_of(part, days, returns, tested=True) for days, returns in forward.items()}
    return Branch(words, int(came.sum()), {days: each.corrected_for(tests) for days, each in found.items()})
