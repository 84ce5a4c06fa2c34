"""Charts of crypto, fans, correlations: what is drawn, and that odd input draws something."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.charts.axis import change_labels, change_ticks
from bot.charts.correlation import correlation_chart
from bot.charts.fan import fan_chart
from bot.charts.figure import ChartFigure, spread
from bot.charts.performance import MOST_ROWS, performance_chart
from bot.charts.request import ChartLevel, CorrelationChart, FanChart, PerformanceChart
from bot.signals.bars import Bars
from bot.signals.timeframe import DAY
from tests.charts.test_market import WAVE, market, paints, pixels
from tests.evidence.walks import FIRST, daily

BLUE, ORANGE, GREEN = "#1c5fb8", "#c4520f", "#0d8a5a"
LONG = "After a record close of the Russell 2000 Value index, which has a long name, " * 3


def walk(count: int, seed: int = 1, market: str = "BTC", hour: int = 24) -> Bars:
    steps = np.random.default_rng(seed).normal(0.001, 0.03, count)
    return daily((100 * np.exp(np.cumsum(steps))).tolist(), market=market, hour=hour)


def starts(*days: int) -> tuple[int, ...]:
    return tuple(FIRST + day * DAY for day in days)


def fan(asset: Bars, entries: tuple[int, ...], title: str = "x", **more: Any) -> bytes:
    return fan_chart(FanChart(asset=asset, entries=entries, since=FIRST, title=title, **more))


def correlation(leader: Bars, follower: Bars, now: int, title: str = "IWM and Bitcoin", **more: Any) -> bytes:
    return correlation_chart(CorrelationChart(leader=leader, follower=follower, now=now, title=title, **more))


def test_a_fan_of_several_signals() -> None:
    bars = walk(1_200)
    png = fan(bars, starts(50, 300, 600, 1_100), "Bitcoin after records", verdict="no difference seen")
    assert pixels(png).shape == (810, 1080, 3)
    assert paints(png, BLUE) > 1_500  # the median of the three that are complete
    assert paints(png, ORANGE) > 300  # the one that still runs
    two = fan(bars, starts(50, 300), "Bitcoin after records", verdict="can't tell")
    assert paints(two, BLUE) < 1_500
    assert paints(two, ORANGE) == 0


def test_the_fan_says_nothing_of_bars_that_are_not_there() -> None:
    bars = walk(400)
    assert fan(bars, starts(50, 9_999)) == fan(bars, starts(50))


@pytest.mark.parametrize(("entries", "days"), [((), 180), ((399,), 365), ((0,), 180), (tuple(range(0, 400, 10)), 365)])
def test_odd_fans_are_drawn_too(entries: tuple[int, ...], days: int) -> None:
    bars = walk(400)
    assert pixels(fan(bars, starts(*entries), LONG, verdict=LONG, days=days, dark=True)).shape == (810, 1080, 3)


@pytest.mark.parametrize("closes", [[], [math.nan] * 9, [1.0, math.nan, 3.0], [7.0] * 300, [1e-9, 1e9] * 150])
def test_odd_prices_fan_out_too(closes: list[float]) -> None:
    bars = daily(closes, hour=24)
    assert pixels(fan(bars, starts(0, 2, 150))).shape == (810, 1080, 3)
    assert pixels(correlation(bars, bars, FIRST + 400 * DAY, title=LONG)).shape == (810, 1080, 3)


def test_two_prices_and_their_correlation() -> None:
    leader, follower = walk(500, 1, "IWM", 21), walk(500, 2, "BTC")
    now = int(follower.end[-1])
    png = correlation(leader, follower, now, days=365)
    assert min(paints(png, color) for color in (BLUE, ORANGE, GREEN)) > 1_000
    later = correlation(walk(520, 1, "IWM", 21), follower, now, days=365)
    assert later == png
    assert paints(correlation(leader.prefix(20), follower, now), GREEN) == 0


def test_bars_up_and_down() -> None:
    changes = {"24h": 0.01, "7d": -0.2, "30d": None, "90d": math.nan}
    png = performance_chart(PerformanceChart(rows=(("BTC", changes), ("ETH", {})), title="Crypto", as_of=FIRST))
    assert paints(png, BLUE) > 2_000
    assert paints(png, ORANGE) > 2_000


@pytest.mark.parametrize("rows", [0, 1, MOST_ROWS + 5])
def test_as_many_rows_as_there_are(rows: int) -> None:
    changes = {"24h": 0.0, "7d": 1e6, "30d": -1.0, "90d": math.inf}
    told = tuple((f"A very long name {row}", changes) for row in range(rows))
    chart = PerformanceChart(rows=told, title=LONG, as_of=FIRST, dark=True, source=LONG, note=LONG)
    png = performance_chart(chart)
    assert pixels(png).shape == (810, 1080, 3)


def test_more_levels_with_their_touches() -> None:
    bars = daily(WAVE[:200])
    level, far = ChartLevel(115.0), ChartLevel(900.0, (3,))
    bare = market(bars, level=level)
    more = market(bars, level=level, others=(ChartLevel(104.0, (20, 80)), ChartLevel(97.0), far))
    assert paints(more, "#667080") > paints(bare, "#667080") + 1_000
    same = market(bars, level=level, others=(ChartLevel(115.0, (3,)), far))
    assert same == bare


@given(st.lists(st.floats(-1, 2), max_size=8), st.floats(0.01, 0.12))
def test_labels_stay_between_the_bounds(wished: list[float], step: float) -> None:
    places = spread(wished, step, (0.0, 1.0))
    order = sorted(range(len(wished)), key=lambda index: wished[index])
    assert all(-1e-9 <= place <= 1 + 1e-9 for place in places)
    assert all(places[b] - places[a] >= step - 1e-9 for a, b in itertools.pairwise(order))


@given(st.floats(0.001, 1), st.floats(1, 1e4), st.booleans())
@settings(max_examples=60)
def test_changes_get_a_handful_of_ticks(low: float, high: float, log: bool) -> None:  # noqa: FBT001
    if high / low < 1.01:
        high = low * 1.01
    ticks = change_ticks(low, high, log=log)
    labels = change_labels(ticks)
    assert len(ticks) <= 9
    assert ticks == sorted(ticks)
    assert len(set(labels)) == len(labels)
    assert all(low - 1e-9 <= 1 + tick <= high + 1e-9 for tick in ticks)
    assert not log or 0.0 in ticks


def test_change_labels_by_hand() -> None:
    assert change_labels([-0.5, 0.0, 0.5, 2.0, 19.0]) == ["−50%", "0%", "+50%", "+200%", "×20"]
    assert change_labels([-0.025, 0.0, 0.025]) == ["−2.5%", "0.0%", "+2.5%"]


def test_a_subtitle_grows_smaller_before_it_loses_anything() -> None:
    large = subtitled([("words " * 7, BLUE)])
    both = subtitled([("words " * 7, BLUE), ("and more " * 5, ORANGE)])
    assert 200 < paints(both, BLUE) < paints(large, BLUE)
    assert paints(both, ORANGE) > 200
    one = subtitled([("words " * 6, BLUE), ("far too many " * 40, ORANGE)])
    assert paints(one, BLUE) > 200
    assert paints(one, ORANGE) == 0


@pytest.mark.parametrize("sign", "▲△▼◆✚✖●○■━❘")
def test_a_legend_begins_with_its_sign(sign: str) -> None:
    words, both = (subtitled([(text, BLUE)]) for text in ("signals", f"{sign} signals"))
    assert paints(both, BLUE) > paints(words, BLUE) + 20


def subtitled(parts: list[tuple[str, str]]) -> bytes:
    sheet = ChartFigure(dark=False)
    sheet.subtitle(parts)
    return sheet.png()
