"""The gate over made histories as wild as real ones: fat tails, calm and stormy months, and bad prints among them."""

from __future__ import annotations

import numpy as np
import pytest

from bot.market.quality.gate import gate
from bot.market.quality.outliers import usual_range
from bot.signals.bars import PRICES, Bars
from bot.signals.timeframe import Timeframe
from tests.market.oddities import answer, told

BARS, STEPS, SEEDS = 2_500, 40, range(4)
BAD_PRINTS = 8


def wild(sessions, seed: int) -> tuple[Bars, Bars]:
    """An index and its fund: days of many steps, whose size comes in storms, with a gap and now and then a leap."""
    rng = np.random.default_rng(seed)
    storm = np.zeros(BARS)
    for at in range(1, BARS):
        storm[at] = 0.97 * storm[at - 1] + rng.normal(0, 0.15)
    daily = 0.01 * np.exp(storm)
    steps = rng.standard_t(5, (BARS, STEPS)) * 0.77 * daily[:, None] / np.sqrt(STEPS)
    steps[:, 0] += rng.standard_t(3, BARS) * daily * 0.3  # over night
    path = np.exp(np.log(1_000) + np.cumsum(steps.ravel())).reshape(BARS, STEPS)
    prices = path[:, 0], path.max(axis=1), path.min(axis=1), path[:, -1]
    last = len(sessions) - 300
    span = slice(last - BARS, last)
    volume = np.full(BARS, 1e6)
    index = Bars("RUT", Timeframe.D1, sessions.start[span], sessions.closes[span], *prices, volume)
    apart = np.exp(rng.normal(0, 0.0007, (4, BARS)))
    names = dict(zip(PRICES, (price * 0.1 * each for price, each in zip(prices, apart, strict=True)), strict=True))
    top, bottom = np.max([*names.values()], axis=0), np.min([*names.values()], axis=0)
    fund = {**names, "high": top, "low": bottom}
    return index, Bars("IWM", Timeframe.D1, index.start, index.end, *(fund[name] for name in PRICES), volume)


@pytest.mark.parametrize("seed", SEEDS)
def test_of_wild_but_true_bars_hardly_one_is_doubted(new_york, seed):
    index, fund = wild(new_york, seed)
    now = int(index.end[-1]) + 900
    doubts = 0
    for own, sister in ((index, fund), (fund, index)):
        found = gate(answer(own), new_york, now, sister=sister, splits=own is fund)
        doubts += len(found.held) + len(found.doubts)
    assert doubts <= 0.0005 * 2 * BARS
    alone = gate(answer(index), new_york, now, splits=False)
    assert len(alone.held) + len(alone.doubts) <= 0.002 * BARS


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("name", "factor"), [("high", 1.12), ("low", 0.88), ("close", 1.1), ("close", 0.9)])
def test_the_bad_prints_among_them_are_found(new_york, seed, name, factor):
    index, fund = wild(new_york, seed)
    calm = np.flatnonzero(usual_range(index) / index.close < 0.04)
    places = np.random.default_rng(seed).choice(calm[calm > 300], BAD_PRINTS, replace=False)
    odd = index
    for at in places.tolist():
        false = {name: float(getattr(index, name)[at]) * factor}
        side = "high" if factor > 1 else "low"
        odd = told(odd, at, **{side: false[name], **false})
    found = gate(answer(odd), new_york, int(index.end[-1]) + 900, sister=fund, splits=False)
    seen = {*found.suspect.tolist(), *(doubt.start for doubt in found.doubts)}
    assert set(index.start[places].tolist()) <= seen
