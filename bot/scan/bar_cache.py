"""The bars that the bot knows right now, in memory, baskets computed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from bot.market.basket import basket
from bot.market.model import Market
from bot.market.releases import with_validity
from bot.scan.fetch_plan import Series, is_basket
from bot.signals.bars import Bars
from bot.signals.timeframe import Instant, Timeframe
from bot.store.bars import load_bars
from bot.store.store import Store


class BarCache:
    """The stored bars in memory, baskets computed from their members once per change."""

    def __init__(self, store: Store, markets: Mapping[str, Market]) -> None:
        self._store = store
        self._markets = markets
        self._bars: dict[Series, Bars] = {}
        self.forming: dict[Series, Bars] = {}
        self._baskets: dict[Series, tuple[tuple[int, ...], Bars]] = {}

    async def open(self, series: Iterable[Series]) -> None:
        """Load from the store what is not loaded yet."""
        for name, timeframe in series:
            if (name, timeframe) not in self._bars:
                loaded = await self._store.run(load_bars, name, timeframe)
                self._bars[name, timeframe] = self._marked(loaded)

    def add(self, bars: Bars) -> None:
        """Take in bars that the store has just taken."""
        series = (bars.market, bars.timeframe)
        held = self._bars.get(series)
        self._bars[series] = self._marked(bars if held is None else held.merged(bars))

    def forget(self, series: Iterable[Series], before: Instant) -> None:
        """Keep no bars of `series` in memory that start before that instant."""
        for each in series:
            if (held := self._bars.get(each)) is not None and len(held) and held.start[0] < before:
                self._bars[each] = held.slice(int(np.searchsorted(held.start, before)), len(held))

    def set_forming(self, forming: Bars) -> None:
        """Take in the bar that a market is forming, or that it forms none."""
        self.forming[forming.market, forming.timeframe] = forming

    def bars(self, name: str, timeframe: Timeframe = Timeframe.D1) -> Bars:
        """Bars of a market or a basket; none where nothing is known."""
        market = self._markets.get(name)
        if market is not None and is_basket(market):
            return self._basket(market, timeframe)
        return self._bars.get((name, timeframe)) or Bars.empty(name, timeframe)

    def _marked(self, bars: Bars) -> Bars:
        market = self._markets.get(bars.market)
        return bars if market is None else with_validity(bars, market.calendar)

    def all(self, series: Iterable[Series]) -> dict[Series, Bars]:
        """Bars by series, for replay."""
        return {each: self.bars(*each) for each in series}

    def _basket(self, market: Market, timeframe: Timeframe) -> Bars:
        members = [self._bars[name, timeframe] for name in market.members if (name, timeframe) in self._bars]
        state = tuple(id(bars) for bars in members)
        known = self._baskets.get((market.name, timeframe))
        if known is None or known[0] != state:
            known = (state, basket(market.name, members) if members else Bars.empty(market.name, timeframe))
            self._baskets[market.name, timeframe] = known
        return known[1]
