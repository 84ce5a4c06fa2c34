"""Is one number at most as large as another, at every bar, whatever the market does?

Proved where it can be, by bounds and by what windows contain; "no" means only that there is no proof.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from math import inf

from bot.signals.formula.bounds import bounds
from bot.signals.formula.tree import Node, Op

_Fits = Callable[[Node, Node], bool]

_PRICE_RANK = {"low": 0, "open": 1, "close": 1, "high": 2}


_LONGEST_PROOF = 400
"""Characters of both sides beyond which no proof is sought: it grows with the product of their parts."""


@lru_cache(maxsize=8_192)
def never_above(a: Node, b: Node) -> bool:
    """Whether a <= b is certain wherever both are known."""
    if a.key == b.key or bounds(a).high <= bounds(b).low:
        return True
    if len(a.key) + len(b.key) > _LONGEST_PROOF:
        return False
    return _prices_in_order(a, b) or _by_windows(a, b) or _by_choice(a, b) or _by_arithmetic(a, b)


def always_below(a: Node, b: Node) -> bool:
    """Whether a < b is certain wherever both are known."""
    return bounds(a).high < bounds(b).low


def _prices_in_order(a: Node, b: Node) -> bool:
    if a.op is not Op.SERIES or b.op is not Op.SERIES or a.clock != b.clock:
        return False
    low, high = _PRICE_RANK.get(a.symbol), _PRICE_RANK.get(b.symbol)
    return low is not None and high is not None and low < high


def _by_windows(a: Node, b: Node) -> bool:
    """A value is within every window that holds its bar; a longer window holds a shorter one."""
    if a.clock != b.clock:
        return False  # a window of the other market's bars that is joined later may hold other bars
    return _within(a, b, "highest", never_above) or _within(b, a, "lowest", lambda x, y: never_above(y, x))


def _within(inner: Node, outer: Node, name: str, fits: _Fits) -> bool:
    """Whether the bars that `inner` looks at are among those of the window `outer`, whose values go further."""
    back, outer = _without_lag(outer)
    if not _calls(outer, name):
        return False
    lag, core = _without_lag(inner)
    series = outer.children[0]
    length = _length(outer)
    if back <= lag < back + length and fits(core, series):
        return True
    if not _calls(core, name):
        return False
    inside = back <= lag and lag + _length(core) <= back + length
    return inside and fits(core.children[0], series)


def _without_lag(node: Node) -> tuple[int, Node]:
    back = 0
    while node.op is Op.LAG:
        back, node = back + int(node.value), node.children[0]
    return back, node


def _calls(node: Node, name: str) -> bool:
    return node.op is Op.CALL and node.symbol == name


def _length(window: Node) -> float:
    n = window.constants["n"]
    return float(n) if isinstance(n, int) else inf


def _by_choice(a: Node, b: Node) -> bool:
    """The smallest of several is at most each of them, the largest at least each."""
    if _calls(a, "min") and any(never_above(child, b) for child in a.children):
        return True
    if _calls(b, "max") and any(never_above(a, child) for child in b.children):
        return True
    if _calls(a, "max"):
        return all(never_above(child, b) for child in a.children)
    return _calls(b, "min") and all(never_above(a, child) for child in b.children)


def _by_arithmetic(a: Node, b: Node) -> bool:
    """What adds nothing negative, or takes nothing negative away, keeps the order; so does a factor beyond 1."""
    return _grows(a, b) or _shrinks(a, b)


def _grows(a: Node, b: Node) -> bool:
    if b.op is not Op.ARITHMETIC:
        return False
    x, y = b.children
    if b.symbol == "+":
        return (_at_least(y, 0) and never_above(a, x)) or (_at_least(x, 0) and never_above(a, y))
    if b.symbol == "*":
        return (_at_least(y, 1) and _at_least(x, 0) and never_above(a, x)) or (
            _at_least(x, 1) and _at_least(y, 0) and never_above(a, y)
        )
    return False


def _shrinks(a: Node, b: Node) -> bool:
    if a.op is not Op.ARITHMETIC:
        return False
    x, y = a.children
    if a.symbol == "-":
        return _at_least(y, 0) and never_above(x, b)
    if a.symbol == "*":
        return (_is_share(y) and _at_least(x, 0) and never_above(x, b)) or (
            _is_share(x) and _at_least(y, 0) and never_above(y, b)
        )
    return a.symbol == "/" and _at_least(y, 1) and _at_least(x, 0) and never_above(x, b)


def _at_least(node: Node, low: float) -> bool:
    return bounds(node).low >= low


def _is_share(node: Node) -> bool:
    return bounds(node).low >= 0 and bounds(node).high <= 1
