"""The chart of a market: what is drawn, and that no bars break it."""

from __future__ import annotations

import io
import itertools
import math
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from bot.charts.axis import price_ticks, time_ticks
from bot.charts.canvas import drawable
from bot.charts.crypto import crypto_chart
from bot.charts.figure import ChartFigure, spread
from bot.charts.formula import formula_chart
from bot.charts.market import market_chart
from bot.charts.palette import LIGHT
from bot.charts.plot import MOST_SEEN, joined
from bot.charts.request import SHOWN, ChartLevel, CryptoChart, FormulaChart, MarketChart
from bot.evidence.performance import closes_of
from bot.signals.bars import Bars
from bot.signals.timeframe import DAY, Timeframe
from tests.views.alert_facts import FIRST, history


def pixels(png: bytes) -> np.ndarray:
    assert png.startswith(b"\x89PNG")
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB")) / 255


def market(bars: Bars, title: str = "x", **more: Any) -> bytes:
    return market_chart(MarketChart(bars=bars, title=title, **more))


def crypto(assets: dict[str, Bars], now: int, **more: Any) -> bytes:
    closes = tuple((name, *closes_of(bars, now)) for name, bars in assets.items())
    return crypto_chart(CryptoChart(assets=closes, title="Crypto", **more))


_TOLD_APART = 4


def paints(png: bytes, color: str) -> int:
    """How many pixels have this colour, as far as 256 colours for a picture tell it apart."""
    wanted = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)])
    return int((np.abs(pixels(png) * 255 - wanted) < _TOLD_APART).all(axis=2).sum())


WAVE = [100.0 + 10 * math.sin(i / 9) + i / 20 for i in range(400)]


def test_size_and_paper() -> None:
    for dark, paper in ((False, "#fcfcfa"), (True, "#12161d")):
        png = market(history(WAVE), "Russell 2000", fired=(399,), dark=dark, source="yahoo", note="SIMULATED")
        assert pixels(png).shape == (810, 1080, 3)
        assert paints(png, paper) > 500_000


def test_level_and_firings_are_drawn() -> None:
    bars = history(WAVE[:200])
    bare, level = market(bars), market(bars, level=ChartLevel(115.0))
    assert paints(bare, "#c4520f") == 0
    assert paints(level, "#c4520f") > 1_000
    assert paints(bare, "#0d8a5a") == 0
    assert paints(market(bars, fired=(50, 150)), "#0d8a5a") > 200


def test_a_firing_of_a_forming_bar_is_hollow() -> None:
    bars = history(WAVE[:200])
    closed, forming = (market(bars, fired=(50, 199), forming=forms) for forms in (False, True))
    assert 200 < paints(forming, "#0d8a5a") < paints(closed, "#0d8a5a")
    assert not np.array_equal(pixels(forming)[-60:], pixels(closed)[-60:])  # at the foot it says until when


def test_without_a_level_the_prior_record_is_drawn() -> None:
    assert paints(market(history(WAVE)), "#c4520f") > 1_000


def test_only_the_newest_year_is_shown() -> None:
    bars = history(WAVE)
    newest = bars.slice(len(bars) - SHOWN, len(bars))
    level = ChartLevel(120.0)
    assert market(bars, level=level, fired=(10, 399)) == market(newest, level=level, fired=(SHOWN - 1,))


@pytest.mark.parametrize("level", [None, ChartLevel(112.0, (20, 160, 390), 111.0, 113.0), ChartLevel(math.nan)])
@pytest.mark.parametrize("since", [None, 0, 300, 399])
def test_what_is_sent_to_be_drawn_draws_the_same_picture(level: ChartLevel | None, since: int | None) -> None:
    bars = history([*WAVE[:50], 190.0, *WAVE[50:]])
    others = (ChartLevel(105.0, (10, 200)), ChartLevel(118.0, (300, 380)))
    chart = MarketChart(
        bars=bars, title="x", level=level, others=others, fired=(10, 200, 399), source="yahoo",
        since=None if since is None else int(bars.start[since]),
    )  # fmt: skip
    sent = chart.trimmed()
    assert len(sent.bars) == {None: SHOWN, 0: 401, 300: 101, 399: 2}[since]
    assert market_chart(sent) == market_chart(chart) == market_chart(sent.trimmed())


