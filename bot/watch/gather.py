"""Which bars came in, and how does each market's source fare?"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from bot.market.feed import Feed, NoSource
from bot.market.gate import gate
from bot.market.spec import Market
from bot.signals.bars import Bars
from bot.signals.sessions import ROUND_THE_CLOCK, Sessions
from bot.signals.timeframe import Instant, label
from bot.store.bars import save_bars
from bot.store.writer import Store
from bot.watch.calendars import Calendars
from bot.watch.library import Library
from bot.watch.plan import FIRST_SESSION, Asked, Need, Schedule, Series, need

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Health:
    """How a series fares: when it was asked for, who answered last, and what is wrong now ("" if nothing)."""

    asked: Asked = field(default_factory=Asked)
    source: str = ""
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Arrival:
    """What one fetch brought: how many bars are new, and the starts of those that a vendor corrected."""

    series: Series
    added: int
    revised: tuple[Instant, ...]


class Gatherer:
    """Asks for the series that are due, lets the gate judge, stores what passed."""

    def __init__(
        self,
        store: Store,
        library: Library,
        feed: Feed,
        calendars: Calendars,
        markets: Mapping[str, Market],
        schedule: Schedule,
    ) -> None:
        self._store = store
        self._library = library
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
    ) -> list[Arrival]:
        """Fetch what is due of `wanted`, one after the other; a source that fails spoils nothing but its own.

        Of the series in `live` the forming bar is wanted too. `first` is where a series begins that is new.
        """
        arrivals = []
        for series in wanted:
            due, sessions = await self._due(series, now, live=series in live, first=first)
            if due is not None and (arrival := await self._fetch(due, sessions, now)) is not None:
                arrivals.append(arrival)
        return arrivals

    async def expects(self, wanted: Iterable[Series], now: Instant) -> bool:
        """Whether a market that does not trade around the clock should have a new bar by now."""
        for series in wanted:
            due, sessions = await self._due(series, now)
            if due is not None and due.reason == "new" and sessions.calendar != ROUND_THE_CLOCK:
                return True
        return False

    async def _due(
        self, series: Series, now: Instant, *, live: bool = False, first: Instant = FIRST_SESSION
    ) -> tuple[Need | None, Sessions]:
        sessions = await self._calendars.sessions(self._markets[series[0]].calendar, now)
        asked = self.health.get(series, Health()).asked
        bars = self._library.bars(*series)
        last = int(bars.start[-1]) if len(bars) else None
        return need(series, last, sessions, asked, now, self._schedule, live=live, first=first), sessions

    async def _fetch(self, due: Need, sessions: Sessions, now: Instant) -> Arrival | None:
        name, timeframe = due.series
        before = self.health.get(due.series, Health())
        asked = replace(before.asked, tried=now)
        recent = sessions.since(due.since)
        try:
            answer = await self._feed.fetch(self._markets[name], timeframe, recent, due.since, now)
        except NoSource as error:
            log.warning("%s: no bars: %s", name, error)
            self.health[due.series] = replace(before, asked=asked, trouble=str(error))
            return None
        held = self._library.bars(name, timeframe)
        passed = gate(answer, recent, now, _first_lacking(held, recent))
        saved = await self._store.do(save_bars, passed.bars, answer.source, now)
        self._library.add(passed.bars)
        self._library.form(answer.forming)
        missing = [f"{label(start, timeframe)} is missing" for start in passed.missing[-3:].tolist()]
        trouble = "; ".join([*passed.held, *missing, *answer.problems][:5])
        self.health[due.series] = Health(replace(asked, answered=now), answer.source, trouble)
        return Arrival(due.series, saved.added, saved.revised)


def _first_lacking(bars: Bars, sessions: Sessions) -> Instant | None:
    """Start of the session after the newest bar: from there on bars are expected. None where none is known."""
    if not len(bars):
        return None
    at = int(sessions.start.searchsorted(bars.start[-1], side="right"))
    return int(sessions.start[at]) if at < len(sessions) else None
