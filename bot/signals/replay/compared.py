"""The series that a rule compares, where it is another one than the market's own price."""

from __future__ import annotations

from collections.abc import Iterator

from bot.signals.formula import OWN, Node, Op
from bot.signals.indicators.function import InputSeries
from bot.signals.replay.rule import Rule

_CROSSES = frozenset({"crosses_above", "crosses_below"})


def compared_series(rule: Rule) -> tuple[Node, Node] | None:
    """What a rule looks at and what it holds that against: a ratio, a spread, another market's price.

    Both are sides of the first condition of which one depends on other markets. None where a condition is of the
    market's own prices, so that its chart tells the story, and where no other market is looked at.
    """
    market = rule.market
    conditions = [part for part in _conditions(rule.when.root) if len(part.children) == 2]
    if any(_is_of_prices(part, market) for part in conditions):
        return None
    for left, right in (part.children for part in conditions):
        if _is_elsewhere(left, market) or _is_elsewhere(right, market):
            return (right, left) if left.op is Op.NUMBER else (left, right)
    return None


def _conditions(node: Node) -> Iterator[Node]:
    """Comparisons and crossings that all have to be."""
    if node.op is Op.AND:
        for child in node.children:
            yield from _conditions(child)
    elif node.op is Op.COMPARE or (node.op is Op.CALL and node.symbol in _CROSSES):
        yield node


def _is_of_prices(condition: Node, market: str) -> bool:
    """Whether a side is the market's own price, or both are made of its prices alone."""
    if any(_is_price(side, market) for side in condition.children):
        return True
    return not _is_elsewhere(condition, market) and any(_is_price(part, market) for part in condition.walk())


def _is_price(node: Node, market: str) -> bool:
    return node.op is Op.SERIES and node.clock in {OWN, market} and node.symbol != "volume"


def _is_elsewhere(node: Node, market: str) -> bool:
    return any(_other_clock(part, market) or _other_market(part, market) for part in node.walk())


def _other_clock(part: Node, market: str) -> bool:
    return part.clock is not None and part.clock not in {OWN, market}


def _other_market(part: Node, market: str) -> bool:
    takes = part.function is not None and part.function.input is InputSeries.MARKET
    return takes and str(part.constants["market"]) != market
