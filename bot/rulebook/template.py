"""Headline templates: a line with formulas in braces, and their values put in."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from bot.rulebook.formula_problems import compile_within, line_column
from bot.signals.formula import Formula, FormulaError, FormulaProblem, Kind, Scope

MAX_HEADLINE_CHARS = 300
"""Characters of a template in a file."""

UNKNOWN = "–"
PLAIN_FORMAT = ",.2f"
"""How a value reads whose braces name no format."""

_FORMAT = re.compile(r"([+ ]?)(,?(?:\.[0-9])?[f%g])")
_SPACE_OF_PERCENT = "\u00a0"


class Field(NamedTuple):
    """One formula in braces, and how its value is written."""

    formula: Formula
    format: str

    def written(self, value: float) -> str:
        """The value in the house's typography: a real minus, no negative zero, a no-break space before %."""
        if not math.isfinite(value):
            return UNKNOWN
        return format(value, self.format).replace("-", "−").replace("%", f"{_SPACE_OF_PERCENT}%")


class Template(NamedTuple):
    """A line with formulas in braces."""

    text: str
    pieces: tuple[str | Field, ...]

    @property
    def formulas(self) -> tuple[Formula, ...]:
        """The formulas whose values `render` asks for."""
        return tuple(piece.formula for piece in self.pieces if isinstance(piece, Field))

    def render(self, values: Callable[[Formula], float]) -> str:
        """The line; a value that is unknown (NaN) reads as a dash."""
        return "".join(p if isinstance(p, str) else p.written(values(p.formula)) for p in self.pieces)


def compile_template(text: str, scope: Scope) -> Template:
    """The template that `text` spells: formulas of numbers in braces, `{{` and `}}` for braces themselves.

    A format follows a colon, as in `{close / level - 1:+.1%}`. Raises FormulaError with all problems.
    """
    pieces: list[str | Field] = []
    problems: list[FormulaProblem] = []
    for piece in _pieces(text):
        if isinstance(piece, str):
            pieces.append(piece)
        elif isinstance(piece, FormulaProblem):
            problems.append(piece)
        else:
            field, wrong = _field(text, *piece, scope)
            pieces += [field] if field else []
            problems += wrong
    if problems:
        raise FormulaError(tuple(problems))
    return Template(text, tuple(pieces))


def _pieces(text: str) -> Iterator[str | tuple[int, int] | FormulaProblem]:
    """Plain texts, spans of what stands between braces, and braces that are out of place."""
    at = 0
    while at < len(text):
        if text[at : at + 2] in ("{{", "}}"):
            yield text[at]
            at += 2
        elif text[at] == "{":
            end = _end_of_field(text, at + 1)
            if end is None:
                yield FormulaProblem(
                    *line_column(text, at), "a brace that is never closed; write {{ for a brace itself"
                )
                return
            yield at + 1, end
            at = end + 1
        elif text[at] == "}":
            yield FormulaProblem(*line_column(text, at), "a brace that was never opened; write }} for a brace itself")
            at += 1
        else:
            end = next((i for i in range(at, len(text)) if text[i] in "{}"), len(text))
            yield text[at:end]
            at = end


def _end_of_field(text: str, at: int) -> int | None:
    """Position of the brace that closes the field which begins at `at`; quoted braces do not count."""
    return next((i for i in _unquoted(text, at, len(text)) if text[i] == "}"), None)


def _field(text: str, first: int, last: int, scope: Scope) -> tuple[Field | None, list[FormulaProblem]]:
    colon = _colon(text, first, last)
    spec = text[colon + 1 : last] if colon < last else PLAIN_FORMAT
    formula, problems = _formula(text, first, colon, scope)
    found = _FORMAT.fullmatch(spec)
    if not found:
        message = f"unknown format (got '{spec}'); allowed: like .2f, ,.0f, +.1%"
        return None, [*problems, FormulaProblem(*line_column(text, colon + 1), message)]
    return (Field(formula, f"{found[1]}z{found[2]}") if formula else None), problems


def _formula(text: str, first: int, last: int, scope: Scope) -> tuple[Formula | None, list[FormulaProblem]]:
    if not text[first:last].strip():
        return None, [FormulaProblem(*line_column(text, first), "no formula between the braces")]
    return compile_within(text, first, last, scope, Kind.NUMBER)


def _colon(text: str, first: int, last: int) -> int:
    """Position of the colon before the format, outside of brackets and quotes; `last` where there is none."""
    depth = 0
    for i in _unquoted(text, first, last):
        depth += (text[i] in "([") - (text[i] in ")]")
        if text[i] == ":" and depth <= 0:
            return i
    return last


def _unquoted(text: str, first: int, last: int) -> Iterator[int]:
    """Positions of the characters outside of quotes."""
    quote = ""
    for i in range(first, last):
        if quote:
            quote = "" if text[i] == quote else quote
        elif text[i] in "\"'":
            quote = text[i]
        else:
            yield i
