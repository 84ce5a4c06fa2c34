"""Claims answered by a study."""

from __future__ import annotations

import numpy as np
import pytest

from bot.evidence.claim_check import ClaimCheck, Measure
from bot.evidence.claims import ClaimAnswer, answer, chosen_events, horizons_with, measured
from bot.evidence.event_study.event_study import HORIZONS_DAYS, Signals, Study, event_study
from bot.signals.timeframe import DAY, Timeframe, label
from tests.evidence.walks import FIRST, daily

CLOSES = [*[100.0] * 120, 130.0, *[100.0] * 29, *[100.0] * 100, 90.0, *[95.0] * 49]
"""A spike, and much later a fall: days 0 to 299."""

BTC = daily(CLOSES, market="BTC", hour=24)


def fired(days: list[int]) -> Signals:
    start = FIRST + DAY * np.array(days, dtype=np.int64)
    return Signals("rule", "IWM", Timeframe.D1, start, start + 75_600, FIRST)


def study(days: list[int], horizons: tuple[int, ...] = horizons_with([25])) -> Study:
    return event_study(fired(days), BTC, FIRST + 999 * DAY, horizons=horizons)


def over(days: int, **more: int) -> ClaimCheck:
    return ClaimCheck(Measure.RETURN, "BTC", days, **more)


def test_a_case_is_told_over_the_days_of_the_claim() -> None:
    told = measured(over(25, last=2), study([95, 110, 240]))
    first, second = told.cases
    assert first.best is not None
    assert (first.best.bar, first.best.change) == (FIRST + 120 * DAY, pytest.approx(0.3))
    assert first.worst is not None
    assert first.worst.change == first.change == 0.0
    assert first.breakout is not None
    assert (first.breakout.bar, first.breakout.after) == (FIRST + 120 * DAY, 10 * DAY)
    assert second.worst is not None
    assert (second.worst.bar, second.worst.change) == (FIRST + 250 * DAY, pytest.approx(-0.1))
    assert (second.change, second.breakout) == (pytest.approx(-0.05), None)
    assert told.overall is not None
    assert (told.overall.n, told.overall.hits, told.overall.base_n) == (3, 1, 275)
    assert told.best == pytest.approx(0.3)


def test_a_breakout_after_the_days_of_the_claim_is_none_of_its() -> None:
    made = study([94], horizons_with([25, 26]))
    assert measured(over(25, last=1), made).cases[0].breakout is None
    assert measured(over(26, last=1), made).cases[0].breakout is not None


def test_a_claim_about_a_year_is_about_the_events_of_that_year() -> None:
    made = study([95, 110, 240])
    years = [int(label(event.bar, Timeframe.D1)[:4]) for event in made.events]
    for year in set(years):
        chosen = chosen_events(over(25, year=year), made.events)
        assert [event.bar for event in chosen] == [e.bar for e, y in zip(made.events, years, strict=True) if y == year]
    assert chosen_events(over(25, year=1999), made.events) == ()
    assert chosen_events(over(25), made.events) == ()
    assert chosen_events(over(25, last=9), made.events) == made.events
    assert chosen_events(over(25, last=2), made.events) == made.events[1:]


def test_a_claim_about_a_rule_that_never_fired() -> None:
    told = measured(over(25), study([]))
    assert told.overall is not None
    assert (told.cases, told.best, told.overall.n) == ((), None, 0)
    assert told.notes == ("rule has never fired",)


def test_an_unfinished_case_says_how_far_it_came() -> None:
    (case,) = measured(over(25, last=1), study([280])).cases
    assert case.change is None
    assert case.best is not None
    assert case.best.after == DAY


def test_days_without_a_study_have_no_answer() -> None:
    assert horizons_with([25, 30, 25]) == (7, 25, 30, 90, 180, 365)
    assert measured(over(25), study([95], HORIZONS_DAYS)).overall is None


def test_a_breakout_on_the_last_day_of_the_longest_horizon_counts() -> None:
    assert study([95], (25,)).events[0].breakout is not None
    assert study([95], (24,)).events[0].breakout is None


def test_the_answer_is_that_of_the_study_made_by_then() -> None:
    signals, now = fired([95, 110, 240]), FIRST + 150 * DAY
    told = answer(over(25), signals, {"BTC": BTC}, now)
    assert told == measured(over(25), event_study(signals, BTC, now, horizons=horizons_with([25]), tested=()))
    assert told.overall is not None
    assert told.overall.n == 2


def test_what_cant_be_had_has_no_figure() -> None:
    signals = fired([95])
    for check in (over(25), ClaimCheck(Measure.FLOW, "BTC"), ClaimCheck(Measure.SHARE)):
        bars = {} if check.measure is Measure.RETURN else {"BTC": BTC}
        assert answer(check, signals, bars, FIRST + 300 * DAY) == ClaimAnswer(check, "IWM")


def test_what_an_answer_reads() -> None:
    assert over(25).reads("IWM") == ("BTC",)
    assert ClaimCheck(Measure.CORRELATION, "ETH").reads("IWM") == ("ETH", "IWM")
    assert ClaimCheck(Measure.CORRELATION, "ETH", other="RUT").reads("ETH") == ("ETH", "RUT")
    assert ClaimCheck(Measure.FLOW, "IWM").reads("RUT") == ("IWM_FLOWS", "IWN_FLOWS", "IJR_FLOWS", "VB_FLOWS")
    assert ClaimCheck(Measure.SHARE).reads("RUT") == ("LOSING_COMPANIES",)
