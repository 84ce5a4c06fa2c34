"""Requests for charts: which function of the worker draws, and from which facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.signals.bars import Bars
from bot.signals.replay.alert_outcomes import alert_outcomes
from bot.signals.replay.replay import Replay
from bot.signals.timeframe import Instant

_MARKET_CHART = "bot.charts.market:market_chart"
_BACKTEST_CHART = "bot.charts.backtest:backtest_chart"
_CRYPTO_CHART = "bot.charts.crypto:crypto_chart"
_FAN_CHART = "bot.charts.fan:fan_chart"
_CORRELATION_CHART = "bot.charts.correlation:correlation_chart"
_PERFORMANCE_CHART = "bot.charts.performance:performance_chart"


@dataclass(frozen=True, eq=False, slots=True)
class ChartRequest:
    """A picture that a worker process is to draw: "package.module:function", and its arguments by position."""

    function: str
    arguments: tuple[object, ...]


def market_chart_request(
    bars: Bars,
    title: str,
    level: float | None = None,
    fired: tuple[int, ...] = (),
    source: str = "",
    note: str = "",
    others: tuple[tuple[float, tuple[int, ...]], ...] = (),
) -> ChartRequest:
    """The last year of a market with a level (without one: its record) and the firings at these positions.

    `others` are more of its levels: price, and the positions of the touches.
    """
    return ChartRequest(_MARKET_CHART, (bars, title, level, fired, False, source, note, others))


def backtest_chart_request(replay: Replay, title: str, note: str = "") -> ChartRequest:
    """All bars of a rule's market, with each firing and how it ended."""
    alerts = tuple(alert_outcomes(replay, replay.events))
    return ChartRequest(_BACKTEST_CHART, (replay.bars, title, alerts, replay.rule.follow is not None, False, note))


def fan_chart_request(
    asset: Bars,
    entries: tuple[Instant, ...],
    since: Instant,
    title: str,
    verdict: str = "",
    note: str = "",
    days: int = 180,
) -> ChartRequest:
    """What became of an asset over so many days after each of these of its bars, beside all days since then."""
    return ChartRequest(_FAN_CHART, (asset, entries, since, title, verdict, days, False, "", note))


def crypto_chart_request(
    assets: tuple[tuple[str, Bars], ...], title: str, now: Instant, days: int, note: str = ""
) -> ChartRequest:
    """The changes of several assets since the same day."""
    return ChartRequest(_CRYPTO_CHART, (assets, title, now, days, False, "", note))


def correlation_chart_request(
    leader: Bars, follower: Bars, title: str, now: Instant, days: int = 1_095, note: str = ""
) -> ChartRequest:
    """Two prices and the rolling correlation of their returns."""
    return ChartRequest(_CORRELATION_CHART, (leader, follower, title, now, days, False, "", note))


def performance_chart_request(
    rows: tuple[tuple[str, Mapping[str, float | None]], ...], title: str, as_of: Instant, note: str = ""
) -> ChartRequest:
    """Bars of several assets' changes (as in `Performance`) over a day, a week, a month and a quarter."""
    return ChartRequest(_PERFORMANCE_CHART, (rows, title, as_of, False, "", note))
