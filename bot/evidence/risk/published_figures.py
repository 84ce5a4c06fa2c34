"""Figures known from others only: the last that somebody published, with date and source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PublishedFigure:
    """A figure that the bot did not measure, told as hearsay. `date` is ISO, as exact as it is known: month or day."""

    text: str
    value: float
    date: str
    source: str


_SOURCE = "market commentary, December 2025"

PUBLISHED_FIGURES: Mapping[str, PublishedFigure] = {
    "fund flows": PublishedFigure(
        text="In a year of records, small-cap funds lost 19.5 billion dollars to outflows",
        value=-19.5e9,
        date="2025-12",
        source=_SOURCE,
    ),
    "losing companies": PublishedFigure(
        text="About 40 % of the companies in the Russell 2000 lost money in the third quarter of 2025",
        value=0.4,
        date="2025-12",
        source=_SOURCE,
    ),
}
"""By what they stand in for, until there is a figure of the bot's own."""
