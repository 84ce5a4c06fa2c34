"""The formula language: one expression in Python's syntax, checked before it runs, without a view of the future."""

from bot.signals.formula.compile import compile_formula
from bot.signals.formula.evaluate import bars_of_clock, evaluate, evaluate_at, value_on
from bot.signals.formula.explain import NodeValue, deciding, explain
from bot.signals.formula.frame import FiredHistory, Frame
from bot.signals.formula.reach import ConditionReach, Nearest, condition_reaches, known_from
from bot.signals.formula.registry import FUNCTIONS, NOTES
from bot.signals.formula.tree import OWN, Formula, FormulaError, FormulaProblem, MarketNames, Node, Op, Scope
from bot.signals.indicators.function import Kind

__all__ = [
    "FUNCTIONS",
    "NOTES",
    "OWN",
    "ConditionReach",
    "FiredHistory",
    "Formula",
    "FormulaError",
    "FormulaProblem",
    "Frame",
    "Kind",
    "MarketNames",
    "Nearest",
    "Node",
    "NodeValue",
    "Op",
    "Scope",
    "bars_of_clock",
    "compile_formula",
    "condition_reaches",
    "deciding",
    "evaluate",
    "evaluate_at",
    "explain",
    "known_from",
    "value_on",
]
