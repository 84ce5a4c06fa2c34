"""A series that may stand at zero or below is told in points, never in percent."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bot.charts.request import MarketChart
from bot.queries.market_data import market_facts
from bot.signals.bars import Bars
from bot.signals.levels.snapshot import level_snapshot
from bot.signals.timeframe import Timeframe
from bot.store.bars import save_bars
from bot.views.alerts.runs import RunFacts, run_line
from tests.telegram.market_side import town, walk
from tests.telegram.telegram_side import NOW, SOMEBODY


def spread(market: str = "SPY", last: float | None = None) -> Bars:
    """Values about zero, as an index of financial conditions or a yield spread has them."""
    bars = walk(market, 7)
    shift = float(np.median(bars.close))
    bars = replace(bars, **{name: (getattr(bars, name) - shift) / 50 for name in ("open", "high", "low", "close")})
    if last is not None:
        close = bars.close.copy()
        close[-1] = last
        bars = replace(bars, close=close)
    return bars


@pytest.mark.parametrize("last", [-0.2, 0.15, 0.0])
async def test_no_percent_is_told_of_it(tmp_path, last):
    async with town(tmp_path) as here:
        await here.bot.store.run(save_bars, spread(last=last), "test", NOW)
        for said in ("/chart SPY 1y", "/chart SPY all", "/levels SPY", "/tell SPY 0.5", "/tell", "/why spy-record"):
            await here.bot.ask(said)
            await here.bot.settled()
            told = here.bot.sandbox.messages(SOMEBODY)[-1]
            assert "%" not in told.text, said
        assert "percents of it mean nothing" in await here.bot.ask("/tell SPY 10% down")
        assert "points above" in await here.bot.ask("/tell SPY 0.75")


async def test_the_close_is_the_last_one_whatever_its_sign():
    bars = spread(last=-0.2)
    snapshot = level_snapshot(bars, len(bars) - 1, (0.1, -0.3))
    assert snapshot.close == -0.2
    assert {each.price: round(each.distance, 9) for each in snapshot.levels if each.pinned} == {0.1: 0.3, -0.3: -0.1}
    facts = market_facts("x", bars, snapshot)
    assert facts.change == pytest.approx(-0.2 - float(bars.close[-2]))


def test_a_picture_of_the_positive_part_remembers_the_rest():
    bars = spread()
    close = np.abs(bars.close) + 0.01
    close[0] = -1.0
    request = MarketChart(bars=replace(bars, close=close), title="x").trimmed()
    assert request.in_points
    assert not request.bars.in_points


def test_a_run_is_told_in_points():
    run = RunFacts("r", "Conditions ease", NOW, NOW, 3, -0.25, failed=False, in_points=True)
    assert run_line(run).endswith("−0.2500\u00a0points")


def test_a_macro_index_is_told_in_points_and_an_amount_in_percent():
    bars = walk("NFCI", 3)
    assert not bars.in_points, "a price"
    assert replace(bars, valid_for=99).in_points, "a spread that happens to be positive"
    assert not replace(bars, valid_for=99, close=bars.close * 1_000).in_points, "an amount of money"
    assert not replace(bars, valid_for=99, timeframe=Timeframe.W1).in_points, "weeks of a price"
