"""The simulated world is the same from wherever one looks at it, and has what a demo shows."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.market.model import FetchRequest, Source, SourceError
from bot.market.sources import registry
from bot.signals.bars import COLUMNS, Bars
from bot.signals.timeframe import DAY, Timeframe, start_of

START = "2026-11-02"


def ask(
    sessions, symbol="RUT", *, since="2015-01-01", now="2026-12-20", timeframe=Timeframe.D1, start=START, **options
):
    options = {"seed": 7, "start": start} | options
    source = Source("simulated", "simulator", symbol, options)
    instants = [at if isinstance(at, int) else start_of(at) for at in (since, now)]
    return registry.fetch(FetchRequest(symbol, timeframe, source, sessions, *instants))


def same(one: Bars, other: Bars) -> bool:
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in ("start", "end", *COLUMNS))


@settings(max_examples=30)
@given(
    st.integers(start_of("2015-02-01"), start_of("2027-01-01")),
    st.integers(0, 400 * DAY),
    st.sampled_from(["RUT", "IWM", "BTC", "VIX", "SOL"]),
)
def test_since_and_now_only_cut(new_york, everyday, since, length, symbol):
    sessions = everyday if symbol in {"BTC", "SOL"} else new_york
    whole = ask(sessions, symbol, since="2015-01-01", now="2027-06-01").bars
    now = min(since + length, start_of("2027-06-01"))
    part = ask(sessions, symbol, since=since, now=now).bars
    cut = whole.known_at(now)
    assert same(part, cut.slice(int(np.searchsorted(cut.start, since)), len(cut)))


@pytest.mark.parametrize("symbol", ["RUT", "IWM", "IWN", "SPY", "VIX", "HYG", "UUP", "BTC", "ETH", "ALT"])
def test_prices_are_possible(new_york, everyday, symbol):
    bars = ask(everyday if symbol in {"BTC", "ETH", "ALT"} else new_york, symbol).bars
    assert len(bars) > 2900
    assert bars.label(0) == "2015-01-02"
    assert (bars.low > 0).all()
    assert (bars.high >= np.maximum(bars.open, bars.close)).all()
    assert (bars.low <= np.minimum(bars.open, bars.close)).all()


@pytest.mark.parametrize("seed", range(5))
def test_the_default_scenario_breaks_out_fails_rests_and_breaks_out_again(new_york, seed):
    bars = ask(new_york, seed=seed).bars
    begin = bars.position(start_of(START))
    record = bars.close[:begin].max()
    after = bars.close[begin : begin + 30] / record
    assert not (bars.close[begin - 60 : begin] >= record).any()
    breaks = np.flatnonzero(after > np.concatenate([[1.0], np.maximum.accumulate(after)[:-1].clip(1.0)]))
    assert len(breaks) >= 3
    assert breaks[0] < 6
    failed = np.flatnonzero(after[breaks[0] :] < 0.965)
    assert len(failed)
    quiet = after[breaks[0] + failed[0] :][:8]
    assert quiet.max() < 0.99
    assert breaks[-1] > breaks[0] + failed[0] + 8


def test_small_caps_move_together(new_york):
    rut, iwm = ask(new_york, "RUT").bars, ask(new_york, "IWM").bars
    assert np.corrcoef(np.diff(np.log(rut.close)), np.diff(np.log(iwm.close)))[0, 1] > 0.97
    assert np.median(rut.close / iwm.close) == pytest.approx(10, rel=0.05)


def test_the_forming_bar_grows_into_the_closed_one(new_york):
    closed = ask(new_york, now="2026-11-05").bars
    seen = [ask(new_york, now=f"2026-11-04T{hour}:00Z").forming for hour in range(15, 21)]
    assert [len(bar) for bar in seen] == [1] * 6
    highs, lows = ([float(getattr(bar, name)[0]) for bar in seen] for name in ("high", "low"))
    assert highs == sorted(highs)
    assert lows == sorted(lows, reverse=True)
    assert {float(bar.open[0]) for bar in seen} == {float(closed.open[-1])}
    assert len(ask(new_york, now="2026-11-04T21:00Z").forming) == 0
    assert len(ask(new_york, now="2026-11-04T14:29Z").forming) == 0


@pytest.mark.parametrize("timeframe", [Timeframe.M5, Timeframe.H1, Timeframe.H4])
def test_bars_within_a_day_make_up_the_daily_bar(new_york, timeframe):
    day = ask(new_york, since=START, now="2026-11-03").bars
    parts = ask(new_york, since=START, now="2026-11-03", timeframe=timeframe).bars
    assert (parts.open[0], parts.close[-1]) == pytest.approx((day.open[0], day.close[0]))
    assert (parts.high.max(), parts.low.min()) == pytest.approx((day.high[0], day.low[0]))
    assert parts.volume.sum() == pytest.approx(day.volume[0])
    assert np.allclose(parts.open[1:], parts.close[:-1])


def test_crypto_is_never_shut_and_has_no_gaps(everyday):
    bars = ask(everyday, "BTC").bars
    assert np.allclose(bars.open[1:], bars.close[:-1])


def test_seeds_differ_and_no_start_means_no_script(new_york):
    assert not same(ask(new_york, seed=1).bars, ask(new_york, seed=2).bars)
    plain = ask(new_york, start="").bars
    scripted = ask(new_york).bars
    long_before = plain.position(start_of("2025-01-02"))
    assert np.allclose(plain.close[:long_before], scripted.close[:long_before], rtol=0.01)


def broken_at(bars, level=0.982):
    """How the closes of the script's days stand to the record before it, and on which the level first gave way."""
    begin = bars.position(start_of(START))
    closes = bars.close[begin : begin + 25] / bars.close[:begin].max()
    return closes, np.flatnonzero(closes > level)


