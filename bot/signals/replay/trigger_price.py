"""Trigger price: the value of a bar's own series at which a condition would have been yes, all else equal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import floor, isfinite, log10
from typing import Any

import numpy as np

from bot.signals.bars import FloatArray
from bot.signals.formula import OWN, Frame, Node, Op, value_on
from bot.signals.indicators.function import InputSeries

VARIABLE_SERIES = ("close", "high", "low", "volume")
"""Series that are asked for, in this order; one alone is varied."""

MAX_FACTOR = 2.0
"""No farther than to so many times the value, or to that part of it: beyond, it is no distance any more."""

_STEPS_OUT = 24
"""Places on the way out at which the condition is tried, each farther than the one before by the same factor."""

_FIRST_STEP_RATIO = 1e-5
"""The first place, as a share of the value."""

_TOLERANCE_RATIO = 1e-9
"""How near to the border between no and yes the answer is, as a share of it."""


@dataclass(frozen=True, slots=True)
class TriggerPrice:
    """The value of `series` nearest to the bar's own from which on a condition is yes; `was` is the bar's own."""

    series: str
    value: float
    was: float
    in_points: bool = False

    @property
    def change(self) -> float:
        """How far it is from here, as a ratio; where `in_points` as a difference."""
        return self.value - self.was if self.in_points else self.value / self.was - 1


def trigger_price(condition: Node, frame: Frame, position: int) -> TriggerPrice | None:
    """The price (or volume) that would have made a condition yes at the bar at `position`; None where none is near.

    Only a condition that is no there, and that reads the bar's own close, high, low or volume, has an answer. All other
    figures stay as they are, the bar's other prices too. The condition is yes at the answer itself, which is rounded to
    what people quote.
    """
    read = (name for name in VARIABLE_SERIES if _reads(condition, name, frame.bars.market))
    series = next(read, "close" if _measures_bars(condition) else None)
    if series is None:
        return None
    was = float(getattr(frame.bars, series)[position])
    if not isfinite(was) or was <= 0:
        return None
    asked = _ConditionAtPrice(condition, frame, position, series)
    if asked.truth_at(was) != 0.0:
        return None
    found = [value for factors in _ways() if (value := _nearest(asked.truth_at, was, factors)) is not None]
    if not found:
        return None
    nearest = _round(asked.truth_at, min(found, key=lambda value: abs(value - was)), was)
    return TriggerPrice(series, nearest, was, series != "volume" and frame.bars.in_points)


def quoted_step(value: float) -> float:
    """The smallest step in which a value is told: a cent, 1 from 10,000 on, the fourth digit that counts below 1."""
    size = abs(value)
    if size >= 10_000:
        return 1.0
    return 10.0 ** -(2 if size >= 1 or size == 0 else min(3 - floor(log10(size)), 12))


class _ConditionAtPrice:
    """A condition at a bar as a function of one of the bar's own figures."""

    def __init__(self, condition: Node, frame: Frame, position: int, series: str) -> None:
        self._condition = condition
        self._position = position
        self._series = series
        names = {name: values[: position + 1] for name, values in frame.names.items()}
        known = frame.bars.prefix(position + 1)
        self._frame = replace(frame, bars=known, names=names, shared={})
        self._settled = self._settled_values()

    def truth_at(self, value: float) -> float:
        """1 yes, 0 no, NaN unknown."""
        values = np.array(getattr(self._frame.bars, self._series))
        values[self._position] = value
        varied: dict[str, Any] = {self._series: values}
        bars = replace(self._frame.bars, **varied)
        frame = replace(self._frame, bars=bars, shared=dict(self._settled))
        frame.own.update(self._settled)
        return float(value_on(self._condition, frame, OWN)[self._position])

    def _settled_values(self) -> dict[tuple[str, str], FloatArray]:
        """What of the condition the figure does not move, computed once: levels above all take their time."""
        return {
            (OWN, part.key): value_on(part, self._frame, OWN) for part in self._condition.walk() if _is_settled(part)
        }


def _is_settled(part: Node) -> bool:
    """Whether a part's value at a bar is settled by the bars before."""
    return (part.op is Op.LAG and part.value >= 1) or _is_level(part)


def _is_level(part: Node) -> bool:
    return part.function is not None and part.function.input is InputSeries.LEVELS


def _reads(part: Node, series: str, market: str) -> bool:
    """Whether the rule's own figure of this very bar decides about a part."""
    if _is_settled(part):
        return False
    if part.op is Op.SERIES:
        return part.symbol == series and part.clock in {OWN, market}
    return any(_reads(child, series, market) for child in part.children)


def _measures_bars(part: Node) -> bool:
    """Whether a part measures the bar as a whole, as `stoch(14)` does: its close moves it."""
    if _is_settled(part):
        return False
    measured = part.function is not None and part.function.input is InputSeries.BARS
    return measured or any(_measures_bars(child) for child in part.children)


def _ways() -> tuple[list[float], list[float]]:
    """Factors going up and going down."""
    steps = np.geomspace(_FIRST_STEP_RATIO, MAX_FACTOR - 1, _STEPS_OUT)
    return [1 + step for step in steps.tolist()], [1 / (1 + step) for step in steps.tolist()]


def _nearest(answer: Callable[[float], float], was: float, factors: list[float]) -> float | None:
    """The value nearest to `was` on one way at which the answer is yes."""
    no = was
    for yes in (was * factor for factor in factors):
        if answer(yes) == 1.0:
            return _last_yes(answer, no, yes)
        no = yes
    return None


def _round(answer: Callable[[float], float], value: float, was: float) -> float:
    """The value as it is told, away from where the bar stands where need be; as it is where no such one is enough."""
    step, way = quoted_step(value), 1 if value > was else -1
    whole = round(value / step)
    near = (float(f"{(whole + way * more) * step:.12g}") for more in (-1, 0, 1))
    return next((each for each in near if (each - was) * way > 0 and answer(each) == 1.0), value)


def _last_yes(answer: Callable[[float], float], no: float, yes: float) -> float:
    """By halving, a yes that is next to a no."""
    while abs(yes - no) > _TOLERANCE_RATIO * yes:
        middle = (no + yes) / 2
        no, yes = (no, middle) if answer(middle) == 1.0 else (middle, yes)
    return yes
