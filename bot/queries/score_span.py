"""Of which alerts a scorecard is: all, those since a day, or those of one year."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import NamedTuple

from bot.queries.span_words import TimeSpan, read_span
from bot.signals.timeframe import Instant, start_of

ALLOWED = "as 2025, since 2024, since March 2025, 6mo, 90 days, ytd, all"

_YEAR = re.compile(r"(?:(?:in|of|during|for)\s+)?((?:19|20)\d\d)", re.IGNORECASE)


class ScoreSpan(NamedTuple):
    """The alerts that went out from `since` to before `until`; None where there is no such end. All have no `name`."""

    name: str = ""
    since: Instant | None = None
    until: Instant | None = None

    def holds(self, at: Instant) -> bool:
        """Whether an alert that went out at that instant is meant."""
        return (self.since is None or self.since <= at) and (self.until is None or at < self.until)


EVERY = ScoreSpan()
"""All alerts."""


def read_score_span(said: str, now: Instant) -> ScoreSpan | TimeSpan | None:
    """What is meant by "2025", "since 2024" or "6mo"; an odd span, which none can be of; None for other words."""
    today = datetime.fromtimestamp(now, UTC).date()
    words = said.strip(" .!?")
    year = _YEAR.fullmatch(str(today.year - 1) if words.casefold() in {"last year", "previous year"} else words)
    if year is not None and int(year[1]) <= today.year:
        first, after = (start_of(date(int(year[1]) + more, 1, 1).isoformat()) for more in (0, 1))
        return ScoreSpan(year[1], first, after)
    span = read_span(said, today)
    if span is None or span.odd is not None:
        return span
    return EVERY if span.since is None else ScoreSpan(span.name, span.begins)
