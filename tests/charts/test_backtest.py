"""The picture of a backtest: each alert is there, in the colour of its end."""

from __future__ import annotations

import math
from typing import Any

import pytest

from bot.charts.axis import price_ticks
from bot.charts.backtest import backtest_chart
from bot.charts.plot import price_labels
from bot.charts.request import BacktestChart
from bot.signals.bars import Bars
from bot.signals.replay.alert_outcomes import AlertOutcome
from bot.signals.replay.event import EventKind
from tests.charts.test_market import paints, pixels
from tests.views.alert_facts import history

GREEN, ORANGE, INK = "#0d8a5a", "#c4520f", "#151a21"
WAVE = [100.0 + 10 * math.sin(at / 9) + at / 20 for at in range(400)]
LONG = [100.0 + 10 * math.sin(at / 90) + at / 20 for at in range(3_000)]


def alert(
    fired: int, ending: EventKind | None = None, ended: int | None = None, held: int | None = None
) -> AlertOutcome:
    return AlertOutcome(fired, 0, 105.0, None, held, ending, ended)


def backtest(bars: Bars, *outcomes: AlertOutcome, follows: bool = True, **more: Any) -> bytes:
    return backtest_chart(BacktestChart(bars=bars, title="x", outcomes=outcomes, follows=follows, **more))


@pytest.mark.parametrize("closes", [WAVE, LONG])
def test_each_end_has_its_colour(closes: list[float]) -> None:
    bars = history(closes)
    bare = backtest(bars)
    lasted = backtest(bars, alert(100, EventKind.ENDED, 120))
    failed = backtest(bars, alert(100, EventKind.FAILED, 120))
    still = backtest(bars, alert(100))
    assert paints(bare, GREEN) == paints(bare, ORANGE) == 0
    assert paints(lasted, GREEN) > 100
    assert paints(lasted, ORANGE) == 0
    assert paints(failed, ORANGE) > 100
    assert paints(failed, GREEN) == 0
    assert paints(still, INK) > paints(bare, INK) + 50


def test_over_few_bars_what_happened_later_is_marked_too() -> None:
    bars = history(WAVE)
    alone = backtest(bars, alert(100, EventKind.ENDED, 120))
    held = backtest(bars, alert(100, EventKind.ENDED, 120, held=110))
    assert paints(held, GREEN) > paints(alone, GREEN) + 100


def test_a_rule_that_follows_nothing_has_green_alerts_only() -> None:
    png = backtest(history(WAVE), alert(100), alert(200), follows=False)
    assert paints(png, GREEN) > 200
    assert paints(png, ORANGE) == 0


def test_light_and_dark_are_of_one_size() -> None:
    for dark, paper in ((False, "#fcfcfa"), (True, "#12161d")):
        png = backtest(history(WAVE), alert(100), dark=dark, source="from daily")
        assert pixels(png).shape == (810, 1080, 3)
        assert paints(png, paper) > 500_000


@pytest.mark.parametrize("closes", [[], [math.nan], [5.0], [math.nan, 5.0, math.nan]])
def test_it_never_fails_for_what_is_in_the_bars(closes: list[float]) -> None:
    outcomes = [alert(at, EventKind.FAILED, at) for at in range(len(closes))]
    assert pixels(backtest(history(closes), *outcomes)).shape == (810, 1080, 3)


def test_ticks_of_a_wide_scale_have_only_the_digits_that_they_need() -> None:
    assert price_labels(price_ticks(0.06, 126_000.0, log=True), log=True) == [
        "0.1",
        "1",
        "10",
        "100",
        "1,000",
        "10,000",
        "100,000",
    ]
