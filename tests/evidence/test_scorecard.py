"""The scorecard of sent alerts."""

from __future__ import annotations

from statistics import median

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.evidence.event_study.event_study import Signals, event_study
from bot.evidence.scorecard import ALERT_HORIZONS_DAYS, SentAlert, course, scorecard
from bot.signals.bars import Bars
from bot.signals.timeframe import DAY
from tests.evidence.event_study.slow_study import change_after, entry_after, rows_of
from tests.evidence.walks import FIRST, daily, firings, long_walks

LATER = FIRST + 2_000 * DAY
sent_alerts = st.lists(
    st.builds(
        lambda rule, day, late: SentAlert(rule, "IWM", FIRST + day * DAY, FIRST + day * DAY + 75_600 + late),
        st.sampled_from(["record", "break"]),
        st.integers(-10, 400),
        st.sampled_from([0, 900, 3 * 3_600, 40 * 3_600]),
    ),
    max_size=10,
)


@given(sent_alerts, long_walks("BTC"), long_walks("ETH"), st.integers(0, 500))
@settings(max_examples=40, deadline=None)
def test_equals_a_slow_loop(sent: list[SentAlert], btc: Bars, eth: Bars, days: int) -> None:
    now = FIRST + days * DAY
    told = scorecard(sent, {"BTC": btc, "ETH": eth}, now)
    assert [row.alert for row in told.rows] == [alert for alert in sent if alert.at <= now]
    kept: dict[tuple[str, str, int], list[float]] = {}
    for row in told.rows:
        for asset, bars in (("BTC", btc), ("ETH", eth)):
            rows = rows_of(bars, now)
            entry = entry_after(rows, row.alert.at)
            result = row.results[asset]
            if entry is None:
                assert result is None
                continue
            assert result is not None
            assert (result.entry, result.price) == (entry[0], entry[2])
            for span in ALERT_HORIZONS_DAYS:
                change = change_after(rows, entry, span)
                assert result.returns[span] == (None if change is None else pytest.approx(change))
                if change is not None:
                    kept.setdefault((row.alert.rule, asset, span), []).append(change)
    for tally in told.tallies:
        known = kept.get((tally.rule, tally.asset, tally.days), [])
        assert (tally.n, tally.higher) == (len(known), sum(each > 0 for each in known))
        assert tally.median == (pytest.approx(median(known)) if known else None)
    assert len(told.tallies) == len({row.alert.rule for row in told.rows}) * 2 * len(ALERT_HORIZONS_DAYS)


def test_an_alert_that_came_late_counts_from_when_it_came() -> None:
    btc = daily([float(each) for each in range(1, 30)], market="BTC", hour=24)
    on_time = SentAlert("rule", "IWM", FIRST, FIRST + 76_500)
    late = SentAlert("rule", "IWM", FIRST, FIRST + 2 * DAY + 1)
    first, second = scorecard([on_time, late], {"BTC": btc}, LATER).rows
    assert first.results["BTC"] is not None
    assert second.results["BTC"] is not None
    assert (first.results["BTC"].price, second.results["BTC"].price) == (1.0, 3.0)


def test_no_alert_and_no_asset() -> None:
    assert scorecard([], {"BTC": daily([1.0])}, LATER).rows == ()
    assert scorecard([], {"BTC": daily([1.0])}, LATER).tallies == ()
    (row,) = scorecard([SentAlert("rule", "IWM", FIRST, FIRST)], {}, LATER).rows
    assert row.results == {}


@given(long_walks(), firings(), st.lists(st.integers(0, 500), max_size=3))
@settings(max_examples=20, deadline=None)
def test_the_course_is_what_a_study_of_the_time_said(bars: Bars, fired: Signals, days: list[int]) -> None:
    instants = [FIRST + day * DAY for day in days]
    for at, stand in zip(instants, course(fired, bars, instants), strict=True):
        then = event_study(fired.known_at(at), bars.known_at(at), LATER).horizons[90]
        assert (stand.at, stand.n, stand.median, stand.base_median, stand.verdict) == (
            at,
            then.n,
            then.median,
            then.base_median,
            then.verdict,
        )


def test_the_past_of_a_verdict_does_not_change() -> None:
    random = np.random.default_rng(4)
    bars = daily(list(100 * np.exp(np.cumsum(random.normal(0, 0.02, 900)))), market="BTC", hour=24)
    start = FIRST + DAY * np.arange(20, 860, 60, dtype=np.int64)
    fired = Signals("rule", "IWM", bars.timeframe, start, start + 75_600, FIRST)
    years = [FIRST + 366 * DAY, FIRST + 731 * DAY]
    known = course(fired.known_at(years[0]), bars.known_at(years[0]), years[:1])
    assert course(fired, bars, years)[0] == known[0]
    assert [stand.n for stand in course(fired, bars, years)] == [5, 11]
