"""Text of /chart: how a market stands, in the lines under its picture."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from bot.evidence.record_rank import Mark, record_rank
from bot.signals.bars import Bars
from bot.signals.levels.snapshot import LevelSnapshot, LevelView
from bot.signals.timeframe import Instant
from bot.views.formatting import html, numbers


def market_caption(title: str, bars: Bars, ladder: LevelSnapshot | None, now: Instant) -> str:
    """The answer to /chart: the last close, how far it is from the record, and the levels around it."""
    head = html.bold(html.escape(html.clip(title, 80)))
    closes = bars.close[np.isfinite(bars.close)]
    if ladder is None or not closes.size:
        return f"{head}: no prices yet. They come with the next look at the markets."
    return "\n".join([f"{head} {_close(bars, ladder, now)}", *_record(bars, ladder), *_around(ladder)])


def no_bars(title: str) -> str:
    """The answer to a question about a market of which nothing is known yet."""
    return f"No prices of {html.escape(html.clip(title, 80))} yet. They come with the next look at the markets."


def _close(bars: Bars, ladder: LevelSnapshot, now: Instant) -> str:
    closes = bars.close[np.isfinite(bars.close)]
    change = f", {numbers.percent(float(closes[-1] / closes[-2]) - 1)}" if closes.size > 1 and closes[-2] > 0 else ""
    bar = numbers.bar_name(ladder.bar, ladder.timeframe)
    return f"{numbers.price(ladder.close)}{change}\n{bar}, closed, {numbers.old(now - ladder.end)}"


def _record(bars: Bars, ladder: LevelSnapshot) -> Iterator[str]:
    place = record_rank(bars, ladder.bar, ladder.close)
    if place.record is None:
        return
    if place.is_record(ladder.close):
        yield f"A record close. The one before: {_mark(place.record)}"
    else:
        yield f"Record close: {_mark(place.record)}, {numbers.percent(place.record.close / ladder.close - 1)} from here"


def _mark(mark: Mark) -> str:
    return f"{numbers.price(mark.close)} on {numbers.day(mark.start)}"


def _around(ladder: LevelSnapshot) -> Iterator[str]:
    if ladder.above:
        yield f"Next level above: {_rung(ladder.above[-1])}"
    if ladder.below:
        yield f"Next level below: {_rung(ladder.below[0])}"


def _rung(rung: LevelView) -> str:
    touches = f", {numbers.count(len(rung.touches), 'touch', 'touches')}" if rung.touches else ""
    return f"{numbers.price(rung.price)} ({numbers.percent(rung.distance)}{touches})"
