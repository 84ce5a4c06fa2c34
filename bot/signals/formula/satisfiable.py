"""Can a condition ever be yes?

Only what is certain is said: a doubt is a proof. A condition that no proof speaks against may still never be yes.
"""

from __future__ import annotations

from itertools import combinations
from math import isfinite, isnan

import numpy as np

from bot.signals.formula.bounds import bounds
from bot.signals.formula.operations import operate
from bot.signals.formula.ordering import always_below, never_above
from bot.signals.formula.syntax import MOST_PROBLEMS
from bot.signals.formula.tree import FormulaProblem, Node, Op
from bot.signals.indicators.function import Kind

_MOST_PARTS = 30
"""Parts of an `and` that are compared each with each."""

_MIRRORED = {">": "<", ">=": "<=", "<": ">", "<=": ">="}


def unsatisfiable_parts(root: Node) -> tuple[FormulaProblem, ...]:
    """Why a condition can never be yes, in the order of the text; empty where it may be."""
    if root.kind is not Kind.YES_NO:
        return ()
    return tuple(sorted(set(_why_never(root)))[:MOST_PROBLEMS])


def _why_never(node: Node) -> list[FormulaProblem]:
    """What proves that a condition is never yes; empty where there is no proof."""
    if node.op is Op.COMPARE:
        return _comparison(node)
    if node.op is Op.AND:
        return _any_part(node)
    if node.op is Op.OR:
        each = [_why_never(child) for child in node.children]
        return [why for reasons in each for why in reasons] if all(each) else []
    if node.op is Op.NOT:
        child = node.children[0]
        return [_problem(node, f"{_quoted(child)} is yes wherever it is known")] if _always(child) else []
    if node.op is Op.LAG or (node.op is Op.CALL and node.symbol == "first"):
        return _why_never(node.children[0])
    return _crossing(node) if node.op is Op.CALL else []


def _always(node: Node) -> bool:
    """Whether a condition is certainly yes wherever it is known."""
    if node.op is Op.COMPARE:
        return _holds(*_larger_first(node))
    if node.op is Op.AND:
        return all(_always(child) for child in node.children)
    if node.op is Op.OR:
        return any(_always(child) for child in node.children)
    if node.op is Op.NOT:
        return bool(_why_never(node.children[0]))
    return node.op is Op.LAG and _always(node.children[0])


def _larger_first(node: Node) -> tuple[str, Node, Node]:
    left, right = node.children
    if node.symbol in {"<", "<="}:
        return _MIRRORED[node.symbol], right, left
    return node.symbol, left, right


def _holds(symbol: str, left: Node, right: Node) -> bool:
    if symbol == ">=":
        return never_above(right, left)
    if symbol == "==":
        return left.key == right.key
    apart = always_below(right, left)
    return apart if symbol == ">" else apart or always_below(left, right)


def _fails(symbol: str, left: Node, right: Node) -> bool:
    if symbol == ">":
        return never_above(left, right)
    if symbol == ">=":
        return always_below(left, right)
    if symbol == "==":
        return always_below(left, right) or always_below(right, left)
    return left.key == right.key


def _comparison(node: Node) -> list[FormulaProblem]:
    for side in node.children:
        if _never_known(side):
            return [_problem(node, f"{_quoted(side)} is never known")]
    if not _fails(*_larger_first(node)):
        return []
    return [_problem(node, _because(node))]


def _because(node: Node) -> str:
    _, left, right = _larger_first(node)
    if left.key == right.key:
        return "both sides are the same"
    if bounds(left).high <= bounds(right).low or bounds(right).high <= bounds(left).low:
        bounded = left if (bounds(left).low, bounds(left).high) != (bounds(left).low,) * 2 else right
        return f"{_quoted(bounded)} {bounds(bounded)}{_scale(bounded)}"
    hint = ""
    window = right if right.op is Op.CALL and right.symbol == "highest" else left
    if window.op is Op.CALL and window.symbol in {"highest", "lowest"}:
        hint = f"; that window holds this bar too, write {window.text}[1] for the bars before"
    return f"{_quoted(left)} is never above {_quoted(right)}{hint}"


def _scale(node: Node) -> str:
    if node.op is Op.CALL and node.symbol in {"change", "drawdown"}:
        return "; it is a ratio: -0.05 is 5 % down"
    return ""


def _any_part(node: Node) -> list[FormulaProblem]:
    """Proofs against one part of an `and`, or against two of its parts together."""
    parts = list(_conjuncts(node))
    found = [why for part in parts for why in _why_never(part)]
    if found:
        return found
    for one, other in combinations(parts[:_MOST_PARTS], 2):
        if _exclude(one, other):
            return [_problem(other, f"it can't be yes together with {_quoted(one)}")]
    return []


def _conjuncts(node: Node) -> list[Node]:
    if node.op is not Op.AND:
        return [node]
    return [part for child in node.children for part in _conjuncts(child)]


def _exclude(one: Node, other: Node) -> bool:
    """Whether two conditions can't be yes at the same bar."""
    if one.key == f"(not {other.key})" or other.key == f"(not {one.key})":
        return True
    if not (_is_order(one) and _is_order(other)):
        return False
    # a > b and c > d can't both hold where a <= d and c <= b: they would close a circle.
    (symbol1, a, b), (symbol2, c, d) = _larger_first(one), _larger_first(other)
    if not (never_above(a, d) and never_above(c, b)):
        return False
    return ">" in {symbol1, symbol2} or always_below(a, d) or always_below(c, b)


def _is_order(node: Node) -> bool:
    return node.op is Op.COMPARE and node.symbol in _MIRRORED


def _crossing(node: Node) -> list[FormulaProblem]:
    """A crossing needs both sides of the line."""
    if node.symbol not in {"crosses_above", "crosses_below"}:
        return []
    x, y = node.children if node.symbol == "crosses_above" else node.children[::-1]
    if never_above(x, y) or always_below(y, x):
        above, below = (y, x) if never_above(x, y) else (x, y)
        return [_problem(node, f"{_quoted(below)} is never above {_quoted(above)}")]
    return []


def _never_known(node: Node) -> bool:
    """Whether a number is unknown at every bar: it divides by 0, or is too large to compute."""
    if node.op is Op.ARITHMETIC and node.symbol in {"/", "%"} and _constant(node.children[1]) == 0:
        return True
    value = _constant(node)
    if value is not None:
        return isnan(value)
    return node.op in {Op.ARITHMETIC, Op.NEGATE, Op.LAG} and any(_never_known(child) for child in node.children)


def _constant(node: Node) -> float | None:
    """Value of a part that is the same at every bar, NaN where it can't be computed; None for all others."""
    if node.clock is not None or node.op is Op.CALL:
        return None
    if not node.children:
        return node.value
    sides = [side for side in map(_constant, node.children) if side is not None]
    if len(sides) < len(node.children):
        return None
    with np.errstate(all="ignore"):
        value = float(operate(node.symbol, *map(np.float64, sides)))
    return value if isfinite(value) else float("nan")


def _quoted(node: Node) -> str:
    return f"'{node.text}'" if len(node.text) <= 60 else f"'{node.text[:57]}…'"


def _problem(node: Node, because: str) -> FormulaProblem:
    return FormulaProblem(node.line, node.column, f"{_quoted(node)} can never be yes: {because}")
