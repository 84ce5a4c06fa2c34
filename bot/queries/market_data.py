"""Market data for commands: bars, levels and replays from the bars that the bot knows."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace

import numpy as np

from bot.evidence.record_rank import record_rank
from bot.market.model import Market, MarketKind
from bot.queries.why import why_facts
from bot.rulebook.book import Rulebook
from bot.rulebook.dependencies import with_needs
from bot.scan.alert_facts import FEWEST_TOUCHES
from bot.scan.bar_cache import BarCache
from bot.scan.missing.across import across_missing
from bot.scan.missing.windows import in_words
from bot.scan.series import Series, is_basket, series_of
from bot.signals.bars import Bars
from bot.signals.levels.snapshot import LevelSnapshot, level_snapshot
from bot.signals.replay.replay import Replay
from bot.signals.replay.ruleset import joined, replay_all
from bot.signals.timeframe import Instant, Timeframe
from bot.views.markets.market import MarketFacts
from bot.views.markets.why import WhyFacts

_KINDS = (MarketKind.INDEX, MarketKind.EQUITY, MarketKind.CRYPTO, MarketKind.BASKET)


class MarketData:
    """Answers questions from the library; asks no source and changes nothing.

    `crypto` names the markets that are shown as "crypto now". `source_of` says where a series' bars came from.
    """

    def __init__(
        self,
        bar_cache: BarCache,
        markets: Mapping[str, Market],
        crypto: tuple[str, ...],
        source_of: Callable[[str, Timeframe], str],
    ) -> None:
        self._bar_cache = bar_cache
        self._source_of = source_of
        self.markets = markets
        self.crypto = crypto

    def shown(self) -> tuple[Market, ...]:
        """The markets that people ask for, small caps first; members of a basket and bare series go without saying."""
        members = {name for market in self.markets.values() for name in market.members}
        chosen = [
            market
            for name, market in self.markets.items()
            if name not in members and market.kind not in {MarketKind.SERIES, MarketKind.MACRO}
        ]
        return tuple(sorted(chosen, key=lambda market: _KINDS.index(market.kind)))

    def title(self, name: str) -> str:
        """How a market is called."""
        return self.markets[name].title if name in self.markets else name

    def source(self, name: str) -> str:
        """Where the market's daily bars came from last; empty where nobody knows."""
        return self._source_of(name, Timeframe.D1)

    async def bars(self, name: str, timeframe: Timeframe = Timeframe.D1) -> Bars:
        """The closed bars of a market or a basket; none where nothing is known."""
        await self._bar_cache.open(self._plain([(name, timeframe)]))
        return self._bar_cache.bars(name, timeframe)

    def forget(self, series: Iterable[Series], before: Instant) -> None:
        """Keep no bars of `series` in memory that start before that instant."""
        self._bar_cache.forget(series, before)

    async def replays(self, book: Rulebook, ids: Collection[str]) -> dict[str, Replay]:
        """What these rules of a book, which need not be the one that runs, say over all their bars."""
        needed = [definition.rule for definition in with_needs(book.rules, ids)]
        replays = await asyncio.to_thread(replay_all, needed, await self._bars_of(book, ids))
        return {id_: replays[id_] for id_ in ids}

    async def why(self, book: Rulebook, rule: str, now: Instant, waits: str = "") -> WhyFacts | None:
        """What a rule said at its market's last bar, and why; None where that has no bars."""
        bars = await self._bars_of(book, [rule])
        own = book.rules[rule].rule
        found = await asyncio.to_thread(why_facts, book, rule, bars, self.title(own.market), now, None, waits)
        if found is None:
            return None
        bars_of_own, others = bars[own.market, own.timeframe], joined(bars, own.timeframe)
        last = len(bars_of_own) - 1
        missing = await across_missing(self._bar_cache, self.markets, own, bars_of_own, last, others)
        return replace(found, across_missing=". ".join(map(in_words, missing)))

    async def levels(self, book: Rulebook, name: str) -> LevelSnapshot | None:
        """Levels with two touches after a market's last daily bar, and those that rules pin; None without bars."""
        bars = await self.bars(name)
        if not len(bars):
            return None
        pinned = book.pinned_levels(name)
        return await asyncio.to_thread(level_snapshot, bars, len(bars) - 1, pinned, FEWEST_TOUCHES)

    async def facts(self, book: Rulebook, name: str) -> MarketFacts | None:
        """How a market stands at its last daily bar; None where no close is known."""
        bars, levels = await self.bars(name), await self.levels(book, name)
        return None if levels is None else await asyncio.to_thread(market_facts, self.title(name), bars, levels)

    async def _bars_of(self, book: Rulebook, ids: Collection[str]) -> dict[Series, Bars]:
        """Every series that these rules and those they speak of read."""
        series = {each for definition in with_needs(book.rules, ids) for each in series_of(definition)}
        await self._bar_cache.open(self._plain(series))
        return self._bar_cache.all(series)

    def _plain(self, series: Iterable[Series]) -> list[Series]:
        """The series with baskets replaced by their members."""
        found: dict[Series, None] = {}
        for name, timeframe in series:
            market = self.markets.get(name)
            names = market.members if market is not None and is_basket(market) else (name,)
            found |= dict.fromkeys((each, timeframe) for each in names)
        return list(found)


def market_facts(title: str, bars: Bars, levels: LevelSnapshot) -> MarketFacts | None:
    """How a market stands, from its bars and levels; None where no close is known."""
    closes = bars.close[np.isfinite(bars.close)]
    if not len(closes):
        return None
    change = bars.change(float(closes[-2]), float(closes[-1])) if len(closes) > 1 else None
    return MarketFacts(title, change, record_rank(bars, levels.bar, levels.close), levels)
