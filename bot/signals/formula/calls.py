"""Does a call name a function, and do its parameters fit?"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field, replace

from bot.signals.formula.checker import Checker, gathered, shown
from bot.signals.formula.operators import number_of
from bot.signals.formula.tree import OWN, Node, Op
from bot.signals.function import Constant, Function, Kind, Parameter, Source, Takes
from bot.signals.registry import FUNCTIONS
from bot.signals.windows import ENOUGH


@dataclass(slots=True)
class _Given:
    """What a call gives to a function: series by order, constants by name."""

    series: list[Node] = field(default_factory=list)
    constants: dict[str, Constant] = field(default_factory=dict)
    broken: bool = False


def build_call(checker: Checker, node: ast.Call) -> Node | None:
    """The part that a call means."""
    function = _function(checker, node)
    if function is None:
        for value in (*node.args, *(keyword.value for keyword in node.keywords)):
            if not isinstance(value, ast.Starred) and not _is_window_or_text(value):
                checker.check(value)
        return None
    given = _Given()
    for parameter, expression in _assigned(checker, node, function, given):
        _take(checker, node, function, parameter, expression, given)
    return None if given.broken else _called(checker, node, function, given)


def _is_window_or_text(value: ast.expr) -> bool:
    return (isinstance(value, ast.Name) and value.id == "all") or isinstance(value, ast.Constant)


def _function(checker: Checker, node: ast.Call) -> Function | None:
    if isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name):
        name, market = node.func.attr, node.func.value.id
        return checker.refuse(
            node.func,
            f"a function stands before its brackets alone; write {name}({market}.close, …), not {market}.{name}(…)",
        )
    if not isinstance(node.func, ast.Name):
        return checker.refuse(node.func, "only functions can be called, as in sma(close, 20)")
    name = node.func.id
    if name in FUNCTIONS:
        return FUNCTIONS[name]
    if (
        name in checker.scope.names
        or name in checker.scope.markets
        or name in {"open", "high", "low", "close", "volume"}
    ):
        return checker.refuse(
            node.func, f"{shown(name)} is no function; a lag stands in square brackets, as in close[1]"
        )
    return checker.unknown(node.func, "function", name, FUNCTIONS)


def _assigned(
    checker: Checker, node: ast.Call, function: Function, given: _Given
) -> list[tuple[Parameter, ast.expr | None]]:
    """Each parameter with what is given for it, None for its default."""
    by_order = list(function.parameters)
    if function.variadic:
        by_order += [function.parameters[-1]] * max(0, len(node.args) - len(by_order))
    values: list[tuple[Parameter, ast.expr | None]] = list(zip(by_order, node.args, strict=False))
    if len(node.args) > len(by_order):
        given.broken = True
        checker.refuse(node.args[len(by_order)], f"too many parameters; allowed: {function.signature}")
    named = _named(checker, node, function, {parameter.name for parameter, _ in values}, given)
    for parameter in function.parameters[len(node.args) :]:
        if parameter.required and parameter.name not in named:
            given.broken = True
            checker.refuse(
                node, f"{function.name} needs '{parameter.name}', {parameter.help}; allowed: {function.signature}"
            )
        else:
            values.append((parameter, named.get(parameter.name)))
    return values


def _named(checker: Checker, node: ast.Call, function: Function, taken: set[str], given: _Given) -> dict[str, ast.expr]:
    names = [parameter.name for parameter in function.parameters]
    found: dict[str, ast.expr] = {}
    for keyword in node.keywords:
        problem = None
        if keyword.arg is None:
            problem = "'**' before a parameter is not known; write the parameters one by one"
        elif keyword.arg not in names:
            checker.unknown(keyword, f"parameter of {function.name}:", keyword.arg, names)
            given.broken = True
            continue
        elif keyword.arg in taken or keyword.arg in found:
            problem = f"'{keyword.arg}' is given twice"
        if problem:
            given.broken = True
            checker.refuse(keyword, problem)
        elif keyword.arg is not None:
            found[keyword.arg] = keyword.value
    return found


def _take(
    checker: Checker, call: ast.Call, function: Function, parameter: Parameter, value: ast.expr | None, given: _Given
) -> None:
    if parameter.takes.is_series:
        part = _series(checker, call, function, parameter, value)
        given.broken |= part is None
        if part is not None:
            given.series.append(part)
        return
    fits, constant = (True, parameter.default) if value is None else _constant(checker, function, parameter, value)
    given.broken |= not fits
    assert constant is None or isinstance(constant, int | float | str)
    given.constants[parameter.name] = constant


def _series(
    checker: Checker, call: ast.Call, function: Function, parameter: Parameter, value: ast.expr | None
) -> Node | None:
    if value is None:
        name = str(parameter.default)
        line, column = checker.written.place(call)
        return Node(Op.SERIES, Kind.NUMBER, name, name, line, column, symbol=name)
    kind = Kind.NUMBER if parameter.takes is Takes.NUMBER else Kind.YES_NO
    wanting = f"'{parameter.name}' of {function.name}"
    if isinstance(value, ast.Starred):
        return checker.check(value)
    part = checker.wanted(value, kind, wanting)
    if part is not None and part.clock is None and parameter is function.parameters[0] and not function.variadic:
        example = f"{function.name}(close, {part.text})" if len(call.args) == 1 else function.example
        return checker.refuse(value, f"{wanting} needs a series, but {shown(part.text)} is one number; write {example}")
    return part


def _constant(checker: Checker, function: Function, parameter: Parameter, value: ast.expr) -> tuple[bool, Constant]:
    if parameter.takes is Takes.RULE:
        return _rule(checker, value)
    if isinstance(value, ast.Name) and value.id == "all":
        if parameter.takes is Takes.WINDOW:
            return True, None
        checker.refuse(value, f"'{parameter.name}' of {function.name} can't be all; {_allowed(parameter)}")
        return False, None
    number = number_of(value)
    whole = parameter.takes is not Takes.AMOUNT
    if number is None:
        got = shown(checker.written.text(value))
        checker.refuse(
            value,
            f"'{parameter.name}' of {function.name} is written down as a number (got {got}); {_allowed(parameter)}",
        )
        return False, None
    if not parameter.low <= number <= parameter.high or (whole and number != int(number)):
        got = checker.written.text(value)[:20]
        checker.refuse(
            value, f"'{parameter.name}' of {function.name} is out of range (got {got}); {_allowed(parameter)}"
        )
        return False, None
    return True, int(number) if whole else float(number)


def _allowed(parameter: Parameter) -> str:
    what = "numbers" if parameter.takes is Takes.AMOUNT else "whole numbers"
    more = ", or all" if parameter.takes is Takes.WINDOW else ""
    return f"allowed: {what} {parameter.low:,} to {parameter.high:,}{more}"


def _rule(checker: Checker, value: ast.expr) -> tuple[bool, Constant]:
    if not isinstance(value, ast.Constant) or not isinstance(value.value, str):
        checker.refuse(value, 'fired takes the id of a rule in quotes, as in fired("iwm-resistance-break")')
        return False, None
    if value.value not in checker.scope.rules:
        checker.unknown(value, "rule", value.value, checker.scope.rules)
        return False, None
    return True, value.value


def _called(checker: Checker, node: ast.Call, function: Function, given: _Given) -> Node:
    line, column = checker.written.place(node)
    inside = [part.key for part in given.series] + [f"{name}={value!r}" for name, value in given.constants.items()]
    made = gathered(
        Node(
            Op.CALL,
            function.kind,
            f"{function.name}({', '.join(inside)})",
            checker.written.text(node),
            line,
            column,
            symbol=function.name,
            children=tuple(given.series),
            constants=given.constants,
            function=function,
        )
    )
    back = function.history(given.constants)
    return replace(
        made,
        clock=made.clock if function.source is Source.NOTHING else OWN,
        history=made.history + (ENOUGH - 1 if back is None else back),
        whole=made.whole or back is None,
        private=made.private or function.source is Source.FIRINGS,
        pinnable=made.pinnable or function.source is Source.LEVELS,
    )
