"""Readiness of a rule's data: up to which instant all bars that it reads are there, and what it waits for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from bot.market.model import Market, MarketKind
from bot.rulebook.rule_definition import RuleDefinition
from bot.scan.bar_cache import BarCache
from bot.scan.calendars import Calendars
from bot.scan.completeness import WAIT_FOR_MISSING_BARS_S, complete_before, first_missing, still_trading
from bot.scan.series import is_basket
from bot.signals.timeframe import Instant
from bot.store.alerts import Watermark
from bot.store.meta import get_value, set_value
from bot.store.store import Store

_WAITING = "rules waiting since"
"""Key of the store's meta table: when each waiting rule began to wait."""


@dataclass(frozen=True, slots=True)
class Readiness:
    """All bars that close before `limit` are there. `waits` says what is waited for, empty where nothing is."""

    limit: Instant
    waits: str = ""


class ReadinessCheck:
    """Asks the bar cache what each rule still lacks; past its patience a rule goes on without.

    Since when each rule waits is kept in the store, so that a restart does not begin its patience anew.
    """

    def __init__(
        self, store: Store, bar_cache: BarCache, calendars: Calendars, markets: Mapping[str, Market], settle: int
    ) -> None:
        self._store = store
        self._bar_cache = bar_cache
        self._calendars = calendars
        self._markets = markets
        self._settle = settle
        self._waiting: dict[str, Instant] | None = None

    async def check(self, definition: RuleDefinition, mark: Watermark | None, now: Instant) -> Readiness:
        """How far a rule that was evaluated at `mark` may go on."""
        rule = definition.rule
        own = self._bar_cache.bars(rule.market, rule.timeframe)
        at = own.position(mark.bar) if mark else None
        after = int(own.end[at]) if at is not None else now
        missing = {name: await self._missing(name, after, now) for name in sorted(definition.markets)}
        lost = [name for name, instant in missing.items() if instant is not None and name != rule.market]
        limit = complete_before(missing.values(), now)
        if limit > now:
            await self._note(rule.id, None, now)
            return Readiness(limit)
        if now - await self._note(rule.id, now, now) >= WAIT_FOR_MISSING_BARS_S:
            return Readiness(now + 1)
        if not lost and not (len(own) and int(own.end[-1]) > limit):
            return Readiness(limit)
        return Readiness(limit, f"waits for {', '.join(name for name, instant in missing.items() if instant == limit)}")

    async def _note(self, rule: str, since: Instant | None, now: Instant) -> Instant:
        """Remember since when a rule waits, the first time that it does, or with None that it no longer does."""
        if self._waiting is None:
            kept = await self._store.run(get_value, _WAITING)
            self._waiting = json.loads(kept) if kept else {}
        known = self._waiting.get(rule)
        if since is None and known is not None:
            del self._waiting[rule]
        elif since is not None and (known is None or known > now):  # ahead: the clock was set back meanwhile
            self._waiting[rule] = since
        else:
            return known or now
        await self._store.run(set_value, _WAITING, json.dumps(self._waiting), now)
        return since or now

    async def _missing(self, name: str, after: Instant, now: Instant) -> Instant | None:
        """Close of the first session after `after` that a market, or a living member of a basket, lacks."""
        market = self._markets[name]
        if market.kind is MarketKind.MACRO:
            return None  # a figure is as old as its publisher lets it be, and a signal does not wait for the next
        sessions = await self._calendars.sessions(market.calendar, now)
        settled = now - self._settle
        if not is_basket(market):
            return first_missing(self._bar_cache.bars(name), sessions, after, settled)
        members = [self._bar_cache.bars(member) for member in market.members]
        missing = [first_missing(bars, sessions, after, settled) for bars in members if still_trading(bars, now)]
        return min((instant for instant in missing if instant is not None), default=None)
