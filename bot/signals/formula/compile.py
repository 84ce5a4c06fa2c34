"""From the text of a formula to a checked tree."""

from __future__ import annotations

import ast

from bot.signals.formula.builders import BUILDERS
from bot.signals.formula.calls import build_call
from bot.signals.formula.checker import Checker
from bot.signals.formula.satisfiable import trivial_conditions
from bot.signals.formula.syntax import MAX_PROBLEMS, parse
from bot.signals.formula.tree import Formula, FormulaError, FormulaProblem, Node, Op, Scope
from bot.signals.indicators.function import Kind


def compile_formula(text: str, scope: Scope, expect: Kind | None = None) -> Formula:
    """Read and check a formula. Raises FormulaError with every problem in it.

    `expect` is what the formula must be in the place where it stands.
    """
    written = parse(text)
    checker = Checker(written, scope, {**BUILDERS, ast.Call: build_call})
    root = checker.check(written.tree)
    if root is not None and expect is not None and root.kind is not expect:
        checker.problems.append(FormulaProblem(root.line, root.column, _wrong_kind(expect)))
    if checker.problems or root is None:
        raise FormulaError(tuple(sorted(set(checker.problems))[:MAX_PROBLEMS]))
    return _formula(text, root, signed=scope.signed)


def _wrong_kind(expect: Kind) -> str:
    if expect is Kind.YES_NO:
        return "this is a number, but a condition is needed; compare it with something, as in close > open"
    return "this is yes or no, but a number is needed, as in highest(high, 20)"


def _formula(text: str, root: Node, *, signed: bool) -> Formula:
    parts = list(root.walk())
    asking = [part.constants for part in parts if "rule" in part.constants]
    named = frozenset(str(part.constants["market"]) for part in parts if "market" in part.constants)
    firings = frozenset((str(constants["rule"]), int(constants["within"] or 0)) for constants in asking)
    return Formula(
        text=text,
        kind=root.kind,
        root=root,
        markets=frozenset(part.clock for part in parts if part.op is Op.SERIES and part.clock) | named,
        rules=frozenset(rule for rule, _ in firings),
        names=frozenset(part.symbol for part in parts if part.op is Op.NAME),
        firings=firings,
        trivial=trivial_conditions(root, signed=signed),
    )
