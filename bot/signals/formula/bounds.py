"""Between which bounds does a number lie, whatever the market does?

Prices and volumes are taken as 0 or more, and the prices of a bar as in order. Whatever is not known for certain
lies between minus and plus infinity.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from math import inf, isnan, log, sqrt

from bot.signals.formula.tree import Node, Op


@dataclass(frozen=True, slots=True)
class Bounds:
    """The smallest and the largest value that a part can have, where it is known."""

    low: float = -inf
    high: float = inf

    def __str__(self) -> str:
        if self.low == self.high:
            return f"is {self.low:g}"
        if self.high == inf:
            return f"is never below {self.low:g}"
        return f"is never above {self.high:g}" if self.low == -inf else f"lies between {self.low:g} and {self.high:g}"


ANYTHING = Bounds()
_POSITIVE = Bounds(0.0, inf)


@lru_cache(maxsize=8_192)
def bounds(node: Node) -> Bounds:
    """Bounds of a number part."""
    if node.op is Op.NUMBER:
        return Bounds(node.value, node.value)
    if node.op is Op.CALL:
        return _CALLS.get(node.symbol, _unbounded)(node)
    return _OPERATORS.get(node.op, _unbounded)(node)


def _negated(node: Node) -> Bounds:
    inner = bounds(node.children[0])
    return Bounds(-inner.high, -inner.low)


def _arithmetic(node: Node) -> Bounds:
    left, right = (bounds(child) for child in node.children)
    return _ARITHMETIC[node.symbol](left, right)


def _sum(left: Bounds, right: Bounds) -> Bounds:
    return _checked(left.low + right.low, left.high + right.high)


def _difference(left: Bounds, right: Bounds) -> Bounds:
    return _checked(left.low - right.high, left.high - right.low)


def _product(left: Bounds, right: Bounds) -> Bounds:
    return _of_corners(left, right, lambda a, b: 0.0 if 0.0 in {a, b} else a * b)


def _quotient(left: Bounds, right: Bounds) -> Bounds:
    if right.low > 0 or right.high < 0:
        return _of_corners(left, right, lambda a, b: a / b)
    return _POSITIVE if left.low >= 0 and right.low >= 0 else ANYTHING  # divided by 0 it is unknown


def _remainder(_: Bounds, right: Bounds) -> Bounds:
    return Bounds(0.0, right.high) if right.low > 0 else ANYTHING


def _power(left: Bounds, _: Bounds) -> Bounds:
    return _POSITIVE if left.low >= 0 else ANYTHING


def _of_corners(left: Bounds, right: Bounds, operation: Callable[[float, float], float]) -> Bounds:
    corners = [operation(a, b) for a in (left.low, left.high) for b in (right.low, right.high)]
    return ANYTHING if any(isnan(corner) for corner in corners) else Bounds(min(corners), max(corners))


def _checked(low: float, high: float) -> Bounds:
    return Bounds(-inf if isnan(low) else low, inf if isnan(high) else high)


def _unbounded(_: Node) -> Bounds:
    return ANYTHING


def _positive(_: Node) -> Bounds:
    return _POSITIVE


def _as_its_series(node: Node) -> Bounds:
    return bounds(node.children[0])


def _hundred(_: Node) -> Bounds:
    return Bounds(0.0, 100.0)


def _change(node: Node) -> Bounds:
    return Bounds(-1.0, inf) if bounds(node.children[0]).low >= 0 else ANYTHING


def _drawdown(node: Node) -> Bounds:
    return Bounds(-1.0 if bounds(node.children[0]).low >= 0 else -inf, 0.0)


def _count(node: Node) -> Bounds:
    n = node.constants["n"]
    return Bounds(0.0, float(n) if isinstance(n, int) else inf)


def _zscore(node: Node) -> Bounds:
    n = node.constants["n"]
    furthest = sqrt(n - 1) * (1 + 1e-9) if isinstance(n, int) else inf
    return Bounds(-furthest, furthest)


def _abs(node: Node) -> Bounds:
    inner = bounds(node.children[0])
    nearest = max(inner.low, -inner.high, 0.0)
    return Bounds(nearest, max(abs(inner.low), abs(inner.high)))


def _log(node: Node) -> Bounds:
    inner = bounds(node.children[0])
    return Bounds(
        *(log(edge) if 0 < edge < inf else (inf if edge == inf else -inf) for edge in (inner.low, inner.high))
    )


def _min(node: Node) -> Bounds:
    inner = [bounds(child) for child in node.children]
    return Bounds(min(each.low for each in inner), min(each.high for each in inner))


def _max(node: Node) -> Bounds:
    inner = [bounds(child) for child in node.children]
    return Bounds(max(each.low for each in inner), max(each.high for each in inner))


_CALLS: dict[str, Callable[[Node], Bounds]] = {
    "highest": _as_its_series,
    "lowest": _as_its_series,
    "sma": _as_its_series,
    "ema": _as_its_series,
    "stdev": _positive,
    "atr": _positive,
    "since": _positive,
    "rsi": _hundred,
    "percentile": _hundred,
    "correlation": lambda _: Bounds(-1.0, 1.0),
    "change": _change,
    "drawdown": _drawdown,
    "count": _count,
    "zscore": _zscore,
    "abs": _abs,
    "log": _log,
    "min": _min,
    "max": _max,
}

_ARITHMETIC: dict[str, Callable[[Bounds, Bounds], Bounds]] = {
    "+": _sum,
    "-": _difference,
    "*": _product,
    "/": _quotient,
    "%": _remainder,
    "**": _power,
}

_OPERATORS: dict[Op, Callable[[Node], Bounds]] = {
    Op.SERIES: _positive,
    Op.LAG: _as_its_series,
    Op.NEGATE: _negated,
    Op.ARITHMETIC: _arithmetic,
}
