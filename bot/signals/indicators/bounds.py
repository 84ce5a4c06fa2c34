"""Bounds of a number: between which values it lies, whatever the market does.

Prices are taken as above 0, volumes as 0 or more. Whatever is not known for certain lies between minus and plus
infinity.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import inf, isfinite, isnan, log, nextafter, sqrt
from typing import NamedTuple

_SMALLEST = nextafter(0.0, 1.0)
_VISIBLE = 1e-300
"""Below it a bound only says that 0 itself is left out."""


class Bounds(NamedTuple):
    """The smallest and the largest value that a number can have."""

    low: float = -inf
    high: float = inf

    @property
    def is_constant(self) -> bool:
        """Whether it can have one value only."""
        return self.low == self.high

    @property
    def is_never_known(self) -> bool:
        """Whether it is unknown at every bar: divided by 0, or too large to compute."""
        return isnan(self.low)

    def __str__(self) -> str:
        if self.is_constant:
            return f"is {self.low:g}"
        if self.high == inf:
            return "is always above 0" if 0 < self.low < _VISIBLE else f"is never below {self.low:g}"
        if self.low == -inf:
            return "is always below 0" if -_VISIBLE < self.high < 0 else f"is never above {self.high:g}"
        return f"lies between {self.low:g} and {self.high:g}"


ANYTHING = Bounds()
ABOVE_ZERO = Bounds(_SMALLEST)
ZERO_OR_MORE = Bounds(0.0)
NEVER_KNOWN = Bounds(float("nan"), float("nan"))

ResultBounds = Callable[[Sequence[Bounds], Mapping[str, object]], Bounds]
"""Bounds of a function's result, from those of its series in order and its constants by name."""


def fixed(low: float = -inf, high: float = inf) -> ResultBounds:
    """The same bounds for every call."""
    always = Bounds(low, high)
    return lambda _, __: always


UNBOUNDED: ResultBounds = fixed()
"""Nothing is known of the result."""


def of_series(inside: Sequence[Bounds], _: Mapping[str, object]) -> Bounds:
    """Bounds of the series itself, for what lies between its values: an average, an extreme."""
    return inside[0]


def of_change(inside: Sequence[Bounds], _: Mapping[str, object]) -> Bounds:
    """A ratio less 1: what is not negative can lose no more than all."""
    return Bounds(-1.0) if inside[0].low >= 0 else ANYTHING


def of_drawdown(inside: Sequence[Bounds], _: Mapping[str, object]) -> Bounds:
    """A ratio to a highest value, less 1."""
    return Bounds(-1.0 if inside[0].low >= 0 else -inf, 0.0)


def of_count(_: Sequence[Bounds], constants: Mapping[str, object]) -> Bounds:
    """From none to all bars of the window `n`."""
    n = constants["n"]
    return Bounds(0.0, float(n) if isinstance(n, int) else inf)


def of_total(inside: Sequence[Bounds], constants: Mapping[str, object]) -> Bounds:
    """Of the sum of up to `n` values, of which one is known at least."""
    n = constants["n"]
    most = float(n) if isinstance(n, int) else inf
    low, high = inside[0].low, inside[0].high
    return Bounds(low if low >= 0 else low * most, high if high <= 0 else high * most)


def of_band(inside: Sequence[Bounds], constants: Mapping[str, object]) -> Bounds:
    """Of a mean and so many standard deviations above it, or below where `width` is negative."""
    above = float(str(constants["width"])) >= 0
    return Bounds(inside[0].low if above else -inf, inf if above else inside[0].high)


def of_zscore(_: Sequence[Bounds], constants: Mapping[str, object]) -> Bounds:
    """One of n values lies no more than the root of n - 1 standard deviations from their mean."""
    n = constants["n"]
    furthest = sqrt(n - 1) * (1 + 1e-9) if isinstance(n, int) else inf
    return Bounds(-furthest, furthest)


def of_abs(inside: Sequence[Bounds], _: Mapping[str, object]) -> Bounds:
    """Sizes without their signs."""
    low, high = inside[0].low, inside[0].high
    return Bounds(max(low, -high, 0.0), max(abs(low), abs(high)))


def of_log(inside: Sequence[Bounds], _: Mapping[str, object]) -> Bounds:
    """Natural logarithms; of what may be 0 or less there is no lowest."""
    edges = (inside[0].low, inside[0].high)
    return Bounds(*(log(edge) if 0 < edge < inf else (inf if edge == inf else -inf) for edge in edges))


def of_min(inside: Sequence[Bounds], _: Mapping[str, object]) -> Bounds:
    """The smallest of several."""
    return Bounds(min(each.low for each in inside), min(each.high for each in inside))


def of_max(inside: Sequence[Bounds], _: Mapping[str, object]) -> Bounds:
    """The largest of several."""
    return Bounds(max(each.low for each in inside), max(each.high for each in inside))


def of_sum(left: Bounds, right: Bounds) -> Bounds:
    """Of left + right."""
    return _known(left.low + right.low, left.high + right.high)


def of_difference(left: Bounds, right: Bounds) -> Bounds:
    """Of left - right."""
    return _known(left.low - right.high, left.high - right.low)


def of_product(left: Bounds, right: Bounds) -> Bounds:
    """Of left * right."""
    corners = [0.0 if 0.0 in {a, b} else a * b for a in (left.low, left.high) for b in (right.low, right.high)]
    return Bounds(min(corners), max(corners))


def of_quotient(left: Bounds, right: Bounds) -> Bounds:
    """Of left / right; divided by 0 it is unknown."""
    if left.low >= 0 and right.low >= 0:
        return Bounds(_known(left.low / right.high, 0).low if right.high > 0 else 0.0)
    if isfinite(right.low) and isfinite(right.high) and (right.low > 0 or right.high < 0):
        corners = [a / b for a in (left.low, left.high) for b in (right.low, right.high)]
        return Bounds(min(corners), max(corners))
    return ANYTHING


def of_remainder(_: Bounds, right: Bounds) -> Bounds:
    """Of left % right."""
    return Bounds(0.0, right.high) if right.low > 0 else ANYTHING


def of_power(left: Bounds, _: Bounds) -> Bounds:
    """Of left ** right."""
    return ZERO_OR_MORE if left.low >= 0 else ANYTHING


def _known(low: float, high: float) -> Bounds:
    return Bounds(-inf if isnan(low) else low, inf if isnan(high) else high)
