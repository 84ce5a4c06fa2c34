"""Sessions of calendars for commands, without a worker."""

from __future__ import annotations

import time

from bot.cli.loading import imported
from bot.market import new_york
from bot.market.releases import ruled_sessions
from bot.scan.fetching.fetch_plan import FIRST_SESSION
from bot.signals.sessions import Sessions
from bot.signals.timeframe import DAY, Instant

AHEAD = 200 * DAY
"""How far beyond today a calendar is asked for; exchange_calendars knows a year."""


def sessions_of(calendar: str, known: dict[str, Sessions]) -> Sessions:
    """Sessions of a calendar, computed once for each dictionary of `known` ones."""
    if calendar not in known:
        known[calendar] = _computed(calendar, FIRST_SESSION, int(time.time()) + AHEAD)
    return known[calendar]


def _computed(calendar: str, first: Instant, last: Instant) -> Sessions:
    if (ruled := ruled_sessions(calendar, first, last)) is not None:
        return ruled
    if calendar == new_york.CALENDAR and last <= new_york.LAST:
        return new_york.new_york_sessions(first, last)
    # By name, since it takes a second, which commands on any other market should not wait for.
    sessions: Sessions = imported("bot.market.vendors.calendars:sessions")(calendar, first, last)
    return sessions
