"""Text of /chart: how a market stands, in the lines under its picture."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from bot.evidence.record_rank import Mark, RecordRank
from bot.signals.levels.snapshot import LevelSnapshot, LevelView
from bot.signals.timeframe import Instant
from bot.views.formatting import html, numbers
from bot.views.markets.spans import SpanFacts, span_lines

_WHOLE = 1_000


@dataclass(frozen=True, eq=False, slots=True)
class MarketFacts:
    """How a market stands at its last bar: change since the close before (None: unknown), rank of its close, levels.

    The change is a ratio; where its levels are told in points it is a difference.
    """

    title: str
    change: float | None
    rank: RecordRank
    levels: LevelSnapshot


def market_caption(facts: MarketFacts | None, title: str, now: Instant, span: SpanFacts | None = None) -> str:
    """The answer to /chart: the last close, what the span was, how far it is from the record, the levels around it."""
    head = html.bold(html.escape(html.clip(title, 80)))
    if facts is None:
        return f"{head}: no prices yet. They come with the next look at the markets."
    over = span_lines(span) if span is not None else ()
    return "\n".join([f"{head} {_close(facts, now)}", *over, *_record(facts), *_around(facts.levels)])


def ways_to_see(title: str, name: str) -> str:
    """The answer to a market's name and no more."""
    shown, chart, levels = html.bold(html.escape(html.clip(title, 80))), html.code(f"/chart {name}"), f"/levels {name}"
    return f"{shown}: {chart} draws it, {html.code(levels)} lists what stands above and below."


def last_price(title: str, name: str, close: float, start: Instant) -> str:
    """The answer to /price with a market and no price."""
    shown, example = html.bold(html.escape(html.clip(title, 80))), html.code(f"/tell {name} {close * 1.05:.3g}")
    if close >= _WHOLE:
        example = html.code(f"/tell {name} {round(close * 1.05, -int(math.log10(close)) + 1):.0f}")
    told = f"{shown} closed at {numbers.price(close)} on {numbers.weekday(start)}."
    return f"{told}\nA word, once, when it reaches a price: {example}"


def no_bars(title: str) -> str:
    """The answer to a question about a market of which nothing is known yet."""
    return f"No prices of {html.escape(html.clip(title, 80))} yet. They come with the next look at the markets."


def _close(facts: MarketFacts, now: Instant) -> str:
    levels = facts.levels
    change = f", {numbers.change(facts.change, points=levels.in_points)}" if facts.change is not None else ""
    bar = numbers.bar_name(levels.bar, levels.timeframe)
    return f"{numbers.price(levels.close)}{change}\n{bar}, closed, {numbers.old(now - levels.end)}"


def _record(facts: MarketFacts) -> Iterator[str]:
    record, close = facts.rank.record, facts.levels.close
    if record is None:
        return
    if facts.rank.is_record(close):
        yield f"A record close. The one before: {_mark(record)}"
    else:
        points = facts.levels.in_points
        away = record.close - close if points else record.close / close - 1
        yield f"Record close: {_mark(record)}, {numbers.change(away, points=points)} from here"


def _mark(mark: Mark) -> str:
    return f"{numbers.price(mark.close)} on {numbers.day(mark.start)}"


def _around(levels: LevelSnapshot) -> Iterator[str]:
    if levels.above:
        yield f"Next level above: {_level(levels.above[-1], points=levels.in_points)}"
    if levels.below:
        yield f"Next level below: {_level(levels.below[0], points=levels.in_points)}"


def _level(level: LevelView, *, points: bool) -> str:
    touches = f", {numbers.count(len(level.touches), 'touch', 'touches')}" if level.touches else ""
    return f"{numbers.price(level.price)} ({numbers.change(level.distance, points=points)}{touches})"
