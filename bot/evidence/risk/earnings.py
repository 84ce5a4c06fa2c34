"""Share of the small companies that lose money."""

from __future__ import annotations

from dataclasses import dataclass

from bot.evidence.risk.published_figures import PUBLISHED_FIGURES, PublishedFigure
from bot.signals.timeframe import DAY, Instant

MAX_COUNT_AGE_SECONDS = 100 * DAY
"""Companies report four times a year; a count that is older than this has missed a season."""


@dataclass(frozen=True, slots=True)
class LosingCompanies:
    """US small caps with a negative net income over the last four quarters, as two screens counted them at `as_of`."""

    as_of: Instant
    negative: int
    total: int

    @property
    def share(self) -> float:
        """Share of them that lose money."""
        return self.negative / self.total


def losing_companies(negative: int, total: int, as_of: Instant, now: Instant) -> LosingCompanies | PublishedFigure:
    """The share from the totals of two screens, or the last known figure where these can't be right or are too old."""
    possible = 0 <= negative <= total and total > 0
    if not possible or not 0 <= now - as_of <= MAX_COUNT_AGE_SECONDS:
        return PUBLISHED_FIGURES["losing companies"]
    return LosingCompanies(as_of, negative, total)
