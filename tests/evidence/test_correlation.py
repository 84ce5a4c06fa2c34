"""Correlation, beta, percentile and lead/lag against pandas."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.evidence.correlation import correlate
from bot.evidence.lead_lag import MAX_LAG_SESSIONS, lead_lag
from bot.evidence.percentile import percentile_of_last
from bot.evidence.return_pairs import pairs
from bot.signals.bars import COLUMNS, Bars
from bot.signals.timeframe import DAY, Timeframe
from tests.evidence.walks import FIRST, daily

LATER = FIRST + 5_000 * DAY


def markets(seed: int, size: int = 500, shared: float = 0.6, holes: int = 3) -> tuple[Bars, Bars]:
    """An equity that trades on weekdays and a crypto market that trades on all days, with something in common."""
    random = np.random.default_rng(seed)
    common = random.normal(0, 0.01, size)
    equity = 100 * np.exp(np.cumsum(common))
    other = 50 * np.exp(np.cumsum(shared * common + (1 - shared) * random.normal(0, 0.03, size)))
    start = FIRST + DAY * np.arange(size, dtype=np.int64)
    weekday = (start // DAY + 3) % 7 < 5
    weekday[random.choice(size, holes)] = False
    stays = np.ones(size, dtype=bool)
    stays[random.choice(size, holes)] = False
    nothing = np.ones(size)
    one = Bars("IWM", Timeframe.D1, start, start + 75_600, equity, equity, equity, equity, nothing)
    two = Bars("BTC", Timeframe.D1, start, start + DAY, other, other, other, other, nothing)
    return picked(one, weekday), picked(two, stays)


def picked(bars: Bars, stays: np.ndarray) -> Bars:
    """Some of the bars."""
    columns = {name: getattr(bars, name)[stays] for name in ("start", "end", *COLUMNS)}
    return Bars(bars.market, bars.timeframe, **columns)


def table(one: Bars, two: Bars) -> pd.DataFrame:
    """Both markets' returns by the date of the session, by pandas, as far as both have closed."""
    dates = pd.DataFrame({"x": np.log(one.close)}, index=one.start).join(
        pd.DataFrame({"y": np.log(two.close)}, index=two.start), how="left"
    )
    return dates[dates.index <= two.start[-1]].diff()


