"""Signals split by a pre-named condition: what was public counts, small counts tell nothing, noise makes no edge."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.evidence.event_study.conditions import Branch, ConditionedStudy, StudyCondition, split_by, states
from bot.evidence.event_study.document import condition_document
from bot.evidence.event_study.event_study import Signals, event_study
from bot.evidence.event_study.significance import StudyVerdict
from bot.signals.bars import Bars
from bot.signals.timeframe import DAY, Timeframe
from tests.evidence.walks import FIRST, daily

RISES = StudyCondition("liquidity", "NET_LIQUIDITY", 13, "it rose", "it fell")
LAG = 2 * DAY


def weekly(values: list[float] | np.ndarray, valid_for: int | None = 16 * DAY) -> Bars:
    close = np.array(values, dtype=float)
    start = FIRST - 20 * 7 * DAY + 7 * DAY * np.arange(len(close))
    unknown = np.full(len(close), np.nan)
    ends = start + LAG
    return Bars("NET_LIQUIDITY", Timeframe.D1, start, ends, close, close, close, close, unknown, valid_for=valid_for)


def fired_on(days: list[int]) -> Signals:
    start = FIRST + DAY * np.array(days, dtype=np.int64)
    return Signals("rule", "IWM", Timeframe.D1, start, start + 75_600, FIRST - 400 * DAY)


def split(series: Bars, fired: Signals, asset: Bars, now: int, horizons: tuple[int, ...] = (30,)) -> ConditionedStudy:
    study = event_study(fired, asset, now, horizons=horizons)
    (found,) = split_by((RISES,), {"NET_LIQUIDITY": series}, fired, study, asset, now, horizons)
    return found


def slow_state(series: Bars, at: int) -> float:
    """The same by a loop over rows."""
    rows = list(zip(series.end.tolist(), series.close.tolist(), strict=True))

    def standing(instant: int) -> tuple[int, float] | None:
        public = [row for row in rows if row[0] <= instant]
        return public[-1] if public and instant - public[-1][0] <= 16 * DAY else None

    newest = standing(at)
    before = None if newest is None else standing(newest[0] - 13 * 7 * DAY)
    if newest is None or before is None or newest[1] == before[1]:
        return float("nan")
    return 1.0 if newest[1] > before[1] else -1.0


@given(st.lists(st.integers(0, 5), min_size=1, max_size=60), st.lists(st.integers(-150, 300), max_size=20))
@settings(max_examples=80, deadline=None)
def test_a_condition_is_what_a_slow_loop_finds_public(values: list[int], days: list[int]) -> None:
    series = weekly([float(each) for each in values])
    at = FIRST + DAY * np.array(days, dtype=np.int64) + 75_600
    assert states(RISES, series, at).tolist() == pytest.approx([slow_state(series, int(x)) for x in at], nan_ok=True)


@given(st.integers(0, 2**32 - 1), st.integers(60, 500))
@settings(max_examples=25, deadline=None)
def test_the_future_changes_nothing(seed: int, day: int) -> None:
    random = np.random.default_rng(seed)
    now = FIRST + day * DAY
    series = weekly(random.normal(0, 1, 90).cumsum())
    fired = fired_on(sorted(random.choice(500, 9, replace=False).tolist()))
    asset = daily((100 * np.exp(random.normal(0, 0.04, 500).cumsum())).tolist(), market="BTC", hour=24)
    cut = split(series.known_at(now), fired.known_at(now), asset.known_at(now), now)
    assert condition_document(split(series, fired, asset, now)) == condition_document(cut)


def test_every_signal_is_in_one_branch_or_unknown_and_its_base_are_the_days_of_its_own_branch() -> None:
    rises = np.r_[np.arange(45.0), 45.0 - np.arange(1.0, 46.0)]  # up to about FIRST + 175, then down
    asset = daily(
        [100.0 * 1.01**day if day < 200 else 100.0 * 1.01**200 * 0.99 ** (day - 200) for day in range(420)],
        market="BTC",
        hour=24,
    )
    fired = fired_on([5, 60, 120, 300, 330])
    found = split(weekly(rises), fired, asset, FIRST + 430 * DAY)
    above, below = found.branches
    assert (above.signals, below.signals, found.unknown) == (3, 2, 0)
    assert (above.horizons[30].hits, above.horizons[30].n, below.horizons[30].hits, below.horizons[30].n) == (
        3,
        3,
        0,
        2,
    )
    assert above.horizons[30].base_hit_rate is not None
    assert below.horizons[30].base_hit_rate is not None
    assert above.horizons[30].base_hit_rate > 0.8
    assert below.horizons[30].base_hit_rate < 0.3
    assert {each.horizons[30].verdict for each in found.branches} == {StudyVerdict.CANT_TELL}


def test_signals_before_the_first_figure_are_said_to_be_unknown() -> None:
    asset = daily([100.0 + day for day in range(200)], market="BTC", hour=24)
    found = split(weekly([1.0, 2.0]), fired_on([5, 10]), asset, FIRST + 300 * DAY)
    assert (found.unknown, [each.signals for each in found.branches]) == (2, [0, 0])
    assert not split_by((RISES,), {}, fired_on([5]), event_study(fired_on([5]), asset, FIRST), asset, FIRST)


def test_of_noise_one_branch_in_a_hundred_looks_different() -> None:
    """Before the correction for all rules, assets and horizons, which leaves none."""
    found: list[Branch] = []
    for seed in range(60):
        random = np.random.default_rng(seed)
        asset = daily((100 * np.exp(random.normal(0.001, 0.04, 1_500).cumsum())).tolist(), market="BTC", hour=24)
        series = weekly(random.normal(0, 1, 240).cumsum())
        fired = fired_on(sorted(random.choice(1_400, 40, replace=False).tolist()))
        found += split(series, fired, asset, FIRST + 1_600 * DAY).branches
    told = [each.horizons[30].verdict for each in found]
    assert sum(each in {StudyVerdict.ABOVE, StudyVerdict.BELOW} for each in told) <= 2
    corrected = {each.horizons[30].corrected_for(300).verdict for each in found}
    assert corrected == {StudyVerdict.NONE, StudyVerdict.CANT_TELL}


def test_a_branch_is_plain_data() -> None:
    asset = daily([100.0 + day for day in range(200)], market="BTC", hour=24)
    document = condition_document(split(weekly(list(range(60))), fired_on([5, 10]), asset, FIRST + 300 * DAY))
    assert json.loads(json.dumps(document))["branches"][0]["horizons"]["30"]["n"] == 2
    assert (document["market"], document["unknown"], document["tests"]) == ("NET_LIQUIDITY", 0, 2)
