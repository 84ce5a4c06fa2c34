"""What does an operator do with the values on its sides?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "%": np.mod,
    "**": np.power,
}
_COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    ">": np.greater,
    ">=": np.greater_equal,
    "<": np.less,
    "<=": np.less_equal,
    "==": np.equal,
    "!=": np.not_equal,
}


def operate(symbol: str, *sides: Any) -> Any:
    """Arithmetic on floats or arrays of them; a single side is negated by "-". May give inf or NaN."""
    return -sides[0] if len(sides) == 1 else _ARITHMETIC[symbol](*sides)


def compare(symbol: str, left: Any, right: Any) -> Any:
    """1 yes, 0 no, NaN where a side is unknown."""
    return np.where(np.isnan(left) | np.isnan(right), np.nan, _COMPARISONS[symbol](left, right))
