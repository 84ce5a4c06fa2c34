"""The studies over real history, against figures taken from the files themselves by dates and by pandas."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from pathlib import Path
from time import process_time

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


@pytest.mark.parametrize("asset", ["BTC", "ETH"])
def test_each_base_rate_is_what_the_file_says(asset: str) -> None:
    series = closes(asset)
    for days in HORIZONS_DAYS:
        base = (series.shift(-days, freq="D") / series).dropna() - 1
        base = base[base.index + timedelta(days=days) <= series.index[-1]]
        horizon = told(asset).horizons[days]
        own = [event.returns[days] for event in told(asset).events]
        assert horizon.base_n == pytest.approx(len(base), abs=3)  # a missing day is bridged, which pandas does not
        assert horizon.base_median == pytest.approx(base.median(), abs=0.01)
        assert horizon.base_hit_rate == pytest.approx((base > 0).mean(), abs=0.002)
        assert horizon.median == pytest.approx(np.median([each for each in own if each is not None]))


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
    assert half_a_year.base_hit_rate == pytest.approx(0.66, abs=0.005)
    assert half_a_year.verdict == "no detectable edge"


def test_the_correlation_is_that_of_pandas_by_date() -> None:
    both = pd.DataFrame({"x": np.log(closes("IWM"))}).join(np.log(closes("BTC")).rename("y")).diff()
    rolled = both["y"].rolling(90).corr(both["x"])
    found = correlate(bars("IWM"), bars("BTC"), NOW)
    assert found.rolling[90].now == pytest.approx(rolled.iloc[-1])
    assert found.as_of == start_of("2026-09-25") + DAY
    assert found.lead_lag is not None
    assert (found.lead_lag.lag, found.lead_lag.leaves_band) == (0, True)


def test_26_years_and_10_000_shifts_take_less_than_a_second() -> None:
    iwm = bars("IWM")
    often = Signals("often", "IWM", Timeframe.D1, iwm.start[::20], iwm.end[::20], int(iwm.end[0]))
    since = process_time()
    assert event_study(often, iwm, NOW).n > 300
    assert process_time() - since < 1.0
