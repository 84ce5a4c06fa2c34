"""/liquidity in a chat."""

from __future__ import annotations

import numpy as np

from bot.charts.request import LiquidityChart
from bot.market.model import Market, MarketKind
from bot.market.releases import release_calendar
from bot.signals.bars import Bars
from bot.signals.timeframe import DAY, Timeframe
from bot.store.bars import save_bars
from tests.telegram import market_side
from tests.telegram.market_side import town
from tests.telegram.telegram_side import NOW


async def test_without_macro_markets_it_says_what_brings_figures(tmp_path):
    async with town(tmp_path) as here:
        assert "macro markets in the config" in await here.bot.ask("/liquidity")


async def test_what_is_public_now(tmp_path, monkeypatch):
    net = Market("NET_LIQUIDITY", "Fed net liquidity", MarketKind.MACRO, "releases/h41")
    figures = release_calendar("releases/h41", NOW - 800 * DAY, NOW)
    value = np.arange(6_000.0, 6_000.0 + len(figures))
    bars = Bars(
        "NET_LIQUIDITY", Timeframe.D1, figures.start, figures.closes, value, value, value, value, value * np.nan
    )
    async with town(tmp_path) as here:
        monkeypatch.setitem(market_side.MARKETS, "NET_LIQUIDITY", net)
        await here.bot.store.run(save_bars, bars, "fred", NOW)
        answer = await here.bot.ask("/liquidity")
        await here.bot.ask("/liquidity 1y dark")
        picture = here.drawn.pop()
        assert (picture.days, picture.dark, picture.title) == (365, True, "Liquidity · IWM · BTC, 1 year")
        assert "too short" in await here.bot.ask("/liquidity 1h")
    assert "Liquidity: 1 of 1 easier than 13 weeks ago; Fed liquidity rises" in answer
    assert "+13" in answer
    (chart,) = here.drawn
    assert isinstance(chart, LiquidityChart)
    assert (len(chart.liquidity), [name for name, _ in chart.markets]) == (len(figures), ["IWM", "BTC"])
