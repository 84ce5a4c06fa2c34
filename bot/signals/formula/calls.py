"""Builder of function calls: the name, the parameters in order and by name, and what the call depends on."""

from __future__ import annotations

import ast
from dataclasses import replace
from math import inf

from bot.signals.bars import COLUMNS
from bot.signals.formula.checker import Checker, RefusedError, gathered, in_quotes, no_part, unknown
from bot.signals.formula.constants import constant_of
from bot.signals.formula.refusals import LIBRARIES, METHODS, SYNONYMS
from bot.signals.formula.registry import FUNCTIONS
from bot.signals.formula.tree import OWN, Node, Op
from bot.signals.indicators.function import Constant, Function, InputSeries, Kind, Parameter, ParameterType

Assigned = list[tuple[Parameter, ast.expr | None]]


def build_call(checker: Checker, node: ast.Call) -> Node | None:
    """The part that a call means."""
    before = len(checker.problems)
    function = _function(checker, node)
    if function is None:
        _check_inside(checker, node)
        return None
    series: list[Node | None] = []
    constants: dict[str, Constant] = {}
    for parameter, value in _assigned(checker, node, function):
        if parameter.type.is_series:
            series.append(_series(checker, node, function, parameter, value))
        else:
            constants[parameter.name] = _constant(checker, function, parameter, value)
    parts = [part for part in series if part is not None]
    return None if len(checker.problems) > before else _called(checker, node, function, parts, constants)


def _function(checker: Checker, node: ast.Call) -> Function | None:
    try:
        return _named_function(checker, node)
    except RefusedError as refused:
        checker.note(refused)
        return None


def _named_function(checker: Checker, node: ast.Call) -> Function:
    called = node.func
    if isinstance(called, ast.Attribute) and (method := _method(called)):
        raise RefusedError(called, method)
    if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name):
        raise RefusedError(called, _dotted(called.value.id, called.attr))
    if isinstance(called, ast.Attribute) and (said := no_part(checker, called)):
        raise RefusedError(called, said)
    if not isinstance(called, ast.Name):
        raise RefusedError(called, "only functions can be called, as in sma(close, 20)")
    name = called.id
    if name in FUNCTIONS:
        return FUNCTIONS[name]
    if name in {*COLUMNS, *checker.scope.names, *checker.scope.markets, *checker.scope.definitions}:
        raise RefusedError(called, f"{in_quotes(name)} is no function; a lag stands in square brackets, as in close[1]")
    raise RefusedError(called, _without_series(node, name) or unknown("function", name, FUNCTIONS))


def _without_series(node: ast.Call, name: str) -> str:
    """What is said of another language's name that was given a window alone: returns(60); "" of anything else."""
    function = FUNCTIONS.get(SYNONYMS.get(name.lower(), ""))
    window = node.args[0].value if len(node.args) == 1 and isinstance(node.args[0], ast.Constant) else None
    if not function or not isinstance(window, int) or node.keywords:
        return ""
    if len(function.parameters) != 2 or function.parameters[0].type is not ParameterType.NUMBER:
        return ""
    return f"unknown function {in_quotes(name)}; write {function.name}(close, {window})"


def _method(called: ast.Attribute) -> str:
    """What is said of a method, as pandas has them, of a price or of what another method gave; "" of anything else."""
    of_market = isinstance(called.value, ast.Name) and called.value.id not in COLUMNS
    recipe = METHODS.get(called.attr)
    if recipe is None or of_market:
        return ""
    return f"a price has no method {in_quotes(called.attr)}; {recipe}"


def _dotted(market: str, name: str) -> str:
    function = FUNCTIONS.get(name.lower())
    name = function.name if function else name
    if market.lower() in LIBRARIES:
        return f"functions stand alone; write {name}(…)" if function else unknown("function", name, FUNCTIONS)
    if function and market in COLUMNS:
        return f"functions stand alone, as in {function.example}"
    if function and function.parameters and function.parameters[0].type is ParameterType.NUMBER:
        return f"functions take another market's series as a parameter; write {name}({market}.close, …)"
    if function:
        return f"{name} looks at the rule's own market only"
    if name in COLUMNS:
        return f"{in_quotes(name)} is no function; a lag stands in square brackets, as in {market}.{name}[1]"
    series = market if market in COLUMNS else f"{market}.close"
    return f"there is no function {in_quotes(f'{market}.{name}')}; functions stand alone, as in sma({series}, 20)"


