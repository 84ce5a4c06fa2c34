"""Builders of numbers, names, lags, operators and comparisons: from Python's syntax to typed nodes."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from bot.signals.bars import COLUMNS
from bot.signals.formula.checker import Checker, RefusedError, gathered, in_quotes, no_part, unknown, unknown_market
from bot.signals.formula.constants import lag_of
from bot.signals.formula.operators import SYMBOLS
from bot.signals.formula.refusals import LIBRARIES, METHODS, OPERATOR_REFUSALS, SYNONYMS
from bot.signals.formula.registry import FUNCTIONS
from bot.signals.formula.tree import Node, Op, Scope
from bot.signals.indicators.function import Kind

_NUMBERED = re.compile(r"([a-z]+(?:_[a-z]+)*?)_?(\d{1,4})")
"""Names such as sma200 and ema_20."""

MAX_NUMBER = 1e15
"""Size of a number that may be written in a formula; a market cap in any currency fits."""


def _number(checker: Checker, node: ast.Constant) -> Node | None:
    value = node.value
    if isinstance(value, bool) or value is None or value is Ellipsis:
        raise RefusedError(
            node, f"{in_quotes(str(value))} is not known; a condition is a comparison, as in close > open"
        )
    if isinstance(value, str | bytes):
        raise RefusedError(node, 'a text has no place here; only fired("rule-id") takes one')
    if isinstance(value, complex):
        raise RefusedError(node, "imaginary numbers are not known")
    if not abs(value) <= MAX_NUMBER:
        raise RefusedError(node, f"the number is too large; at most {MAX_NUMBER:.0e} is allowed")
    return checker.part(node, Op.NUMBER, Kind.NUMBER, f"{value:.17g}", value=float(value), clock=None)


def _name(checker: Checker, node: ast.Name) -> Node:
    name, scope = node.id, checker.scope
    if name in scope.names:
        return checker.part(
            node, Op.NAME, scope.names[name], f"name {name}", symbol=name, names_history=0, private=True
        )
    if name in COLUMNS:
        return checker.part(node, Op.SERIES, Kind.NUMBER, name, symbol=name)
    if name in scope.definitions:
        return replace(_placed(scope.definitions[name].root, *checker.written.place(node)), text=name)
    raise RefusedError(node, _why_no_name(name, scope))


def _placed(node: Node, line: int, column: int) -> Node:
    """A definition's part as if all of it stood where its name is used, so that complaints point there."""
    children = tuple(_placed(child, line, column) for child in node.children)
    return replace(node, line=line, column=column, children=children)


def _why_no_name(name: str, scope: Scope) -> str:
    if name in scope.markets:
        return f"{in_quotes(name)} is a market; name one of its series, as in {name}.close"
    if function := FUNCTIONS.get(SYNONYMS.get(name.lower(), name.lower())):
        return f"{in_quotes(name)} is a function; call it, as in {function.example}"
    if (found := _NUMBERED.fullmatch(name.lower())) and (function := FUNCTIONS.get(SYNONYMS.get(found[1], found[1]))):
        takes_series = function.parameters and function.parameters[0].type.is_series
        return f"unknown name {in_quotes(name)}; write {function.name}({'close, ' if takes_series else ''}{found[2]})"
    if name == "all":
        return "'all' is a window; it stands as a parameter, as in highest(close, all)"
    if name.lower() in {"true", "false", "none", "nan", "inf"}:
        return f"{in_quotes(name)} is not known; a condition is a comparison, as in close > open"
    return unknown("name", name, {*COLUMNS, *scope.names, *scope.markets, *scope.definitions})


def _market_series(checker: Checker, node: ast.Attribute) -> Node:
    if not isinstance(node.value, ast.Name):
        said = no_part(checker, node) or "a dot stands between a market and one of its series only, as in IWM.close"
        raise RefusedError(node, said)
    market, name = node.value.id, node.attr
    if market.lower() in LIBRARIES:
        raise RefusedError(node, _why_no_name(name, checker.scope))
    if market in COLUMNS:
        raise RefusedError(node, _why_no_member(market, name, checker.scope))
    if market not in checker.scope.markets:
        raise RefusedError(node, no_part(checker, node) or unknown_market(market, checker.scope.markets))
    if name not in COLUMNS:
        raise RefusedError(node, unknown(f"series of {in_quotes(market)}:", name, COLUMNS))
    return checker.part(node, Op.SERIES, Kind.NUMBER, f"{market}.{name}", symbol=name, clock=market)


