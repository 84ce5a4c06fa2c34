"""The studies over histories in files, against figures taken from the files themselves by dates and by pandas.

Every recomputation runs over a history that the test makes, and over the real one where that lies beside the checkout.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bot.evidence.claim_check import ClaimCheck, Measure
from bot.evidence.claims import measured
from bot.evidence.correlation import correlate
from bot.evidence.event_study.event_study import HORIZONS_DAYS, Signals, Study, event_study
from bot.market.csv_form.bars import read_csv
from bot.signals.bars import Bars
from bot.signals.sessions import Sessions
from bot.signals.timeframe import DAY, Timeframe, label, start_of

DATA = Path(__file__).parents[2].parent / "shared" / "data" / "daily"
real = pytest.mark.skipif(not DATA.is_dir(), reason="needs real market history, which is not in the repository")

NOW = start_of("2026-10-01")
ROUND_THE_CLOCK = {"BTC", "ETH"}
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
def closes(folder: Path, market: str) -> pd.Series[float]:
    """Closes by date."""
    table = pd.read_csv(folder / f"{market}.csv", parse_dates=["date"], index_col="date")
    return table["close"].dropna()


@cache
def bars(folder: Path, market: str) -> Bars:
    """The bot's own reading; equities are put to close at 21:00 UTC, crypto days at 24:00."""
    around = Sessions.round_the_clock(start_of("2010-01-01"), start_of("2026-12-31"))
    nobody = Sessions("XNYS", *(np.empty(0, dtype=np.int64) for _ in range(3)))
    calendar = around if market in ROUND_THE_CLOCK else nobody
    return read_csv(folder / f"{market}.csv", market, calendar).bars


@cache
def records(folder: Path) -> list[date]:
    """First record closes of the Russell 2000 after 60 sessions without one, by a slow loop."""
    found, since, top = [], 10_000, 0.0
    for position, (day, close) in enumerate(closes(folder, "RUT").items()):
        if position >= 252 and close > top:
            if since >= 60:
                found.append(day.date())
            since = 0
        else:
            since += 1
        top = max(top, close)
    return found


@cache
def told(folder: Path, asset: str) -> Study:
    """The study of those records."""
    start = np.array([start_of(day.isoformat()) for day in records(folder)])
    since = int(bars(folder, "RUT").end[0])
    fired = Signals("russell-2000-all-time-high", "RUT", Timeframe.D1, start, start + 21 * 3_600, since)
    return event_study(fired, bars(folder, asset), NOW)


@cache
def after(folder: Path, asset: str, days: int) -> pd.Series[float]:
    """The return from each close to that of the date so many days later; bridged where a day is missing."""
    series = closes(folder, asset)
    ahead = series.reindex(pd.date_range(series.index[0], series.index[-1])).ffill(limit=4)
    later = ahead.reindex(series.index + timedelta(days=days)).to_numpy()
    return pd.Series(later / series.to_numpy() - 1, series.index).dropna()


def entries(folder: Path, asset: str, days: int) -> list[pd.Timestamp]:
    """Dates of the entries whose return is known."""
    return [pd.Timestamp(event.entry_label) for event in told(folder, asset).events if event.returns[days] is not None]


@cache
def eras(folder: Path, asset: str, days: int) -> tuple[np.ndarray, np.ndarray]:
    """Log returns less the median of their time, and the spread of their time, by rolling windows of two years."""
    logs = np.log1p(after(folder, asset, days))
    day = logs.index.to_series().diff().dt.days.fillna(0).cumsum().astype(int)
    grid = logs.set_axis(day).reindex(range(day.iloc[-1] + 1))
    over = grid - grid.rolling(731, min_periods=1, center=True).median()
    spread = 1.4826 * over.abs().rolling(731, min_periods=1, center=True).median()
    return over.dropna().to_numpy(), spread[over.notna()].to_numpy()


def shifted(folder: Path, asset: str, days: int, effect: float = 0.0) -> np.ndarray:
    """Mean score of the events, shifted in a circle by each number of places, had all returns been larger."""
    over, spread = eras(folder, asset, days)
    scores = ((over + effect) / spread).clip(-2, 2)
    at = np.array([after(folder, asset, days).index.get_loc(entry) for entry in entries(folder, asset, days)])
    return np.array([scores[(at + by) % len(scores)].mean() for by in range(len(scores))])


def made(folder: Path) -> Path:
    """Ten years: a small-cap index that makes records now and then, its fund, and two coins with a missing day."""
    random = np.random.default_rng(20)
    days = pd.date_range("2013-01-01", "2022-12-31")
    weekdays = days[days.day_of_week < 5]
    session = np.arange(len(weekdays))
    swing = 0.15 * np.sin(session / 40) + 0.0005 * session  # a record each year, after months below the last one
    index = 1_000 * np.exp(swing + random.normal(0, 0.004, len(weekdays)))
    era = np.where(days < "2016-01-01", 0.004, 0.0005)
    coins = {
        "BTC": 100 * np.exp(np.cumsum(random.normal(era, 0.035))),
        "ETH": 10 * np.exp(np.cumsum(random.normal(0.001, 0.05, len(days)))),
    }
    tables = {"RUT": pd.Series(index, weekdays), "IWM": pd.Series(index / 10, weekdays)}
    tables |= {name: pd.Series(values, days).drop(days[700]) for name, values in coins.items()}
    for name, table in tables.items():
        table.rename("close").rename_axis("date").to_csv(folder / f"{name}.csv", date_format="%Y-%m-%d")
    return folder