def _check_inside(checker: Checker, node: ast.Call) -> None:
    """Look for problems in what an unknown function was given."""
    for value in (*node.args, *(keyword.value for keyword in node.keywords)):
        window = isinstance(value, ast.Name) and value.id == "all"
        if not window and not isinstance(value, ast.Constant | ast.Starred):
            checker.check(value)


def _assigned(checker: Checker, node: ast.Call, function: Function) -> Assigned:
    """Each parameter with what is given for it, None for its default; those that lack are left out."""
    by_order = list(function.parameters)
    if function.variadic:
        by_order += [by_order[-1]] * max(0, len(node.args) - len(by_order))
    if len(node.args) > len(by_order):
        checker.note(RefusedError(node.args[len(by_order)], f"too many parameters; allowed: {function.signature}"))
    assigned: Assigned = list(zip(by_order, node.args, strict=False))
    before = len(checker.problems)
    by_name = _by_name(checker, node, function, {parameter.name for parameter, _ in assigned})
    misnamed = len(checker.problems) > before
    for parameter in function.parameters[len(node.args) :]:
        if not parameter.required or parameter.name in by_name:
            assigned.append((parameter, by_name.get(parameter.name)))
        elif not misnamed:
            lacking = f"{function.name} needs '{parameter.name}', {parameter.help}; allowed: {function.signature}"
            checker.note(RefusedError(node, lacking))
    return assigned


def _by_name(checker: Checker, node: ast.Call, function: Function, taken: set[str]) -> dict[str, ast.expr]:
    names = [parameter.name for parameter in function.parameters]
    found: dict[str, ast.expr] = {}
    for keyword in node.keywords:
        name = keyword.arg
        if name is None:
            message = "'**' before a parameter is not known; write the parameters one by one"
        elif name not in names:
            message = unknown(f"parameter of {function.name}:", name, names)
        elif name in taken or name in found:
            message = f"'{name}' is given twice"
        else:
            found[name] = keyword.value
            continue
        checker.note(RefusedError(keyword, message))
    return found


def _series(
    checker: Checker, call: ast.Call, function: Function, parameter: Parameter, value: ast.expr | None
) -> Node | None:
    if value is None:
        name = str(parameter.default)
        return Node(Op.SERIES, Kind.NUMBER, name, name, *checker.written.place(call), symbol=name)
    kind = Kind.NUMBER if parameter.type is ParameterType.NUMBER else Kind.YES_NO
    wanting = f"'{parameter.name}' of {function.name}"
    if isinstance(value, ast.Starred):
        return checker.check(value)
    part = checker.wanted(value, kind, wanting)
    looks_back = len(function.parameters) > 1 and not function.variadic
    if part is not None and part.clock is None and looks_back and parameter is function.parameters[0]:
        example = f"{function.name}(close, {part.text})" if len(call.args) == 1 else function.example
        checker.note(
            RefusedError(value, f"{wanting} needs a series, but {in_quotes(part.text)} never changes; write {example}")
        )
    return part


def _constant(checker: Checker, function: Function, parameter: Parameter, value: ast.expr | None) -> Constant:
    if value is None:
        assert parameter.default is None or isinstance(parameter.default, int | float | str)
        return parameter.default
    try:
        return constant_of(value, parameter, function.name, checker)
    except RefusedError as refused:
        checker.note(refused)
        return None


def _called(
    checker: Checker, node: ast.Call, function: Function, series: list[Node], constants: dict[str, Constant]
) -> Node:
    inside = [part.key for part in series] + [f"{name}={value!r}" for name, value in constants.items()]
    made = gathered(
        Node(
            Op.CALL,
            function.kind,
            f"{function.name}({', '.join(inside)})",
            checker.written.text(node),
            *checker.written.place(node),
            symbol=function.name,
            children=tuple(series),
            constants=constants,
            function=function,
        )
    )
    private = made.private or function.input is InputSeries.FIRINGS
    back = function.history(constants)
    further = back if back is not None and function.input is InputSeries.NOTHING else inf
    return replace(
        made,
        clock=made.clock if function.input in {InputSeries.NOTHING, InputSeries.DATES} else OWN,
        history=made.history + back if back is not None else inf if private else 0,
        names_history=made.names_history + further if made.names_history >= 0 else made.names_history,
        private=private,
        pinnable=made.pinnable or function.input is InputSeries.LEVELS,
    )
