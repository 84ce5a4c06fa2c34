"""Evaluation of a formula at every bar of a frame."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce

import numpy as np

from bot.cancellation import end_if_cancelled
from bot.signals.asof import STALE_AFTER_SECONDS, as_of
from bot.signals.bars import Bars, FloatArray
from bot.signals.formula.frame import Frame
from bot.signals.formula.operators import compare, operate
from bot.signals.formula.tree import OWN, Formula, Node, Op
from bot.signals.indicators import kleene
from bot.signals.indicators.function import InputSeries, ParameterType
from bot.signals.indicators.smoothing import lagged


def evaluate(formula: Formula, frame: Frame) -> FloatArray:
    """The formula's value at each bar of the frame: a number, or 1 yes and 0 no; NaN is unknown. Read-only."""
    return value_on(formula.root, frame, OWN)


@np.errstate(all="ignore")
def value_on(node: Node, frame: Frame, clock: str) -> FloatArray:
    """A part's value at each bar of the market whose clock is given: the part's own, or the rule's."""
    return _whole(node, frame, clock)


def clock_of(node: Node, frame: Frame) -> str:
    """The clock that a part runs on in this frame; the rule's own market may be named like any other."""
    return OWN if node.clock is None or node.clock == frame.bars.market else node.clock


def bars_of_clock(frame: Frame, clock: str) -> Bars:
    """The bars of a clock; none where the frame lacks that market."""
    if clock == OWN:
        return frame.bars
    return frame.others.get(clock) or Bars.empty(clock, frame.bars.timeframe)


def _value(node: Node, frame: Frame, clock: str) -> FloatArray:
    if node.op is Op.NUMBER:
        return np.asarray(node.value)
    cache = frame.own if node.private or (node.pinnable and frame.pinned) else frame.shared
    known = cache.get((clock, node.key))
    if known is not None:
        return known
    end_if_cancelled()
    source = clock_of(node, frame)
    if source not in {clock, OWN}:
        found = _joined(_value(node, frame, source), bars_of_clock(frame, source), bars_of_clock(frame, clock))
    elif frame.past and node.unbounded:
        whole = _whole(node, frame.past, clock)
        found = whole[len(whole) - len(bars_of_clock(frame, clock)) :]
    else:
        found = np.asarray(_EVALUATORS[node.op](node, frame, clock))
        found = _finite(found, node, frame, clock) if node.op in _LIMITLESS else found.view()
    found.flags.writeable = False
    cache[clock, node.key] = found
    return found


def _joined(values: FloatArray, source: Bars, onto: Bars) -> FloatArray:
    return as_of(onto.end, source.end, _at_each(source, values), source.valid_for or STALE_AFTER_SECONDS)


def _finite(values: FloatArray, node: Node, frame: Frame, clock: str) -> FloatArray:
    """A result without infinities, but for those that say that no level is left: known, and farther than any price."""
    if _finds_levels(node) or not np.count_nonzero(infinite := np.isinf(values)):
        return values.view()
    if node.op in {Op.ARITHMETIC, Op.NEGATE, Op.CALL}:
        for child in node.children:
            infinite = infinite & ~np.isinf(_value(child, frame, clock))
    return np.where(infinite, np.nan, values)


def _finds_levels(node: Node) -> bool:
    return node.function is not None and node.function.input is InputSeries.LEVELS


def _series(node: Node, frame: Frame, clock: str) -> FloatArray:
    values: FloatArray = getattr(bars_of_clock(frame, clock), node.symbol)
    return values


def _name(node: Node, frame: Frame, _: str) -> FloatArray:
    return frame.names.get(node.symbol, np.asarray(np.nan))


def _lag(node: Node, frame: Frame, clock: str) -> FloatArray:
    return lagged(_whole(node.children[0], frame, clock), int(node.value))


def _not(node: Node, frame: Frame, clock: str) -> FloatArray:
    return 1.0 - _value(node.children[0], frame, clock)


def _arithmetic(node: Node, frame: Frame, clock: str) -> FloatArray:
    result: FloatArray = operate(node.symbol, *(_value(child, frame, clock) for child in node.children))
    return result


def _compare(node: Node, frame: Frame, clock: str) -> FloatArray:
    result: FloatArray = compare(node.symbol, *(_value(child, frame, clock) for child in node.children))
    return result


def _and(node: Node, frame: Frame, clock: str) -> FloatArray:
    return reduce(kleene.kleene_and, (_value(child, frame, clock) for child in node.children))


def _or(node: Node, frame: Frame, clock: str) -> FloatArray:
    return reduce(kleene.kleene_or, (_value(child, frame, clock) for child in node.children))


def _whole(node: Node, frame: Frame, clock: str) -> FloatArray:
    return _at_each(bars_of_clock(frame, clock), _value(node, frame, clock))


def _at_each(bars: Bars, values: FloatArray) -> FloatArray:
    return values if values.ndim else np.broadcast_to(values, len(bars))


def _call(node: Node, frame: Frame, clock: str) -> FloatArray:
    function = node.function
    assert function is not None
    if function.input is InputSeries.FIRINGS:
        return _fired(node, frame)
    inputs: list[object] = []
    if function.input is not InputSeries.NOTHING:
        inputs.append(bars_of_clock(frame, clock))
    if function.input is InputSeries.MARKET:
        market = str(node.constants["market"])
        inputs.append(frame.bars if market == frame.bars.market else bars_of_clock(frame, market))
    if function.input is InputSeries.LEVELS:
        inputs.append(frame.pinned)
    series = [_whole(child, frame, clock) for child in node.children]
    if node.pinnable and any(each.type in _SPANS for each in function.parameters):  # windows would keep infinities
        pairs = zip(series, node.children, strict=True)
        series = [np.where(np.isinf(each), np.nan, each) if part.pinnable else each for each, part in pairs]
    inputs += series
    return function.compute(*inputs, **node.constants)


def _fired(node: Node, frame: Frame) -> FloatArray:
    history = frame.fired.get(str(node.constants["rule"]))
    if history is None:
        return np.full(len(frame.bars), np.nan)
    assert node.function is not None
    values = node.function.compute(history.fired.astype(np.float64), within=node.constants["within"])
    return as_of(frame.bars.end, history.ends, values, STALE_AFTER_SECONDS)


_EVALUATORS: dict[Op, Callable[[Node, Frame, str], FloatArray]] = {
    Op.SERIES: _series,
    Op.NAME: _name,
    Op.LAG: _lag,
    Op.NEGATE: _arithmetic,
    Op.NOT: _not,
    Op.ARITHMETIC: _arithmetic,
    Op.COMPARE: _compare,
    Op.AND: _and,
    Op.OR: _or,
    Op.CALL: _call,
}

_SPANS = frozenset({ParameterType.WINDOW, ParameterType.BARS})

_LIMITLESS = frozenset({Op.SERIES, Op.NAME, Op.ARITHMETIC, Op.NEGATE, Op.CALL})
"""What may be infinite, by what it is given or by how it computes; the others pass on what they get."""