@pytest.mark.parametrize("seed", range(5))
def test_a_breakout_holds_or_fails_as_its_scenario_says(new_york, seed):
    held, above = broken_at(ask(new_york, scenario="holds", seed=seed).bars)
    assert above[0] <= 3
    assert held[above[0] :].min() > 0.975
    assert held[-1] > 1.02
    failed, above = broken_at(ask(new_york, scenario="fails", seed=seed).bars)
    assert above[0] <= 3
    assert failed[above[0] : above[0] + 4].min() < 0.975
    assert failed[8:].max() < 0.96


@pytest.mark.parametrize("seed", range(5))
def test_a_quiet_month_stays_below_its_level(new_york, seed):
    closes, above = broken_at(ask(new_york, scenario="quiet", seed=seed).bars)
    assert not len(above)
    assert closes.max() < 0.95


def test_an_outage_takes_the_small_caps_only_and_gives_everything_back(new_york):
    for symbol in ("RUT", "IWM", "IWN"):
        with pytest.raises(SourceError, match="unreachable"):
            ask(new_york, symbol, scenario="outage", now="2026-11-06")
    assert len(ask(new_york, "SPY", scenario="outage", now="2026-11-06").bars)
    assert ask(new_york, scenario="outage", now="2026-11-04T23:59Z").bars.label(-1) == "2026-11-04"
    back = ask(new_york, scenario="outage", now="2026-11-10").bars
    assert [back.label(at) for at in (-3, -2, -1)] == ["2026-11-05", "2026-11-06", "2026-11-09"]
    _, above = broken_at(back)
    assert above[0] == 4


def test_a_world_that_can_not_be_is_refused_in_words(new_york):
    with pytest.raises(SourceError, match=r"unknown scenario \(got nope\); allowed: default"):
        ask(new_york, scenario="nope")
    with pytest.raises(SourceError, match="can't hold a script that starts on 2036-05-01; allowed: 2016 to 2035"):
        ask(new_york, start="2036-05-01")


def autocorrelation(values: np.ndarray) -> float:
    away = values - values.mean()
    return float((away[1:] * away[:-1]).mean() / away.var())


@pytest.mark.parametrize(("symbol", "seed"), [("RUT", 7), ("RUT", 1), ("BTC", 7), ("BTC", 1)])
def test_hours_are_no_smooth_way_from_close_to_close(new_york, everyday, symbol, seed):
    sessions = everyday if symbol == "BTC" else new_york
    hours = ask(sessions, symbol, since="2025-01-01", timeframe=Timeframe.H1, seed=seed).bars
    days = ask(sessions, symbol, since="2025-01-01", seed=seed).bars
    moves = np.log(hours.close / hours.open)
    assert abs(autocorrelation(moves)) < 0.2
    assert autocorrelation(np.abs(moves)) > 0.1  # quiet hours and wild ones come in clusters
    within = (moves**2).sum() / (np.diff(np.log(days.close)) ** 2).sum()
    assert 0.7 < within < 1.2  # what hours move makes up what days do


def test_hours_are_busiest_at_the_ends_of_a_session_and_while_new_york_trades(new_york, everyday):
    hours = ask(new_york, since="2020-01-01", timeframe=Timeframe.M30).bars
    moves = np.log(hours.close / hours.open)
    nth = np.arange(len(hours)) - np.searchsorted(hours.start, hours.start - 6 * 3600)
    by_place = [np.std(moves[nth == place]) for place in (0, 6, 11)]
    assert min(by_place[0], by_place[2]) > 1.2 * by_place[1]
    assert hours.volume[nth == 0].mean() > 1.5 * hours.volume[nth == 6].mean()
    coin = ask(everyday, "BTC", since="2025-01-01", timeframe=Timeframe.H1).bars
    hour, move = coin.start // 3600 % 24, np.log(coin.close / coin.open)
    assert np.std(move[(hour >= 12) & (hour < 18)]) > 1.3 * np.std(move[hour < 6])


def test_small_caps_move_together_by_the_hour(new_york):
    rut, iwm = (ask(new_york, name, since="2025-01-01", timeframe=Timeframe.H1).bars for name in ("RUT", "IWM"))
    assert np.corrcoef(np.log(rut.close / rut.open), np.log(iwm.close / iwm.open))[0, 1] > 0.75
