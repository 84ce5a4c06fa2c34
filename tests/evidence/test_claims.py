"""Claims answered by a study."""

from __future__ import annotations

import numpy as np
import pytest

from bot.evidence.claims import events_between, horizons_with, last_events, measured
from bot.evidence.event_study.event_study import HORIZONS_DAYS, Signals, Study, event_study
from bot.signals.timeframe import DAY, Timeframe
from tests.evidence.walks import FIRST, daily

CLOSES = [*[100.0] * 120, 130.0, *[100.0] * 29, *[100.0] * 100, 90.0, *[95.0] * 49]
"""A spike, and much later a fall: days 0 to 299."""


def spoken(days: list[int], horizons: tuple[int, ...] = horizons_with([25])) -> Study:
    start = FIRST + DAY * np.array(days, dtype=np.int64)
    fired = Signals("rule", "IWM", Timeframe.D1, start, start + 75_600, FIRST)
    return event_study(fired, daily(CLOSES, market="BTC", hour=24), FIRST + 999 * DAY, horizons=horizons)


def test_a_case_is_told_over_the_days_of_the_claim() -> None:
    made = spoken([95, 110, 240])
    told = measured(made, 25, last_events(made, 2))
    first, second = told.cases
    assert (told.asset, told.days, told.since) == ("BTC", 25, FIRST + 95 * DAY)
    assert first.best is not None
    assert (first.best.bar, first.best.change) == (FIRST + 120 * DAY, pytest.approx(0.3))
    assert first.worst is not None
    assert first.worst.change == first.change == 0.0
    assert first.breakout is not None
    assert (first.breakout.bar, first.breakout.after) == (FIRST + 120 * DAY, 10 * DAY)
    assert second.worst is not None
    assert (second.worst.bar, second.worst.change) == (FIRST + 250 * DAY, pytest.approx(-0.1))
    assert (second.change, second.breakout) == (pytest.approx(-0.05), None)
    assert (told.overall.n, told.overall.hits, told.overall.base_n) == (3, 1, 275)


def test_a_breakout_after_the_days_of_the_claim_is_none_of_its() -> None:
    made = spoken([94], horizons_with([25, 26]))
    assert measured(made, 25, made.events).cases[0].breakout is None
    assert measured(made, 26, made.events).cases[0].breakout is not None


def test_a_claim_about_a_time_is_about_the_events_of_that_time() -> None:
    made = spoken([95, 110, 240])
    assert events_between(made, FIRST + 96 * DAY, FIRST + 110 * DAY) == made.events[1:2]
    assert events_between(made, FIRST + 111 * DAY, FIRST + 239 * DAY) == ()
    assert last_events(made, 0) == ()
    assert last_events(made, 9) == made.events


def test_a_claim_about_a_rule_that_never_fired() -> None:
    told = measured(spoken([]), 25)
    assert (told.cases, told.since, told.overall.n) == ((), None, 0)
    assert told.notes == ("rule has never fired",)


def test_an_unfinished_case_says_how_far_it_came() -> None:
    made = spoken([280])
    (case,) = measured(made, 25, made.events).cases
    assert case.change is None
    assert case.best is not None
    assert case.best.after == DAY


def test_days_without_a_study_are_refused() -> None:
    assert horizons_with([25, 30, 25]) == (7, 25, 30, 90, 180, 365)
    with pytest.raises(ValueError, match="no study over 25 days; allowed: 7, 30, 90, 180, 365"):
        measured(spoken([95], HORIZONS_DAYS), 25)


def test_a_breakout_on_the_last_day_of_the_longest_horizon_counts() -> None:
    assert spoken([95], (25,)).events[0].breakout is not None
    assert spoken([95], (24,)).events[0].breakout is None
