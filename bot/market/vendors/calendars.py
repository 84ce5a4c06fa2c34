"""The only file that imports exchange_calendars: when an exchange is open."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import exchange_calendars
import numpy as np
from exchange_calendars.errors import InvalidCalendarName

from bot.market.releases import ruled_sessions
from bot.signals.bars import IntArray
from bot.signals.sessions import Sessions
from bot.signals.timeframe import Instant, day_of, midnight

_MARGIN = timedelta(days=14)
"""The library refuses a range without a session; no exchange has been shut for longer in our time."""


def sessions(calendar: str, first: Instant, last: Instant, closures: Sequence[str] = ()) -> Sessions:
    """Sessions of the dates from that of `first` to that of `last`, both included; raises ValueError.

    `closures` are ISO dates on which the exchange was shut although the library does not know it yet. What
    lies more than a year ahead is a guess: exchanges announce their holidays about as late.
    """
    if (ruled := ruled_sessions(calendar, first, last)) is not None:
        return ruled
    schedule = _schedule(calendar, day_of(first), day_of(last))
    start = _seconds(schedule.index)
    shut = [midnight(date.fromisoformat(closure)) for closure in closures]
    keep = (start >= midnight(day_of(first))) & (start <= last) & ~np.isin(start, shut)
    return Sessions(calendar, start[keep], _seconds(schedule["open"])[keep], _seconds(schedule["close"])[keep])


def _schedule(calendar: str, first: date, last: date) -> Any:
    try:
        with warnings.catch_warnings(action="ignore"):  # what pandas tells its own callers is no news to ours
            made = exchange_calendars.get_calendar(calendar, start=first - _MARGIN, end=last + _MARGIN)
    except InvalidCalendarName:
        names = ", ".join(exchange_calendars.get_calendar_names(include_aliases=False))
        raise ValueError(f"unknown calendar (got {calendar}); allowed: {names}") from None
    return made.schedule


def _seconds(moments: Any) -> IntArray:
    """Epoch seconds of pandas instants, whatever unit this version of pandas keeps them in."""
    naive = moments.dt.tz_localize(None) if hasattr(moments, "dt") else moments
    return np.asarray(naive.to_numpy().astype("datetime64[s]").astype(np.int64))
