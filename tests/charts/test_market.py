"""The chart of a market: what is drawn, and that no bars break it."""

from __future__ import annotations

import csv
import io
import itertools
import math
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import matplotlib.image
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.charts.axis import price_ticks, time_ticks
from bot.charts.crypto import crypto_chart
from bot.charts.figure import drawable, spread
from bot.charts.market import SHOWN, market_chart
from bot.signals.bars import Bars
from bot.signals.timeframe import DAY, Timeframe, midnight
from tests.views.alert_facts import FIRST, history

DATA = Path(__file__).parents[2].parent / "shared" / "data" / "daily"


def pixels(png: bytes) -> np.ndarray:
    assert png.startswith(b"\x89PNG")
    return np.asarray(matplotlib.image.imread(io.BytesIO(png)))[:, :, :3]


def paints(png: bytes, color: str) -> int:
    """How many pixels have exactly this colour."""
    wanted = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)])
    return int((np.rint(pixels(png) * 255) == wanted).all(axis=2).sum())


WAVE = [100.0 + 10 * math.sin(i / 9) + i / 20 for i in range(400)]


def test_size_and_paper() -> None:
    for dark, paper in ((False, "#fcfcfa"), (True, "#12161d")):
        png = market_chart(history(WAVE), "Russell 2000", None, (399,), dark, "yahoo", "SIMULATED")
        assert pixels(png).shape == (810, 1080, 3)
        assert paints(png, paper) > 500_000


def test_level_and_firings_are_drawn() -> None:
    bars = history(WAVE[:200])
    bare, level = market_chart(bars, "x"), market_chart(bars, "x", 115.0)
    assert paints(bare, "#c4520f") == 0
    assert paints(level, "#c4520f") > 1_000
    assert paints(bare, "#0d8a5a") == 0
    assert paints(market_chart(bars, "x", None, (50, 150)), "#0d8a5a") > 200


def test_without_a_level_the_prior_record_is_drawn() -> None:
    assert paints(market_chart(history(WAVE), "x"), "#c4520f") > 1_000


def test_only_the_newest_year_is_shown() -> None:
    bars = history(WAVE)
    newest = bars.slice(len(bars) - SHOWN, len(bars))
    assert market_chart(bars, "x", 120.0, (10, 399)) == market_chart(newest, "x", 120.0, (SHOWN - 1,))


def test_the_same_bars_give_the_same_bytes() -> None:
    assert market_chart(history(WAVE), "x") == market_chart(history(WAVE), "x")


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
    png = market_chart(history(closes), "Odd", 4.0, (0, len(closes) - 1, 99))
    assert pixels(png).shape == (810, 1080, 3)


@pytest.mark.parametrize("title", ["", "龍 🚀 $x^2$ \\frac", "x" * 300, "Ein Wort " * 40, "a\nb\tc"])
def test_odd_titles_are_drawn_too(title: str) -> None:
    assert pixels(market_chart(history([1.0, 2.0]), title, source="龍" * 200)).shape == (810, 1080, 3)


def test_no_title_runs_out_of_the_picture() -> None:
    picture = pixels(market_chart(history([1.0, 2.0]), "Words of some length " * 30))
    edge = picture[:100, -20:]
    assert np.abs(edge - edge[0, 0]).max() < 0.01


def test_hours_are_drawn_too() -> None:
    start = FIRST + 3_600 * np.arange(60, dtype=np.int64)
    price = np.linspace(10, 12, 60)
    bars = Bars("BTC", Timeframe.H1, start, start + 3_600, price, price, price, price, np.zeros(60))
    assert pixels(market_chart(bars, "Bitcoin")).shape == (810, 1080, 3)


def test_crypto_lines_in_their_colours() -> None:
    bars = history(WAVE)
    now = int(bars.end[-1])
    png = crypto_chart([("BTC", bars), ("ETH", history(WAVE[::-1]))], "Crypto", now)
    assert paints(png, "#c4520f") > 1_000
    assert paints(png, "#1c5fb8") > 1_000
    assert pixels(crypto_chart([("BTC", bars)], "Crypto", FIRST - DAY)).shape == (810, 1080, 3)
    assert pixels(crypto_chart([], "Crypto", now, 90, True)).shape == (810, 1080, 3)


def test_nothing_after_now_is_drawn() -> None:
    bars = history(WAVE)
    now = int(bars.end[300])
    assert crypto_chart([("BTC", bars)], "Crypto", now) == crypto_chart([("BTC", bars.prefix(301))], "Crypto", now)


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


def test_the_bots_own_process_renders_messages_without_matplotlib() -> None:
    rooms = "charts.request views.alerts.alert views.alerts.follow_up views.markets.crypto_now views.operator.status"
    imports = "; ".join(f"import bot.{room}" for room in rooms.split())
    check = f"import sys; {imports}; sys.exit('matplotlib' in sys.modules)"
    subprocess.run([sys.executable, "-c", check], check=True, cwd=Path(__file__).parents[2])


@pytest.mark.skipif(not DATA.is_dir(), reason="needs the market history beside the project")
def test_a_real_year_is_drawn_in_half_a_second() -> None:
    with (DATA / "RUT.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["date"] <= "2020-11-13"]
    column = {name: np.array([float(row[name] or "nan") for row in rows]) for name in ("open", "high", "low", "close")}
    start = np.array([midnight(date.fromisoformat(row["date"])) for row in rows])
    bars = Bars("RUT", Timeframe.D1, start, start + 75_600, **column, volume=np.ones(len(rows)))
    began = time.process_time()
    png = market_chart(bars, "Russell 2000: first record close in 555 sessions", None, (len(bars) - 1,))
    assert time.process_time() - began < 0.5
    assert 10_000 < len(png) < 200_000
