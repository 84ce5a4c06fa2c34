"""Spans of time around an event, in words: sessions of a market that closes, days of one that never does."""

from __future__ import annotations

from bot.signals.replay.event import Event
from bot.signals.timeframe import DAY, Timeframe
from bot.views.formatting import numbers


def bars_of(how_many: int, event: Event) -> str:
    """3 sessions for daily bars, 3 days where a day has no end, 3 bars for shorter ones."""
    if _around_the_clock(event):
        return numbers.count(how_many, "day")
    return numbers.bars_of(how_many, event.alert.timeframe)


def since_last_close(event: Event, *, late: bool = False) -> str:
    """Over what the change since the close before is: today or that day, in 24 h, in the week, in this bar."""
    if _around_the_clock(event):
        return f"in 24{numbers.SPACE}h"
    return {DAY: "that day" if late else "today", 7 * DAY: "in the week"}.get(
        event.alert.timeframe.seconds, "in this bar"
    )


def _around_the_clock(event: Event) -> bool:
    return event.alert.timeframe is Timeframe.D1 and event.at - event.bar >= DAY
