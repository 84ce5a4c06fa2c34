"""The studies over real history, against figures taken from the files themselves by dates and by pandas."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bot.evidence.claims import ClaimCheck, Measure, measured
from bot.evidence.correlation import correlate
from bot.evidence.event_study.event_study import HORIZONS_DAYS, Signals, Study, event_study
from bot.market.sources.csv import read_csv
from bot.signals.bars import Bars
from bot.signals.sessions import Sessions
from bot.signals.timeframe import DAY, Timeframe, label, start_of

DATA = Path(__file__).parents[2].parent / "shared" / "data" / "daily"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="needs real market history, which is not in the repository")

NOW = start_of("2026-10-01")
RECORDS = [
    "2011-04-27",
    "2013-01-02",
    "2014-12-26",
    "2016-11-14",
    "2018-05-16",
    "2020-11-13",
    "2021-11-02",
    "2025-09-18",
]


@cache
def closes(market: str) -> pd.Series[float]:
    """Closes by date, read without the bot."""
    table = pd.read_csv(DATA / f"{market}.csv", parse_dates=["date"], index_col="date")
    return table["close"].dropna()


@cache
def bars(market: str) -> Bars:
    """The bot's own reading; equities are put to close at 21:00 UTC, crypto days at 24:00."""
    around = Sessions.round_the_clock(start_of("2010-01-01"), start_of("2026-12-31"))
    read = read_csv(DATA / f"{market}.csv", market, around).bars
    if market in {"BTC", "ETH"}:
        return read
    nobody = Sessions("XNYS", *(np.empty(0, dtype=np.int64) for _ in range(3)))
    return read_csv(DATA / f"{market}.csv", market, nobody).bars


@cache
def records() -> list[date]:
    """First record closes of the Russell 2000 after 60 sessions without one, by a slow loop."""
    found, since, top = [], 10_000, 0.0
    for position, (day, close) in enumerate(closes("RUT").items()):
        if position >= 252 and close > top:
            if since >= 60:
                found.append(day.date())
            since = 0
        else:
            since += 1
        top = max(top, close)
    return found


def fired() -> Signals:
    """Those, as firings."""
    start = np.array([start_of(day.isoformat()) for day in records()])
    since = int(bars("RUT").end[0])
    return Signals("russell-2000-all-time-high", "RUT", Timeframe.D1, start, start + 21 * 3_600, since)


@cache
def told(asset: str) -> Study:
    return event_study(fired(), bars(asset), NOW)


def test_the_records_are_those_of_history() -> None:
    assert [event.label for event in told("BTC").events] == RECORDS
    assert [event.entry_label for event in told("BTC").events] == RECORDS


@pytest.mark.parametrize(("asset", "n"), [("BTC", 8), ("ETH", 5)])
def test_each_return_is_what_the_file_says(asset: str, n: int) -> None:
    series = closes(asset)
    assert told(asset).n == n
    for event in told(asset).events:
        entry = pd.Timestamp(event.entry_label)
        assert event.price == series[entry]
        for days in HORIZONS_DAYS:
            later = entry + timedelta(days=days)
            assert event.returns[days] == pytest.approx(series[later] / series[entry] - 1)
            way = series[entry + timedelta(days=1) : later]
            best, worst = event.best[days], event.worst[days]
            assert best is not None
            assert worst is not None
            assert (label(best.bar, Timeframe.D1), best.price) == (f"{way.idxmax():%Y-%m-%d}", way.max())
            assert (label(worst.bar, Timeframe.D1), worst.price) == (f"{way.idxmin():%Y-%m-%d}", way.min())


@cache
def after(asset: str, days: int) -> pd.Series[float]:
    """The return from each close to that of the date so many days later, by pandas; bridged where a day is missing."""
    series = closes(asset)
    ahead = series.reindex(pd.date_range(series.index[0], series.index[-1])).ffill(limit=4)
    later = ahead.reindex(series.index + timedelta(days=days)).to_numpy()
    return pd.Series(later / series.to_numpy() - 1, series.index).dropna()


