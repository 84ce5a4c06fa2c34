"""Cost of a rule, known when it is read: how long its levels and rankings would take over ten years of its bars."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bot.signals.formula.tree import Formula, Node
from bot.signals.indicators.function import Constant, InputSeries
from bot.signals.timeframe import DAY, Timeframe

MOST_SECONDS = 1.0
"""What a rule may take, on a slow server."""

_TEN_YEARS = 3_653 * DAY
_MOST_BARS = 100_000
"""More bars of a market no source brings: fifty-nine days at Yahoo, sixty pages at an exchange."""

_LEVEL_SECONDS = 25e-9
"""Of one bar met by one level that stands; measured with settings by which no two pivots make one level."""

_RANK_SECONDS = 1e-9
"""Of one bar ranked against one other."""


def seconds_of(formulas: Iterable[Formula], timeframe: Timeframe) -> float:
    """Seconds that the formulas of one rule take at most over ten years of bars; what is written twice counts once."""
    bars = min(_TEN_YEARS // timeframe.seconds, _MOST_BARS)
    calls = {_same(node): _seconds(node, bars) for formula in formulas for node in formula.root.walk() if node.function}
    return sum(calls.values())


def _same(node: Node) -> object:
    """What is equal for calls that are computed once."""
    if node.function and node.function.input is InputSeries.LEVELS:
        return frozenset((name, value) for name, value in node.constants.items() if name not in {"touches", "age"})
    return node.key


def _seconds(node: Node, bars: int) -> float:
    if node.function and node.function.input is InputSeries.LEVELS:
        return _LEVEL_SECONDS * bars * _standing(node.constants, bars)
    if node.symbol == "percentile":
        window = _number(node.constants, "n") or bars
        return _RANK_SECONDS * bars * min(window, bars)
    return 0.0


def _standing(constants: Mapping[str, Constant], bars: int) -> float:
    """Levels that stand at a time where every pivot makes one of its own."""
    lifetime = min(_number(constants, "expires"), bars)
    return 2 * lifetime / (_number(constants, "left") + _number(constants, "right") + 1)


def _number(constants: Mapping[str, Constant], name: str) -> float:
    value = constants.get(name)
    return float(value) if isinstance(value, int | float) else 0.0
