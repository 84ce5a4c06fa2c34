"""What can be said of a market or a rule right now, from the bars that the bot knows?"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from bot.market.spec import Market, MarketKind
from bot.rulebook.book import Rulebook
from bot.rulebook.needs import with_needs
from bot.rulebook.written import WrittenRule
from bot.signals.bars import Bars
from bot.signals.frame import Frame
from bot.signals.replay import Replay
from bot.signals.replays import joined, replay_all
from bot.signals.timeframe import Timeframe
from bot.watch.library import Library
from bot.watch.plan import Series, is_basket

_KINDS = (MarketKind.INDEX, MarketKind.EQUITY, MarketKind.CRYPTO, MarketKind.BASKET, MarketKind.SERIES)


@dataclass(frozen=True, eq=False)
class Judged:
    """A rule, what it says over all the bars that are known, and the frame that it was replayed over."""

    written: WrittenRule
    replay: Replay
    frame: Frame


class Lookup:
    """Answers questions from the library; asks no source and changes nothing.

    `crypto` names the markets that are shown as "crypto now". `source_of` says where a series' bars came from.
    """

    def __init__(
        self,
        library: Library,
        markets: Mapping[str, Market],
        crypto: tuple[str, ...],
        source_of: Callable[[str, Timeframe], str],
    ) -> None:
        self._library = library
        self._source_of = source_of
        self.markets = markets
        self.crypto = crypto

    def shown(self) -> tuple[Market, ...]:
        """The markets that people ask for, small caps first; members of a basket go without saying."""
        members = {name for market in self.markets.values() for name in market.members}
        chosen = [market for name, market in self.markets.items() if name not in members]
        return tuple(sorted(chosen, key=lambda market: _KINDS.index(market.kind)))

    def title(self, name: str) -> str:
        """How a market is called."""
        return self.markets[name].title if name in self.markets else name

    def source(self, name: str, timeframe: Timeframe = Timeframe.D1) -> str:
        """Where the market's bars came from last; empty where nobody knows."""
        return self._source_of(name, timeframe)

    async def bars(self, name: str, timeframe: Timeframe = Timeframe.D1) -> Bars:
        """The closed bars of a market or a basket; none where nothing is known."""
        await self._library.open(self._plain([(name, timeframe)]))
        return self._library.bars(name, timeframe)

    async def judged(self, book: Rulebook, ids: Collection[str]) -> dict[str, Judged]:
        """These rules of a book, which need not be the one that runs, each with its replay."""
        needed = with_needs(book.rules, ids)
        series = {each for written in needed for each in _series(written)}
        await self._library.open(self._plain(series))
        bars = self._library.all(series)
        return await asyncio.to_thread(_judged, needed, bars, ids)

    def _plain(self, series: Iterable[Series]) -> list[Series]:
        """The series with baskets replaced by their members."""
        found: dict[Series, None] = {}
        for name, timeframe in series:
            market = self.markets.get(name)
            names = market.members if market is not None and is_basket(market) else (name,)
            found |= dict.fromkeys((each, timeframe) for each in names)
        return list(found)


def _judged(needed: list[WrittenRule], bars: Mapping[Series, Bars], ids: Collection[str]) -> dict[str, Judged]:
    replays = replay_all([written.rule for written in needed], bars)
    fired = {id_: each.fired for id_, each in replays.items()}
    found = {}
    for written in needed:
        rule = written.rule
        if rule.id in ids:
            frame = Frame(replays[rule.id].bars, joined(bars, rule.timeframe), fired)
            found[rule.id] = Judged(written, replays[rule.id], frame)
    return found


def _series(written: WrittenRule) -> list[Series]:
    clocks = {written.rule.timeframe, Timeframe.D1}
    return [(name, clock) for name in written.markets for clock in clocks]