@pytest.mark.parametrize("asset", ["BTC", "ETH"])
@pytest.mark.parametrize("days", HORIZONS_DAYS)
def test_each_base_rate_is_what_the_file_says(asset: str, days: int) -> None:
    base, horizon = after(asset, days), told(asset).horizons[days]
    entries = [pd.Timestamp(event.entry_label) for event in told(asset).events if event.returns[days] is not None]
    year = timedelta(days=365)
    own = [base[entry - year : entry + year] for entry in entries]
    assert horizon.base_median == pytest.approx(np.median([each.median() for each in own]))
    assert horizon.base_hit_rate == pytest.approx(np.mean([(each > 0).mean() for each in own]))
    assert horizon.base_n == len(set().union(*(each.index for each in own)))
    excess = [base[entry] - each.median() for entry, each in zip(entries, own, strict=True)]
    assert horizon.excess == pytest.approx(np.median(excess))
    assert horizon.median == pytest.approx(base[entries].median())
    whole = (horizon.whole_base_n, horizon.whole_base_median, horizon.whole_base_hit_rate)
    assert whole == (len(base), pytest.approx(base.median()), pytest.approx((base > 0).mean()))


@pytest.mark.parametrize("asset", ["BTC", "ETH"])
@pytest.mark.parametrize("days", [30, 90, 365])
def test_each_p_value_is_what_loops_over_the_file_say(asset: str, days: int) -> None:
    logs = np.log1p(after(asset, days))
    day = logs.index.to_series().diff().dt.days.fillna(0).cumsum().astype(int)
    grid = logs.set_axis(day).reindex(range(day.iloc[-1] + 1))
    middle = grid.rolling(731, min_periods=1, center=True).median()
    spread = 1.4826 * (grid - middle).abs().rolling(731, min_periods=1, center=True).median()
    scores = ((grid - middle) / spread).clip(-2, 2).dropna().to_numpy()
    own = [event for event in told(asset).events if event.returns[days] is not None]
    places = np.array([logs.index.get_loc(pd.Timestamp(event.entry_label)) for event in own])
    means = np.array([np.roll(scores, -by)[places].mean() for by in range(len(scores))])
    strays = np.abs(means - means.mean())
    assert told(asset).horizons[days].p_value == pytest.approx((strays >= strays[0] - 1e-9).mean())


def test_a_clock_change_moves_no_session_of_an_equity() -> None:
    event = next(each for each in told("IWM").events if each.label == "2021-11-02")
    assert (event.entry_label, event.returns[90]) == ("2021-11-03", pytest.approx(-0.1478, abs=5e-5))
    last = told("IWM").events[-1]
    assert (last.label, last.returns[90]) == ("2025-09-18", pytest.approx(0.0236, abs=5e-5))


def test_the_claim_of_380_percent_is_measured() -> None:
    made = told("BTC")
    claim = measured(ClaimCheck(Measure.BEST, "BTC", 365, year=2020), made)
    (case,) = claim.cases
    assert case.best is not None
    assert (case.event.label, round(case.event.price)) == ("2020-11-13", 16_318)
    assert (label(case.best.bar, Timeframe.D1), round(case.best.change, 2)) == ("2021-11-08", 3.14)
    assert claim.overall is not None
    assert (claim.overall.n, claim.overall.hits) == (8, 5)
    half_a_year = made.horizons[180]
    assert (half_a_year.n, half_a_year.hits) == (8, 4)
    assert half_a_year.whole_base_hit_rate == pytest.approx(0.66, abs=0.005)
    assert half_a_year.verdict == "can't tell"


def test_the_correlation_is_that_of_pandas_by_date() -> None:
    both = pd.DataFrame({"x": np.log(closes("IWM"))}).join(np.log(closes("BTC")).rename("y")).diff()
    rolled = both["y"].rolling(90).corr(both["x"])
    found = correlate(bars("IWM"), bars("BTC"), NOW)
    assert found.rolling[90].now == pytest.approx(rolled.iloc[-1])
    assert found.as_of == start_of("2026-09-25") + DAY
    assert found.lead_lag is not None
    assert (found.lead_lag.lag, found.lead_lag.leaves_band) == (0, True)
