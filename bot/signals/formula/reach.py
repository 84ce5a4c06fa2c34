"""How near a formula's conditions came to being yes over a stretch of bars, and from when on they could be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from bot.signals.bars import FloatArray
from bot.signals.formula.evaluate import value_on
from bot.signals.formula.frame import Frame
from bot.signals.formula.tree import OWN, Formula, Node, Op


class Nearest(NamedTuple):
    """The bar at which a comparison came nearest to being yes: `left` and `right` are the values of its sides there.

    `position` counts from the frame's first bar. `constant` says which side is a number written down, if one is.
    """

    position: int
    symbol: str
    left_text: str
    right_text: str
    left: float
    right: float
    constant: str = ""


class ConditionReach(NamedTuple):
    """One condition of those that must all be yes: on how many bars it is known, on how many yes, and how near it came.

    `nearest` is None where it was yes, or is not a comparison.
    """

    text: str
    known: int
    yes: int
    nearest: Nearest | None = None


def condition_reaches(formula: Formula, frame: Frame, bars: slice) -> tuple[ConditionReach, ...]:
    """How near each of a formula's conditions came over the frame's bars at the positions `bars`."""
    return tuple(_reach(node, frame, bars) for node in _all_needed(formula.root))


def known_from(formula: Formula, frame: Frame) -> int:
    """Position of the first bar at which the formula could be yes: each condition that must be was known by then.

    The number of bars where one never was. What is evaluated already is not evaluated again.
    """
    return max(_first_known(value_on(node, frame, OWN)) for node in _all_needed(formula.root))


def _first_known(truth: FloatArray) -> int:
    known = ~np.isnan(truth)
    first = int(known.argmax()) if len(known) else 0
    return first if len(known) and known[first] else len(known)


def _all_needed(node: Node) -> Iterator[Node]:
    """The conditions that must all be yes at a bar."""
    if node.op is Op.AND:
        for child in node.children:
            yield from _all_needed(child)
    else:
        yield node


def _reach(node: Node, frame: Frame, bars: slice) -> ConditionReach:
    truth = value_on(node, frame, OWN)[bars]
    yes = int((truth == 1).sum())
    asked = _comparison_in(node)
    nearest = _nearest(asked, frame, bars) if asked is not None and not yes else None
    return ConditionReach(node.text, int((~np.isnan(truth)).sum()), yes, nearest)


def _comparison_in(node: Node) -> Node | None:
    """The comparison that a condition is, or is made of alone."""
    if node.op is Op.COMPARE:
        return node if node.symbol[0] in "<>" else None
    conditions = [child for child in node.children if child.kind is node.kind]
    return _comparison_in(conditions[0]) if node.op is Op.CALL and len(node.children) == len(conditions) == 1 else None


def _nearest(node: Node, frame: Frame, bars: slice) -> Nearest | None:
    left, right = (value_on(child, frame, OWN)[bars] for child in node.children)
    short = _shortfall(left, right) if node.symbol[0] == ">" else _shortfall(right, left)
    if not np.isfinite(short).any():
        return None
    at = int(np.nanargmin(np.where(np.isfinite(short), short, np.nan)))
    one, other = node.children
    constant = "left" if one.clock is None else "right" if other.clock is None else ""
    return Nearest(
        at + (bars.start or 0), node.symbol, one.text, other.text, float(left[at]), float(right[at]), constant
    )


def _shortfall(small: FloatArray, large: FloatArray) -> FloatArray:
    """How much the first is below the second; between two prices as a share, so that 2003 compares with 2023."""
    apart = large - small
    return np.where((small > 0) & (large > 0), apart / np.where(large > 0, large, 1.0), apart)