def test_a_span_begins_with_the_last_close_before_it() -> None:
    bars = history(WAVE)
    since = int(bars.start[150])
    assert market(bars, since=since) == market(bars, since=since + DAY // 2)
    assert market(bars, since=since) != market(bars, since=since - 1)
    assert market(bars, since=0) == market(bars, since=int(bars.start[0]))


@given(st.integers(0, 9_000), st.integers(0, 300), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_joined_bars_hold_what_their_days_held(count: int, holes: int, random: Any) -> None:
    closes = np.array([100.0 + math.sin(at / 40) * 20 for at in range(count)])
    for at in random.sample(range(count), min(holes, count)):
        closes[at] = math.nan
    bars = history(closes.tolist())
    found = joined(bars)
    assert len(found.bars) <= MOST_SEEN
    assert len(found.places) == len(bars)
    assert (found.by == "") == (len(bars) <= MOST_SEEN)
    for at in range(0, len(found.bars), 17):
        inside = np.flatnonzero(found.places == at)
        known = closes[inside][np.isfinite(closes[inside])]
        assert found.bars.start[at] == bars.start[inside[0]]
        assert found.bars.end[at] == bars.end[inside[-1]]
        assert np.array_equal(found.bars.close[at : at + 1], known[-1:]) or not len(known)
        assert np.isnan(found.bars.close[at]) == (not len(known))
        if len(known):
            assert found.bars.high[at] == np.nanmax(bars.high[inside])
            assert found.bars.low[at] == np.nanmin(bars.low[inside])


def test_many_firings_leave_the_line_to_be_seen() -> None:
    bars, many = history(WAVE), tuple(range(160, 390, 5))
    few = market(bars, fired=many[:5])
    assert paints(few, LIGHT.fired) < paints(market(bars, fired=many[:35]), LIGHT.fired)
    assert paints(market(bars, fired=many), LIGHT.line) > paints(few, LIGHT.line) * 0.95


def test_the_same_bars_give_the_same_bytes() -> None:
    assert market(history(WAVE)) == market(history(WAVE))


@pytest.mark.parametrize(
    "closes",
    [
        [],
        [5.0],
        [5.0, 6.0],
        [5.0] * 9,
        [math.nan] * 5,
        [1.0, math.nan, 3.0],
        [*[2.0] * 20, math.nan],
        [1e-9, 1e9],
        [1e-7, 1.1e-7],
        [-3.0, 4.0],
        [0.0, 0.0],
        [1e12, 1e12 + 1],
    ],
)
def test_odd_bars_are_drawn_too(closes: list[float]) -> None:
    png = market(history(closes), level=ChartLevel(4.0), fired=(0, len(closes) - 1, 99))
    assert pixels(png).shape == (810, 1080, 3)


@pytest.mark.parametrize("title", ["", "龍 🚀 $x^2$ \\frac", "x" * 300, "Ein Wort " * 40, "a\nb\tc"])
def test_odd_titles_are_drawn_too(title: str) -> None:
    assert pixels(market(history([1.0, 2.0]), title, source="龍" * 200)).shape == (810, 1080, 3)


def test_no_title_runs_out_of_the_picture() -> None:
    picture = pixels(market(history([1.0, 2.0]), "Words of some length " * 30))
    edge = picture[:100, -20:]
    assert np.abs(edge - edge[0, 0]).max() < 0.01


def test_hours_are_drawn_too() -> None:
    start = FIRST + 3_600 * np.arange(60, dtype=np.int64)
    price = np.linspace(10, 12, 60)
    bars = Bars("BTC", Timeframe.H1, start, start + 3_600, price, price, price, price, np.zeros(60))
    assert pixels(market(bars, "Bitcoin")).shape == (810, 1080, 3)


def test_crypto_lines_in_their_colours() -> None:
    bars = history(WAVE)
    now = int(bars.end[-1])
    png = crypto({"BTC": bars, "ETH": history(WAVE[::-1])}, now)
    assert paints(png, "#c4520f") > 1_000
    assert paints(png, "#1c5fb8") > 1_000
    assert pixels(crypto({"BTC": bars}, FIRST - DAY)).shape == (810, 1080, 3)
    assert pixels(crypto({}, now, dark=True)).shape == (810, 1080, 3)


def test_nothing_after_now_is_drawn() -> None:
    bars = history(WAVE)
    now = int(bars.end[300])
    assert crypto({"BTC": bars}, now) == crypto({"BTC": bars.prefix(301)}, now)


@given(st.lists(st.floats(-10, 10), max_size=12), st.floats(0.01, 2))
def test_labels_never_overlap(wished: list[float], step: float) -> None:
    places = spread(wished, step)
    assert len(places) == len(wished)
    order = sorted(range(len(wished)), key=lambda i: wished[i])
    ranked = [places[i] for i in order]
    assert all(second - first >= step * (1 - 1e-9) - 1e-9 for first, second in itertools.pairwise(ranked))
    if all(b - a >= step for a, b in itertools.pairwise(sorted(wished))):
        assert places == pytest.approx(wished)


@given(st.floats(1e-6, 1e9), st.floats(1.001, 1e6), st.booleans())
@settings(max_examples=100)
def test_prices_get_a_handful_of_ticks_inside(low: float, factor: float, log: bool) -> None:  # noqa: FBT001
    if log and factor < 5:
        factor += 5
    ticks = price_ticks(low, low * factor, log=log)
    assert 1 <= len(ticks) <= 7
    assert all(low * 0.999 <= tick <= low * factor * 1.001 for tick in ticks)
    assert ticks == sorted(set(ticks))


@given(st.integers(1, 400), st.sampled_from([300, 3_600, DAY, 7 * DAY]))
def test_times_get_a_handful_of_ticks(count: int, seconds: int) -> None:
    starts = FIRST + seconds * np.arange(count, dtype=np.int64)
    ticks, labels = time_ticks(starts)
    assert 1 <= len(ticks) == len(labels) <= 8
    assert all(0 <= tick < count for tick in ticks)


def test_time_ticks_by_hand() -> None:
    year = FIRST + DAY * np.arange(365, dtype=np.int64)
    assert time_ticks(year)[1] == ["Mar", "May", "Jul", "Sep", "Nov"]
    assert time_ticks(year[:4])[1] == ["1 Jan", "2 Jan", "3 Jan", "4 Jan"]
    assert time_ticks(np.empty(0, dtype=np.int64)) == ([], [])


def test_glyphs_that_the_typeface_lacks_are_left_out() -> None:
    assert drawable("a🚀b龍−é\n") == "ab−é"


def test_the_bots_own_process_renders_messages_without_pillow() -> None:
    rooms = "charts.request views.alerts.story views.alerts.follow_up views.markets.crypto_now views.operator.status"
    imports = "; ".join(f"import bot.{room}" for room in rooms.split())
    check = f"import sys; {imports}; sys.exit('PIL' in sys.modules)"
    subprocess.run([sys.executable, "-c", check], check=True, cwd=Path(__file__).parents[2])


def test_a_picture_of_many_years_is_small() -> None:
    steps = np.random.default_rng(1).normal(0.0003, 0.013, 6_600)
    bars = history((1_000 * np.exp(np.cumsum(steps))).tolist())
    png = market(bars, "Russell 2000: first record close in 555 sessions", fired=(len(bars) - 1,))
    assert 10_000 < len(png) < 200_000


def test_a_series_that_is_compared_is_drawn_whatever_it_holds() -> None:
    start = FIRST + DAY * np.arange(300)
    unknown = np.full(300, np.nan)
    for values, against in ((np.arange(300.0), np.full(300, 250.0)), (unknown, unknown), (np.ones(300), unknown)):
        chart = FormulaChart(
            title="A ratio", market="IWM", timeframe=Timeframe.D1, start=start, values=values, against=against,
            name="IWM / SPY", against_name="an average of a very long name, longer than a line", fired=(3, 298, 299),
        )  # fmt: skip
        assert pixels(formula_chart(chart)).shape == (810, 1080, 3)
    drawn = formula_chart(replace(chart, values=np.arange(300.0), against=np.full(300, 250.0)))
    assert all(paints(drawn, color) > 100 for color in (LIGHT.line, LIGHT.accent, LIGHT.fired))
    sent = chart.trimmed()
    assert len(sent.start) == SHOWN
    assert formula_chart(sent) == formula_chart(chart)


@pytest.mark.parametrize(("last", "name"), [(200.0, "record before"), (119.0, "record close"), (120.0, "record close")])
def test_a_record_is_named_by_what_became_of_it(monkeypatch: pytest.MonkeyPatch, last: float, name: str) -> None:
    told: list[str] = []
    monkeypatch.setattr(ChartFigure, "subtitle", lambda _, parts: told.extend(text for text, _ in parts))
    market(history([*(120.0 - abs(at - 150) / 10 for at in range(300)), last]))
    assert any(text.startswith(f"– – {name} 120") for text in told)
