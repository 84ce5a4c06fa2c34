"""Conditions whose answer no market decides: those that can never be yes, and those that always are.

Only what is certain is said, by the bounds of numbers and by the windows that hold the bar itself. A condition that
nothing is proved of may still never be yes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from itertools import combinations
from math import inf

from bot.signals.bars import PRICES
from bot.signals.formula.checker import in_quotes
from bot.signals.formula.operators import opposite, result_bounds
from bot.signals.formula.syntax import MAX_PROBLEMS
from bot.signals.formula.tree import OWN, FormulaProblem, Node, Op
from bot.signals.indicators.bounds import ABOVE_ZERO, ANYTHING, NEVER_KNOWN, ZERO_OR_MORE, Bounds
from bot.signals.indicators.function import Kind

_HIGHS = frozenset({"highest", "highest_to_date"})
_LOWS = frozenset({"lowest", "lowest_to_date"})
"""Functions whose windows hold the bar itself."""

_PRICE_ORDER = {"low": 0, "open": 1, "close": 1, "high": 2}


_FLIPPED = {">": "<", "<": ">", ">=": "<=", "<=": ">=", "==": "==", "!=": "!="}
"""What a comparison says when its sides are exchanged."""

_MOST_PARTS = 40
"""Parts of an `and` or `or` that are compared with each other."""

_SIGNED = "?"
"""The clock of an own market that knows no zero: nothing is presumed of another clock's prices."""


def trivial_conditions(root: Node, *, signed: bool = False) -> tuple[FormulaProblem, ...]:
    """Why a formula can never be yes, or is yes wherever it is known, in the order of the text; empty elsewhere.

    `signed`: prices of the rule's own market may be 0 and below.
    """
    if root.kind is not Kind.YES_NO:
        return ()
    root = _on_signed_clock(root) if signed else root
    return tuple(sorted(set(_proof(root, answer=False) or _proof(root, answer=True)))[:MAX_PROBLEMS])


def _on_signed_clock(node: Node) -> Node:
    children = tuple(map(_on_signed_clock, node.children))
    return replace(node, clock=_SIGNED if node.clock == OWN else node.clock, children=children)


def _proof(node: Node, *, answer: bool) -> list[FormulaProblem]:
    """What proves that a condition has this answer wherever it is known; empty where there is no proof."""
    if node.op is Op.COMPARE:
        return _comparison(node, answer=answer)
    if node.op in {Op.AND, Op.OR}:
        each = [_proof(child, answer=answer) for child in node.children]
        enough = any if (node.op is Op.OR) is answer else all  # a yes settles an `or`, a no an `and`
        if enough(each):
            return [why for proof in each for why in proof]
        return _contradiction(node, answer=answer) if (node.op is Op.OR) is answer else []
    if node.op is Op.NOT:
        (child,) = node.children
        said = "is never yes" if answer else "is yes wherever it is known"
        return (
            [_problem(node, f"{in_quotes(child.text)} {said}", answer=answer)]
            if _proof(child, answer=not answer)
            else []
        )
    if node.op is Op.LAG or (_calls(node, "first") and not answer):
        return _proof(node.children[0], answer=answer)
    return [] if answer else _crossing(node)


def _comparison(node: Node, *, answer: bool) -> list[FormulaProblem]:
    left, right = node.children
    for side in node.children:
        if number_bounds(side).is_never_known:
            return [] if answer else [_problem(node, f"{in_quotes(side.text)} is never known", answer=False)]
    holds = _holds(node.symbol if answer else opposite(node.symbol), left, right)
    return [_problem(node, _because(left, right), answer=answer)] if holds else []


def _holds(symbol: str, left: Node, right: Node) -> bool:
    """Whether a comparison is certainly yes wherever both sides are known."""
    if symbol in {"<", "<="}:
        symbol, left, right = symbol.replace("<", ">"), right, left
    if symbol == ">=":
        return _at_most(right, left)
    if symbol == ">":
        return _below(right, left)
    if symbol == "!=":
        return _below(left, right) or _below(right, left)
    one, other = number_bounds(left), number_bounds(right)
    return left.key == right.key or (one.is_constant and one == other)


def _contradiction(node: Node, *, answer: bool) -> list[FormulaProblem]:
    """Two conditions of an `and` that are never yes together, or of an `or` of which one always is."""
    for one, other in combinations(list(_joined(node))[:_MOST_PARTS], 2):
        if _exclude(one, other, answer=answer):
            both = (in_quotes(one.text), in_quotes(other.text))
            said = "{} or {} holds at every bar" if answer else "{} and {} are never yes together"
            return [_problem(node, said.format(*both), answer=answer)]
    return []


def _joined(node: Node) -> Iterator[Node]:
    for child in node.children:
        yield from _joined(child) if child.op is node.op else (child,)


def _exclude(one: Node, other: Node, *, answer: bool) -> bool:
    """Whether two conditions can't both be yes; with `answer`, whether they can't both be no."""
    bare = [part.children[0].key if part.op is Op.NOT else part.key for part in (one, other)]
    if bare[0] == bare[1] and one.op is not other.op:
        return True
    first, second = _range(one, answer=answer), _range(other, answer=answer)
    if first is None or second is None or first[0] != second[0]:
        return False
    low, high = max(first[1], second[1]), min(first[2], second[2])
    return low > high


