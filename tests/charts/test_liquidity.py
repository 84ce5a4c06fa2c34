"""The chart of liquidity: three panels, what was public, and that odd figures draw something."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from bot.charts.liquidity import liquidity_chart
from bot.charts.palette import DARK, LIGHT
from bot.charts.request import LiquidityChart
from bot.signals.bars import Bars
from bot.signals.timeframe import DAY, Timeframe
from tests.charts.test_market import paints, pixels
from tests.evidence.walks import FIRST, daily

NOW = FIRST + 800 * DAY


def weekly(values: Any, valid_for: int | None = 16 * DAY) -> Bars:
    close = np.array(values, dtype=float)
    start = FIRST + 7 * DAY * np.arange(len(close))
    unknown = np.full(len(close), np.nan)
    ends = start + 2 * DAY
    return Bars("NET_LIQUIDITY", Timeframe.D1, start, ends, close, close, close, close, unknown, valid_for=valid_for)


def chart(series: Bars, *markets: Bars, now: int = NOW, dark: bool = False) -> bytes:
    named = tuple((bars.market, bars) for bars in markets)
    return liquidity_chart(LiquidityChart(liquidity=series, markets=named, title="Liquidity", now=now, dark=dark))


IWM = daily([200 + 20 * math.sin(day / 40) for day in range(800)])
BTC = daily([10_000 * 1.003**day for day in range(800)], market="BTC", hour=24)
WAVE = [6_000 + 500 * math.sin(week / 9) for week in range(114)]


@pytest.mark.parametrize(("dark", "palette"), [(False, LIGHT), (True, DARK)])
def test_three_panels_in_their_colours(dark: bool, palette: Any) -> None:  # noqa: FBT001  # pytest gives it
    png = chart(weekly(WAVE), IWM, BTC, dark=dark)
    assert pixels(png).shape == (810, 1080, 3)
    assert min(paints(png, color) for color in (palette.line, palette.accent, palette.series[3])) > 1_000


def test_where_liquidity_rose_is_shaded() -> None:
    def green(png: bytes) -> int:
        seen = pixels(png)
        return int(((seen[:, :, 1] - seen[:, :, 0] > 0.03) & (seen[:, :, 1] - seen[:, :, 2] > 0.01)).sum())

    rises, falls = chart(weekly(range(6_000, 6_114)), IWM), chart(weekly(range(6_114, 6_000, -1)), IWM)
    assert green(rises) > 100_000
    assert green(falls) < 10_000


def test_nothing_later_than_now_is_drawn() -> None:
    now = FIRST + 500 * DAY
    assert chart(weekly(WAVE), IWM, BTC, now=now) == chart(
        weekly(WAVE).known_at(now), IWM.known_at(now), BTC.known_at(now), now=now
    )


@pytest.mark.parametrize("values", [[], [math.nan] * 9, [7.0] * 100, [-2.0, 0.0, 3.0] * 30, [1e-9, 1e9] * 50, [5.0]])
def test_odd_figures_draw_something(values: list[float]) -> None:
    assert pixels(chart(weekly(values), IWM)).shape == (810, 1080, 3)
    assert pixels(chart(weekly(WAVE), daily(values, market="BTC"))).shape == (810, 1080, 3)
