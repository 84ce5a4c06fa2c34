"""Composition of alerts: from an event to its message, picture and buttons."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.charts.request import ChartLevel, Draw, MarketChart
from bot.market.model import Market
from bot.scan.bar_cache import BarCache
from bot.scan.context import Context, context
from bot.scan.evaluate import RuleResult
from bot.signals.bars import Bars
from bot.signals.replay.event import Event, EventKind
from bot.signals.timeframe import Instant, Timeframe
from bot.store.alerts import NewEvent
from bot.views.alerts.alert import render_alert
from bot.views.alerts.buttons import alert_buttons
from bot.views.alerts.facts import AlertFacts

LATE_AFTER = 3 * 3_600
"""Seconds after a bar could first be known from which on its alert says that it is late."""

PICTURE_PATIENCE = 6.0
"""Seconds that an alert waits for its picture: enough for a process that has to start first."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Timing:
    """When an event is told: the instant, seconds that a bar needs to settle, sessions that are caught up."""

    now: Instant
    settle: int
    catch_up: int


class AlertComposer:
    """Turns events into messages, with what was known at their bar's close and nothing later."""

    def __init__(
        self,
        bar_cache: BarCache,
        markets: Mapping[str, Market],
        crypto: tuple[str, ...],
        draw: Draw,
        source_of: Callable[[str, Timeframe], str],
        banner: str = "",
    ) -> None:
        self._bar_cache = bar_cache
        self._markets = markets
        self._crypto = crypto
        self._draw = draw
        self._source_of = source_of
        self._banner = banner

    async def compose(self, result: RuleResult, event: Event, timing: Timing) -> NewEvent:
        """The message of one event of a finding, ready to be recorded."""
        definition, rule = result.definition, result.definition.rule
        bars = self._bar_cache.bars(rule.market, rule.timeframe)
        if event.kind is EventKind.PROVISIONAL:
            bars = bars.merged(self._bar_cache.forming[rule.market, rule.timeframe])
        ago = max(0, len(bars.known_at(timing.now)) - len(bars.known_at(event.at)))
        late = timing.now - event.at > timing.settle + LATE_AFTER and event.kind is not EventKind.RETRACTED
        deliver = not late or ago < timing.catch_up
        opens = deliver and event.kind.opens
        beside, photo = Context(), None
        if opens:
            beside, photo = await asyncio.gather(self._beside(result, event), self._photo(result, event, bars))
        text = render_alert(self._facts(result, event, bars, beside, late=late, ago=ago))
        buttons = alert_buttons(rule.id) if opens else ()
        return NewEvent(event, rule.digest, definition.severity, definition.tags, text, photo, buttons, late, deliver)

    async def _beside(self, result: RuleResult, event: Event) -> Context:
        assert result.firings is not None
        markets, bars = self._markets, self._bar_cache.bars
        return await asyncio.to_thread(
            context, result.definition, result.firings, event.at, markets, self._crypto, bars
        )

    def _facts(
        self, result: RuleResult, event: Event, bars: Bars, beside: Context, *, late: bool, ago: int
    ) -> AlertFacts:
        definition, rule = result.definition, result.definition.rule
        return AlertFacts(
            event=event,
            bars=bars.known_at(event.at),
            headline=result.headlines.get(event.alert, definition.title),
            title=definition.title,
            market=self._markets[rule.market].title,
            why=definition.why,
            caveats=definition.caveats,
            severity=definition.severity.word,
            crypto=beside.crypto,
            missing=beside.missing,
            source=self._source_of(rule.market, rule.timeframe),
            late=late,
            sessions_ago=ago,
            history=beside.history,
            claims=beside.claims,
            risk=beside.risk,
            correlation=beside.correlation,
        )

    async def _photo(self, result: RuleResult, event: Event, bars: Bars) -> bytes | None:
        known = bars.known_at(event.at)
        assert result.firings is not None
        starts = sorted({*result.firings.start.tolist(), event.alert.bar})
        fired = tuple(at for start in starts if (at := known.position(start)) is not None)
        chart = MarketChart(
            bars=known,
            title=result.definition.title,
            level=None if event.level is None else ChartLevel(event.level),
            fired=fired,
            source=self._source_of(bars.market, bars.timeframe),
            note=self._banner,
        )
        try:
            async with asyncio.timeout(PICTURE_PATIENCE):
                return await self._draw(chart)
        except TimeoutError:
            log.warning("%s: no picture within %g s; the alert goes without", event.alert, PICTURE_PATIENCE)
            return None
