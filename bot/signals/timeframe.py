"""Lengths of a bar, instants, and the names of bars."""

from __future__ import annotations

from datetime import UTC, date, datetime
from enum import StrEnum

DAY = 86_400
"""Seconds of a calendar day."""

Instant = int
"""Seconds since 1970-01-01T00:00Z. All arithmetic of the house is done in these."""


class Timeframe(StrEnum):
    """The lengths of a bar that a rule may be written for."""

    M5 = "5m"
    M15 = "15m"
    M30 = "30m"
    H1 = "1h"
    H4 = "4h"
    D1 = "1d"
    W1 = "1w"

    @property
    def seconds(self) -> int:
        """Length of a bar around the clock; an equity's daily bar spans its session only."""
        return _SECONDS[self]

    @property
    def has_dates(self) -> bool:
        """Whether its bars are named by dates, as sessions and weeks are; else by instants."""
        return self in {Timeframe.D1, Timeframe.W1}


_SECONDS = {
    Timeframe.M5: 300,
    Timeframe.M15: 900,
    Timeframe.M30: 1_800,
    Timeframe.H1: 3_600,
    Timeframe.H4: 14_400,
    Timeframe.D1: DAY,
    Timeframe.W1: 7 * DAY,
}


def label(start: Instant, timeframe: Timeframe) -> str:
    """Name of a bar: the date of its session, or of its week's Monday, else its start in UTC."""
    moment = datetime.fromtimestamp(start, UTC)
    return moment.date().isoformat() if timeframe.has_dates else moment.strftime("%Y-%m-%dT%H:%MZ")


def start_of(text: str) -> Instant:
    """Start of the bar that `label` calls `text`; a date is its midnight in UTC. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


def midnight(day: date) -> Instant:
    """Start of a UTC day: what identifies a session, and a daily bar."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def day_of(instant: Instant) -> date:
    """UTC date of an instant."""
    return datetime.fromtimestamp(instant, UTC).date()
