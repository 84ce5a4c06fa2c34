"""Bars are put where the sessions are."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bot.market.expected_bars import between, expected_bars, placed
from bot.signals.sessions import Sessions
from bot.signals.timeframe import Timeframe, label, start_of

INTRADAY = [timeframe for timeframe in Timeframe if timeframe is not Timeframe.D1]


def starts(*texts):
    return np.array([start_of(text) for text in texts])


def test_the_last_bar_of_a_session_is_shorter(new_york):
    half_day = new_york.position(start_of("2024-11-29"))
    one = Sessions(
        "XNYS", *(array[half_day : half_day + 1] for array in (new_york.start, new_york.opens, new_york.closes))
    )
    begin, end = expected_bars(one, Timeframe.H1)
    assert [label(int(at), Timeframe.H1)[11:16] for at in begin] == ["14:30", "15:30", "16:30", "17:30"]
    assert label(int(end[-1]), Timeframe.H1)[11:16] == "18:00"
    assert np.diff(expected_bars(one, Timeframe.H4)[0]).tolist() == []


@given(st.integers(0, 10_000), st.integers(1, 30), st.sampled_from(INTRADAY))
def test_expected_bars_fill_each_session_without_gap_or_overlap(new_york, first, count, timeframe):
    some = Sessions("XNYS", *(a[first : first + count] for a in (new_york.start, new_york.opens, new_york.closes)))
    begin, end = expected_bars(some, timeframe)
    slow = []
    for opens, closes in zip(some.opens.tolist(), some.closes.tolist(), strict=True):
        at = opens
        while at < closes:
            slow.append((at, min(at + timeframe.seconds, closes)))
            at += timeframe.seconds
    assert list(zip(begin.tolist(), end.tolist(), strict=True)) == slow
    again = placed(begin, some, timeframe)
    assert again.inside.all()
    assert np.array_equal(again.end, end)


def test_daily_bars_close_with_their_session_and_strangers_at_nine_in_the_evening(new_york):
    found = placed(starts("2024-07-03", "2024-07-04", "2024-07-05"), new_york, Timeframe.D1)
    assert found.end.tolist() == starts("2024-07-03T17:00Z", "2024-07-04T21:00Z", "2024-07-05T20:00Z").tolist()
    assert found.inside.tolist() == [True, False, True]


def test_dates_beyond_the_calendar_are_strangers_too(new_york):
    found = placed(starts("1980-01-02", "2031-01-02"), new_york, Timeframe.D1)
    assert found.inside.tolist() == [False, False]
    empty = Sessions("XNYS", *[np.empty(0, dtype=np.int64)] * 3)
    assert placed(starts("2024-07-03"), empty, Timeframe.D1).inside.tolist() == [False]


def test_bars_on_another_grid_close_before_the_next_one(new_york):
    found = placed(starts("2024-11-29T14:30Z", "2024-11-29T15:00Z", "2024-11-29T17:45Z"), new_york, Timeframe.H1)
    assert found.end.tolist() == starts("2024-11-29T15:00Z", "2024-11-29T16:00Z", "2024-11-29T18:00Z").tolist()


def test_bars_outside_the_session_are_strangers(new_york):
    found = placed(starts("2024-11-29T13:00Z", "2024-11-29T18:00Z", "2024-11-30T15:00Z"), new_york, Timeframe.M5)
    assert not found.inside.any()


def test_crypto_bars_lie_on_the_clock(everyday):
    found = placed(starts("2024-11-29T13:00Z", "2024-11-29T14:07Z"), everyday, Timeframe.H1)
    assert found.inside.tolist() == [True, False]


@given(st.integers(0, 40 * 86_400), st.integers(0, 40 * 86_400))
def test_between_keeps_the_sessions_that_touch_a_span(new_york, first, length):
    begin = start_of("2026-10-20") + first
    found = between(new_york, begin, begin + length)
    slow = [
        int(start)
        for start, closes in zip(new_york.start, new_york.closes, strict=True)
        if closes > begin and start <= begin + length
    ]
    assert found.start.tolist() == slow
    assert [int(new_york.closes[new_york.position(start)]) for start in slow] == found.closes.tolist()
