"""Nightly fetch of the hours by which daily intraday rules are looked at in the past."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from bot.market.feed import Feed, NoSource
from bot.market.model import FetchAnswer, Market
from bot.market.quality.beside_days import of_their_days
from bot.market.quality.reconcile import GateContext, reconcile
from bot.rulebook.book import Rulebook
from bot.scan.bar_cache import BarCache
from bot.scan.calendars import Calendars
from bot.scan.fetching.fetch_plan import newest_expected, overlap
from bot.scan.hours.kept import KeptHours, kept_hours, save_kept_hours
from bot.scan.series import Series, hours_looked_at, series_read
from bot.signals.bars import Bars
from bot.signals.sessions import ROUND_THE_CLOCK, Sessions
from bot.signals.timeframe import DAY, Instant, Timeframe
from bot.store.bars import forget_bars, load_bars, save_all, stored_span
from bot.store.store import Store

log = logging.getLogger(__name__)

REACH_S = 725 * DAY
"""Seconds back for which hours are asked at first: Yahoo keeps them for 730 days, exchanges for longer."""

KEPT_S = 3_653 * DAY
"""Seconds after which hours go that serve only for looking back: a year of a fund is 0.2 MB, one of a coin 0.8."""

SETTLED_S = 3_600
"""Seconds after a close from which on its hours are asked for: nobody waits for them, and looks come first."""

RETRY_S = 6 * 3_600
"""Seconds between two questions for the same hours."""

_AT_ONCE = 2_000
"""Bars that are saved together, so that two years of hours need no memory worth speaking of."""

_RESCALED_RATIO = 0.2
"""By how much most closes of known hours differ after a split."""


class HoursCollector:
    """Asks for the hours of one market after the other, while no exchange of theirs is open.

    They go from the source through the gate into the database, and are not kept in memory: the running bot looks at
    the forming bar itself, and needs no past hours. What was fetched stays when it is broken off.
    """

    def __init__(
        self,
        store: Store,
        bar_cache: BarCache,
        feed: Feed,
        calendars: Calendars,
        markets: Mapping[str, Market],
        book: Callable[[], Rulebook],
    ) -> None:
        self._store = store
        self._bar_cache = bar_cache
        self._feed = feed
        self._calendars = calendars
        self._markets = markets
        self._book = book

    async def collect(self, now: Callable[[], Instant]) -> int:
        """Fetch what is due. Returns how many bars are new; raises what the store raises."""
        series = self._series()
        known = await self._store.run(kept_hours)
        lost = known.keys() - {name for name, _ in series}
        if lost and not self._book().problems:
            known = {name: each for name, each in known.items() if name not in lost}
            await self._store.run(save_kept_hours, known, now())
        sessions = {name: await self._sessions(name, now()) for name, _ in series}
        added = 0
        for name, _ in series:
            if any(_busy(each, now()) for each in sessions.values()):
                break
            before = known.get(name, KeptHours(name))
            after, new = await self._brought(before, sessions[name], now())
            added += new
            if after != before:
                known = {**known, name: after}
                await self._store.run(save_kept_hours, known, now())
        return added

    async def forget(self, now: Instant) -> None:
        """Delete hours that are older than anybody looks back; those that rules read as their own bars stay."""
        await self._store.run(forget_bars, self._series(), now - KEPT_S)

    def _series(self) -> list[Series]:
        """The hours that looks at past days need and no rule reads: those are fetched with each look."""
        rules = list(self._book().rules.values())
        read = set(series_read(rules, self._markets, ()))
        return [each for each in hours_looked_at(rules, self._markets) if each not in read]

    async def _sessions(self, name: str, now: Instant) -> Sessions:
        return await self._calendars.sessions(self._markets[name].calendar, now)

    async def _brought(self, before: KeptHours, sessions: Sessions, now: Instant) -> tuple[KeptHours, int]:
        """Ask for a market's hours where they are due; what is known of them then, and how many bars are new."""
        span = await self._store.run(stored_span, before.market, Timeframe.H1)
        before = before.with_span(span)
        since = _due(before, sessions, now)
        if since is None:
            return before, 0
        answer, trouble = await self._asked(before.market, sessions, since, now)
        if answer is None:
            return replace(before, tried=now, trouble=trouble), 0
        bars, left_out = await self._passed(answer, sessions, now)
        if since > now - REACH_S and await self._rescaled(bars):
            return replace(before, asked_since=None, tried=None, trouble="prices on another scale: fetched anew"), 0
        added = await self._saved(bars, answer.source, now)
        span = await self._store.run(stored_span, before.market, Timeframe.H1)
        deepest = min(since, before.asked_since or since)
        return replace(before, asked_since=deepest, tried=now, trouble=left_out).with_span(span), added

    async def _asked(
        self, name: str, sessions: Sessions, since: Instant, now: Instant
    ) -> tuple[FetchAnswer | None, str]:
        """The first source's answer, or why there is none."""
        market = self._markets[name]
        try:
            answers = await self._feed.fetch(market, Timeframe.H1, sessions.since(since), since, now)
        except NoSource as error:
            log.info("hours of %s: %s", name, error)
            return None, error.brief
        return answers[0], ""

    async def _passed(self, answer: FetchAnswer, sessions: Sessions, now: Instant) -> tuple[Bars, str]:
        """The hours that pass the gate and are of their days, and what is wrong with the others."""
        market = self._markets[answer.bars.market]
        await self._bar_cache.open([(market.name, Timeframe.D1)])
        passed = reconcile([answer], GateContext(market, sessions, now)).bars
        held = of_their_days(passed, self._bar_cache.bars(market.name), sessions, market.kind)
        return held.bars, held.told

    async def _rescaled(self, bars: Bars) -> bool:
        """Whether the hours that are known already have other prices now, as after a split."""
        if not len(bars):
            return False
        kept = await self._store.run(load_bars, bars.market, Timeframe.H1, int(bars.start[0]))
        _, here, there = np.intersect1d(bars.start, kept.start, assume_unique=True, return_indices=True)
        apart = np.abs(bars.close[here] / kept.close[there] - 1)
        return bool(len(here)) and float(np.median(apart)) > _RESCALED_RATIO

    async def _saved(self, bars: Bars, source: str, now: Instant) -> int:
        added = 0
        for first in range(0, len(bars), _AT_ONCE):
            part = bars.slice(first, min(first + _AT_ONCE, len(bars)))
            (saved,) = await self._store.run(save_all, [(part, source)], now)
            added += saved.added
        return added


def _due(known: KeptHours, sessions: Sessions, now: Instant) -> Instant | None:
    """From which bar on a market's hours are asked for now; None: nothing is due."""
    closed = sessions.last_closed(now - SETTLED_S)
    if closed is None or (known.tried is not None and 0 <= now - known.tried < RETRY_S):
        return None
    newest = newest_expected(Timeframe.H1, sessions, int(sessions.closes[closed]))
    if known.last is None or known.asked_since is None:
        return now - REACH_S
    behind = newest is not None and known.last < newest
    return max(overlap(known.last, sessions), now - REACH_S) if behind else None


def _busy(sessions: Sessions, now: Instant) -> bool:
    """Whether an exchange is open, or closed so lately that a look may still want its sources."""
    if sessions.calendar == ROUND_THE_CLOCK:
        return False
    return sessions.is_open(now) or len(sessions.closed_between(now - SETTLED_S, now)) > 0
