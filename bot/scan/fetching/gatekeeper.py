"""The gate between the sources' answers and the store, with the sister and the bars that are known beside them."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace

from bot.market.model import Market
from bot.market.quality.gate import witness
from bot.market.quality.reconcile import GateContext, first_open, reconcile
from bot.scan.bar_cache import BarCache
from bot.scan.calendars import Calendars
from bot.scan.completeness import first_expected, lacking, unmoved
from bot.scan.fetching.answers import Answers, AskAgain, Checked
from bot.scan.fetching.fetch_plan import FIRST_SESSION, OVERLAP_SESSIONS, Need
from bot.scan.fetching.health import Health
from bot.scan.series import Series
from bot.signals.bars import Bars
from bot.signals.timeframe import DAY

STRANGE_PATIENCE_S = 3 * DAY
"""Seconds for which other prices than the known ones are held that nobody explains; then all is fetched anew."""

log = logging.getLogger(__name__)


class Gatekeeper:
    """Judges answers by what else is known; `health` is that of each series, as it is when a question is put."""

    def __init__(
        self, bar_cache: BarCache, calendars: Calendars, markets: Mapping[str, Market], health: Mapping[Series, Health]
    ) -> None:
        self._bar_cache = bar_cache
        self._calendars = calendars
        self._markets = markets
        self._health = health

    async def needs_sister(self, given: Answers) -> bool:
        """Whether the answers are a whole history, or something that is not believed if the sister has not moved."""
        if given.need.since == FIRST_SESSION:
            return True
        sister = self._bar_cache.bars(*self.sister(given.need.series))
        context = await self._context(given, unmoved(sister, given.answers[0].bars))
        return first_open(reconcile(given.answers, context), context) is not None

    def sister(self, series: Series) -> Series:
        """The series by which one is judged; its market is "" where it has none."""
        return self._markets[series[0]].sister, series[1]

    async def witness(self, given: Answers) -> Bars:
        """Bars of the first answer that another market may be judged by."""
        context = await self._context(given, None)
        return witness(given.answers[0], context.sessions, context.now, context.history)

    async def judge(self, given: Answers, fresh: Mapping[Series, Bars]) -> Checked | AskAgain:
        """What passes of the answers, or what is asked for first; `fresh` are the witnesses of this round."""
        series = given.need.series
        other = self.sister(series)
        sister = self._bar_cache.bars(*other).merged(fresh[other]) if other in fresh else self._bar_cache.bars(*other)
        context = await self._context(given, sister)
        passed = reconcile(given.answers, context)
        if passed.rescaled != 1.0:
            log.warning("%s: the source has rescaled its prices; its history is fetched anew", series[0])
            return AskAgain(Need(series, FIRST_SESSION, "rescaled"))
        open_since = first_open(passed, context)
        if open_since is not None and not given.complete:
            since = max(min(given.need.since, open_since - OVERLAP_SESSIONS * DAY), int(context.sessions.start[0]))
            return AskAgain(replace(given.need, since=since), given.answers)
        return Checked(given, passed)

    async def _context(self, given: Answers, sister: Bars | None) -> GateContext:
        market = self._markets[given.need.series[0]]
        held = self._bar_cache.bars(*given.need.series)
        sessions = await self._calendars.sessions(market.calendar, given.now)
        known = None if given.need.since == FIRST_SESSION else held
        missing = lacking(held, sessions, given.now)
        since = missing[0] if missing else first_expected(held, sessions)
        strange = self._health[given.need.series].strange
        patient = strange is None or given.now - strange < STRANGE_PATIENCE_S
        return GateContext(market, sessions, given.now, since, known, sister, patient)
