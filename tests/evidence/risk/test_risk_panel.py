"""The risk panel, by small histories whose answers can be counted by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.evidence.risk.risk_panel import risk_panel
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
    return {name: walk(name, seed + at) for at, name in enumerate(("VIX", "IWM", "SPY", "HYG", "UUP"))}


@given(st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_equals_pandas(seed: int) -> None:
    markets = town(seed)
    told = risk_panel(markets, NOW)
    series = {name: pd.Series(bars.close) for name, bars in markets.items()}
    vix, ratio, volume = series["VIX"], series["IWM"] / series["SPY"], pd.Series(markets["IWM"].volume)
    assert told.missing == ()
    assert told.vix is not None
    assert told.vix.level == vix.iloc[-1]
    assert told.vix.percentile == pytest.approx(100 * (vix.rank().iloc[-1] - 0.5) / len(vix))
    assert told.vix.percentile_year == pytest.approx(100 * (vix.tail(252).rank().iloc[-1] - 0.5) / 252)
    assert told.small_caps is not None
    assert told.small_caps.change_20 == pytest.approx(ratio.pct_change(20).iloc[-1])
    assert told.small_caps.change_60 == pytest.approx(ratio.pct_change(60).iloc[-1])
    assert told.small_caps.at_high == bool(ratio.iloc[-1] > ratio.iloc[-253:-1].max())
    assert told.small_caps.rising == bool(ratio.iloc[-1] > ratio.iloc[-21])
    for trend, name in ((told.credit, "HYG"), (told.dollar, "UUP")):
        assert trend is not None
        assert trend.market == name
        average = series[name].rolling(50).mean().iloc[-1]
        assert trend.apart == pytest.approx(series[name].iloc[-1] / average - 1)
        assert trend.above == bool(series[name].iloc[-1] > average)
        assert trend.change_20 == pytest.approx(series[name].pct_change(20).iloc[-1])
    assert told.volume is not None
    assert told.volume.times == pytest.approx(volume.iloc[-1] / volume.iloc[-51:-1].mean())


def test_a_high_of_the_ratio_is_seen() -> None:
    spy = daily([100.0] * 300, market="SPY")
    rising = risk_panel({"IWM": daily([50.0] * 299 + [51.0]), "SPY": spy}, FIRST + 300 * DAY).small_caps
    equal = risk_panel({"IWM": daily([50.0] * 300), "SPY": spy}, FIRST + 300 * DAY).small_caps
    assert rising is not None
    assert equal is not None
    assert (rising.at_high, rising.rising, rising.change_20) == (True, True, pytest.approx(0.02))
    assert (equal.at_high, equal.rising, equal.change_20) == (False, False, 0.0)


def test_the_index_stands_for_the_dollar_before_the_fund() -> None:
    told = risk_panel({"UUP": walk("UUP", 1), "DXY": walk("DXY", 2)}, NOW)
    assert told.dollar is not None
    assert told.dollar.market == "DXY"
    stale = risk_panel({"UUP": walk("UUP", 1), "DXY": walk("DXY", 2, SIZE - 20)}, NOW)
    assert stale.dollar is not None
    assert stale.dollar.market == "UUP"


def test_what_is_stale_or_missing_is_none_and_named() -> None:
    assert risk_panel({}, NOW).missing == ("VIX", "IWM/SPY", "HYG", "dollar", "IWM volume")
    markets = town(3)
    last = int(markets["VIX"].end[-1])
    assert risk_panel(markets, last + STALE_AFTER_SECONDS).missing == ()
    told = risk_panel(markets, last + STALE_AFTER_SECONDS + 1)
    assert told.missing == ("VIX", "IWM/SPY", "HYG", "dollar", "IWM volume")
    assert (told.vix, told.small_caps, told.credit, told.dollar, told.volume) == (None,) * 5
    behind = risk_panel(markets | {"SPY": markets["SPY"].prefix(SIZE - 1)}, NOW).small_caps
    assert behind is not None
    assert behind.as_of == int(markets["SPY"].end[-2])
    assert risk_panel(markets | {"SPY": markets["SPY"].prefix(SIZE - 6)}, NOW).small_caps is None


def test_short_histories_say_what_they_can() -> None:
    told = risk_panel({name: walk(name, 1, 15) for name in ("VIX", "IWM", "SPY", "HYG")}, FIRST + 15 * DAY)
    assert told.vix is not None
    assert (told.vix.percentile, told.vix.percentile_year) == (None, None)
    assert told.small_caps is not None
    assert (told.small_caps.rising, told.small_caps.change_60, told.small_caps.at_high) == (None, None, None)
    assert told.credit is not None
    assert (told.credit.apart, told.credit.above, told.credit.change_20) == (None, None, None)
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
