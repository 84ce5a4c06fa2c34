"""The line that says that a message is late."""

from __future__ import annotations

from bot.signals.replay.event import Event
from bot.views.alerts.spans import bars_of
from bot.views.formatting import numbers


def late_line(event: Event, sessions_ago: int) -> str:
    """⏰ Late: this is the bar of Wed 2 Jan 2019, 2 sessions ago."""
    timeframe = event.alert.timeframe
    ago = f", {bars_of(sessions_ago, event)} ago" if sessions_ago > 0 else ""
    return f"⏰ Late: this is the bar of {numbers.bar_name(event.bar, timeframe)}{ago}."
