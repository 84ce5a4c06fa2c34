"""The formula language: one expression in Python's syntax, checked before it runs, without a view of the future."""

from bot.signals.formula.compile import compile_formula
from bot.signals.formula.evaluate import evaluate
from bot.signals.formula.explain import Part, deciding, explain
from bot.signals.formula.tree import Formula, FormulaError, FormulaProblem, Scope
from bot.signals.indicators.function import Kind

__all__ = [
    "Formula",
    "FormulaError",
    "FormulaProblem",
    "Kind",
    "Part",
    "Scope",
    "compile_formula",
    "deciding",
    "evaluate",
    "explain",
]
