"""Registrations of the functions that measure a price: windows, smoothing, statistics, arithmetic."""

from __future__ import annotations

from functools import reduce

import numpy as np

from bot.signals.bars import FloatArray
from bot.signals.indicators import bounds, paired_returns, smoothing, statistics, windows
from bot.signals.indicators.function import (
    Function,
    InputSeries,
    Kind,
    Parameter,
    ParameterType,
    all_history,
    bars,
    no_history,
    series,
    window,
    window_history,
)


def _smallest(*values: FloatArray) -> FloatArray:
    return reduce(np.minimum, values)


def _largest(*values: FloatArray) -> FloatArray:
    return reduce(np.maximum, values)


_OTHER = series("y", text="the other series")

_WINDOWS = (
    Function(
        "highest",
        (series(), window()),
        Kind.NUMBER,
        "Highest value of the last n bars, this one included; highest(high, 20)[1] is that of the 20 bars before.",
        "close > highest(high, 20)[1]",
        windows.highest,
        window_history(-1),
        bounds.of_series,
    ),
    Function(
        "lowest",
        (series(), window()),
        Kind.NUMBER,
        "Lowest value of the last n bars, this one included.",
        "close < lowest(low, 20)[1]",
        windows.lowest,
        window_history(-1),
        bounds.of_series,
    ),
    Function(
        "sma",
        (series(), window()),
        Kind.NUMBER,
        "Simple moving average: arithmetic mean of the last n bars.",
        "close > sma(close, 200)",
        windows.sma,
        window_history(-1),
        bounds.of_series,
        prepare=windows.means,
    ),
    Function(
        "sum",
        (series(), window()),
        Kind.NUMBER,
        "Sum of the known values of the last n bars, this one included.",
        "sum(volume, 5) > 2 * sum(volume, 5)[5]",
        windows.total,
        window_history(-1),
        bounds.of_total,
        prepare=windows.sums,
    ),
    Function(
        "stdev",
        (series(), window(low=2)),
        Kind.NUMBER,
        "Standard deviation of the last n bars, divided by n as in Bollinger's bands.",
        "close > sma(close, 20) + 2 * stdev(close, 20)",
        windows.stdev,
        window_history(-1),
        bounds.fixed(low=0),
        prepare=windows.spreads,
    ),
    Function(
        "zscore",
        (series(), window(low=2)),
        Kind.NUMBER,
        "Distance from the mean of the last n bars in standard deviations; unknown where x does not move.",
        "zscore(volume, 50) > 3",
        windows.zscore,
        window_history(-1),
        bounds.of_zscore,
        prepare=windows.spreads,
    ),
    Function(
        "percentile",
        (series(), window(252, low=2)),
        Kind.NUMBER,
        "Rank of x among its last n bars, 0 (lowest) to 100 (highest); ties count half.",
        "percentile(volume, 252) > 90",
        windows.percentile,
        window_history(-1),
        bounds.fixed(0, 100),
    ),
    Function(
        "drawdown",
        (series(default="close"), window(None)),
        Kind.NUMBER,
        "x relative to its highest of the last n bars, less 1, as a ratio: -0.2 is 20 % below it.",
        "drawdown(close, 252) < -0.2",
        windows.drawdown,
        window_history(-1),
        bounds.of_drawdown,
    ),
)

