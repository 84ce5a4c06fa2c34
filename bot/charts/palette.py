"""Colours of charts, light and dark."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours of one variant. `series` are for several lines in one chart."""

    paper: str
    ink: str
    muted: str
    grid: str
    line: str
    accent: str
    fired: str
    fallen: str
    series: tuple[str, ...]


LIGHT = Palette(
    paper="#fcfcfa",
    ink="#151a21",
    muted="#667080",
    grid="#e4e6e9",
    line="#1c5fb8",
    accent="#c4520f",
    fired="#0d8a5a",
    fallen="#b3261e",
    series=("#c4520f", "#1c5fb8", "#0d8a5a", "#8a3fa8", "#667080", "#a8841a"),
)
DARK = Palette(
    paper="#12161d",
    ink="#eceff4",
    muted="#98a2b3",
    grid="#262d38",
    line="#6fb0ff",
    accent="#ffab5e",
    fired="#4fd69c",
    fallen="#ff7b72",
    series=("#ffab5e", "#6fb0ff", "#4fd69c", "#d18cf0", "#98a2b3", "#e6c84f"),
)