def _why_no_member(price: str, name: str, scope: Scope) -> str:
    if name in scope.markets:
        return f"the market stands first: {name}.{price}"
    if name in METHODS:
        return f"a price has no method {in_quotes(name)}; {METHODS[name]}"
    return f"a price has no parts, so '.{name}' means nothing; an earlier bar is {price}[1]"


def _lag(checker: Checker, node: ast.Subscript) -> Node | None:
    past = checker.check(node.value)
    bars = lag_of(node.slice, checker)
    if past is None:
        return None
    if past.clock is None:
        raise RefusedError(node, f"{in_quotes(past.text)} is the same at every bar; a lag has no meaning")
    made = checker.part(node, Op.LAG, past.kind, f"{past.key}[{bars}]", value=bars, children=(past,))
    return replace(made, history=made.history + bars, names_history=made.names_history + bars)


def _unary(checker: Checker, node: ast.UnaryOp) -> Node | None:
    if isinstance(node.op, ast.Invert):
        raise RefusedError(node, OPERATOR_REFUSALS[ast.Invert])
    if isinstance(node.op, ast.Not):
        part = checker.wanted(node.operand, Kind.YES_NO, "'not'")
        return part and checker.part(node, Op.NOT, Kind.YES_NO, f"(not {part.key})", symbol="not", children=(part,))
    part = checker.wanted(node.operand, Kind.NUMBER, "the sign")
    if part is None or isinstance(node.op, ast.UAdd):
        return part
    return checker.part(node, Op.NEGATE, Kind.NUMBER, f"(-{part.key})", symbol="-", children=(part,))


def _arithmetic(checker: Checker, node: ast.BinOp) -> Node | None:
    symbol = SYMBOLS.get(type(node.op))
    if symbol is None:
        raise RefusedError(node, OPERATOR_REFUSALS[type(node.op)])
    left = checker.wanted(node.left, Kind.NUMBER, f"'{symbol}'")
    right = checker.wanted(node.right, Kind.NUMBER, f"'{symbol}'")
    if left is None or right is None:
        return None
    key = f"({left.key} {symbol} {right.key})"
    return checker.part(node, Op.ARITHMETIC, Kind.NUMBER, key, symbol=symbol, children=(left, right))


def _comparison(checker: Checker, node: ast.Compare) -> Node | None:
    symbols = [SYMBOLS.get(type(op)) for op in node.ops]
    for op, symbol in zip(node.ops, symbols, strict=True):
        if symbol is None:
            raise RefusedError(node, OPERATOR_REFUSALS[type(op)])
    wanting = f"'{next((symbol for symbol in symbols if symbol), '==')}'"
    parts = [checker.wanted(side, Kind.NUMBER, wanting) for side in (node.left, *node.comparators)]
    steps = []
    for left, symbol, right in zip(parts, symbols, parts[1:], strict=False):
        if left is None or right is None or symbol is None:
            return None
        steps.append(_compared(left, symbol, right))
    if len(steps) == 1:
        return replace(steps[0], text=checker.written.text(node))
    return _joined(checker, node, Op.AND, steps)


def _compared(left: Node, symbol: str, right: Node) -> Node:
    key, text = f"({left.key} {symbol} {right.key})", f"{left.text} {symbol} {right.text}"
    children = (left, right)
    return gathered(Node(Op.COMPARE, Kind.YES_NO, key, text, left.line, left.column, symbol=symbol, children=children))


def _logic(checker: Checker, node: ast.BoolOp) -> Node | None:
    op = Op.AND if isinstance(node.op, ast.And) else Op.OR
    parts = [checker.wanted(value, Kind.YES_NO, f"'{op}'") for value in node.values]
    known = [part for part in parts if part is not None]
    return _joined(checker, node, op, known) if len(known) == len(parts) else None


def _joined(checker: Checker, node: ast.expr, op: Op, parts: list[Node]) -> Node:
    key = "(" + f" {op} ".join(part.key for part in parts) + ")"
    return checker.part(node, op, Kind.YES_NO, key, symbol=str(op), children=tuple(parts))


BUILDERS: dict[type[ast.expr], Callable[[Checker, Any], Node | None]] = {
    ast.Constant: _number,
    ast.Name: _name,
    ast.Attribute: _market_series,
    ast.Subscript: _lag,
    ast.UnaryOp: _unary,
    ast.BinOp: _arithmetic,
    ast.Compare: _comparison,
    ast.BoolOp: _logic,
}
