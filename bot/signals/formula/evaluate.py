"""Evaluation of a formula at every bar of a frame."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import reduce
from typing import Any

import numpy as np

from bot.cancellation import end_if_cancelled
from bot.signals.asof import STALE_AFTER_SECONDS, as_of
from bot.signals.bars import Bars, FloatArray, IntArray
from bot.signals.formula.frame import Cache, Frame
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


@np.errstate(all="ignore")
def evaluate_at(formula: Formula, frame: Frame, positions: IntArray, names: Mapping[str, FloatArray]) -> FloatArray:
    """The value at the bars at some positions, in any order, at each with a value of its own for every name.

    For formulas that `needs_no_past_names` holds of: of the names, a value at a bar knows the one at that bar alone.
    """
    end_if_cancelled()
    return _broadcast(_value_at(formula.root, frame, positions, names), len(positions))


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
    cache = _cache(node, frame)
    known: FloatArray | None = cache.get((clock, node.key))
    if known is not None:
        return known
    end_if_cancelled()
    source = clock_of(node, frame)
    if source not in {clock, OWN}:
        found = _joined(_value(node, frame, source), bars_of_clock(frame, source), bars_of_clock(frame, clock))
    elif frame.past and node.unbounded:
        whole = _whole(node, frame.past, clock)
        found = whole[len(whole) - len(bars_of_clock(frame, clock)) :]
    elif node.op in _OPERATORS:
        found = _operated(node, [_value(child, frame, clock) for child in node.children])
    elif node.op is Op.LAG:
        found = lagged(_whole(node.children[0], frame, clock), int(node.value)).view()
    else:
        found = np.asarray(_READERS[node.op](node, frame, clock))
        found = _finite(found, node, (_value(child, frame, clock) for child in node.children))
    found.flags.writeable = False
    cache[clock, node.key] = found
    return found


def _value_at(node: Node, frame: Frame, positions: IntArray, names: Mapping[str, FloatArray]) -> FloatArray:
    if node.op is Op.NAME:
        return _finite(names[node.symbol], node, ())
    if not node.reads_names:
        everywhere = _value(node, frame, OWN)
        return everywhere[positions] if everywhere.ndim else everywhere
    parts = [_value_at(child, frame, positions, names) for child in node.children]
    if node.op in _OPERATORS:
        return _operated(node, parts)
    if node.op is Op.LAG:  # by 0 bars
        return parts[0]
    assert node.function is not None
    given = _given(node, [_broadcast(part, len(positions)) for part in parts], {}, OWN)
    return _finite(node.function.compute(*given, **node.constants), node, parts)


def _cache(node: Node, frame: Frame) -> Cache:
    return frame.own if node.private or (node.pinnable and frame.pinned) else frame.shared


def _operated(node: Node, parts: list[FloatArray]) -> FloatArray:
    """What an operator makes of its sides, bar by bar."""
    found = np.asarray(_OPERATORS[node.op](node.symbol, *parts))
    return _finite(found, node, parts) if node.op in {Op.ARITHMETIC, Op.NEGATE} else found.view()


def _joined(values: FloatArray, source: Bars, onto: Bars) -> FloatArray:
    return as_of(onto.end, source.end, _broadcast(values, len(source)), source.valid_for or STALE_AFTER_SECONDS)


def _finite(values: FloatArray, node: Node, parts: Iterable[FloatArray]) -> FloatArray:
    """A result without infinities, but for those that say that no level is left: known, and farther than any price."""
    if _finds_levels(node) or not np.count_nonzero(infinite := np.isinf(values)):
        return values.view()
    for part in parts:
        infinite = infinite & ~np.isinf(part)
    return np.where(infinite, np.nan, values)


def _finds_levels(node: Node) -> bool:
    return node.function is not None and node.function.input is InputSeries.LEVELS


def _whole(node: Node, frame: Frame, clock: str) -> FloatArray:
    return _broadcast(_value(node, frame, clock), len(bars_of_clock(frame, clock)))


def _broadcast(values: FloatArray, count: int) -> FloatArray:
    return values if values.ndim else np.broadcast_to(values, count)


def _series(node: Node, frame: Frame, clock: str) -> FloatArray:
    values: FloatArray = getattr(bars_of_clock(frame, clock), node.symbol)
    return values


def _name(node: Node, frame: Frame, _: str) -> FloatArray:
    return frame.names.get(node.symbol, np.asarray(np.nan))


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
    return function.compute(*inputs, *_given(node, series, _cache(node, frame), clock), **node.constants)


def _given(node: Node, series: list[FloatArray], cache: Cache, clock: str) -> list[object]:
    """What a function is given: its series, or what it makes of them for calls with whatever constants."""
    function = node.function
    assert function is not None
    if node.pinnable and any(each.type in _SPANS for each in function.parameters):  # windows would keep infinities
        pairs = zip(series, node.children, strict=True)
        series = [np.where(np.isinf(each), np.nan, each) if part.pinnable else each for each, part in pairs]
    if function.prepare is None:
        return [*series]
    key = clock, f"prepared: {function.prepare.__name__}({', '.join(part.key for part in node.children)})"
    if key not in cache:
        cache[key] = function.prepare(*series)
    return [cache[key]]


def _fired(node: Node, frame: Frame) -> FloatArray:
    history = frame.fired.get(str(node.constants["rule"]))
    if history is None:
        return np.full(len(frame.bars), np.nan)
    assert node.function is not None
    values = node.function.compute(history.fired.astype(np.float64), within=node.constants["within"])
    return as_of(frame.bars.end, history.ends, values, STALE_AFTER_SECONDS)


_OPERATORS: Mapping[Op, Callable[..., Any]] = {
    Op.NEGATE: operate,
    Op.ARITHMETIC: operate,
    Op.COMPARE: compare,
    Op.NOT: lambda _, side: 1.0 - side,
    Op.AND: lambda _, *sides: reduce(kleene.kleene_and, sides),
    Op.OR: lambda _, *sides: reduce(kleene.kleene_or, sides),
}
"""What looks at the values of one bar, whichever bar that is."""

_READERS: Mapping[Op, Callable[[Node, Frame, str], FloatArray]] = {
    Op.SERIES: _series,
    Op.NAME: _name,
    Op.CALL: _call,
}
"""What reads the bars of a frame."""

_SPANS = frozenset({ParameterType.WINDOW, ParameterType.BARS})
