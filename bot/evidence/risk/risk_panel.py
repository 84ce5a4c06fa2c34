"""Risk panel: VIX, relative strength, credit, dollar and volume as known at an instant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from bot.evidence.closes import Closes
from bot.evidence.percentile import percentile_of_last
from bot.signals.asof import STALE_AFTER_SECONDS, as_of
from bot.signals.bars import Bars, FloatArray
from bot.signals.indicators.windows import MIN_KNOWN_BARS, new_high, sma
from bot.signals.timeframe import Instant

AVERAGE_SESSIONS = 50
"""Sessions of an average that a price or a volume is set against."""

DOLLAR_MARKETS = ("DXY", "UUP")
"""The markets that stand for the dollar, the index before the fund that follows it."""


@dataclass(frozen=True, slots=True)
class Fear:
    """The VIX: its level, and its percentile (0 to 100) among the last 252 closes and among all."""

    as_of: Instant
    level: float
    percentile_year: float | None
    percentile: float | None


@dataclass(frozen=True, slots=True)
class Strength:
    """One price over another: its change over 20 and 60 sessions as a ratio, and whether it tops the 252 before."""

    as_of: Instant
    ratio: float
    change_20: float | None
    change_60: float | None
    at_high: bool | None

    @property
    def rising(self) -> bool | None:
        """Whether it is higher than 20 sessions ago."""
        return None if self.change_20 is None else self.change_20 > 0


@dataclass(frozen=True, slots=True)
class Trend:
    """A price against its 50-session average (`apart`, a ratio: 0.02 = 2 % above), and its change over 20 sessions.

    Prices of funds drop by what they pay out: HYG by about half a percent a month, UUP by some percent each December.
    """

    market: str
    as_of: Instant
    price: float
    apart: float | None
    change_20: float | None

    @property
    def above(self) -> bool | None:
        """Whether it is above its average."""
        return None if self.apart is None else self.apart > 0


@dataclass(frozen=True, slots=True)
class Activity:
    """A session's volume, and how many times the average of the 50 sessions before it that is."""

    as_of: Instant
    volume: float
    times: float | None


@dataclass(frozen=True, slots=True)
class RiskPanel:
    """What is known of the appetite for risk; each part None where its market is missing or its last bar too old.

    `missing` are the markets for which a part is None.
    """

    vix: Fear | None
    small_caps: Strength | None
    credit: Trend | None
    dollar: Trend | None
    volume: Activity | None
    missing: tuple[str, ...]


def risk_panel(markets: Mapping[str, Bars], now: Instant) -> RiskPanel:
    """The panel as known at `now`, from daily bars by name: VIX, IWM, SPY, HYG, and DXY or UUP."""
    fresh = {name: closes for name, bars in markets.items() if (closes := _fresh(bars, now)) is not None}
    iwm, spy = fresh.get("IWM"), fresh.get("SPY")
    vix = _fear(fresh["VIX"]) if "VIX" in fresh else None
    small_caps = _strength(iwm, spy) if iwm and spy else None
    credit = _trend(fresh["HYG"]) if "HYG" in fresh else None
    dollar = next((_trend(fresh[name]) for name in DOLLAR_MARKETS if name in fresh), None)
    volume = _activity(markets["IWM"], now) if "IWM" in markets else None
    parts = {"VIX": vix, "IWM/SPY": small_caps, "HYG": credit, "dollar": dollar, "IWM volume": volume}
    missing = tuple(name for name, part in parts.items() if part is None)
    return RiskPanel(vix, small_caps, credit, dollar, volume, missing)


def _fresh(bars: Bars, now: Instant) -> Closes | None:
    """The usable closes known at `now`; None where the last one is too old to speak of now."""
    closes = Closes.of(bars.known_at(now))
    return closes if len(closes) and now - int(closes.end[-1]) <= STALE_AFTER_SECONDS else None


def _fear(closes: Closes) -> Fear:
    return Fear(
        as_of=int(closes.end[-1]),
        level=float(closes.price[-1]),
        percentile_year=percentile_of_last(closes.price[-MIN_KNOWN_BARS:], MIN_KNOWN_BARS),
        percentile=percentile_of_last(closes.price, MIN_KNOWN_BARS),
    )


def _strength(one: Closes, other: Closes) -> Strength | None:
    """From the sessions that both have closed: yesterday's price over today's would be no ratio."""
    ratio = one.price / as_of(one.end, other.end, other.price, 0)
    both = np.isfinite(ratio)
    if not both.any() or int(one.end[-1]) - int(one.end[both][-1]) > STALE_AFTER_SECONDS:
        return None
    ratio = ratio[both]
    return Strength(
        as_of=int(one.end[both][-1]),
        ratio=float(ratio[-1]),
        change_20=_change(ratio, 20),
        change_60=_change(ratio, 60),
        at_high=_yes(new_high(ratio, MIN_KNOWN_BARS)[-1]),
    )


def _trend(closes: Closes) -> Trend:
    average = float(sma(closes.price, AVERAGE_SESSIONS)[-1])
    price = float(closes.price[-1])
    return Trend(
        market=closes.market,
        as_of=int(closes.end[-1]),
        price=price,
        apart=price / average - 1.0 if np.isfinite(average) else None,
        change_20=_change(closes.price, 20),
    )


def _activity(bars: Bars, now: Instant) -> Activity | None:
    bars = bars.known_at(now)
    good = np.isfinite(bars.volume) & (bars.volume > 0)
    volume, end = bars.volume[good], bars.end[good]
    if not len(volume) or now - int(end[-1]) > STALE_AFTER_SECONDS:
        return None
    average = float(sma(volume[:-1], AVERAGE_SESSIONS)[-1]) if len(volume) > AVERAGE_SESSIONS else float("nan")
    return Activity(int(end[-1]), float(volume[-1]), float(volume[-1]) / average if np.isfinite(average) else None)


def _change(values: FloatArray, sessions: int) -> float | None:
    return float(values[-1] / values[-1 - sessions]) - 1.0 if len(values) > sessions else None


def _yes(answer: float) -> bool | None:
    return None if np.isnan(answer) else bool(answer)
