"""Formulas of a file, compiled, and their mistakes at the line and column of the file."""

from __future__ import annotations

from dataclasses import replace

from bot.problem import Problem
from bot.signals.formula import Formula, FormulaError, FormulaProblem, Kind, Scope, compile_formula
from bot.yamlfile.document import Document, KeyPath

MAX_FORMULA_CHARS = 2_000
"""Characters of a formula in a file."""

_NO_LEVEL = "unknown name 'level'"
_WHERE_LEVEL = f"{_NO_LEVEL}; follow and headline may name it where the rule has a key level"


def compile_text(text: str, scope: Scope, expect: Kind | None) -> tuple[Formula | None, tuple[FormulaProblem, ...]]:
    """The formula, or all that is wrong with it; one that can never be yes, or always is, is wrong too."""
    try:
        formula = compile_formula(text.rstrip(), scope, expect)
    except FormulaError as error:
        return None, tuple(_hinted(each) for each in error.problems)
    return (None if formula.trivial else formula), formula.trivial


def compile_at(document: Document, path: KeyPath, scope: Scope, expect: Kind) -> tuple[Formula | None, list[Problem]]:
    """The formula that stands at `path`; None, without a problem, where none does, or one too long to look at."""
    written = document.texts.get(path)
    if written is None or not written.value.strip() or len(written.value) > MAX_FORMULA_CHARS:
        return None, []
    formula, problems = compile_text(written.value, scope, expect)
    return formula, [document.problem(path, each.message, at=(each.line, each.column)) for each in problems]


def line_column(text: str, offset: int) -> tuple[int, int]:
    """Line and column, from 1, of the character at `offset`."""
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def compile_within(
    text: str, first: int, last: int, scope: Scope, expect: Kind
) -> tuple[Formula | None, list[FormulaProblem]]:
    """The formula between two offsets of a longer text, whose problems are placed in that text."""
    formula, problems = compile_text(text[first:last], scope, expect)
    return formula, [FormulaProblem(*_moved(text, first, each.line, each.column), each.message) for each in problems]


def _moved(text: str, first: int, line: int, column: int) -> tuple[int, int]:
    """A place counted from the character at `first`, counted from the beginning of the text."""
    above, beside = line_column(text, first)
    return (above, beside + column - 1) if line == 1 else (above + line - 1, column)


def _hinted(problem: FormulaProblem) -> FormulaProblem:
    return replace(problem, message=_WHERE_LEVEL) if problem.message.startswith(_NO_LEVEL) else problem
