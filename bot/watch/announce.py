"""What is told of one event, to whom it goes, and with which picture?"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from bot.evidence.performance import performance
from bot.market.spec import Market
from bot.messages.alert import render_alert
from bot.messages.facts import AlertFacts, CryptoLine
from bot.signals.bars import Bars
from bot.signals.event import Event, EventKind
from bot.signals.timeframe import Instant, Timeframe
from bot.store.alerts import NewEvent
from bot.watch.judge import OPENERS, Finding
from bot.watch.library import Library
from bot.watch.plan import is_basket

LATE_AFTER = 3 * 3_600
"""Seconds after a bar could first be known from which on its alert says that it is late."""

STALE_CRYPTO = 3 * 86_400
"""Seconds after which a crypto price is no longer shown as `now`."""


@dataclass(frozen=True, slots=True)
class Timing:
    """When an event is told: the instant, seconds that a bar needs to settle, sessions that are caught up."""

    now: Instant
    settle: int
    catch_up: int


@dataclass(frozen=True, eq=False, slots=True)
class Picture:
    """What a chart shows: bars up to the event, the level, positions of the firings."""

    bars: Bars
    title: str
    level: float | None
    fired: tuple[int, ...]
    source: str


Draw = Callable[[Picture], Awaitable[bytes | None]]
"""Renders a picture elsewhere; None where that failed: an alert goes out without it."""


class Announcer:
    """Turns events into messages, with what was known at their bar's close and nothing later."""

    def __init__(
        self,
        library: Library,
        markets: Mapping[str, Market],
        crypto: tuple[str, ...],
        draw: Draw,
        source_of: Callable[[str, Timeframe], str],
    ) -> None:
        self._library = library
        self._markets = markets
        self._crypto = crypto
        self._draw = draw
        self._source_of = source_of

    async def compose(self, finding: Finding, event: Event, timing: Timing) -> NewEvent:
        """The message of one event of a finding, ready to be recorded."""
        written, rule = finding.written, finding.written.rule
        bars = self._library.bars(rule.market, rule.timeframe)
        if event.kind is EventKind.PROVISIONAL:
            bars = bars.merged(self._library.forming[rule.market, rule.timeframe])
        ago = max(0, len(bars.known_at(timing.now)) - len(bars.known_at(event.at)))
        late = timing.now - event.at > timing.settle + LATE_AFTER and event.kind is not EventKind.RETRACTED
        deliver = not late or ago < timing.catch_up
        text = render_alert(self._facts(finding, event, bars, ago, late=late))
        photo = await self._photo(finding, event, bars) if deliver and event.kind in OPENERS else None
        return NewEvent(event, rule.digest, written.severity, written.tags, text, photo, (), late, deliver)

    def _facts(self, finding: Finding, event: Event, bars: Bars, ago: int, *, late: bool) -> AlertFacts:
        written, rule = finding.written, finding.written.rule
        lines = {name: self._crypto_line(name, event.at) for name in self._crypto}
        return AlertFacts(
            event=event,
            bars=bars.known_at(event.at),
            headline=finding.headlines.get(event.alert, written.title),
            title=written.title,
            market=self._markets[rule.market].title,
            why=written.why,
            caveats=written.caveats,
            severity=written.severity,
            crypto=tuple(line for line in lines.values() if line is not None),
            missing=tuple(name for name, line in lines.items() if line is None),
            source=self._source_of(rule.market, rule.timeframe),
            late=late,
            sessions_ago=ago,
        )

    def _crypto_line(self, name: str, at: Instant) -> CryptoLine | None:
        measured = performance(self._library.bars(name), at, self._library.bars(name, Timeframe.H1))
        if measured is None or at - measured.as_of > STALE_CRYPTO:
            return None
        market = self._markets[name]
        if is_basket(market):
            return CryptoLine(f"{name.capitalize()} ({len(market.members)})", measured, priced=False)
        return CryptoLine(name, measured)

    async def _photo(self, finding: Finding, event: Event, bars: Bars) -> bytes | None:
        known = bars.known_at(event.at)
        starts = sorted({*finding.fires, event.alert.bar})
        fired = tuple(at for start in starts if (at := known.position(start)) is not None)
        source = self._source_of(bars.market, bars.timeframe)
        return await self._draw(Picture(known, finding.written.title, event.level, fired, source))
