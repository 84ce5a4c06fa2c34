"""Between which bounds does a number lie, whatever the market does?

Prices and volumes are taken as 0 or more, and the prices of a bar as in order. Whatever is not known for certain
lies between minus and plus infinity.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
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


def bounds(node: Node) -> Bounds:
    """Bounds of a number part."""
    if node.op is Op.NUMBER:
        return Bounds(node.value, node.value)
    if node.op is Op.SERIES:
        return _POSITIVE
    if node.op is Op.LAG:
        return bounds(node.children[0])
    if node.op is Op.NEGATE:
        inner = bounds(node.children[0])
        return Bounds(-inner.high, -inner.low)
    if node.op is Op.ARITHMETIC:
        return _arithmetic(node)
    return _CALLS.get(node.symbol, _unbounded)(node) if node.op is Op.CALL else ANYTHING


def _arithmetic(node: Node) -> Bounds:
    left, right = (bounds(child) for child in node.children)
    if node.symbol == "+":
        return _checked(left.low + right.low, left.high + right.high)
    if node.symbol == "-":
        return _checked(left.low - right.high, left.high - right.low)
    if node.symbol == "*":
        return _of_corners(left, right, lambda a, b: 0.0 if 0.0 in {a, b} else a * b)
    if node.symbol == "/" and (right.low > 0 or right.high < 0):
        return _of_corners(left, right, lambda a, b: a / b)
    if node.symbol == "/" and left.low >= 0 and right.low >= 0:
        return _POSITIVE  # where the divisor is 0 the quotient is unknown
    if node.symbol == "%" and right.low > 0:
        return Bounds(0.0, right.high)
    return _POSITIVE if node.symbol == "**" and left.low >= 0 else ANYTHING


def _of_corners(left: Bounds, right: Bounds, operation: Callable[[float, float], float]) -> Bounds:
    corners = [operation(a, b) for a in (left.low, left.high) for b in (right.low, right.high)]
    return ANYTHING if any(isnan(corner) for corner in corners) else Bounds(min(corners), max(corners))


def _checked(low: float, high: float) -> Bounds:
    return Bounds(-inf if isnan(low) else low, inf if isnan(high) else high)


def _unbounded(_: Node) -> Bounds:
    return ANYTHING


def _positive(_: Node) -> Bounds:
    return _POSITIVE


def _like_its_series(node: Node) -> Bounds:
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
    return Bounds(*(log(edge) if 0 < edge < inf else (inf if edge == inf else -inf) for edge in (inner.low, inner.high)))


def _min(node: Node) -> Bounds:
    inner = [bounds(child) for child in node.children]
    return Bounds(min(each.low for each in inner), min(each.high for each in inner))


def _max(node: Node) -> Bounds:
    inner = [bounds(child) for child in node.children]
    return Bounds(max(each.low for each in inner), max(each.high for each in inner))


_CALLS: dict[str, Callable[[Node], Bounds]] = {
    "highest": _like_its_series,
    "lowest": _like_its_series,
    "sma": _like_its_series,
    "ema": _like_its_series,
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
