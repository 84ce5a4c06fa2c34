"""Named formulas of `definitions.yaml`, which the rules of all folders may use."""

from __future__ import annotations

import json
import keyword
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from bot.problem import Problem, ProblemError
from bot.rulebook.formula_problems import MAX_FORMULA_CHARS, compile_text
from bot.signals.bars import COLUMNS
from bot.signals.formula import FUNCTIONS, Formula, Scope
from bot.yamlfile.document import Document
from bot.yamlfile.load import read_bytes, scan_yaml

MAX_PARTS = 1_000
"""Parts that a definition may have with those of others in it, so that none can grow without end."""

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_RESERVED = {*COLUMNS, *FUNCTIONS, *keyword.kwlist, "level", "all"}


@dataclass(frozen=True)
class Definitions:
    """Formulas by name, each after those that it uses, and what is wrong with the others."""

    formulas: Mapping[str, Formula] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


def read_definitions(paths: Iterable[Path], markets: frozenset[str], rules: frozenset[str]) -> Definitions:
    """The definitions of some files; a later file's replace an earlier one's of the same name."""
    texts = []
    problems: list[Problem] = []
    for path in paths:
        try:
            texts.append((str(path), read_bytes(path, str(path))))
        except ProblemError as error:
            problems += error.problems
    found = parse_definitions(texts, markets, rules)
    return Definitions(found.formulas, (*problems, *found.problems))


def parse_definitions(
    texts: Iterable[tuple[str, bytes]], markets: frozenset[str], rules: frozenset[str]
) -> Definitions:
    """The definitions in some files' bytes, by file name. A definition may use those above it."""
    formulas: dict[str, Formula] = {}
    problems: list[Problem] = []
    for file, raw in texts:
        document, wrong = scan_yaml(raw, file)
        problems += wrong
        if document is None:
            continue
        if not isinstance(document.data, dict):
            told = "not definitions; allowed: names with formulas, like `up: close > open`"
            problems.append(document.problem((), told))
            continue
        for name in document.data:
            problems += _define(document, name, formulas, Scope(markets, rules, definitions=dict(formulas)))
    return Definitions(formulas, tuple(problems))


def definitions_text(texts: Mapping[str, str]) -> str:
    """A file of definitions with these formulas, as `parse_definitions` reads it."""
    return "".join(f"{name}: {json.dumps(text)}\n" for name, text in texts.items())


def _define(document: Document, name: str, formulas: dict[str, Formula], scope: Scope) -> list[Problem]:
    """Compile one definition into `formulas`; the problems where that is not possible."""
    if not _NAME.fullmatch(name) or name in _RESERVED:
        taken = "means something else in a formula" if name in _RESERVED else "not a name"
        allowed = "allowed: small letters, digits and _, like small_cap_signal"
        return [document.problem((name,), f"{taken} (got '{name}'); {allowed}", key=True)]
    text = document.texts.get((name,))
    if text is None or not isinstance(document.data[name], str):
        return [document.problem((name,), "not a formula; allowed: one formula as text")]
    if len(text.value) > MAX_FORMULA_CHARS:
        return [document.problem((name,), f"too long; allowed: up to {MAX_FORMULA_CHARS} characters")]
    formula, problems = compile_text(text.value, scope, None)
    if formula is not None and sum(1 for _ in islice(formula.root.walk(), MAX_PARTS + 1)) > MAX_PARTS:
        return [document.problem((name,), f"too large with the definitions in it; allowed: up to {MAX_PARTS:,} parts")]
    if formula is not None:
        formulas.pop(name, None)  # so that one that replaces another stands after those that it uses
        formulas[name] = formula
    return [document.problem((name,), each.message, at=(each.line, each.column)) for each in problems]
