"""The gate lets every good bar through and no bad one, and sees what is not there."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.market.expected_bars import expected_bars
from bot.market.model import FetchAnswer
from bot.market.quality.gate import gate
from bot.signals.bars import Bars
from bot.signals.sessions import Sessions
from bot.signals.timeframe import Timeframe, label, start_of

NOW = start_of("2026-11-20T22:00Z")
COLUMNS = ("open", "high", "low", "close", "volume")


def bars_of(sessions, dates, prices, timeframe=Timeframe.D1, market="IWM") -> Bars:
    starts, ends = expected_bars(sessions, timeframe)
    begin = np.array([start_of(date) for date in dates], dtype=np.int64)
    known = dict(zip(starts.tolist(), ends.tolist(), strict=True))
    end = np.array([known.get(start, start + 75_600) for start in begin.tolist()], dtype=np.int64)
    return Bars(market, timeframe, begin, end, *np.array(prices, dtype=float).reshape(len(dates), 5).T)


def passed(bars, sessions, now=NOW, since=None):
    return gate(FetchAnswer(bars, Bars.empty(bars.market, bars.timeframe), "yahoo"), sessions, now, since)


GOOD = (10, 12, 9, 11, 100)
WEEK = ["2026-11-16", "2026-11-17", "2026-11-18", "2026-11-19", "2026-11-20"]


def test_good_bars_pass_untouched(new_york):
    bars = bars_of(new_york, WEEK, [GOOD] * 5)
    found = passed(bars, new_york)
    assert found.held == ()
    assert len(found.missing) == 0
    assert all(np.array_equal(getattr(found.bars, name), getattr(bars, name)) for name in ("start", "end", *COLUMNS))


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ((10, 12, 9, np.nan, 100), "the close is unknown"),
        ((10, 12, 9, np.inf, 100), "the close is unknown"),
        ((0, 0, 0, 0, 0), "the close is zero or negative"),
        ((10, 12, 9, -11, 100), "the close is zero or negative"),
        ((10, 10.9, 9, 11, 100), "high and low do not hold the close"),
        ((11, 12, 10.5, 10.2, 100), "high and low do not hold the close"),
        ((np.nan, 8, 9, np.nan, 100), "the close is unknown"),
    ],
)
def test_a_bad_bar_is_held_with_its_reason_and_is_not_missing(new_york, row, reason):
    found = passed(bars_of(new_york, WEEK, [GOOD, GOOD, row, GOOD, GOOD]), new_york)
    assert [found.bars.label(at) for at in range(4)] == [*WEEK[:2], *WEEK[3:]]
    assert found.held[0].startswith(f"IWM 2026-11-18: {reason} (open ")
    assert found.suspect.tolist() == [start_of("2026-11-18")]
    assert len(found.missing) == 0


@pytest.mark.parametrize(
    ("row", "left", "reason"),
    [
        ((0, 12, 9, 11, 100), (np.nan, 12, 9, 11), "the open is zero, negative or infinite"),
        ((10, np.inf, 9, 11, 100), (10, np.nan, 9, 11), "the high is zero, negative or infinite"),
        ((10, 12, -9, 11, 100), (10, 12, np.nan, 11), "the low is zero, negative or infinite"),
        ((0, 0, 0, 16.59, 0), (np.nan, np.nan, np.nan, 16.59), "the high is zero, negative or infinite"),
        ((10, 12, 10.5, 11, 100), (np.nan, 12, np.nan, 11), "the open is below the low"),
        ((13, 12, 9, 11, 100), (np.nan, np.nan, 9, 11), "the open is above the high"),
        ((10, 9, 12, 11, 100), (10, np.nan, np.nan, 11), "the high is below the low"),
    ],
)
def test_nonsense_in_one_field_makes_that_field_unknown_and_the_bar_stays(new_york, row, left, reason):
    found = passed(bars_of(new_york, WEEK, [GOOD, GOOD, row, GOOD, GOOD]), new_york)
    kept = [float(getattr(found.bars, name)[2]) for name in ("open", "high", "low", "close")]
    assert kept == pytest.approx(left, nan_ok=True)
    assert (found.held, len(found.bars)) == ((), 5)
    assert reason in [doubt.reason for doubt in found.doubts]


def test_float_noise_is_put_right_in_passing(new_york):
    row = (10, 10.99999, 10.00001, 11, 100)
    found = passed(bars_of(new_york, WEEK[:1], [row]), new_york)
    assert (found.bars.high[0], found.bars.low[0]) == (11, 10)
    assert found.held == ()


def test_what_is_unknown_beside_the_close_does_no_harm(new_york):
    row = (np.nan, np.nan, np.nan, 11, np.nan)
    assert len(passed(bars_of(new_york, WEEK[:1], [row]), new_york).bars) == 1


def test_a_missing_session_is_named(new_york):
    found = passed(bars_of(new_york, [*WEEK[:2], *WEEK[3:4]], [GOOD] * 3), new_york)
    assert found.missing.tolist() == [start_of("2026-11-18"), start_of("2026-11-20")]


def test_a_session_that_was_asked_for_and_has_no_bar_at_all_is_missing(new_york):
    nothing = Bars.empty("IWM", Timeframe.D1)
    assert passed(nothing, new_york, since=start_of("2026-11-20")).missing.tolist() == [start_of("2026-11-20")]
    assert len(passed(nothing, new_york, now=start_of("2026-11-20T20:59Z"), since=start_of("2026-11-20")).missing) == 0
    assert len(passed(nothing, new_york, now=start_of("2026-11-27"), since=start_of("2026-11-26")).missing) == 0


def test_a_bar_that_has_not_closed_is_held(new_york):
    found = passed(bars_of(new_york, WEEK, [GOOD] * 5), new_york, now=start_of("2026-11-20T20:59Z"))
    assert "2026-11-20: it has not closed yet" in found.held[0]


def test_a_bar_on_a_holiday_is_held(new_york):
    found = passed(bars_of(new_york, ["2026-11-25", "2026-11-26"], [GOOD] * 2), new_york, now=start_of("2026-11-28"))
    assert "2026-11-26: the market had no session" in found.held[0]


def test_a_candle_lost_in_an_outage_is_named(everyday):
    hours = ["2026-11-20T10:00Z", "2026-11-20T11:00Z", "2026-11-20T13:00Z"]
    found = passed(
        bars_of(everyday, hours, [GOOD] * 3, Timeframe.H1, "BTC"), everyday, now=start_of("2026-11-20T14:30Z")
    )
    assert [label(int(at), Timeframe.H1) for at in found.missing] == ["2026-11-20T12:00Z"]


def test_quiet_half_hours_are_not_missing_but_a_day_without_any_is(new_york):
    hours = ["2026-11-17T14:30Z", "2026-11-17T19:30Z", "2026-11-19T14:30Z"]
    bars = bars_of(new_york, hours, [GOOD] * 3, Timeframe.M30)
    found = passed(bars, new_york, now=start_of("2026-11-20T15:00Z"), since=start_of("2026-11-17"))
    assert [label(int(at), Timeframe.M30)[:10] for at in found.missing] == ["2026-11-18"]
    later = passed(bars, new_york, now=start_of("2026-11-20T15:00Z"), since=start_of("2026-11-18"))
    assert later.missing.tolist() == found.missing.tolist()


def test_a_calendar_without_sessions_expects_nothing(new_york):
    empty = Sessions("XNYS", *[np.empty(0, dtype=np.int64)] * 3)
    found = passed(bars_of(new_york, WEEK[:1], [GOOD]), empty)
    assert len(found.missing) == 0
    assert "no session" in found.held[0]


price = st.one_of(st.floats(0.01, 1e6), st.sampled_from([np.nan, np.inf, 0.0, -1.0]))


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(price, price, price, price, st.floats(0, 1e9)), min_size=1, max_size=5))
def test_what_passes_is_sound_and_nothing_is_lost(new_york, rows):
    bars = bars_of(new_york, WEEK[: len(rows)], rows)
    found = passed(bars, new_york)
    assert sorted([*found.bars.start.tolist(), *found.suspect.tolist()]) == bars.start.tolist()
    assert len(found.held) == len(found.suspect)
    for at in range(len(found.bars)):
        o, h, low, c = (float(getattr(found.bars, name)[at]) for name in ("open", "high", "low", "close"))
        known = [value for value in (o, h, low, c) if not np.isnan(value)]
        assert np.isfinite(c)
        assert np.isfinite(known).all()
        assert np.isnan(h) or h == max(known)
        assert np.isnan(low) or low == min(known)
