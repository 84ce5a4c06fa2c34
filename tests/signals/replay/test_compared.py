"""The series that a rule compares."""

from __future__ import annotations

import pytest

from bot.signals.formula import MarketNames, Scope, compile_formula
from bot.signals.replay.compared import compared_series
from bot.signals.replay.rule import Rule
from bot.signals.timeframe import Timeframe

SCOPE = Scope(markets=MarketNames(["IWM", "SPY", "VIX"]))
RATIO = "close / SPY.close"


@pytest.mark.parametrize(
    ("formula", "sides"),
    [
        (f"{RATIO} > highest({RATIO}, 252)[1]", (RATIO, f"highest({RATIO}, 252)[1]")),
        ("VIX.close < 20", ("VIX.close", "20")),
        ("30 < VIX.close", ("VIX.close", "30")),
        ("volume > 5 and close - SPY.close > 0", ("close - SPY.close", "0")),
        (f"crosses_above({RATIO}, sma({RATIO}, 50))", (RATIO, f"sma({RATIO}, 50)")),
        ("correlation(close, SPY.close, 60) > 0.5", ("correlation(close, SPY.close, 60)", "0.5")),
        ("sma(close, 50) > sma(close, 200) and VIX.close < 20", None),
        ("volume > 1 and VIX.close < 20", ("VIX.close", "20")),
        ("close > highest(close, 20)[1] and VIX.close < 20", None),
        ("close > SPY.close", None),
        ("rsi(close, 14) < 30", None),
        ("VIX.close < 20 or VIX.close > 30", None),
        ("IWM.close / IWM.open > 1", None),
    ],
)
def test_what_is_compared(formula: str, sides: tuple[str, str] | None) -> None:
    found = compared_series(Rule("x", "IWM", Timeframe.D1, compile_formula(formula, SCOPE)))
    assert (found and tuple(side.text for side in found)) == sides
