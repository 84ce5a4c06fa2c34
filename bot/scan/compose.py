"""Composition of stories: facts, pictures and texts, with what was known at the close and nothing later."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from bot.charts.request import ChartLevel, ChartRequest, Draw, FormulaChart, Marker, MarketChart
from bot.market.model import Market
from bot.scan.alert_facts import alert_facts, direction, follow_up_facts, short_name
from bot.scan.bar_cache import BarCache
from bot.scan.context import Surroundings, alert_evidence, surroundings
from bot.scan.stories import Story, StoryEvent
from bot.signals.bars import Bars
from bot.signals.formula import OWN, value_on
from bot.signals.levels.levels import level_priced
from bot.signals.levels.settings import LevelSettings
from bot.signals.levels.snapshot import LevelSnapshot, LevelView, level_snapshot
from bot.signals.replay.compared import compared_series
from bot.signals.replay.event import Event, EventKind
from bot.signals.timeframe import Instant, Timeframe
from bot.store.stories import NewMessage
from bot.views.alerts.buttons import level_buttons, story_buttons
from bot.views.alerts.facts import AlertFacts, FollowUpFacts, StoryFacts
from bot.views.alerts.follow_up import render_follow_ups
from bot.views.alerts.story import render_story

PICTURE_TIMEOUT_SECONDS = 6.0
"""Seconds that a story waits for its picture: enough for a process that has to start first."""

_ASKED_FIRST_SECONDS = 0.001
"""Seconds that the evidence waits for the pictures to be asked for: they take longer, in another process."""

_LEVELS_DRAWN = 4
"""Levels on each side of the price that a picture may show beside the alert's own."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False, slots=True)
class StoryDraft:
    """All that the messages of one story are made of; events go by their number in the story."""

    story: Story
    alerts: Mapping[int, AlertFacts] = field(default_factory=dict)
    follow_ups: Mapping[int, FollowUpFacts] = field(default_factory=dict)
    beside: Surroundings = field(default_factory=Surroundings)
    pictures: Mapping[int, bytes] = field(default_factory=dict)
    dark_pictures: Mapping[int, bytes] = field(default_factory=dict)

    def message(self, events: Sequence[int]) -> NewMessage:
        """What a chat reads that gets these events of the story: all of them alerts, or all of them follow-ups."""
        own = sorted(events)
        if not self.story.events[own[0]].event.kind.opens:
            return NewMessage(render_follow_ups([self.follow_ups[each] for each in own]))
        alerts = tuple(self.alerts[each] for each in own)
        wanted = any("crypto" in self.story.events[each].result.definition.context for each in own)
        facts = StoryFacts(
            self.story.at,
            alerts,
            self.beside.crypto if wanted else (),
            self.beside.missing if wanted else (),
            self.beside.risk,
            self.beside.liquidity,
            self.beside.correlation,
            self.beside.missing_liquidity,
        )
        rules = [(each.event.alert.rule, each.rule_title) for each in alerts]
        pictures = (self.pictures.get(own[0]), self.dark_pictures.get(own[0]))
        buttons = story_buttons(rules, level_buttons(alerts[0]))
        return NewMessage(render_story(facts), pictures[0], buttons, pictures[1])


