"""The operators of the language: how each is written, computed and bounded."""

from __future__ import annotations

import ast
from collections.abc import Callable
from math import isfinite
from typing import Any, NamedTuple

import numpy as np

from bot.signals.indicators import bounds
from bot.signals.indicators.bounds import NEVER_KNOWN, Bounds


class Operator(NamedTuple):
    """One operator between two numbers; a comparison has no bounds, but an opposite: what is so where it is not."""

    symbol: str
    syntax: type[ast.AST]
    compute: Callable[[Any, Any], Any]
    bounds: Callable[[Bounds, Bounds], Bounds] | None = None
    opposite: str = ""


_OPERATORS = (
    Operator("+", ast.Add, np.add, bounds.of_sum),
    Operator("-", ast.Sub, np.subtract, bounds.of_difference),
    Operator("*", ast.Mult, np.multiply, bounds.of_product),
    Operator("/", ast.Div, np.divide, bounds.of_quotient),
    Operator("%", ast.Mod, np.mod, bounds.of_remainder),
    Operator("**", ast.Pow, np.power, bounds.of_power),
    Operator(">", ast.Gt, np.greater, opposite="<="),
    Operator(">=", ast.GtE, np.greater_equal, opposite="<"),
    Operator("<", ast.Lt, np.less, opposite=">="),
    Operator("<=", ast.LtE, np.less_equal, opposite=">"),
    Operator("==", ast.Eq, np.equal, opposite="!="),
    Operator("!=", ast.NotEq, np.not_equal, opposite="=="),
)
_BY_SYMBOL = {operator.symbol: operator for operator in _OPERATORS}

SYMBOLS = {operator.syntax: operator.symbol for operator in _OPERATORS}
"""How an operator of Python's syntax is written; those that the language does not have are absent."""


def operate(symbol: str, *sides: Any) -> Any:
    """Arithmetic on floats or arrays of them; a single side is negated by "-". May give inf or NaN."""
    return -sides[0] if len(sides) == 1 else _BY_SYMBOL[symbol].compute(*sides)


def compare(symbol: str, left: Any, right: Any) -> Any:
    """1 yes, 0 no, NaN where a side is unknown."""
    truth = np.asarray(_BY_SYMBOL[symbol].compute(left, right), dtype=np.float64)
    np.copyto(truth, np.nan, where=np.isnan(left) | np.isnan(right))
    return truth


def opposite(symbol: str) -> str:
    """The comparison that is yes where this one is no."""
    return _BY_SYMBOL[symbol].opposite


def result_bounds(symbol: str, left: Bounds, right: Bounds) -> Bounds:
    """Bounds of an arithmetic result; exact where both sides are constant."""
    divides_by_0 = symbol in {"/", "%"} and right == Bounds(0.0, 0.0)
    if divides_by_0 or left.is_never_known or right.is_never_known:
        return NEVER_KNOWN
    if left.is_constant and right.is_constant:
        with np.errstate(all="ignore"):
            value = float(operate(symbol, np.float64(left.low), np.float64(right.low)))
        return Bounds(value, value) if isfinite(value) else NEVER_KNOWN
    found = _BY_SYMBOL[symbol].bounds
    assert found is not None
    return found(left, right)