@given(st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_rolling_correlation_and_beta_equal_pandas(seed: int) -> None:
    one, two = markets(seed)
    both, told = table(one, two), correlate(one, two, LATER)
    for sessions in (30, 90):
        fewest = sessions - sessions // 20
        rolled = both["y"].rolling(sessions, min_periods=fewest).corr(both["x"])
        rolled.iloc[: sessions - 1] = math.nan
        np.testing.assert_allclose(told.rolling[sessions].history, rolled.to_numpy(), atol=1e-9)
        newest = both.tail(sessions).dropna()
        slope = np.polyfit(newest["x"], newest["y"], 1)[0] if len(newest) >= fewest else None
        assert told.rolling[sessions].beta == (None if slope is None else pytest.approx(slope))
        # Rounded, and to half a place, because pandas drifts apart where two windows hold the same returns.
        rank = rolled.round(9).rank().iloc[-1], rolled.notna().sum()
        expected = 100 * (rank[0] - 0.5) / rank[1] if np.isfinite(rank[0]) and rank[1] >= 252 else None
        half_a_place = 51 / max(rank[1], 1)
        told_rank = told.rolling[sessions].percentile
        assert told_rank == (None if expected is None else pytest.approx(expected, abs=half_a_place))


def test_the_percentile_is_that_of_three_years() -> None:
    told = correlate(*markets(7, size=2_600, shared=0.9), LATER).rolling[90]
    assert len(told.history) > 2 * 756
    history = told.history[-756:]
    known = history[np.isfinite(history)]
    assert told.percentile == pytest.approx(100 * ((known < known[-1]).sum() + 0.5) / len(known))


def test_a_session_is_paired_with_the_crypto_day_that_holds_it() -> None:
    equity = daily([100.0, 110.0, 121.0], market="IWM")
    crypto = daily([50.0, 60.0, 30.0], market="BTC", hour=24)
    both = pairs(equity, crypto, LATER)
    assert both.y[1:] == pytest.approx([math.log(60 / 50), math.log(30 / 60)])
    assert both.end.tolist() == crypto.end.tolist()
    assert np.isnan([both.x[0], both.y[0]]).all()


def test_a_session_counts_once_both_have_closed() -> None:
    equity, crypto = daily([100.0, 110.0], market="IWM"), daily([50.0, 60.0], market="BTC", hour=24)
    assert len(pairs(equity, crypto, int(crypto.end[1])).x) == 2
    assert len(pairs(equity, crypto, int(crypto.end[1]) - 1).x) == 1


@given(st.integers(0, 1_000), st.integers(0, 520))
@settings(max_examples=20, deadline=None)
def test_nothing_that_closes_later_matters(seed: int, days: int) -> None:
    one, two = markets(seed)
    now = FIRST + days * DAY
    early, late = correlate(one, two, now), correlate(one.known_at(now), two.known_at(now), LATER)
    assert early.as_of == late.as_of
    assert early.as_of is None or early.as_of <= now
    assert [(r.now, r.percentile, r.beta) for r in early.rolling.values()] == [
        (r.now, r.percentile, r.beta) for r in late.rolling.values()
    ]
    assert early.lead_lag == late.lead_lag


def test_a_missing_crypto_day_costs_two_returns_and_no_more() -> None:
    crypto = daily([50.0, math.nan, 30.0, 33.0], market="BTC", hour=24)
    both = pairs(daily([100.0, 101.0, 102.0, 103.0]), crypto, LATER)
    assert np.isnan(both.y).tolist() == [True, True, True, False]


def test_markets_that_never_meet_have_nothing_in_common() -> None:
    for one, two in ((daily([]), daily([1.0, 2.0])), (daily([1.0, 2.0]), daily([])), (daily([]), daily([]))):
        told = correlate(one, two, LATER)
        assert told.as_of is None
        assert told.lead_lag is None
        assert [(r.now, r.percentile, r.beta) for r in told.rolling.values()] == [(None, None, None)] * 2
    apart = correlate(daily([1.0, 2.0, 3.0]), daily([1.0, 2.0, 3.0], FIRST + 90 * DAY), LATER)
    assert apart.as_of is None


def test_a_market_that_stands_still_has_no_correlation() -> None:
    one, _ = markets(1)
    told = correlate(one, daily([7.0] * 500, market="BTC", hour=24), LATER)
    assert told.rolling[90].now is None
    assert told.lead_lag is None


@given(st.integers(0, 10_000), st.integers(252, 330))
@settings(max_examples=15, deadline=None)
def test_lags_equal_pandas(seed: int, size: int) -> None:
    random = np.random.default_rng(seed)
    x, y = pd.Series(random.normal(size=size)), pd.Series(random.normal(size=size))
    told = lead_lag(x.to_numpy(), y.to_numpy())
    assert told is not None
    expected = [x.corr(y.shift(-lag)) for lag in range(-MAX_LAG_SESSIONS, MAX_LAG_SESSIONS + 1)]
    np.testing.assert_allclose(told.by_lag, expected, atol=1e-12)
    assert abs(told.largest) == pytest.approx(max(abs(each) for each in expected))
    assert told.by_lag[told.lag + MAX_LAG_SESSIONS] == told.largest


def test_the_band_equals_shifting_one_by_one() -> None:
    random = np.random.default_rng(3)
    x, y = random.normal(size=260), random.normal(size=260)
    told = lead_lag(x, y)
    far = [float(np.corrcoef(x, np.roll(y, -by))[0, 1]) for by in range(21, 240)]
    looks = np.abs(random.normal(size=(100_000, 41))).max(axis=1)
    assert told is not None
    assert told.band == pytest.approx(
        math.sqrt(sum(r * r for r in far) / len(far)) * np.percentile(looks, 95), rel=0.01
    )


@pytest.mark.parametrize("lag", [-7, 0, 1, 20])
def test_a_true_lead_is_found(lag: int) -> None:
    random = np.random.default_rng(2)
    x = random.normal(size=700)
    y = np.roll(x, lag) + random.normal(size=700)
    told = lead_lag(x, y)
    assert told is not None
    assert (told.lag, told.leaves_band) == (lag, True)
    assert told.largest == pytest.approx(0.7, abs=0.1)


def test_strangers_seldom_leave_the_band() -> None:
    random = np.random.default_rng(8)
    left = sum(
        told.leaves_band
        for told in (lead_lag(random.normal(size=400), random.normal(size=400)) for _ in range(200))
        if told
    )
    assert left <= 18


def test_too_little_is_no_lead() -> None:
    assert lead_lag(np.arange(251.0), np.arange(251.0)) is None
    assert lead_lag(np.append(np.arange(251.0), np.nan), np.arange(252.0)) is None
    assert lead_lag(np.ones(300), np.arange(300.0)) is None


def test_ranks() -> None:
    assert percentile_of_last(np.array([1.0, 2.0, 3.0, 4.0]), 1) == 87.5
    assert percentile_of_last(np.array([4.0, 3.0, math.nan, 1.0]), 3) == pytest.approx(100 / 6)
    assert percentile_of_last(np.array([2.0, 2.0]), 1) == 50.0
    assert percentile_of_last(np.array([2.0, 2.0]), 3) is None
    assert percentile_of_last(np.array([]), 0) is None
