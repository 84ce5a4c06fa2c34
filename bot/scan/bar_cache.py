"""The bars that the bot knows right now, in memory, baskets and weeks computed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple
from weakref import ref

import numpy as np

from bot.market.basket import basket
from bot.market.model import Market, MarketKind
from bot.market.releases import with_validity
from bot.scan.calendars import Calendars
from bot.scan.series import Series, is_basket
from bot.signals.bars import Bars
from bot.signals.sessions import ROUND_THE_CLOCK, Sessions
from bot.signals.timeframe import DAY, Instant, Timeframe
from bot.signals.weeks import weekly
from bot.store.bars import load_bars
from bot.store.store import Store

_AT_ONCE = 10_000
"""Bars that are read at once."""


async def _not_computed(_calendar: str, _first: Instant, _last: Instant) -> Sessions:
    raise AssertionError("sessions are read from the store here, never computed")


class _Computed(NamedTuple):
    """Bars that were computed, and from what: seen weakly, so that bars which were replaced are given back."""

    sources: tuple[ref[Bars | Sessions], ...]
    bars: Bars

    def is_of(self, sources: tuple[Bars | Sessions, ...]) -> bool:
        """Whether it was computed from these very objects."""
        return len(self.sources) == len(sources) and all(
            seen() is each for seen, each in zip(self.sources, sources, strict=True)
        )


class BarCache:
    """The stored bars in memory; baskets are computed from their members, weeks from days, once per change.

    Weeks end by `calendars`; without them by what the store keeps of them.
    """

    def __init__(self, store: Store, markets: Mapping[str, Market], calendars: Calendars | None = None) -> None:
        self._store = store
        self._calendars = calendars or Calendars(store, _not_computed)
        self._sessions: dict[str, Sessions] = {}
        self._markets = markets
        self._bars: dict[Series, Bars] = {}
        self._unmerged: dict[Series, list[Bars]] = {}  # what came since a series was read last
        self._merging = threading.Lock()
        self.forming: dict[Series, Bars] = {}
        self._computed: dict[Series, _Computed] = {}

    async def open(self, series: Iterable[Series]) -> None:
        """Load from the store what is not loaded yet."""
        for name, asked in series:
            timeframe = Timeframe.D1 if asked is Timeframe.W1 else asked
            if (name, timeframe) not in self._bars:
                self._bars[name, timeframe] = self._marked(await self._loaded(name, timeframe))
            if asked is Timeframe.W1 and (market := self._markets.get(name)) and market.calendar != ROUND_THE_CLOCK:
                self._sessions[market.calendar] = await self._calendars.kept(market.calendar)

    async def sessions(self, market: Market, bars: Bars) -> Sessions:
        """Sessions of a market that has these bars, as far as they are known; nothing is computed for it."""
        if market.calendar == ROUND_THE_CLOCK and len(bars):
            return Sessions.round_the_clock(int(bars.start[0]), int(bars.start[-1]))
        return await self._calendars.kept(market.calendar)

    async def _loaded(self, name: str, timeframe: Timeframe) -> Bars:
        """All bars of a series, in portions: ten years of hours would hold up whoever else asks the store."""
        loaded = part = await self._store.run(load_bars, name, timeframe, at_most=_AT_ONCE)
        while len(part) == _AT_ONCE:
            part = await self._store.run(load_bars, name, timeframe, int(part.start[-1]) + 1, at_most=_AT_ONCE)
            loaded = loaded.merged(part)
        return loaded

    def add(self, bars: Bars) -> None:
        """Take in bars that the store has just taken.

        They are merged when the series is first read: of all that come at once, an alert waits for what rules read.
        """
        with self._merging:
            self._unmerged.setdefault((bars.market, bars.timeframe), []).append(bars)

    def _merged(self, series: Series) -> Bars | None:
        """The bars of a series with what has arrived; None where there are none. Evidence reads from a thread."""
        if series in self._unmerged:
            with self._merging:
                for bars in self._unmerged.get(series, ()):
                    held = self._bars.get(series)
                    self._bars[series] = self._marked(bars if held is None else held.merged(bars))
                self._unmerged.pop(series, None)
        return self._bars.get(series)

    def forget(self, series: Iterable[Series], before: Instant) -> None:
        """Keep no bars of `series` in memory that start before that instant."""
        for each in series:
            if (held := self._merged(each)) is not None and len(held) and held.start[0] < before:
                self._bars[each] = held.slice(int(np.searchsorted(held.start, before)), len(held))

    def set_forming(self, forming: Bars) -> None:
        """Take in the bar that a market is forming, or that it forms none."""
        self.forming[forming.market, forming.timeframe] = forming

    def bars(self, name: str, timeframe: Timeframe = Timeframe.D1) -> Bars:
        """Bars of a market or a basket; none where nothing is known. A macro series has its figures for weeks."""
        market = self._markets.get(name)
        if timeframe is Timeframe.W1 and market is not None:
            return self.bars(name) if market.kind is MarketKind.MACRO else self._weekly(market)
        if market is not None and is_basket(market):
            return self._basket(market, timeframe)
        return self._merged((name, timeframe)) or Bars.empty(name, timeframe)

    def _marked(self, bars: Bars) -> Bars:
        market = self._markets.get(bars.market)
        return bars if market is None else with_validity(bars, market.calendar)

    def all(self, series: Iterable[Series]) -> dict[Series, Bars]:
        """Bars by series, for replay."""
        return {each: self.bars(*each) for each in series}

    def _weekly(self, market: Market) -> Bars:
        daily = self.bars(market.name)
        if not len(daily):
            return Bars.empty(market.name, Timeframe.W1)
        sessions = self._sessions.get(market.calendar)
        if market.calendar == ROUND_THE_CLOCK:
            sessions = Sessions.round_the_clock(int(daily.start[0]) - 7 * DAY, int(daily.end[-1]) + 7 * DAY)
        if sessions is None:
            return Bars.empty(market.name, Timeframe.W1)
        # Sessions of round the clock are made anew each time, and follow from the days.
        sources = (daily,) if market.calendar == ROUND_THE_CLOCK else (daily, sessions)
        return self._once((market.name, Timeframe.W1), sources, lambda: weekly(daily, sessions))

    def _basket(self, market: Market, timeframe: Timeframe) -> Bars:
        members = [held for name in market.members if (held := self._merged((name, timeframe))) is not None]
        if not members:
            return Bars.empty(market.name, timeframe)
        return self._once((market.name, timeframe), tuple(members), lambda: basket(market.name, members))

    def _once(self, series: Series, sources: tuple[Bars | Sessions, ...], compute: Callable[[], Bars]) -> Bars:
        known = self._computed.get(series)
        if known is None or not known.is_of(sources):
            known = self._computed[series] = _Computed(tuple(map(ref, sources)), compute())
        return known.bars
