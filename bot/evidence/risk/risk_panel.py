"""Risk panel: nine signs of the appetite for risk as known at an instant, each by itself, without a score."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from bot.evidence.percentile import percentile_of_last
from bot.evidence.risk.total_return import SUFFIX, with_dividends
from bot.signals.asof import STALE_AFTER_SECONDS, as_of
from bot.signals.bars import Bars, FloatArray, IntArray
from bot.signals.indicators.windows import means, sma
from bot.signals.timeframe import DAY, Instant

SPAN_BARS = 20
"""Bars over which a direction is told."""

YEARS = 3
"""Years of values that a percentile ranks the newest among."""

AVERAGE_SESSIONS = 50
"""Sessions of the average that a volume is set against."""

_AT_LEAST = 60
"""Values without which there is no percentile."""


@dataclass(frozen=True, slots=True)
class RiskSeries:
    """What a sign is made of: a market, or one over another, the first known of `over`.

    `falls` is whether a fall, and not a rise, leans to risk.
    """

    name: str
    market: tuple[str, ...]
    over: str = ""
    falls: bool = False


SERIES = (
    RiskSeries("VIX", ("VIX",), falls=True),
    RiskSeries("IWM/SPY", ("IWM",), "SPY"),
    RiskSeries("IWM/IJR", ("IWM",), "IJR"),
    RiskSeries("RSP/SPY", ("RSP",), "SPY"),
    RiskSeries("SPHB/SPLV", ("SPHB",), "SPLV"),
    RiskSeries("HYG/IEF", ("HYG",), "IEF"),
    RiskSeries("Dollar", ("DXY", "UUP"), falls=True),
    RiskSeries("Crypto mood", ("FEAR_GREED",)),
    RiskSeries("BTC funding", ("BTC_FUNDING",)),
)
"""The signs in the order in which they are told."""

PAYING = ("HYG", "IEF", "UUP")
"""Funds whose dividends would turn a sign: their prices drop by half a percent a month, or by four a year at once."""

_FUNDS = tuple(dict.fromkeys(name for each in SERIES for name in (*each.market, each.over) if name))
MARKETS = (*_FUNDS, *(f"{name}{SUFFIX}" for name in _FUNDS))
"""All markets that the panel reads, those of dividends included."""


@dataclass(frozen=True, slots=True)
class RiskSign:
    """One sign: its newest value, what it moved by over 20 bars, and where it stands among three years' values.

    `change` is a ratio (0.02 = 2 %) for what is a price or a price over another, and a difference where `points`.
    `percentile` is 0 to 100; both are None where too little is known. `leans` is whether its direction leans to risk,
    `by_price` whether dividends that matter in it are not known.
    """

    name: str
    as_of: Instant
    value: float
    change: float | None
    percentile: float | None
    leans: bool | None
    points: bool = False
    by_price: bool = False


@dataclass(frozen=True, slots=True)
class Activity:
    """A session's volume, and how many times the average of the 50 sessions before it that is."""

    as_of: Instant
    volume: float
    times: float | None


@dataclass(frozen=True, slots=True)
class RiskPanel:
    """The signs that are known. `missing` are the names of those whose markets are not there or too old.

    `by_price` are the names of those that lean on prices alone, although dividends matter in them.
    """

    signs: tuple[RiskSign, ...]
    volume: Activity | None
    missing: tuple[str, ...]
    by_price: tuple[str, ...] = ()

    @property
    def leaning(self) -> tuple[int, int]:
        """How many signs lean to risk, of how many whose direction is known."""
        known = [each.leans for each in self.signs if each.leans is not None]
        return sum(known), len(known)


def risk_panel(markets: Mapping[str, Bars], now: Instant) -> RiskPanel:
    """The panel as known at `now`, from daily bars by name, see MARKETS."""
    found = {each.name: _sign(each, markets, now) for each in SERIES}
    signs = tuple(sign for sign in found.values() if sign is not None)
    volume = _activity(markets["IWM"], now) if "IWM" in markets else None
    missing = tuple(name for name, sign in found.items() if sign is None)
    return RiskPanel(signs, volume, missing, tuple(each.name for each in signs if each.by_price))


def _sign(series: RiskSeries, markets: Mapping[str, Bars], now: Instant) -> RiskSign | None:
    """The sign of the first of the series' markets that is fresh; None where none is."""
    for name in series.market:
        names = [each for each in (name, series.over) if each in markets]
        whole = {each: _whole(each, markets, now) for each in names}
        known = [whole[each] or markets[each].known_at(now) for each in names]
        if len(known) == 1 + bool(series.over) and (found := _read(series, known, now)) is not None:
            return replace(found, by_price=any(whole[each] is None for each in names if each in PAYING))
    return None


def _whole(name: str, markets: Mapping[str, Bars], now: Instant) -> Bars | None:
    """A fund's bars with its dividends in them, None where these are not known."""
    paid = markets.get(f"{name}{SUFFIX}")
    return None if paid is None else with_dividends(markets[name].known_at(now), paid.known_at(now))


def _read(series: RiskSeries, known: Sequence[Bars], now: Instant) -> RiskSign | None:
    end, values = _over(known[0], known[1]) if series.over else _known(known[0])
    stands = known[0].valid_for
    if not len(values) or now - int(end[-1]) > (stands or STALE_AFTER_SECONDS):
        return None
    points = stands is not None  # a macro series: an index of points, or a rate that changes its sign
    change = _change(values, points=points)
    lately = values[end >= int(end[-1]) - YEARS * 365 * DAY]
    leans = None if change is None else (change < 0) if series.falls else (change > 0)
    rank = percentile_of_last(lately, _AT_LEAST)
    return RiskSign(series.name, int(end[-1]), float(values[-1]), change, rank, leans, points)


def _known(bars: Bars) -> tuple[IntArray, FloatArray]:
    """Ends and values of the bars whose close is a number."""
    good = np.isfinite(bars.close)
    return bars.end[good], bars.close[good]


def _over(one: Bars, other: Bars) -> tuple[IntArray, FloatArray]:
    """One close over the other, of the sessions that both have: yesterday's price over today's would be no ratio."""
    good = np.isfinite(other.close) & (other.close > 0)
    ratio = one.close / as_of(one.end, other.end[good], other.close[good], 0)
    both = np.isfinite(ratio) & (ratio > 0)
    return one.end[both], ratio[both]


def _change(values: FloatArray, *, points: bool) -> float | None:
    if len(values) <= SPAN_BARS:
        return None
    now, then = float(values[-1]), float(values[-1 - SPAN_BARS])
    return now - then if points else now / then - 1.0


def _activity(bars: Bars, now: Instant) -> Activity | None:
    bars = bars.known_at(now)
    good = np.isfinite(bars.volume) & (bars.volume > 0)
    volume, end = bars.volume[good], bars.end[good]
    if not len(volume) or now - int(end[-1]) > STALE_AFTER_SECONDS:
        return None
    average = float(sma(means(volume[:-1]), AVERAGE_SESSIONS)[-1]) if len(volume) > AVERAGE_SESSIONS else float("nan")
    return Activity(int(end[-1]), float(volume[-1]), float(volume[-1]) / average if np.isfinite(average) else None)
