"""How many bars must a frame hold before a bar, so that a formula's value there is right?"""

from __future__ import annotations

from functools import lru_cache
from math import inf

from bot.signals.formula.tree import Formula, Node, Op


def is_endless(node: Node) -> bool:
    """Whether a part is a call whose value depends on all of the past; a frame's `past` answers for it."""
    return node.function is not None and node.function.endless(node.constants)


@lru_cache(maxsize=8_192)
def reach(formula: Formula) -> float:
    """Bars that the ending of a frame must hold before a bar; infinite where no ending will do.

    That is where all of the past of a named series or of another rule's firings is asked for.
    """
    return _reach(formula.root)


@lru_cache(maxsize=8_192)
def firings_asked(formula: Formula) -> frozenset[tuple[str, int]]:
    """Rules whose firings a formula asks for, and within how many of their bars."""
    if not formula.rules:
        return frozenset()
    calls = [node.constants for node in formula.root.walk() if "rule" in node.constants]
    return frozenset((str(constants["rule"]), int(constants["within"] or 0)) for constants in calls)


def _reach(node: Node) -> float:
    if is_endless(node):
        return inf if node.private else 0
    within = max((_reach(child) for child in node.children), default=0)
    if node.op is Op.LAG:
        return within + node.value
    return within + ((node.function.history(node.constants) or 0) if node.function else 0)