@pytest.fixture(scope="module", params=["made", pytest.param("real", marks=real)])
def history(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return DATA if request.param == "real" else made(tmp_path_factory.mktemp("daily"))


@pytest.mark.parametrize("asset", ["BTC", "ETH"])
def test_each_return_is_what_the_file_says(history: Path, asset: str) -> None:
    series = closes(history, asset)
    assert told(history, asset).n >= 5
    for event in told(history, asset).events:
        entry = pd.Timestamp(event.entry_label)
        assert event.price == series[entry]
        for days in HORIZONS_DAYS:
            expected = after(history, asset, days).get(entry)
            assert event.returns[days] == (None if expected is None else pytest.approx(expected))
            way = series[entry + timedelta(days=1) : entry + timedelta(days=days)]
            best, worst = event.best[days], event.worst[days]
            assert best is not None
            assert worst is not None
            assert (label(best.bar, Timeframe.D1), best.price) == (f"{way.idxmax():%Y-%m-%d}", way.max())
            assert (label(worst.bar, Timeframe.D1), worst.price) == (f"{way.idxmin():%Y-%m-%d}", way.min())


@pytest.mark.parametrize("asset", ["BTC", "ETH"])
@pytest.mark.parametrize("days", HORIZONS_DAYS)
def test_each_base_rate_is_what_the_file_says(history: Path, asset: str, days: int) -> None:
    base, horizon = after(history, asset, days), told(history, asset).horizons[days]
    dates = entries(history, asset, days)
    year = timedelta(days=365)
    own = [base[entry - year : entry + year] for entry in dates]
    assert horizon.base_median == pytest.approx(np.median([each.median() for each in own]))
    assert horizon.base_hit_rate == pytest.approx(np.mean([(each > 0).mean() for each in own]))
    assert horizon.base_n == len(set().union(*(each.index for each in own)))
    excess = [base[entry] - each.median() for entry, each in zip(dates, own, strict=True)]
    assert horizon.excess == pytest.approx(np.median(excess))
    assert horizon.median == pytest.approx(base[dates].median())
    whole = (horizon.whole_base_n, horizon.whole_base_median, horizon.whole_base_hit_rate)
    assert whole == (len(base), pytest.approx(base.median()), pytest.approx((base > 0).mean()))


@pytest.mark.parametrize("asset", ["BTC", "ETH"])
@pytest.mark.parametrize("days", [30, 90, 365])
def test_each_p_value_is_what_loops_over_the_file_say(history: Path, asset: str, days: int) -> None:
    means = shifted(history, asset, days)
    strays = np.abs(means - means.mean())
    assert told(history, asset).horizons[days].p_value == pytest.approx((strays >= strays[0] - 1e-9).mean())


@pytest.mark.parametrize("days", [30, 90])
def test_what_would_show_is_what_loops_over_the_file_find(history: Path, days: int) -> None:
    least = told(history, "BTC").horizons[days].detectable
    assert least is not None
    means = shifted(history, "BTC", days)
    strays = np.sort(np.abs(means - means.mean()))

    def power(effect: float) -> float:
        """Share of the placements whose p-value is below 1 %, upwards."""
        moved = shifted(history, "BTC", days, np.log1p(effect)) - means.mean()
        return float((1 - np.searchsorted(strays, moved - 1e-9) / len(strays) < 0.01).mean())

    assert power(least) >= 0.8 > power(least - 0.02)


def test_the_correlation_is_that_of_pandas_by_date(history: Path) -> None:
    both = pd.DataFrame({"x": np.log(closes(history, "IWM"))}).join(np.log(closes(history, "BTC")).rename("y")).diff()
    rolled = both["y"].rolling(90).corr(both["x"])
    found = correlate(bars(history, "IWM"), bars(history, "BTC"), NOW)
    assert found.rolling[90].now == pytest.approx(rolled.iloc[-1])
    lately = rolled.iloc[-756:]
    assert found.rolling[90].percentile == pytest.approx(100 * ((lately < lately.iloc[-1]).sum() + 0.5) / len(lately))


@real
def test_the_records_are_those_of_history() -> None:
    events = told(DATA, "BTC").events
    assert [event.label for event in events] == [event.entry_label for event in events] == RECORDS
    assert told(DATA, "ETH").n == 5


@real
def test_a_clock_change_moves_no_session_of_an_equity() -> None:
    events = told(DATA, "IWM").events
    event = next(each for each in events if each.label == "2021-11-02")
    assert (event.entry_label, event.returns[90]) == ("2021-11-03", pytest.approx(-0.1478, abs=5e-5))
    assert (events[-1].label, events[-1].returns[90]) == ("2025-09-18", pytest.approx(0.0236, abs=5e-5))


@real
def test_the_claim_of_380_percent_is_measured() -> None:
    made = told(DATA, "BTC")
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


@real
def test_the_real_markets_move_on_the_same_day() -> None:
    found = correlate(bars(DATA, "IWM"), bars(DATA, "BTC"), NOW)
    assert found.as_of == start_of("2026-09-25") + DAY
    assert found.lead_lag is not None
    assert (found.lead_lag.lag, found.lead_lag.leaves_band) == (0, True)
