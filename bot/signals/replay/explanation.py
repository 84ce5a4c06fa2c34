"""Explanation of what a rule said at a bar, condition by condition."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from math import isfinite

import numpy as np

from bot.signals.bars import Bars
from bot.signals.formula import OWN, Frame, Kind, NodeValue, Op, bars_of_clock, explain, value_on
from bot.signals.indicators.function import InputSeries
from bot.signals.levels.levels import Level, active_levels
from bot.signals.levels.settings import LevelSettings
from bot.signals.replay.event import Event, EventKind
from bot.signals.replay.replay import Replay
from bot.signals.replay.rule import Rule
from bot.signals.replay.running import RunningAlert, running_at
from bot.signals.replay.trigger_price import TriggerPrice, trigger_price
from bot.signals.replay.unknown_values import UnknownValue, unknown_values
from bot.signals.timeframe import Instant


class Verdict(StrEnum):
    """What a rule said."""

    FIRED = "fired"
    QUIET = "quiet"  # its formula is yes, in an episode that began before
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class LevelTouches:
    """What makes a level: the starts of the bars that touched it, oldest first; none of a pinned one perhaps."""

    bars: tuple[Instant, ...]
    pinned: bool


@dataclass(frozen=True, slots=True)
class ConditionValue:
    """A number in a condition; NaN is unknown, infinite a level where none is left above (or, negative, below).

    `symbol` is the series, function or operator that it comes from, `terms` what it is made of, where that tells more.
    """

    text: str
    symbol: str
    value: float
    touches: LevelTouches | None = None
    terms: tuple[ConditionValue, ...] = ()


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition: 1 yes, 0 no, NaN unknown, and what makes it so.

    `op` says whether it is an "and", an "or" or a "not" of its `parts`, `symbol` which operator or function it is.
    `trigger_price` is what would have made it yes.
    `last` is in the bar at which another rule fired last, or at which the condition in a `first` was yes before.
    """

    text: str
    op: Op
    symbol: str
    truth: float
    parts: tuple[Condition, ...] = ()
    terms: tuple[ConditionValue, ...] = ()
    trigger_price: TriggerPrice | None = None
    unknown: tuple[UnknownValue, ...] = ()
    last: Instant | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a rule said at the bar that starts at `bar` and closes at `end`, and why.

    `fired` is its newest firing before this bar, `fired_ago` how many bars ago that was. `yes_ago` is how many bars
    before this one its formula was yes last; while that is no more than the rule's `quiet`, a yes does not fire. `told`
    are the events of this bar but for a firing, of whichever alert, and `running` is the alert that goes on after it.
    """

    rule: Rule
    bar: Instant
    end: Instant
    close: float
    verdict: Verdict
    reason: Condition
    fired: Instant | None = None
    fired_ago: int | None = None
    yes_ago: int | None = None
    told: tuple[Event, ...] = ()
    running: RunningAlert | None = None

    @property
    def is_quiet(self) -> bool:
        """Whether a yes at this bar is kept quiet, as one of an episode that began before."""
        return self.yes_ago is not None and self.yes_ago <= self.rule.quiet


def explain_bar(replay: Replay, frame: Frame, position: int) -> Explanation:
    """Why the rule of `replay` said what it said at the bar at `position`; `frame` is the one it was replayed over."""
    bars, rule, start = replay.bars, replay.rule, int(replay.bars.start[position])
    frame = frame.with_names({}, rule.pinned)
    reason = _reason(explain(rule.when, frame, position), frame, position)
    before = replay.fires[: int(np.searchsorted(replay.fires, position))]
    yes = np.flatnonzero(replay.truth[:position] == 1)
    return Explanation(
        rule,
        start,
        int(bars.end[position]),
        float(bars.close[position]),
        _verdict(replay, position),
        reason,
        int(bars.start[before[-1]]) if len(before) else None,
        position - int(before[-1]) if len(before) else None,
        position - int(yes[-1]) if len(yes) else None,
        tuple(event for event in replay.between(start - 1, start) if event.kind is not EventKind.FIRED),
        running_at(replay, position),
    )


def _verdict(replay: Replay, position: int) -> Verdict:
    truth = replay.truth[position]
    if position in replay.fires:
        return Verdict.FIRED
    if np.isnan(truth):
        return Verdict.UNKNOWN
    return Verdict.QUIET if truth == 1 else Verdict.NO


def _reason(part: NodeValue, frame: Frame, position: int, *, wanted: bool = True) -> Condition:
    """A condition and what is in it; the bar in question is at `position`.

    `wanted` says whether a yes here would help the whole: only then it is asked which price would bring one.
    """
    helps = wanted and part.value == 0.0 and part.op is not Op.NOT
    conditions = [child for child in part.children if child.kind is Kind.YES_NO]
    parts = tuple(_reason(child, frame, position, wanted=helps) for child in conditions)
    here = part.clock == OWN and part.position == position and part.op not in {Op.AND, Op.OR}
    asked = here and wanted and part.value == 0.0 and not any(each.trigger_price for each in parts)
    price = trigger_price(part.node, frame, position) if asked else None
    if part.op in {Op.AND, Op.OR, Op.NOT}:
        return Condition(part.text, part.op, part.symbol, part.value, parts, trigger_price=price)
    return Condition(
        part.text,
        part.op,
        part.symbol,
        part.value,
        parts,
        tuple(term for child in part.children if child.kind is Kind.NUMBER for term in _terms(child, frame)),
        price,
        unknown_values(part, frame, int(frame.bars.end[position])),
        _last(part, frame),
    )


def _terms(part: NodeValue, frame: Frame) -> Iterator[ConditionValue]:
    """The numbers that a number is added up from; one that is written down says nothing new."""
    if part.node.clock is None:
        return
    if part.op is Op.NEGATE or (part.op is Op.ARITHMETIC and part.symbol in {"+", "-"}):
        for child in part.children:
            yield from _terms(child, frame)
        return
    inside = [child for child in part.children if part.op is Op.ARITHMETIC and child.node.clock is not None]
    terms = tuple(term for child in inside for term in _terms(child, frame)) if len(inside) > 1 else ()
    yield ConditionValue(part.text, part.symbol, part.value, _touches(part, frame), terms)


def _touches(part: NodeValue, frame: Frame) -> LevelTouches | None:
    """The touches of the one level that a number speaks of."""
    found = [each for each in _walk(part) if _source(each) is InputSeries.LEVELS]
    if len(found) != 1 or not isfinite(found[0].value):
        return None
    bars, asked = bars_of_clock(frame, found[0].clock), found[0]
    level = _level(asked, bars, frame.pinned)
    return None if level is None else LevelTouches(tuple(bars.start[list(level.touches)].tolist()), level.pinned)


def _level(asked: NodeValue, bars: Bars, pinned: tuple[float, ...]) -> Level | None:
    """The level that was answered, as it was known at the bar before."""
    constants = dict(asked.node.constants)
    touches = constants.pop("touches")
    del constants["age"]
    assert isinstance(touches, int)
    known = active_levels(bars.prefix(asked.position), LevelSettings(**constants), pinned=pinned)  # type: ignore[arg-type]
    fitting = [
        level
        for level in known
        if level.role == asked.symbol and level.price == asked.value and (level.pinned or len(level.touches) >= touches)
    ]
    return fitting[0] if fitting else None


def _last(part: NodeValue, frame: Frame) -> Instant | None:
    if _source(part) is InputSeries.FIRINGS:
        return _last_firing(part, frame) if part.position >= 0 else None
    if part.op is Op.CALL and part.symbol == "first":
        bars = bars_of_clock(frame, part.clock)
        truth = value_on(part.children[0].node, frame, part.clock)[: max(part.position, 0)]
        yes = np.flatnonzero(truth == 1)
        return int(bars.start[yes[-1]]) if len(yes) else None
    return None


def _last_firing(part: NodeValue, frame: Frame) -> Instant | None:
    """An instant in the bar at which the rule that is spoken of fired last: of its bars the ends are known."""
    history = frame.fired.get(str(part.node.constants["rule"]))
    if history is None:
        return None
    ends = history.ends[history.fired & (history.ends <= frame.bars.end[part.position])]
    return int(ends[-1]) - 1 if len(ends) else None


def _walk(part: NodeValue) -> Iterator[NodeValue]:
    yield part
    for child in part.children:
        yield from _walk(child)


def _source(part: NodeValue) -> InputSeries:
    return part.node.function.input if part.node.function else InputSeries.NOTHING
