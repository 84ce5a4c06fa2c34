"""Charts of stories: what an alert shows, with the levels around it as they stood at its bar."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from bot.charts.request import ChartLevel, ChartRequest, FormulaChart, Marker, MarketChart
from bot.market.model import Market
from bot.scan.alert_facts import direction, short_name
from bot.scan.stories import StoryEvent
from bot.signals.bars import Bars
from bot.signals.formula import OWN, value_on
from bot.signals.levels.levels import level_priced
from bot.signals.levels.settings import LevelSettings
from bot.signals.levels.snapshot import LevelSnapshot, LevelView
from bot.signals.replay.compared import compared_series
from bot.signals.replay.event import Event, EventKind
from bot.signals.timeframe import Instant

_LEVELS_DRAWN = 4
"""Levels on each side of the price that a picture may show beside the alert's own."""


def story_chart(each: StoryEvent, bars: Bars, market: Market, levels: LevelSnapshot | None) -> ChartRequest:
    """The chart of an alert: its market, or what its rule compares where that is something else.

    `bars` are those of its market as known at its close, `levels` those that stood then.
    """
    event, title = each.event, _title(each, market)
    assert each.result.firings is not None
    starts = sorted({*each.result.firings.start.tolist(), event.alert.bar})
    forming = event.kind is EventKind.PROVISIONAL
    compared = _compared(each, bars, starts)
    if compared is not None:
        return replace(compared, title=title, forming=forming)
    return MarketChart(
        bars=bars,
        title=title,
        level=_own_level(event, bars, each.result.definition.rule.pinned),
        marker=Marker(direction(event, bars, market).value),
        fired=tuple(at for start in starts if (at := bars.position(start)) is not None),
        others=_drawn(levels, bars),
        forming=forming,
    )


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
