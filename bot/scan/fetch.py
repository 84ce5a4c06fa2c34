"""One round of fetching: ask for what is due, let the gate judge, store what passed, keep each source's health."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot.market.feed import Feed, NoSource
from bot.market.gate import Gated
from bot.market.model import FetchAnswer, Market
from bot.market.reconcile import GateContext, reconcile
from bot.scan.bar_cache import BarCache
from bot.scan.calendars import Calendars
from bot.scan.fetch_plan import FIRST_SESSION, Asked, Need, Schedule, Series, need
from bot.signals.bars import Bars
from bot.signals.sessions import Sessions
from bot.signals.timeframe import Instant, label
from bot.store.bars import save_all
from bot.store.store import Store

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Health:
    """How a series fares: when it was asked for, who answered last, and what is wrong now ("" if nothing).

    `odd` are the starts of the bars that the gate holds back, or lets through without a price that it doubts.
    """

    asked: Asked = field(default_factory=Asked)
    source: str = ""
    trouble: str = ""
    odd: tuple[Instant, ...] = ()


@dataclass(frozen=True, slots=True)
class Fetched:
    """What one fetch brought: how many bars are new, and the starts of those that a vendor corrected."""

    series: Series
    added: int
    revised: tuple[Instant, ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """One answer, and what of it passed the gate."""

    series: Series
    answer: FetchAnswer
    passed: Gated


class BarFetcher:
    """Asks for the series that are due, lets the gate judge, stores what passed."""

    def __init__(
        self,
        store: Store,
        bar_cache: BarCache,
        feed: Feed,
        calendars: Calendars,
        markets: Mapping[str, Market],
        schedule: Schedule,
    ) -> None:
        self._store = store
        self._bar_cache = bar_cache
        self._feed = feed
        self._calendars = calendars
        self._markets = markets
        self._schedule = schedule
        self.health: dict[Series, Health] = {}

    async def gather(
        self,
        wanted: Iterable[Series],
        now: Instant,
        *,
        live: Collection[Series] = (),
        first: Instant = FIRST_SESSION,
    ) -> list[Fetched]:
        """Fetch what is due of `wanted`, one after the other; a source that fails spoils nothing but its own.

        Of the series in `live` the forming bar is wanted too. `first` is where a series begins that is new. Nothing is
        judged before all has come: a market is judged by its sister's bar of the same day.
        """
        brought: list[tuple[Need, Sessions, FetchAnswer]] = []
        for series in wanted:
            due, sessions = await self._due(series, now, live=series in live, first=first)
            if due is not None and (answer := await self._ask(due, sessions, now)) is not None:
                brought.append((due, sessions.since(due.since), answer))
        fresh = {due.series: answer.bars for due, _, answer in brought}
        judged = [await self._judge(due, sessions, answer, fresh, now) for due, sessions, answer in brought]
        return await self._keep([each for each in judged if each is not None], now)

    async def expected(self, wanted: Iterable[Series], now: Instant) -> list[Series]:
        """Those of the series that should have a new bar by now."""
        due = [(series, (await self._due(series, now))[0]) for series in wanted]
        return [series for series, need in due if need is not None and need.reason == "new"]

    async def _due(
        self, series: Series, now: Instant, *, live: bool = False, first: Instant = FIRST_SESSION
    ) -> tuple[Need | None, Sessions]:
        sessions = await self._calendars.sessions(self._markets[series[0]].calendar, now)
        health = self.health.get(series, Health())
        bars = self._bar_cache.bars(*series)
        last = int(bars.start[-1]) if len(bars) else None
        odd = max(health.odd, default=None)
        return need(
            series, last, sessions, health.asked, now, self._schedule, live=live, first=first, odd=odd
        ), sessions

    async def _ask(self, due: Need, sessions: Sessions, now: Instant) -> FetchAnswer | None:
        name, timeframe = due.series
        before = self.health.get(due.series, Health())
        self.health[due.series] = replace(before, asked=replace(before.asked, tried=now))
        recent = sessions.since(due.since)
        try:
            return await self._feed.fetch(self._markets[name], timeframe, recent, due.since, now)
        except NoSource as error:
            level = logging.DEBUG if before.trouble == error.brief else logging.WARNING  # an outage is news once
            log.log(level, "no bars: %s", error)
            self.health[due.series] = replace(self.health[due.series], trouble=error.brief)
            return None

    async def _judge(
        self, due: Need, sessions: Sessions, answer: FetchAnswer, fresh: Mapping[Series, Bars], now: Instant
    ) -> Checked | None:
        """What passes of one answer; None where its scale was new and nobody tells the whole history in it."""
        name, timeframe = due.series
        market, held = self._markets[name], self._bar_cache.bars(name, timeframe)
        other = (market.sister, timeframe)
        sister = self._bar_cache.bars(*other).merged(fresh[other]) if other in fresh else self._bar_cache.bars(*other)
        known = None if due.since == FIRST_SESSION else held
        setting = GateContext(market, sessions, now, _first_lacking(held, sessions), known, sister)
        passed = await reconcile(self._feed, answer, setting)
        if passed.rescaled != 1.0:
            return await self._anew(due.series, now)
        return Checked(due.series, answer, passed)

    async def _keep(self, judged: Sequence[Checked], now: Instant) -> list[Fetched]:
        """Store what passed of all answers of a look, at once."""
        brought = [(each.passed.bars, each.answer.source) for each in judged]
        saved = await self._store.run(save_all, brought, now) if brought else []
        for each in judged:
            self._bar_cache.add(each.passed.bars)
            self._bar_cache.set_forming(each.answer.forming)
            self._note(each, now)
        return [Fetched(each.series, new.added, new.revised) for each, new in zip(judged, saved, strict=True)]

    def _note(self, judged: Checked, now: Instant) -> None:
        """How the series fares after this answer."""
        (name, timeframe), answer, passed = judged.series, judged.answer, judged.passed
        missing = [f"{label(start, timeframe)} is missing" for start in passed.missing[-3:].tolist()]
        doubted = [f"{name} {label(each.start, timeframe)}: {each.reason}" for each in passed.doubts[-3:]]
        trouble = "; ".join([*passed.held, *doubted, *missing, *passed.notes, *answer.problems][:5])
        odd = (*passed.suspect.tolist(), *(each.start for each in passed.doubts))
        asked = replace(self.health[judged.series].asked, answered=now)
        self.health[judged.series] = Health(asked, answer.source, trouble, odd)

    async def _anew(self, series: Series, now: Instant) -> Checked | None:
        """The whole history of a market whose source now tells prices on another scale, as after a split."""
        log.warning("%s: the source has rescaled its prices; its history is fetched anew", series[0])
        whole = Need(series, FIRST_SESSION, "rescaled")
        sessions = await self._calendars.sessions(self._markets[series[0]].calendar, now)
        answer = await self._ask(whole, sessions, now)
        return None if answer is None else await self._judge(whole, sessions, answer, {}, now)


def _first_lacking(bars: Bars, sessions: Sessions) -> Instant | None:
    """Start of the session after the newest bar: from there on bars are expected. None where none is known."""
    if not len(bars):
        return None
    at = int(sessions.start.searchsorted(bars.start[-1], side="right"))
    return int(sessions.start[at]) if at < len(sessions) else None
