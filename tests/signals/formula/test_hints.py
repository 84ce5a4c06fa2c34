"""What is said to those who write another language's formulas; what is recommended can be written."""

from __future__ import annotations

import re

import numpy as np
import pytest

from bot.signals.bars import COLUMNS
from bot.signals.formula import FormulaError, compile_formula, evaluate
from bot.signals.formula.refusals import LIBRARIES, METHODS, RECIPES, SYNONYMS
from bot.signals.formula.registry import FUNCTIONS
from tests.signals.formula.frames import SCOPE, made_frame

SAID = {
    "ta.crossover(close, open)": "did you mean 'crosses_above'?",
    "TALIB.SMA(close, timeperiod=20) > close": "functions stand alone; write sma(…)",
    "pandas_ta.rsi(close) < 30": "functions stand alone; write rsi(…)",
    "ta.obv > 5": "'obv' is a function; call it, as in obv()",
    "ta.tr > 1": "'tr' is a function; call it, as in close > close[1] + 2 * atr(14)",
    "RSI < 30": "'RSI' is a function; call it, as in rsi(close, 14) < 30",
    "ema20 > close": "write ema(close, 20)",
    "SMA_200 > close": "write sma(close, 200)",
    "atr14 > 1": "write atr(14)",
    "close.shift(1) > open": "a price has no method 'shift'; an earlier bar stands in square brackets: close[1]",
    "close.rolling(20).mean() < close": "a price has no method 'mean'; a window is a parameter: sma(close, 20)",
    "IWM.close.rolling(20).max() < close": "a price has no method 'max'; a window is a parameter: highest(close, 20)",
    "close.iloc[2] > 1": "a price has no method 'iloc'",
    "close.BTC > 1": "the market stands first: BTC.close",
    "close.yesterday > 1": "a price has no parts, so '.yesterday' means nothing; an earlier bar is close[1]",
    "df['close'] > 1": "unknown name 'df'; prices stand alone: close",
    "df.close > 1": "unknown market 'df'; prices stand alone: close",
    'request.security("X", "D", close) > 5': "another market's price is named after it: BTC.close",
    "Ref(C, -1) < 1": "an earlier bar stands in square brackets: close[1]",
    "C > 1": "unknown name 'C'; did you mean 'close'?",
    "Cross(close, open)": "did you mean 'crosses_above'?",
    "Mov(close, 20) < 1": "did you mean 'sma'?",
    "ta.sar(0.02) < close": "it depends on its own past",
    "lag(close, 1) < 1": "an earlier bar stands in square brackets",
    "any(close > open, 5)": "on any of 5 bars: count(close > open, 5) > 0",
    "close crosses above sma(close, 20)": "write crosses_above(close, sma(close, 50))",
    "close crosses below open": "write crosses_below(close, sma(close, 50))",
    "close crosses open": "write crosses_above(…) or crosses_below(…)",
    "close is above open": "to compare, write '>'",
    "close less than open": "to compare, write '<'",
    "if close > open then buy": "there is no if; the formula itself says when the rule fires",
    "Close of 1 bar ago < close": "an earlier bar stands in square brackets: close[1]",
    "new_high(close, 52 weeks)": "windows are plain numbers of bars; a year is 252 sessions",
    "52_week_high < close": "no name begins with a digit; a 52-week high is highest(high, 252)[1]",
    "^VIX.close > 20": "a market is called as in the config, without '^': VIX.close",
    "close > 1,250.50": "numbers are written without commas: 1250.5",
    "close > 250,5": "numbers are written without commas: 1250.5",
    "ALL.close > 1": "unknown market 'ALL'; known: ",
    "return(60) > 0": "'return' is not known; a condition stands alone, and the return of 20 bars is change(close, 20)",
    "return close > 5": "'return' is not known; a condition stands alone",
    "IWM.return(60) > 0": "'return' is not known",
    "return_60 > 0.1": "unknown name 'return_60'; write change(close, 60)",
    "ret(60) > 0": "unknown function 'ret'; write change(close, 60)",
    "returns(60) > 0": "unknown function 'returns'; write change(close, 60)",
    "roc(10) > 0": "unknown function 'roc'; write change(close, 10)",
    "ma(50) < close": "unknown function 'ma'; write sma(close, 50)",
    "ret(close, 60) > 0": "did you mean 'change'?",
    "performance(close) > 0": "did you mean 'change'?",
    "log_return(20) > 0": "over 20 bars, write log(close / close[20])",
    "volatility(20) > 0.1": "write stdev(change(close, 1), 20)",
    "bollinger(20, 2).upper < close": (
        "'bollinger(20, 2).upper' is not known; the upper band is bollinger(close, 20, 2)"
    ),
    "ta.BBANDS(close, 20, 2).LowerBand > close": "the lower band is bollinger(close, 20, -2)",
    "bb(close, 20).middle > close": "the middle band is sma(close, 20)",
    "bollinger.upper > close": "the upper band is bollinger(close, 20, 2)",
    "bollinger(close, 20, 2).upper() > close": "the upper band is bollinger(close, 20, 2)",
    "macd().signal > 0": "'macd().signal' is not known; a function has one value, as in macd() - macd_signal() > 0",
    "macd(12, 26, 9).hist > 0": "the histogram is macd() - macd_signal()",
    "stoch(14).d > 20": "the slow line is sma(stoch(14), 3)",
    "donchian(20).upper < close": "the upper channel is highest(high, 20)[1]",
    "adx(14).plus_di > 20": "a function has one value, as in plus_di(14) > minus_di(14)",
    "rsi(close, 14).value < 30": "a function has one value, as in rsi(close, 14) < 30",
    "sma(close, 20).iloc[1] < 30": "a price has no method 'iloc'",
    "nonsense(14).upper > 3": "unknown function 'nonsense'",
    "close.rsi(14) < 30": "functions stand alone, as in rsi(close, 14) < 30",
    "close.skew() < 30": "there is no function 'close.skew'; functions stand alone, as in sma(close, 20)",
    "IWM.obv() > 5": "obv looks at the rule's own market only",
    "monthly.high < close": "the month so far: highest_to_date(high, month)",
}


