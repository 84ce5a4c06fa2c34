"""Registrations of the indicators that charting programs call by name, and of the extremes of calendar periods."""

from __future__ import annotations

from bot.signals.indicators import bounds, directional, technical, to_date, windows
from bot.signals.indicators.function import (
    Function,
    InputSeries,
    Kind,
    Parameter,
    ParameterType,
    all_history,
    bars,
    series,
    window_history,
)

_FAST = bars("length of the fast mean in bars", 12, name="fast")
_SLOW = bars("length of the slow mean in bars", 26, name="slow")
_WIDTH = Parameter("width", ParameterType.AMOUNT, "standard deviations above the mean, below if negative", 2, -100, 100)
_PERIOD = Parameter("period", ParameterType.PERIOD, f"{', '.join(to_date.PERIODS)}: of the calendar, from Monday on")

_MEANS = (
    Function(
        "wma",
        (series(), bars("window in bars, this one included")),
        Kind.NUMBER,
        "Weighted moving average: the newest of n bars counts n times, the oldest once.",
        "close > wma(close, 30)",
        technical.wma,
        window_history(-1),
        bounds.of_series,
        prepare=technical.weighted_means,
    ),
    Function(
        "macd",
        (series(default="close"), _FAST, _SLOW),
        Kind.NUMBER,
        "MACD line: the fast exponential mean less the slow one.",
        "crosses_above(macd(), macd_signal())",
        technical.macd,
        all_history,
    ),
    Function(
        "macd_signal",
        (series(default="close"), _FAST, _SLOW, bars("length of the signal line's mean in bars", 9, name="smooth")),
        Kind.NUMBER,
        "Signal line of the MACD: its exponential mean. The histogram is macd() - macd_signal().",
        "macd() - macd_signal() > 0",
        technical.macd_signal,
        all_history,
    ),
    Function(
        "bollinger",
        (series(default="close"), bars("window in bars, this one included", 20, low=2), _WIDTH),
        Kind.NUMBER,
        "Bollinger's band: mean of n bars and `width` standard deviations; the lower one is bollinger(close, 20, -2).",
        "close > bollinger(close, 20, 2)",
        technical.bollinger,
        window_history(-1),
        bounds.of_band,
        prepare=windows.spreads,
    ),
)

_OF_BARS = (
    Function(
        "stoch",
        (bars("window in bars, this one included", 14),),
        Kind.NUMBER,
        "Stochastic %K: where the close lies between the lowest low and highest high of n bars, 0 to 100;"
        " %D is sma(stoch(14), 3).",
        "stoch(14) < 20",
        technical.stoch,
        window_history(-1),
        bounds.fixed(0, 100),
        input=InputSeries.BARS,
    ),
    Function(
        "adx",
        (bars("length in bars", 14),),
        Kind.NUMBER,
        "Wilder's average directional index, 0 to 100: how strong a trend is, up or down.",
        "adx(14) > 25 and plus_di(14) > minus_di(14)",
        directional.adx,
        all_history,
        bounds.fixed(0, 100),
        input=InputSeries.BARS,
    ),
    Function(
        "plus_di",
        (bars("length in bars", 14),),
        Kind.NUMBER,
        "Wilder's +DI, 0 to 100: the share of upward movement in the true range.",
        "plus_di(14) > minus_di(14)",
        directional.plus_di,
        all_history,
        bounds.fixed(0, 100),
        input=InputSeries.BARS,
    ),
    Function(
        "minus_di",
        (bars("length in bars", 14),),
        Kind.NUMBER,
        "Wilder's -DI, 0 to 100: the share of downward movement in the true range.",
        "minus_di(14) > 40",
        directional.minus_di,
        all_history,
        bounds.fixed(0, 100),
        input=InputSeries.BARS,
    ),
    Function(
        "obv",
        (),
        Kind.NUMBER,
        "On-balance volume: volume of rising bars less that of falling ones, since the history began; compare it with"
        " its own past.",
        "obv() > sma(obv(), 50)",
        technical.obv,
        all_history,
        input=InputSeries.BARS,
    ),
)

_TO_DATE = (
    Function(
        "highest_to_date",
        (series(), _PERIOD),
        Kind.NUMBER,
        "Highest value since this week, month, quarter or year began, this bar included; `[1]` behind it is that of the"
        " bar before, which may be of the period before.",
        "close >= highest_to_date(close, year)",
        to_date.highest_to_date,
        all_history,
        bounds.of_series,
        input=InputSeries.DATES,
    ),
    Function(
        "lowest_to_date",
        (series(), _PERIOD),
        Kind.NUMBER,
        "Lowest value since this week, month, quarter or year began, this bar included.",
        "low <= lowest_to_date(low, week)",
        to_date.lowest_to_date,
        all_history,
        bounds.of_series,
        input=InputSeries.DATES,
    ),
)

TECHNICAL_FUNCTIONS = (*_MEANS, *_OF_BARS, *_TO_DATE)
