"""Reasons why a part of a formula has no value at a bar."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from math import isnan

from bot.signals.formula import OWN, Frame, Node, NodeValue, Op, bars_of_clock
from bot.signals.indicators.function import InputSeries
from bot.signals.indicators.windows import MIN_KNOWN_BARS
from bot.signals.timeframe import Instant


class UnknownReason(StrEnum):
    """What is not there."""

    MARKET = "no bars of the market"
    STALE = "no bar of the market that is recent enough"
    BAR = "the bar has no such price"
    HISTORY = "too few bars"
    NEVER = "it has not happened yet"
    RULE = "nothing is known of the rule"
    NUMBER = "no result, as after a division by zero"
    GAPS = "too many unknown values in the window"


@dataclass(frozen=True, slots=True)
class UnknownValue:
    """The innermost part that is unknown, and why.

    `name` is the market (empty: the rule's own) or the other rule. `has` and `wants` count bars, where there are too
    few. `last` is the start of the newest bar that there is.
    """

    reason: UnknownReason
    text: str
    name: str = ""
    has: int = 0
    wants: int = 0
    last: Instant | None = None


def unknown_values(part: NodeValue, frame: Frame, at: Instant) -> tuple[UnknownValue, ...]:
    """Why a part is unknown at `at`, each reason once, in the order of the text; empty where it is known."""
    return tuple(dict.fromkeys(_reasons(part, frame, at))) if isnan(part.value) else ()


def _reasons(part: NodeValue, frame: Frame, at: Instant) -> Iterator[UnknownValue]:
    blank = [child for child in part.children if isnan(child.value)]
    if part.position < 0:
        yield _without_bar(part, frame, at)
    elif part.op is Op.SERIES:
        yield UnknownValue(UnknownReason.BAR, part.text, part.clock)
    elif part.op is Op.CALL:
        yield _of_call(part, frame, at)
    elif blank:
        for child in blank:
            yield from _reasons(child, frame, at)
    elif part.op is Op.LAG:
        yield UnknownValue(UnknownReason.HISTORY, part.text, part.clock, part.position + 1, int(part.node.value) + 1)
    else:
        yield UnknownValue(UnknownReason.NUMBER, part.text)


def _without_bar(part: NodeValue, frame: Frame, at: Instant) -> UnknownValue:
    """There is no bar to look at: before the first one, or of another market."""
    bars = bars_of_clock(frame, part.clock)
    if part.clock == OWN:
        return UnknownValue(UnknownReason.HISTORY, part.text, part.clock, 0, 1)
    if not len(bars):
        return UnknownValue(UnknownReason.MARKET, part.text, part.clock)
    known = bars.known_at(at)
    return UnknownValue(UnknownReason.STALE, part.text, part.clock, last=int(known.start[-1]) if len(known) else None)


def _of_call(part: NodeValue, frame: Frame, at: Instant) -> UnknownValue:
    function = part.node.function
    assert function is not None
    if function.input is InputSeries.FIRINGS:
        return UnknownValue(UnknownReason.RULE, part.text, str(part.node.constants["rule"]))
    if function.input is InputSeries.MARKET and not len(frame.others.get(str(part.node.constants["market"]), ())):
        return UnknownValue(UnknownReason.MARKET, part.text, str(part.node.constants["market"]))
    if function.input is InputSeries.LEVELS:
        return UnknownValue(UnknownReason.HISTORY, part.text, part.clock, part.position + 1, MIN_KNOWN_BARS + 1)
    if function.name in {"since", "value_when"} and not any(isnan(child.value) for child in part.children):
        return UnknownValue(UnknownReason.NEVER, part.text)
    deeper = next(
        (reason for child in part.children if isnan(child.value) for reason in _reasons(child, frame, at)), None
    )
    wants = _wanted(part.node)
    if part.position + 1 < wants:
        return UnknownValue(UnknownReason.HISTORY, part.text, part.clock, part.position + 1, wants)
    return deeper or UnknownValue(UnknownReason.GAPS if wants > 1 else UnknownReason.NUMBER, part.text)


def _wanted(node: Node) -> int:
    """Bars, this one included, from which on a part usually has a value; a window may bear a few unknown ones."""
    return _window(node) + max((_wanted(child) for child in node.children), default=1) - 1


def _window(node: Node) -> int:
    if node.op is Op.LAG:
        return int(node.value) + 1
    if node.function is None or "n" not in node.constants:
        return 1
    n, history = node.constants["n"], node.function.history(node.constants)
    if not isinstance(n, int | float):
        return MIN_KNOWN_BARS
    return history + 1 if history is not None and history <= n else int(n)  # a smoothing speaks before it has faded