@pytest.mark.parametrize(("formula", "says"), SAID.items())
def test_what_is_said(formula, says):
    with pytest.raises(FormulaError) as raised:
        compile_formula(formula, SCOPE)
    said = [problem.message for problem in raised.value.problems]
    assert any(says in each for each in said), said


@pytest.mark.parametrize("name", [*RECIPES, *(f"Method {name}" for name in METHODS)])
def test_a_formula_that_is_recommended_can_be_written(name):
    recipe = METHODS.get(name.removeprefix("Method ")) or RECIPES[name]
    found = [each for each in re.split(r"(?:^|; |: |\bis |\bwrite |, or )", recipe) if re.search(r"[\[(*]|close", each)]
    formulas = [re.sub(r"\bn\b", "20", each.partition(" for ")[0].partition(" as a ")[0]) for each in found]
    for formula in formulas:
        if " where " not in formula and "timeframe" not in formula:
            compile_formula(formula.replace("cond", "close > open"), SCOPE)


def test_synonyms_name_what_there_is():
    assert set(SYNONYMS.values()) <= {*FUNCTIONS, *COLUMNS}
    assert not set(SYNONYMS) & {*FUNCTIONS, *COLUMNS}
    assert not set(RECIPES) & {*FUNCTIONS, *COLUMNS, *SYNONYMS}
    assert {*SYNONYMS, *RECIPES, *LIBRARIES} == {each.lower() for each in (*SYNONYMS, *RECIPES, *LIBRARIES)}


@pytest.mark.parametrize(("n", "seed"), [(5, 1), (20, 2)])
def test_the_ends_and_slopes_of_lines_are_what_is_said(n, seed):
    """A least-squares line through n closes, by numpy."""

    frame = made_frame(seed)
    closes = evaluate(compile_formula("close", SCOPE), frame)
    end = evaluate(compile_formula(f"3 * wma(close, {n}) - 2 * sma(close, {n})", SCOPE), frame)
    slope = evaluate(compile_formula(f"6 * (wma(close, {n}) - sma(close, {n})) / {n - 1}", SCOPE), frame)
    for at in range(n, len(closes)):
        window = closes[at - n + 1 : at + 1]
        if np.isfinite(window).all():
            each, start = np.polyfit(np.arange(n), window, 1)
            assert slope[at] == pytest.approx(each, abs=1e-6)
            assert end[at] == pytest.approx(start + each * (n - 1), rel=1e-6)
