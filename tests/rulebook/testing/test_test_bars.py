"""Bars of a rule test: columns, calendars of weekdays, and missing bars."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rulebook.testing.test_bars import BarSchedule, CaseBars, CaseError, case_bars
from bot.rulebook.testing.test_file import ColumnsModel
from bot.signals.timeframe import DAY, Timeframe, midnight, start_of
from bot.yamlfile.load import read_yaml

PATH = ("series", "IWM")
MONDAY = BarSchedule(Timeframe.D1, start_of("2024-01-01"), weekdays=True)


def bars_of(text: str, clock: BarSchedule = MONDAY) -> CaseBars:
    document = read_yaml(f"series:\n  IWM: {text}\n".encode(), "x")
    data = document.data["series"]["IWM"]
    part = ColumnsModel.model_validate({"close": data} if isinstance(data, str) else data)
    return case_bars(document, PATH, part, clock)


def refused(text: str) -> list[str]:
    with pytest.raises(CaseError) as caught:
        bars_of(text)
    return [str(problem) for problem in caught.value.problems]


def test_closes_alone_are_the_other_prices_too() -> None:
    bars = bars_of("'100 101'").bars
    for column in (bars.open, bars.high, bars.low, bars.close):
        assert column.tolist() == [100, 101]
    assert np.isnan(bars.volume).all()


def test_columns_that_are_given_are_taken_and_the_others_follow() -> None:
    bars = bars_of("{close: '100 101', open: '102 99', volume: '5 6'}").bars
    assert bars.high.tolist() == [102, 101]
    assert bars.low.tolist() == [100, 99]
    assert bars.volume.tolist() == [5, 6]


def test_a_missing_bar_is_not_there_and_counts_all_the_same() -> None:
    given_ = bars_of("'100 _ 102'")
    assert given_.numbers.tolist() == [1, 3]
    assert [given_.bars.label(i) for i in (0, 1)] == ["2024-01-01", "2024-01-03"]
    assert (given_.position("3"), given_.position("2"), given_.position("4")) == (1, None, None)
    assert (given_.position("2024-01-03"), given_.position("2024-01-02")) == (1, None)


def test_an_unknown_value_is_a_bar_that_is_there() -> None:
    bars = bars_of("'100 ? 102'").bars
    assert len(bars) == 3
    assert np.isnan([bars.open[1], bars.high[1], bars.low[1], bars.close[1]]).all()


@given(st.dates(date(1990, 1, 1), date(2050, 1, 1)), st.integers(1, 60))
def test_weekday_markets_rest_on_saturdays_and_sundays(first: date, count: int) -> None:
    bars = bars_of(f"'100x{count}'", BarSchedule(Timeframe.D1, midnight(first), weekdays=True)).bars
    expected = []
    day = first
    while len(expected) < count:
        if day.weekday() < 5:
            expected.append(day.isoformat())
        day += timedelta(days=1)
    assert [bars.label(i) for i in range(count)] == expected
    assert set((bars.end - bars.start).tolist()) == {21 * 3600}


@pytest.mark.parametrize("timeframe", list(Timeframe))
def test_markets_around_the_clock_never_rest(timeframe: Timeframe) -> None:
    bars = bars_of("'100x500'", BarSchedule(timeframe, start_of("2024-01-01"), weekdays=False)).bars
    assert set(np.diff(bars.start).tolist()) == {timeframe.seconds}
    assert set((bars.end - bars.start).tolist()) == {timeframe.seconds}


def test_hours_of_a_weekday_market_go_on_too() -> None:
    bars = bars_of("'100x200'", BarSchedule(Timeframe.H1, start_of("2024-01-01"), weekdays=True)).bars
    assert int(bars.end[-1] - bars.start[0]) == 200 * 3600 > 7 * DAY
    assert datetime.fromtimestamp(int(bars.start[199]), UTC).isoformat() == "2024-01-09T07:00:00+00:00"


def test_what_does_not_fit_together_is_said() -> None:
    assert refused("{close: '1x3', high: '2x4'}") == [
        "x:2:29: series.IWM.high: high has 4 bars; allowed: 3, as many as close"
    ]
    said = "bar 2 is missing in one of high and close; allowed: _ in both, or ? for an unknown value"
    assert refused("{close: '1 _', high: '2 2'}") == [f"x:2:29: series.IWM.high: {said}"]
    assert refused("{close: '1 5', high: '2 4'}") == [
        "x:2:8: series.IWM: bar 2: high and low do not enclose open and close"
    ]
    assert refused("{close: '1 5', low: '2 4'}") == [
        "x:2:8: series.IWM: bar 1: high and low do not enclose open and close"
    ]


def test_words_that_can_t_be_read_are_placed_in_the_file() -> None:
    assert [text.split(": series")[0] for text in refused("{close: '1 a', high: 2 b c}")] == [
        "x:2:31",
        "x:2:33",
        "x:2:19",
    ]
    assert refused("|\n    100x3\n    10+1")[0].startswith("x:4:5: series.IWM: a ramp needs")
