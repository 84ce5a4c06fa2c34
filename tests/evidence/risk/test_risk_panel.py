"""The risk panel, by small histories whose answers can be counted by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.evidence.risk.risk_panel import SERIES, RiskSign, risk_panel
from bot.signals.asof import STALE_AFTER_SECONDS
from bot.signals.bars import Bars
from bot.signals.timeframe import DAY
from tests.evidence.walks import FIRST, daily

SIZE = 400
NOW = FIRST + SIZE * DAY


def walk(market: str, seed: int, size: int = SIZE) -> Bars:
    random = np.random.default_rng(seed)
    bars = daily(list(100 * np.exp(np.cumsum(random.normal(0, 0.02, size)))), market=market)
    return replace(bars, volume=random.uniform(1e6, 5e6, size))


def town(seed: int) -> dict[str, Bars]:
    names = ("VIX", "IWM", "SPY", "IJR", "RSP", "SPHB", "SPLV", "HYG", "IEF", "UUP")
    return {name: walk(name, seed + at) for at, name in enumerate(names)}


def macro(market: str, values: list[float]) -> Bars:
    return replace(daily(values, market=market, hour=6), valid_for=5 * DAY)


def signs(markets: dict[str, Bars], now: int = NOW) -> dict[str, RiskSign]:
    return {each.name: each for each in risk_panel(markets, now).signs}


@given(st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_equals_pandas(seed: int) -> None:
    markets = town(seed)
    told = signs(markets)
    series = {name: pd.Series(bars.close) for name, bars in markets.items()}
    for sign, values, falls in (
        ("VIX", series["VIX"], True),
        ("IWM/SPY", series["IWM"] / series["SPY"], False),
        ("IWM/IJR", series["IWM"] / series["IJR"], False),
        ("RSP/SPY", series["RSP"] / series["SPY"], False),
        ("SPHB/SPLV", series["SPHB"] / series["SPLV"], False),
        ("HYG/IEF", series["HYG"] / series["IEF"], False),
        ("Dollar", series["UUP"], True),
    ):
        assert told[sign].value == pytest.approx(values.iloc[-1])
        assert told[sign].change == pytest.approx(values.pct_change(20).iloc[-1])
        assert told[sign].percentile == pytest.approx(100 * (values.rank().iloc[-1] - 0.5) / len(values))
        assert told[sign].leans == bool(
            (values.iloc[-1] < values.iloc[-21]) if falls else values.iloc[-1] > values.iloc[-21]
        )
    volume = pd.Series(markets["IWM"].volume)
    panel = risk_panel(markets, NOW)
    assert panel.missing == ("Crypto mood", "BTC funding")
    assert panel.leaning == (sum(each.leans is True for each in told.values()), 7)
    assert panel.volume is not None
    assert panel.volume.times == pytest.approx(volume.iloc[-1] / volume.iloc[-51:-1].mean())


def test_only_three_years_rank_a_value() -> None:
    vix = daily([90.0] * 2_000 + [20.0] * 1_095 + [30.0], market="VIX")
    assert signs({"VIX": vix}, int(vix.end[-1]))["VIX"].percentile == pytest.approx(100, abs=0.1)


def test_moods_and_rates_move_by_points() -> None:
    mood = macro("FEAR_GREED", [float(n % 90) for n in range(SIZE)])
    funding = macro("BTC_FUNDING", [0.0003 - n * 1e-6 for n in range(SIZE)])
    told = signs({"FEAR_GREED": mood, "BTC_FUNDING": funding}, int(mood.end[-1]))
    assert (told["Crypto mood"].change, told["Crypto mood"].leans, told["Crypto mood"].points) == (20.0, True, True)
    assert told["BTC funding"].change == pytest.approx(-2e-5)
    assert told["BTC funding"].leans is False


def test_the_index_stands_for_the_dollar_before_the_fund() -> None:
    dollar = {"UUP": walk("UUP", 1), "DXY": walk("DXY", 2)}
    assert signs(dollar)["Dollar"].value == dollar["DXY"].close[-1]
    stale = dollar | {"DXY": walk("DXY", 2, SIZE - 20)}
    assert signs(stale)["Dollar"].value == dollar["UUP"].close[-1]


def test_what_is_stale_or_missing_is_named() -> None:
    names = tuple(each.name for each in SERIES)
    assert risk_panel({}, NOW).missing == names
    markets = town(3)
    last = int(markets["VIX"].end[-1])
    assert risk_panel(markets, last + STALE_AFTER_SECONDS).missing == names[-2:]
    assert risk_panel(markets, last + STALE_AFTER_SECONDS + 1).missing == names
    behind = signs(markets | {"SPY": markets["SPY"].prefix(SIZE - 1)})["IWM/SPY"]
    assert behind.as_of == int(markets["SPY"].end[-2])
    assert "IWM/SPY" not in signs(markets | {"SPY": markets["SPY"].prefix(SIZE - 6)})


def test_short_histories_say_what_they_can() -> None:
    told = risk_panel({name: walk(name, 1, 15) for name in ("VIX", "IWM", "SPY")}, FIRST + 15 * DAY)
    assert all((each.change, each.percentile, each.leans) == (None, None, None) for each in told.signs)
    assert told.leaning == (0, 0)
    assert told.volume is not None
    assert told.volume.times is None


def test_an_unknown_volume_is_no_volume() -> None:
    iwm = walk("IWM", 1)
    silent = replace(iwm, volume=np.append(iwm.volume[:-1], math.nan))
    told = risk_panel({"IWM": silent}, NOW).volume
    assert told is not None
    assert told.as_of == int(iwm.end[-2])
    assert risk_panel({"IWM": replace(iwm, volume=np.zeros(SIZE))}, NOW).volume is None


@given(st.integers(0, 1_000), st.integers(1, SIZE))
@settings(max_examples=20, deadline=None)
def test_nothing_that_closes_later_matters(seed: int, days: int) -> None:
    markets, now = town(seed), FIRST + days * DAY
    assert risk_panel(markets, now) == risk_panel({name: bars.known_at(now) for name, bars in markets.items()}, now)
