"""Can a formula ever be yes?"""

from __future__ import annotations

from bot.signals.formula.tree import FormulaProblem, Node


def doubts_of(root: Node) -> tuple[FormulaProblem, ...]:
    """Why a condition can never be yes; empty where it can."""
    return ()
