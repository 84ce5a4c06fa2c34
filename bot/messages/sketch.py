"""Which picture is to be drawn, and from what?"""

from __future__ import annotations

from dataclasses import dataclass

from bot.signals.bars import Bars
from bot.signals.timeframe import Instant

_MARKET_CHART = "bot.messages.chart:market_chart"
_CRYPTO_CHART = "bot.messages.crypto_chart:crypto_chart"


@dataclass(frozen=True, eq=False, slots=True)
class Sketch:
    """A picture that a worker process is to draw: "package.module:function", and its arguments by position."""

    function: str
    arguments: tuple[object, ...]


def market_sketch(
    bars: Bars,
    title: str,
    level: float | None = None,
    fired: tuple[int, ...] = (),
    source: str = "",
    note: str = "",
) -> Sketch:
    """The last year of a market with a level (without one: its record) and the firings at these positions."""
    return Sketch(_MARKET_CHART, (bars, title, level, fired, False, source, note))


def crypto_sketch(assets: tuple[tuple[str, Bars], ...], title: str, now: Instant, days: int, note: str = "") -> Sketch:
    """The changes of several assets since the same day."""
    return Sketch(_CRYPTO_CHART, (assets, title, now, days, False, "", note))
