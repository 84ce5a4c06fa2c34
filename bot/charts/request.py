"""Requests for charts: one frozen dataclass for each, which a worker process draws by the function it names."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np

from bot.evidence.record_rank import Mark, record_rank
from bot.signals.bars import Bars, FloatArray, IntArray
from bot.signals.replay.alert_outcomes import AlertOutcome, alert_outcomes
from bot.signals.replay.replay import Replay
from bot.signals.timeframe import Instant, Timeframe

if TYPE_CHECKING:  # it takes libraries that no other request needs
    from bot.evidence.event_study.base_rate import FirstHighs

SHOWN = 252
"""Bars in a picture where no span is asked for: about a year of sessions."""


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class ChartRequest:
    """A picture to be drawn. `note` ("SIMULATED") goes before `source` in the line at its foot.

    `forming`: the last bar of the picture has not closed yet.
    `function` is what draws it: "package.module:function", called with the request as its one argument.
    """

    function: ClassVar[str]

    title: str
    source: str = ""
    note: str = ""
    dark: bool = False
    forming: bool = False

    def trimmed(self) -> Self:
        """The request for the same picture with what is drawn of it and no more: it goes to another process."""
        return self


Draw = Callable[[ChartRequest], Awaitable[bytes | None]]
"""Has a worker process draw a chart and gives its PNG; None where that failed. Never raises."""


@dataclass(frozen=True, slots=True)
class ChartLevel:
    """A level of a chart: the price that a break must pass, and the positions of its touches in the chart's bars.

    `low` and `high` bound its band; None: it is a line.
    """

    price: float
    touches: tuple[int, ...] = ()
    low: float | None = None
    high: float | None = None

    def moved(self, by: int) -> ChartLevel:
        """The level in a picture of the same bars without the first `by`; touches among these get negative places."""
        return replace(self, touches=_moved(self.touches, by))


class Marker(StrEnum):
    """Which way the signals of a chart point."""

    UP = "up"
    DOWN = "down"
    NONE = "none"


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class MarketChart(ChartRequest):
    """The newest of `bars` with a level, the firings and some of the other levels.

    Shown are those from the last one that starts by `since` on; about a year where that is None. `fired` are positions
    in `bars`, marked the way that `marker` points. Without a level the record close before the last bar is drawn:
    `record`, or where that is None the one in `bars`. `in_points`: changes are differences, as of bars that are so.
    """

    function: ClassVar[str] = "bot.charts.market:market_chart"

    bars: Bars
    level: ChartLevel | None = None
    fired: tuple[int, ...] = ()
    others: tuple[ChartLevel, ...] = ()
    marker: Marker = Marker.UP
    since: Instant | None = None
    record: Mark | None = None
    in_points: bool = False

    @property
    def first(self) -> int:
        """Position of the first bar shown: from its close on the change since then is counted."""
        if self.since is None:
            return max(0, len(self.bars) - SHOWN)
        return max(0, int(np.searchsorted(self.bars.start, self.since, side="right")) - 1)

    def trimmed(self) -> Self:
        """With the bars that are shown, and the record of those before."""
        first, bars = self.first, self.bars
        if first == 0:
            return self
        return replace(
            self,
            bars=bars.slice(first, len(bars)),
            in_points=self.in_points or bars.in_points,
            level=None if self.level is None else self.level.moved(first),
            fired=_moved(self.fired, first),
            others=tuple(each.moved(first) for each in self.others),
            record=self.record or record_rank(bars, int(bars.start[-1]), float(bars.close[-1])).record,
        )


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class FormulaChart(ChartRequest):
    """The newest year of what a rule of `market` looks at, and of what it holds that against.

    `values` and `against` are those at the bars that begin at `start`; `fired` are positions in them.
    """

    function: ClassVar[str] = "bot.charts.formula:formula_chart"

    market: str
    timeframe: Timeframe
    start: IntArray
    values: FloatArray
    against: FloatArray
    name: str
    against_name: str
    fired: tuple[int, ...] = ()

    def trimmed(self) -> Self:
        """With the values that are shown."""
        first = max(0, len(self.start) - SHOWN)
        start, values, against = self.start[first:], self.values[first:], self.against[first:]
        return replace(self, start=start, values=values, against=against, fired=_moved(self.fired, first))


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class BacktestChart(ChartRequest):
    """All of `bars`, with each alert and how it ended; positions in `outcomes` are those in `bars`.

    `follows`: whether the rule looks at what becomes of its alerts.
    """

    function: ClassVar[str] = "bot.charts.backtest:backtest_chart"

    bars: Bars
    outcomes: tuple[AlertOutcome, ...]
    follows: bool

    @classmethod
    def of(cls, replay: Replay, title: str, note: str = "") -> BacktestChart:
        """The chart of all bars of a replay."""
        outcomes = tuple(alert_outcomes(replay, replay.events))
        return cls(bars=replay.bars, title=title, outcomes=outcomes, follows=replay.rule.follow is not None, note=note)


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class FanChart(ChartRequest):
    """What became of `asset` over `days` after each of `entries` (starts of its bars), beside the days of their time.

    Beside the first highs of the asset where `rises` says which, beside all days from `since` on without entries.
    `verdict` goes into the line under the title.
    """

    function: ClassVar[str] = "bot.charts.fan:fan_chart"

    asset: Bars
    entries: tuple[Instant, ...]
    since: Instant
    rises: FirstHighs | None = None
    verdict: str = ""
    days: int = 180


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class CryptoChart(ChartRequest):
    """The changes of several assets over `days` days up to the newest close of any.

    `assets` are a label, the ends of bars and the closes at them, all known, each.
    """

    function: ClassVar[str] = "bot.charts.crypto:crypto_chart"

    assets: tuple[tuple[str, IntArray, FloatArray], ...]
    days: int = 90


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class CorrelationChart(ChartRequest):
    """Two prices and the rolling correlations of their daily returns over `days`, as known at `now`."""

    function: ClassVar[str] = "bot.charts.correlation:correlation_chart"

    leader: Bars
    follower: Bars
    now: Instant
    days: int = 1_095


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class LiquidityChart(ChartRequest):
    """The newest `days` days of `liquidity`, a macro series, above `markets` with their labels, as known at `now`."""

    function: ClassVar[str] = "bot.charts.liquidity:liquidity_chart"

    liquidity: Bars
    markets: tuple[tuple[str, Bars], ...]
    now: Instant
    days: int = 1_826


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class PerformanceChart(ChartRequest):
    """Bars of several assets' changes (label, changes as in `Performance`) over the usual spans, as of `as_of`."""

    function: ClassVar[str] = "bot.charts.performance:performance_chart"

    rows: tuple[tuple[str, Mapping[str, float | None]], ...]
    as_of: Instant


def _moved(positions: tuple[int, ...], by: int) -> tuple[int, ...]:
    return tuple(at - by for at in positions)
