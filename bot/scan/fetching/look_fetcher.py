"""Fetching for one look: what is due, with it the hours of crypto that an alert will tell of; and what is warmed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from bot.market.model import Market
from bot.rulebook.rule_definition import RuleDefinition
from bot.scan.bar_cache import BarCache
from bot.scan.calendars import Calendars
from bot.scan.fetching.answers import Fetched
from bot.scan.fetching.fetch_plan import HOURLY_SETTLE_DIVISOR, WARM_S, Need, Schedule, last_close, next_due
from bot.scan.fetching.fetcher import BarFetcher
from bot.scan.series import RECENT_CRYPTO_S, TRADED, Series, recent_crypto, series_read
from bot.signals.timeframe import Instant, Timeframe


class LookFetcher:
    """Has what is due for a look fetched in one round. `expecting` is told that with a new bar an alert may come."""

    def __init__(
        self,
        fetcher: BarFetcher,
        bar_cache: BarCache,
        calendars: Calendars,
        markets: Mapping[str, Market],
        crypto: tuple[str, ...],
        schedule: Schedule,
        expecting: Callable[[], None],
    ) -> None:
        self._fetcher = fetcher
        self._bar_cache = bar_cache
        self._calendars = calendars
        self._markets = markets
        self._crypto = crypto
        self._schedule = schedule
        self._expecting = expecting
        self._warmed: Instant = 0

    async def fetch(
        self, rules: Iterable[RuleDefinition], series: Sequence[Series], live: Sequence[Series], now: Instant
    ) -> list[Fetched]:
        """Ask for what is due; for the hours of crypto before the bar of the alert that will tell of them is due."""
        judged = series_read(rules, self._markets, ())
        due = await self._fetcher.due(series, now, live=live)
        if any(each.reason == "new" for each in due) or await self._due_soon(judged, now):
            self._expecting()
        hourly = [each for each in recent_crypto(self._markets, self._crypto) if each not in series]
        due += await self._hours_due(hourly, judged, live, now)
        return await self._fetcher.fetch(due, now, read=judged)

    async def _due_soon(self, judged: Sequence[Series], now: Instant) -> bool:
        """Whether a bar that rules read is due next; its source is asked once beforehand."""
        soon = []
        for name, timeframe in judged:
            if (market := self._markets[name]).kind in TRADED and timeframe is Timeframe.D1:
                due = next_due(await self._calendars.sessions(market.calendar, now), now, self._schedule)
                if due is not None and due - now <= WARM_S and due > self._warmed:
                    soon.append((due, (name, timeframe)))
        if soon:
            self._warmed = max(due for due, _ in soon)
            self._fetcher.warm([each for _, each in soon], now)
        return bool(soon)

    async def _hours_due(
        self, hourly: Sequence[Series], judged: Sequence[Series], live: Sequence[Series], now: Instant
    ) -> list[Need]:
        """What is lacking of crypto's hours up to the last close that an alert may tell of."""
        settled = now - self._schedule.settle // HOURLY_SETTLE_DIVISOR
        closes = []
        for name, timeframe in judged:
            if (market := self._markets[name]).kind in TRADED:
                sessions = await self._calendars.sessions(market.calendar, now)
                closes.append(last_close(timeframe, sessions, settled, live=(name, timeframe) in live))
        until = max((each for each in closes if each is not None), default=None)
        if until is None:
            return []
        await self._bar_cache.open(hourly)
        return await self._fetcher.due(hourly, now, first=now - RECENT_CRYPTO_S, until=until)