_SMOOTHED = (
    Function(
        "ema",
        (series(), bars("length in bars")),
        Kind.NUMBER,
        "Exponential moving average, weight 2/(n+1), seeded with the mean of the first n bars.",
        "close > ema(close, 50)",
        smoothing.ema,
        all_history,
        bounds.of_series,
    ),
    Function(
        "atr",
        (bars("length in bars", 14),),
        Kind.NUMBER,
        "Wilder's average true range of the rule's market, seeded with the mean of the first n true ranges.",
        "close > close[1] + 2 * atr(14)",
        smoothing.atr,
        all_history,
        bounds.fixed(low=0),
        input=InputSeries.BARS,
    ),
    Function(
        "rsi",
        (series(default="close"), bars("length in bars", 14)),
        Kind.NUMBER,
        "Wilder's relative strength index, 0 to 100, seeded with the mean of the first n changes.",
        "rsi(close, 14) < 30",
        smoothing.rsi,
        all_history,
        bounds.fixed(0, 100),
    ),
    Function(
        "change",
        (series(default="close"), bars("how many bars back", 1)),
        Kind.NUMBER,
        "x relative to its value n bars before, less 1, as a ratio: 0.05 is +5 %.",
        "change(close, 20) > 0.1",
        smoothing.change,
        window_history(0),
        bounds.of_change,
    ),
)

_PAIRS = (
    Function(
        "correlation",
        (series(), _OTHER, bars("window in bars", low=2)),
        Kind.NUMBER,
        "Pearson's correlation of x and y over the last n bars, -1 to 1; give it change(…) to correlate returns,"
        " and use return_correlation for a market that closes at another hour.",
        "correlation(change(close), change(volume), 90) > 0.4",
        statistics.correlation,
        window_history(-1),
        bounds.fixed(-1, 1),
        prepare=statistics.pairs,
    ),
    Function(
        "beta",
        (series(), _OTHER, bars("window in bars", low=2)),
        Kind.NUMBER,
        "Slope of x against y over the last n bars: covariance over y's variance; give it change(…) for returns,"
        " and use return_beta for a market that closes at another hour.",
        "beta(change(close), change(open), 60) > 1.5",
        statistics.beta,
        window_history(-1),
        prepare=statistics.pairs,
    ),
)

_OTHER_MARKET = Parameter("market", ParameterType.MARKET, "the other market's name, without quotes")

_MARKETS = (
    Function(
        "return_correlation",
        (_OTHER_MARKET, bars("how many pairs of returns", low=2)),
        Kind.NUMBER,
        "Correlation of the rule's market with another one, -1 to 1, by their returns over the same dates, as far as"
        " both had closed; crypto's weekend goes with Monday.",
        "return_correlation(BTC, 90) > 0.4",
        paired_returns.return_correlation,
        all_history,
        bounds.fixed(-1, 1),
        input=InputSeries.MARKET,
    ),
    Function(
        "return_beta",
        (_OTHER_MARKET, bars("how many pairs of returns", low=2)),
        Kind.NUMBER,
        "How much the rule's market moves for each move of another one, by their returns over the same dates.",
        "return_beta(BTC, 90) > 0.2",
        paired_returns.return_beta,
        all_history,
        input=InputSeries.MARKET,
    ),
)

_ARITHMETIC = (
    Function(
        "log",
        (series(),),
        Kind.NUMBER,
        "Natural logarithm; unknown for 0 and less.",
        "log(close / close[1]) > 0.03",
        np.log,
        no_history,
        bounds.of_log,
    ),
    Function(
        "abs",
        (series(),),
        Kind.NUMBER,
        "Size without its sign.",
        "abs(change(close)) > 0.05",
        np.abs,
        no_history,
        bounds.of_abs,
    ),
    Function(
        "min",
        (series(), _OTHER),
        Kind.NUMBER,
        "Smallest of its values at this bar, two or more; unknown where one of them is.",
        "min(open, close) > sma(close, 50)",
        _smallest,
        no_history,
        bounds.of_min,
        variadic=True,
    ),
    Function(
        "max",
        (series(), _OTHER),
        Kind.NUMBER,
        "Largest of its values at this bar, two or more; unknown where one of them is.",
        "max(open, close) < sma(close, 50)",
        _largest,
        no_history,
        bounds.of_max,
        variadic=True,
    ),
)

PRICE_FUNCTIONS = (*_WINDOWS, *_SMOOTHED, *_PAIRS, *_MARKETS, *_ARITHMETIC)
