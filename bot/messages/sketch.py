"""Which picture is to be drawn, and from what?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.signals.bars import Bars
from bot.signals.lives import lives
from bot.signals.replay import Replay
from bot.signals.timeframe import Instant

_MARKET_CHART = "bot.messages.chart:market_chart"
_BACKTEST_CHART = "bot.messages.backtest_chart:backtest_chart"
_CRYPTO_CHART = "bot.messages.crypto_chart:crypto_chart"
_FAN_CHART = "bot.messages.fan_chart:fan_chart"
_CORRELATION_CHART = "bot.messages.correlation_chart:correlation_chart"
_PERFORMANCE_CHART = "bot.messages.performance_chart:performance_chart"


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
    others: tuple[tuple[float, tuple[int, ...]], ...] = (),
) -> Sketch:
    """The last year of a market with a level (without one: its record) and the firings at these positions.

    `others` are more of its levels: price, and the positions of the touches.
    """
    return Sketch(_MARKET_CHART, (bars, title, level, fired, False, source, note, others))


def backtest_sketch(replay: Replay, title: str, note: str = "") -> Sketch:
    """All bars of a rule's market, with each firing and how it ended."""
    alerts = tuple(lives(replay, replay.events))
    return Sketch(_BACKTEST_CHART, (replay.bars, title, alerts, replay.rule.follow is not None, False, note))


def fan_sketch(
    asset: Bars,
    entries: tuple[Instant, ...],
    since: Instant,
    title: str,
    verdict: str = "",
    note: str = "",
    days: int = 180,
) -> Sketch:
    """What became of an asset over so many days after each of these of its bars, beside all days since then."""
    return Sketch(_FAN_CHART, (asset, entries, since, title, verdict, days, False, "", note))


def crypto_sketch(assets: tuple[tuple[str, Bars], ...], title: str, now: Instant, days: int, note: str = "") -> Sketch:
    """The changes of several assets since the same day."""
    return Sketch(_CRYPTO_CHART, (assets, title, now, days, False, "", note))


def correlation_sketch(
    leader: Bars, follower: Bars, title: str, now: Instant, days: int = 1_095, note: str = ""
) -> Sketch:
    """Two prices and the rolling correlation of their returns."""
    return Sketch(_CORRELATION_CHART, (leader, follower, title, now, days, False, "", note))


def performance_sketch(
    rows: tuple[tuple[str, Mapping[str, float | None]], ...], title: str, as_of: Instant, note: str = ""
) -> Sketch:
    """Bars of several assets' changes (as in `Performance`) over a day, a week, a month and a quarter."""
    return Sketch(_PERFORMANCE_CHART, (rows, title, as_of, False, "", note))
