"""Explanation of a formula at one bar: each part with its value there."""

from __future__ import annotations

from math import isnan
from typing import NamedTuple

from bot.signals.asof import STALE_AFTER_SECONDS, last_closed
from bot.signals.formula.evaluate import bars_of_clock, clock_of, value_on
from bot.signals.formula.frame import Frame
from bot.signals.formula.tree import OWN, Formula, Node, Op
from bot.signals.indicators.function import Kind

_NOWHERE = -1


class NodeValue(NamedTuple):
    """One part of a formula and its value at a bar: a number, or 1 yes and 0 no; NaN is unknown.

    `symbol` is the operator (">", "and", "+"), or the name of the series or function. The children of a lag have the
    values of the bar it looks back to. `column` counts from 1 in its `line`. `node` is the part as written; `position`
    is that of the bar it was read at, among those of the market named by `clock`, -1 where there is none.
    """

    text: str
    line: int
    column: int
    kind: Kind
    op: Op
    symbol: str
    value: float
    node: Node
    clock: str
    position: int
    children: tuple[NodeValue, ...] = ()

    @property
    def gap(self) -> float:
        """By how much the left side of a comparison is above the right one; NaN where unknown, or for another part."""
        if self.op is not Op.COMPARE:
            return float("nan")
        left, right = self.children
        return left.value - right.value


def explain(formula: Formula, frame: Frame, position: int) -> NodeValue:
    """The formula at the bar at `position` (from 0), part by part with values. Raises IndexError beyond the bars."""
    if not 0 <= position < len(frame.bars):
        raise IndexError(f"there is no bar {position}; allowed: 0 to {len(frame.bars) - 1}")
    return _part(formula.root, frame, OWN, position)


def deciding(part: NodeValue) -> tuple[NodeValue, ...]:
    """The smallest conditions that make a condition what it is, in the order of the text.

    These are comparisons, calls such as `first(…)`, lags and named conditions; a `not` is looked through. Of an `and`
    that is no, they are the parts that are no; of one that is yes, all; of one that is unknown, the unknown ones.
    """
    if part.op is Op.NOT:
        return deciding(part.children[0])
    if part.op not in {Op.AND, Op.OR}:
        return (part,)
    # A no settles an `and`, a yes settles an `or`; where nothing is settled, the unknown parts keep it unknown.
    settling = 0.0 if part.op is Op.AND else 1.0
    if part.value == settling:
        chosen = [child for child in part.children if child.value == settling]
    elif isnan(part.value):
        chosen = [child for child in part.children if isnan(child.value)]
    else:
        chosen = list(part.children)
    return tuple(found for child in chosen for found in deciding(child))


def _part(node: Node, frame: Frame, clock: str, position: int) -> NodeValue:
    source = clock_of(node, frame)
    if source not in {clock, OWN}:
        position = _seen(frame, source, position) if position != _NOWHERE else _NOWHERE
        clock = source
    value = float(value_on(node, frame, clock)[position]) if position != _NOWHERE else float("nan")
    inside = position
    if node.op is Op.LAG:
        inside = max(position - int(node.value), _NOWHERE) if position != _NOWHERE else _NOWHERE
    children = tuple(_part(child, frame, clock, inside) for child in node.children)
    place = node.line, node.column
    return NodeValue(node.text, *place, node.kind, node.op, node.symbol, value, node, clock, position, children)


def _seen(frame: Frame, clock: str, position: int) -> int:
    """Position of the other market's last bar, as known at the close of the bar at `position`."""
    ends = frame.bars.end[position : position + 1]
    source = bars_of_clock(frame, clock)
    return int(last_closed(ends, source.end, source.valid_for or STALE_AFTER_SECONDS)[0])
