"""Composition of stories: facts, pictures and texts, with what was known at the close and nothing later."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot.charts.request import ChartRequest, Draw
from bot.market.model import Market
from bot.scan.alert_facts import alert_facts, follow_up_facts
from bot.scan.bar_cache import BarCache
from bot.scan.context import Surroundings, alert_evidence, surroundings
from bot.scan.missing.across import across_missing
from bot.scan.missing.windows import what_is_missing
from bot.scan.stories import Story, StoryEvent
from bot.scan.story_charts import story_chart
from bot.signals.bars import Bars
from bot.signals.levels.snapshot import LevelSnapshot, level_snapshot
from bot.signals.replay.event import EventKind
from bot.signals.timeframe import Timeframe
from bot.store.stories import NewMessage
from bot.views.alerts.buttons import level_buttons, story_buttons
from bot.views.alerts.facts import AlertFacts, FollowUpFacts, StoryFacts
from bot.views.alerts.follow_up import render_follow_ups
from bot.views.alerts.story import render_story

PICTURE_TIMEOUT_SECONDS = 6.0
"""Seconds that a story waits for its picture: enough for a process that has to start first."""

_ASKED_FIRST_SECONDS = 0.001
"""Seconds that the evidence waits for the pictures to be asked for: they take longer, in another process."""

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
        for number in opening:
            alerts[number] = replace(alerts[number], across_missing=await self._across_missing(story.events[number]))
        drawn = await pictures
        light, black = _pictures(leads, drawn[: len(charts)]), _pictures(leads, drawn[len(charts) :])
        return StoryDraft(story, alerts, follow_ups, beside, light, black)

    def _drawable(
        self, story: Story, opening: Sequence[int], leads: Sequence[int]
    ) -> tuple[dict[int, LevelSnapshot | None], list[ChartRequest]]:
        """The levels beside the alerts, and the charts of those that lead."""
        levels = {number: self._levels(story.events[number]) for number in opening}
        return levels, [self._chart(story.events[number], levels[number]) for number in leads]

    def _chart(self, each: StoryEvent, levels: LevelSnapshot | None) -> ChartRequest:
        bars = self._bars_of(each)
        source = self._source_of(bars.market, bars.timeframe)
        return replace(story_chart(each, bars, self._market_of(each), levels), source=source, note=self._banner)

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

    async def _across_missing(self, each: StoryEvent) -> str:
        """Which missing sessions an alert's formula looks back across, in words; "" for none, or while it forms."""
        rule, bars = each.result.definition.rule, self._bars_of(each)
        at = bars.position(each.event.bar)
        if at is None or each.event.kind is EventKind.PROVISIONAL:
            return ""
        names = [name for name in rule.when.markets if name in self._markets]
        others = {name: self._bar_cache.bars(name).known_at(each.event.at) for name in names}
        missing = await across_missing(self._bar_cache, self._markets, rule, bars, at, others)
        return ". ".join(map(what_is_missing, missing))

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

    async def _picture(self, chart: ChartRequest) -> bytes | None:
        try:
            async with asyncio.timeout(PICTURE_TIMEOUT_SECONDS):
                return await self._draw(chart)
        except TimeoutError:
            log.warning("%s: no picture within %g s; it goes without", chart.title, PICTURE_TIMEOUT_SECONDS)
            return None


def _pictures(leads: Sequence[int], drawn: Sequence[bytes | None]) -> dict[int, bytes]:
    return {number: png for number, png in zip(leads, drawn, strict=False) if png is not None}
