"""Constants of a formula: numbers, windows, lags and rule ids that are written down."""

from __future__ import annotations

import ast

from bot.signals.formula.checker import Checker, RefusedError, in_quotes, unknown
from bot.signals.indicators.function import MAX_LOOK_BACK_BARS, Constant, Parameter, ParameterType
from bot.signals.indicators.to_date import PERIODS


def number_of(node: ast.expr) -> int | float | None:
    """A number that is written down, with its sign; None for anything else."""
    sign = 1
    while isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        sign, node = (-sign if isinstance(node.op, ast.USub) else sign), node.operand
    value = node.value if isinstance(node, ast.Constant) else None
    return sign * value if isinstance(value, int | float) and not isinstance(value, bool) else None


def lag_of(node: ast.expr, checker: Checker) -> int:
    """How many bars a lag looks back. Raises RefusedError for anything but a whole number of bars in the past."""
    if isinstance(node, ast.Slice | ast.Tuple):
        raise RefusedError(node, "a lag is one number of bars, as in close[1]")
    value, text = number_of(node), checker.written.text(node)[:20]
    if value is None:
        raise RefusedError(node, f"a lag is a number written down, as in close[1] (got {in_quotes(text)})")
    if value < 0:
        raise RefusedError(node, f"a lag of {text} looks into the future; lags are 0 or more")
    if value > MAX_LOOK_BACK_BARS:
        raise RefusedError(node, f"a lag reaches back {MAX_LOOK_BACK_BARS:,} bars at most (got {text})")
    if value != int(value):
        raise RefusedError(node, f"a lag is a whole number of bars (got {text})")
    return int(value)


def constant_of(node: ast.expr, parameter: Parameter, function: str, checker: Checker) -> Constant:
    """What is given for a parameter that is written down once; None for the window `all`. Raises RefusedError."""
    if parameter.type is ParameterType.RULE:
        return _rule(node, checker)
    if parameter.type is ParameterType.MARKET:
        return _market(node, function, checker)
    if parameter.type is ParameterType.PERIOD:
        return _period(node, function, checker)
    of, text = f"'{parameter.name}' of {function}", checker.written.text(node)
    if isinstance(node, ast.Name) and node.id == "all":
        if parameter.type is ParameterType.WINDOW:
            return None
        raise RefusedError(node, f"{of} can't be all; {_allowed(parameter)}")
    number = number_of(node)
    if number is None:
        raise RefusedError(node, f"{of} is a number written down (got {in_quotes(text)}); {_allowed(parameter)}")
    whole = parameter.type is not ParameterType.AMOUNT
    if not parameter.low <= number <= parameter.high or (whole and number != int(number)):
        raise RefusedError(node, f"{of} is out of range (got {text[:20]}); {_allowed(parameter)}")
    return int(number) if whole else float(number)


def _allowed(parameter: Parameter) -> str:
    what = "numbers" if parameter.type is ParameterType.AMOUNT else "whole numbers"
    more = ", or all" if parameter.type is ParameterType.WINDOW else ""
    return f"allowed: {what} {parameter.low:,} to {parameter.high:,}{more}"


def _rule(node: ast.expr, checker: Checker) -> str:
    if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
        raise RefusedError(node, 'fired takes the id of a rule in quotes, as in fired("iwm-resistance-break")')
    if node.value not in checker.scope.rules:
        raise RefusedError(node, unknown("rule", node.value, checker.scope.rules))
    return node.value


def _period(node: ast.expr, function: str, checker: Checker) -> str:
    quoted = node.value if isinstance(node, ast.Constant) else None
    name = node.id if isinstance(node, ast.Name) else quoted
    if not isinstance(name, str) or name not in PERIODS:
        got = in_quotes(checker.written.text(node)[:20])
        raise RefusedError(node, f"the period of {function} is a word (got {got}); allowed: {', '.join(PERIODS)}")
    return name


def _market(node: ast.expr, function: str, checker: Checker) -> str:
    name = node.value.id if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) else None
    if name in checker.scope.markets:
        raise RefusedError(node, f"{function} takes a market, not a series of it; write {function}({name}, …)")
    if not isinstance(node, ast.Name):
        raise RefusedError(node, f"{function} takes the name of a market without quotes, as in {function}(BTC, 90)")
    if node.id not in checker.scope.markets:
        raise RefusedError(node, unknown("market", node.id, checker.scope.markets))
    return node.id