class StoryComposer:
    """Gathers what a story tells. Its texts are written later, for each set of events that some chat gets."""

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

    async def draft(
        self, story: Story, titles: Mapping[str, str], leads: Sequence[int], *, dark: bool = False
    ) -> StoryDraft:
        """The facts of a story and the pictures of the alerts that lead it for somebody; `titles` are by rule id.

        `dark`: of each picture there is to be a dark one as well.
        """
        opening = [number for number, each in enumerate(story.events) if each.told and each.event.kind.opens]
        levels, charts = await asyncio.to_thread(self._drawable, story, opening, leads)
        wanted = [*charts, *(replace(chart, dark=True) for chart in charts if dark)]
        pictures = asyncio.gather(*map(self._picture, wanted))
        if wanted:
            await asyncio.sleep(_ASKED_FIRST_SECONDS)
        alerts, follow_ups, beside = await asyncio.to_thread(self._facts, story, opening, levels, titles)
        drawn = await pictures
        light, black = _pictures(leads, drawn[: len(charts)]), _pictures(leads, drawn[len(charts) :])
        return StoryDraft(story, alerts, follow_ups, beside, light, black)

    def _drawable(
        self, story: Story, opening: Sequence[int], leads: Sequence[int]
    ) -> tuple[dict[int, LevelSnapshot | None], list[ChartRequest]]:
        """The levels beside the alerts, and the charts of those that lead."""
        levels = {number: self._levels(story.events[number]) for number in opening}
        return levels, [self._chart(story.events[number], levels[number]) for number in leads]

    def _facts(
        self,
        story: Story,
        opening: Sequence[int],
        levels: Mapping[int, LevelSnapshot | None],
        titles: Mapping[str, str],
    ) -> tuple[dict[int, AlertFacts], dict[int, FollowUpFacts], Surroundings]:
        alerts, follow_ups = {}, {}
        for number, each in enumerate(story.events):
            market, bars = self._market_of(each), self._bars_of(each)
            source = self._source_of(bars.market, bars.timeframe)
            if number in opening:
                assert each.result.firings is not None
                known = (self._markets, self._crypto, self._bar_cache.bars, len(titles))
                evidence = alert_evidence(each.result.definition, each.result.firings, story.at, *known)
                alerts[number] = alert_facts(each, bars, market, evidence, levels[number], titles, source)
            elif each.told:
                follow_ups[number] = follow_up_facts(each, bars, market, source)
        if not alerts:
            return alerts, follow_ups, Surroundings()
        definitions = [story.events[number].result.definition for number in opening]
        beside = surroundings(definitions, story.at, self._markets, self._crypto, self._bar_cache.bars)
        return alerts, follow_ups, beside

    def _market_of(self, each: StoryEvent) -> Market:
        return self._markets[each.result.definition.rule.market]

    def _bars_of(self, each: StoryEvent) -> Bars:
        """The bars of the event's market as known at its close, the forming one among them for a provisional event."""
        rule = each.result.definition.rule
        bars = self._bar_cache.bars(rule.market, rule.timeframe)
        if each.event.kind is EventKind.PROVISIONAL:
            bars = bars.merged(self._bar_cache.forming[rule.market, rule.timeframe])
        return bars.known_at(each.event.at)

    def _levels(self, each: StoryEvent) -> LevelSnapshot | None:
        """The levels that stand after the event's bar, where the rule speaks of one."""
        bars = self._bars_of(each)
        if each.event.level is None or not len(bars):
            return None
        return level_snapshot(bars, len(bars) - 1, each.result.definition.rule.pinned)

    def _chart(self, each: StoryEvent, levels: LevelSnapshot | None) -> ChartRequest:
        bars, event = self._bars_of(each), each.event
        assert each.result.firings is not None
        starts = sorted({*each.result.firings.start.tolist(), event.alert.bar})
        forming = event.kind is EventKind.PROVISIONAL
        compared = _compared(each, bars, starts)
        if compared is not None:
            title = _title(each, self._market_of(each))
            source = self._source_of(bars.market, bars.timeframe)
            return replace(compared, title=title, source=source, note=self._banner, forming=forming)
        return MarketChart(
            bars=bars,
            title=_title(each, self._market_of(each)),
            level=_own_level(event, bars, each.result.definition.rule.pinned),
            marker=Marker(direction(event, bars, self._market_of(each)).value),
            fired=tuple(at for start in starts if (at := bars.position(start)) is not None),
            others=_drawn(levels, bars),
            source=self._source_of(bars.market, bars.timeframe),
            note=self._banner,
            forming=forming,
        )

    async def _picture(self, chart: ChartRequest) -> bytes | None:
        try:
            async with asyncio.timeout(PICTURE_TIMEOUT_SECONDS):
                return await self._draw(chart)
        except TimeoutError:
            log.warning("%s: no picture within %g s; it goes without", chart.title, PICTURE_TIMEOUT_SECONDS)
            return None


def _compared(each: StoryEvent, bars: Bars, starts: Sequence[Instant]) -> FormulaChart | None:
    """What the rule looks at, up to the event's bar, where that is another series than its market's price."""
    rule, frame = each.result.definition.rule, each.result.frame
    sides = compared_series(rule) if each.event.level is None and frame is not None else None
    if sides is None or frame is None or not len(bars):
        return None
    upto = frame.bars.position(int(bars.start[-1]))
    if upto is None:
        return None
    values, against = (np.broadcast_to(value_on(side, frame, OWN), len(frame.bars))[: upto + 1] for side in sides)
    return FormulaChart(
        title="",
        market=rule.market,
        timeframe=rule.timeframe,
        start=frame.bars.start[: upto + 1],
        values=values,
        against=against,
        name=_in_markets(sides[0].text, rule.market),
        against_name=_in_markets(sides[1].text, rule.market),
        fired=tuple(at for each in starts if (at := frame.bars.position(each)) is not None and at <= upto),
    )


def _in_markets(formula: str, market: str) -> str:
    """IWM / SPY for close / SPY.close, in a rule of IWM."""
    return re.sub(r"(?<![\w.])close\b", market, re.sub(r"\b(\w+)\.close\b", r"\1", formula))


def _pictures(leads: Sequence[int], drawn: Sequence[bytes | None]) -> dict[int, bytes]:
    return {number: png for number, png in zip(leads, drawn, strict=False) if png is not None}


def _title(each: StoryEvent, market: Market) -> str:
    """The rule's title, with the market's name before it where it does not say so."""
    title, name = each.result.definition.title, short_name(market)
    return title if name.partition(" ")[0] in title else f"{name}: {title}"


def _own_level(event: Event, bars: Bars, pinned: tuple[float, ...]) -> ChartLevel | None:
    """The level that the alert speaks of, as a band with its touches where the market has one there."""
    if event.level is None:
        return None
    known = level_priced(bars, LevelSettings(), event.level, pinned=pinned)
    return ChartLevel(event.level, known.touches, known.low, known.high) if known else ChartLevel(event.level)


def _chart_level(level: LevelView, bars: Bars) -> ChartLevel:
    touches = tuple(at for start in level.touches if (at := bars.position(start)) is not None)
    return ChartLevel(level.price, touches, level.low, level.high)


def _drawn(levels: LevelSnapshot | None, bars: Bars) -> tuple[ChartLevel, ...]:
    """The levels next to the price, with the positions of their touches."""
    if levels is None:
        return ()
    near = (*levels.above[-_LEVELS_DRAWN:], *levels.below[:_LEVELS_DRAWN])
    return tuple(_chart_level(each, bars) for each in near if each.pinned or len(each.touches) > 1)