def _range(node: Node, *, answer: bool) -> tuple[str, tuple[float, int], tuple[float, int]] | None:
    """Of which difference a comparison speaks, and between which ends it must lie for a yes; for a no with `answer`.

    An end is a number and whether it is itself within: 0 where it is, else the side on which the range lies.
    """
    if node.op is not Op.COMPARE:
        return None
    left, right = node.children
    symbol, key, value = (opposite(node.symbol) if answer else node.symbol), left.key, 0.0
    if number_bounds(right).is_constant:
        value = number_bounds(right).low
    elif number_bounds(left).is_constant:
        key, value, symbol = right.key, number_bounds(left).low, _FLIPPED[symbol]
    else:
        key = f"{min(left.key, right.key)} less {max(left.key, right.key)}"
        symbol = symbol if left.key < right.key else _FLIPPED[symbol]
    if symbol == "!=":
        return None
    low = (value, int(symbol == ">")) if symbol in {">", ">=", "=="} else (-inf, 0)
    high = (value, -int(symbol == "<")) if symbol in {"<", "<=", "=="} else (inf, 0)
    return key, low, high


def _crossing(node: Node) -> list[FormulaProblem]:
    """A crossing needs both sides of the line."""
    if not (_calls(node, "crosses_above") or _calls(node, "crosses_below")):
        return []
    x, y = node.children if node.symbol == "crosses_above" else node.children[::-1]
    if not (_at_most(x, y) or _below(y, x)):
        return []
    below, above = (x, y) if _at_most(x, y) else (y, x)
    return [_problem(node, f"{in_quotes(below.text)} is never above {in_quotes(above.text)}", answer=False)]


@lru_cache(maxsize=8_192)
def number_bounds(node: Node) -> Bounds:
    """Between which values a number lies at every bar where it is known."""
    inside = [number_bounds(child) for child in node.children if child.kind is Kind.NUMBER]
    if any(each.is_never_known for each in inside):
        return NEVER_KNOWN
    if node.op is Op.NUMBER:
        return Bounds(node.value, node.value)
    if node.op is Op.SERIES:
        if node.clock:
            return ANYTHING  # another market may be a macro series, which knows no zero
        return ABOVE_ZERO if node.symbol in PRICES else ZERO_OR_MORE
    return _inner_bounds(node, inside)


def _inner_bounds(node: Node, inside: list[Bounds]) -> Bounds:
    if node.op is Op.LAG:
        return inside[0]
    if node.op is Op.NEGATE:
        return Bounds(-inside[0].high, -inside[0].low)
    if node.op is Op.ARITHMETIC:
        return result_bounds(node.symbol, *inside)
    return node.function.bounds(inside, node.constants) if node.function else ANYTHING


def _below(a: Node, b: Node) -> bool:
    return number_bounds(a).high < number_bounds(b).low


@lru_cache(maxsize=8_192)
def _at_most(a: Node, b: Node) -> bool:
    """Whether a <= b is certain wherever both are known."""
    while a.op is b.op is Op.LAG and a.value == b.value and a.clock == b.clock:
        a, b = a.children[0], b.children[0]
    if a.key == b.key or number_bounds(a).high <= number_bounds(b).low:
        return True
    if a.clock != b.clock:
        return False  # a window of the other market's bars that is joined later may hold other bars
    if a.op is b.op is Op.SERIES:
        return _PRICE_ORDER.get(a.symbol, 9) < _PRICE_ORDER.get(b.symbol, -1)
    if b.symbol in _HIGHS and b.op is Op.CALL and _at_most(a, b.children[0]):
        return True
    return a.symbol in _LOWS and a.op is Op.CALL and _at_most(a.children[0], b)


def _calls(node: Node, name: str) -> bool:
    return node.op is Op.CALL and node.symbol == name


def _because(left: Node, right: Node) -> str:
    one, other = number_bounds(left), number_bounds(right)
    if left.key == right.key:
        return "both sides are the same"
    if one.is_constant and other.is_constant:
        return "it compares two numbers that never change"
    if one.high <= other.low or other.high <= one.low:
        bounded = right if one.is_constant else left
        return f"{in_quotes(bounded.text)} {number_bounds(bounded)}{_scale(bounded)}"
    small, large = (left, right) if _at_most(left, right) else (right, left)
    for window, side, word in ((large, small, "above"), (small, large, "below")):
        if window.op is Op.CALL and window.symbol in (_HIGHS if word == "above" else _LOWS):
            bars_before = f"that window holds this bar too, write {window.text}[1] for the bars before"
            return f"{in_quotes(side.text)} is never {word} {in_quotes(window.text)}; {bars_before}"
    return f"{in_quotes(small.text)} is never above {in_quotes(large.text)}"


def _scale(node: Node) -> str:
    return "; it is a ratio: -0.05 is 5 % down" if node.symbol in {"change", "drawdown"} else ""


def _problem(node: Node, because: str, *, answer: bool) -> FormulaProblem:
    said = "is always yes" if answer else "can never be yes"
    return FormulaProblem(node.line, node.column, f"{in_quotes(node.text)} {said}: {because}")
