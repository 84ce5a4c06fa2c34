"""The recorder: what rules said, kept story by story with its messages, and how far they were evaluated."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence

from bot.rulebook.book import Rulebook
from bot.scan.bar_cache import BarCache
from bot.scan.compose import StoryComposer
from bot.scan.evaluate import RuleResult, RuleState
from bot.scan.stories import Story, StoryEvent, Timing, stories
from bot.signals.timeframe import Instant
from bot.store.alerts import Watermark
from bot.store.store import Store
from bot.store.stories import NewEvent, NewMessage, RuleMark, leading, record_story, wants_dark_pictures

log = logging.getLogger(__name__)


class StoryRecorder:
    """Keeps what rules said. `settle` and `catch_up` are as in `Timing`; `queued` is told of deliveries at once."""

    def __init__(
        self,
        store: Store,
        bar_cache: BarCache,
        composer: StoryComposer,
        rulebook: Callable[[], Rulebook],
        settle: int,
        catch_up: int,
        queued: Callable[[], None],
    ) -> None:
        self._store = store
        self._bar_cache = bar_cache
        self._composer = composer
        self._rulebook = rulebook
        self._settle = settle
        self._catch_up = catch_up
        self._queued = queued

    async def record(self, results: Sequence[RuleResult], states: Mapping[str, RuleState], now: Instant) -> int:
        """Keep what the rules said, story by story, and with the last one how far they were evaluated.

        A look that breaks off is made up for by the next one: events that are known already change nothing.
        """
        timing = Timing(now, self._settle, self._catch_up)
        told = stories(results, self._bar_cache.bars, timing)
        marks = [mark for result in results if (mark := _new_mark(result, states)) is not None]
        queued = 0
        for number, story in enumerate(told):
            queued += await self._record_story(story, marks if number == len(told) - 1 else (), now)
        if marks and not told:
            await self._store.run(record_story, (), _nothing, marks, now)
        return queued

    async def _record_story(self, story: Story, marks: Sequence[RuleMark], now: Instant) -> int:
        titles = {id_: definition.title for id_, definition in self._rulebook().rules.items()}
        events = [_new_event(each) for each in story.events]
        leads = await self._store.run(leading, events, now)
        dark = bool(leads) and await self._store.run(wants_dark_pictures)
        draft = await self._composer.draft(story, titles, leads, dark=dark)
        for each in story.events:
            log.info("%s: %s at the bar of %s", each.event.alert, each.event.kind, each.event.label)
        queued = await self._store.run(record_story, events, draft.message, marks, now)
        if queued:
            self._queued()
        return queued


def _new_event(each: StoryEvent) -> NewEvent:
    definition = each.result.definition
    return NewEvent(
        event=each.event,
        digest=definition.rule.digest,
        severity=definition.severity,
        tags=definition.tags,
        urgency=each.severity,
        minor=each.minor,
        late=each.late,
        deliver=each.told,
    )


def _new_mark(result: RuleResult, states: Mapping[str, RuleState]) -> RuleMark | None:
    """How far a rule has been evaluated now; None where that is nothing new."""
    rule = result.definition.rule
    mark = Watermark(result.upto, rule.digest)
    if states[rule.id].mark == mark:
        return None
    return RuleMark(rule.id, rule.market, rule.timeframe.value, mark)


def _nothing(_: Sequence[int]) -> NewMessage:
    raise AssertionError("no event, no message")
