"""The checker: syntax in, typed nodes out, and every problem on the way."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bot.signals.formula.refusals import METHODS, RECIPES, REFUSALS, SYNONYMS
from bot.signals.formula.registry import FUNCTIONS
from bot.signals.formula.syntax import MAX_PROBLEMS, Written
from bot.signals.formula.tree import OWN, FormulaProblem, Node, Op, Scope
from bot.signals.indicators.function import Kind
from bot.suggest import nearest


class RefusedError(Exception):
    """A part of a formula that means nothing; raised while it is built, caught where the checker looks at it."""

    def __init__(self, node: ast.expr | ast.keyword, message: str) -> None:
        super().__init__(message)
        self.node = node
        self.message = message


@dataclass(slots=True)
class Checker:
    """Turns syntax into typed parts, and collects every problem on the way; a part with a problem is None."""

    written: Written
    scope: Scope
    builders: Mapping[type[ast.expr], Callable[[Checker, Any], Node | None]]
    problems: list[FormulaProblem] = field(default_factory=list)

    def check(self, node: ast.expr) -> Node | None:
        """The part that `node` means; None where a problem was found in it."""
        if len(self.problems) >= MAX_PROBLEMS:
            return None
        try:
            return self.builders.get(type(node), _refuse)(self, node)
        except RefusedError as refused:
            self.note(refused)
            return None

    def note(self, refused: RefusedError) -> None:
        """Keep a problem."""
        self.problems.append(FormulaProblem(*self.written.place(refused.node), refused.message))

    def wanted(self, node: ast.expr, kind: Kind, wanting: str) -> Node | None:
        """The part that `node` means; None where a problem was found in it. Raises RefusedError for another kind.

        `wanting` begins the complaint.
        """
        part = self.check(node)
        if part is None or part.kind is kind:
            return part
        is_, needs = ("a number", "yes or no") if kind is Kind.YES_NO else ("yes or no", "a number")
        hint = "; compare it with something, as in x > 0" if kind is Kind.YES_NO else ""
        raise RefusedError(node, f"{wanting} needs {needs}, but {in_quotes(part.text)} is {is_}{hint}")

    def part(self, node: ast.expr, op: Op, kind: Kind, key: str, **more: object) -> Node:
        """A new part at the place of `node`, with its needs gathered from its children."""
        line, column = self.written.place(node)
        made = Node(op, kind, key, self.written.text(node), line, column, **more)  # type: ignore[arg-type]
        return gathered(made)


def _refuse(_: Checker, node: ast.expr) -> Node | None:
    raise RefusedError(node, REFUSALS.get(type(node), "this is not known in a formula"))


def gathered(node: Node) -> Node:
    """A part that needs what its children need; one other market alone lends it its clock."""
    if not node.children:
        return node
    clocks = {child.clock for child in node.children} - {None}
    return replace(
        node,
        clock=clocks.pop() if len(clocks) == 1 else OWN if clocks else None,
        history=max(child.history for child in node.children),
        names_history=max(child.names_history for child in node.children),
        private=any(child.private for child in node.children),
        pinnable=any(child.pinnable for child in node.children),
    )


def in_quotes(text: str) -> str:
    """A piece of the text in quotes, not too long to read."""
    return f"'{text}'" if len(text) <= 60 else f"'{text[:57]}…'"


def unknown(what: str, name: str, known: Iterable[str]) -> str:
    """What is said of a name that means nothing, with the one that was probably meant."""
    return f"unknown {what} {in_quotes(name)}{suggestion(name, known)}"


def unknown_market(name: str, markets: Iterable[str]) -> str:
    """What is said of a market that the config does not have. A name in capitals is meant for one, ALL and GAP too."""
    choices = sorted(markets)
    if not name.isupper():
        hint = suggestion(name, choices)
    elif near := nearest(name, choices):
        hint = f"; did you mean '{near[0]}'?"
    else:
        hint = f"; known: {', '.join(choices)}" if 0 < len(choices) <= 12 else ""
    return f"unknown market {in_quotes(name)}{hint or '; the config names the markets'}"


def suggestion(name: str, known: Iterable[str]) -> str:
    """'; did you mean …?' or the choices, where there are few."""
    choices = sorted(known)
    synonym = SYNONYMS.get(name.lower())
    if synonym in choices:
        return f"; did you mean '{synonym}'?"
    if recipe := RECIPES.get(synonym or name.lower()):
        return f"; {recipe}"
    if close := nearest(name, choices):
        return f"; did you mean '{close[0]}'?"
    return f"; known: {', '.join(choices)}" if 0 < len(choices) <= 12 else ""


def no_part(checker: Checker, node: ast.Attribute) -> str:
    """What is said of a part of what a function gives, as others have several: bollinger(20, 2).upper. "" elsewhere."""
    value, part = node.value, node.attr
    called = value.func if isinstance(value, ast.Call) else value
    if isinstance(called, ast.Name):
        function = called.id
    elif isinstance(called, ast.Attribute) and called is not value:
        function = called.attr
    else:
        return ""
    name = SYNONYMS.get(function.lower(), function.lower())
    both = f"{name}_{part.lower()}"
    known = FUNCTIONS.get(SYNONYMS.get(both, both)) or FUNCTIONS.get(name)
    if called is not value and part in METHODS:
        return f"a price has no method {in_quotes(part)}; {METHODS[part]}"
    if meant := RECIPES.get(both) or (known and f"a function has one value, as in {known.example}"):
        return f"{in_quotes(checker.written.text(node))} is not known; {meant}"
    return unknown("function", function, FUNCTIONS) if called is not value else ""
