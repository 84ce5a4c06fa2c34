"""Bars of one market: prices, volume and closing instants as immutable arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from typing import Any, Self

import numpy as np

from bot.signals.timeframe import Instant, Timeframe, label

# Spelled out: numpy.typing, which is shorter, takes as long to import as half of numpy.
FloatArray = np.ndarray[tuple[Any, ...], np.dtype[np.float64]]
IntArray = np.ndarray[tuple[Any, ...], np.dtype[np.int64]]
Mask = np.ndarray[tuple[Any, ...], np.dtype[np.bool_]]

PRICES = ("open", "high", "low", "close")
COLUMNS = (*PRICES, "volume")
_ARRAYS = ("start", "end", *COLUMNS)


def latest(ascending: IntArray, values: IntArray) -> IntArray:
    """Position of the last of `ascending` that is no larger than each of `values`, -1 where none is: at once where the
    values are some of them in a row, as the days of a history without holes are.
    """
    first = int(np.searchsorted(ascending, values[0])) if len(values) else 0
    if np.array_equal(ascending[first : first + len(values)], values):
        return np.arange(first, first + len(values))
    return np.asarray(np.searchsorted(ascending, values, side="right") - 1)


def among(values: IntArray, ascending: IntArray) -> Mask:
    """Which of `values` are in `ascending`: np.isin for what is sorted already, at a fraction of its time."""
    if not len(ascending):
        return np.zeros(len(values), dtype=np.bool_)
    return np.asarray(ascending[latest(ascending, values)] == values)


def shared(one: IntArray, other: IntArray) -> tuple[IntArray, IntArray]:
    """Where in the one and in the other stands what both have: np.intersect1d for what is ascending already."""
    here = np.flatnonzero(among(one, other))
    return here, latest(other, one[here])


def distinct(values: IntArray) -> IntArray:
    """The different ones of `values`, ascending: np.unique, which would load all of numpy.ma."""
    ordered = np.sort(values)
    return np.asarray(ordered[np.diff(ordered, prepend=ordered[:1] - 1) != 0])


LARGEST_INDEX = 1_000.0
"""What a macro index, a rate or a spread stays below; money and supplies are counted in more."""


@dataclass(frozen=True, eq=False)
class Bars:
    """Bars of one market, oldest first; arrays of one length that nobody may write to.

    `start` identifies a bar: midnight UTC of its session's date for daily bars, else the instant it
    opens. `end` is the instant at which it closes, strictly increasing. Prices are split-adjusted and
    not dividend-adjusted. NaN is unknown. A closed bar never changes, except by a vendor's correction. `valid_for` is
    the seconds after its end for which the last bar is known to other markets; None: STALE_AFTER_SECONDS.
    """

    market: str
    timeframe: Timeframe
    start: IntArray
    end: IntArray
    open: FloatArray
    high: FloatArray
    low: FloatArray
    close: FloatArray
    volume: FloatArray
    valid_for: int | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        """Freeze the arrays and refuse a shape that no code below could survive."""
        for name in _ARRAYS:
            given = np.asarray(getattr(self, name), dtype=np.int64 if name in {"start", "end"} else np.float64)
            frozen = given.view()
            frozen.flags.writeable = False
            object.__setattr__(self, name, frozen)
            if frozen.shape != (len(self.start),):
                raise ValueError(f"{self.market}: {name} has shape {frozen.shape}; allowed: ({len(self.start)},)")
        if not all(np.all(column[1:] > column[:-1]) for column in (self.end, self.start)):
            raise ValueError(f"{self.market}: bars must be in order of time, each once")

    def __len__(self) -> int:
        return len(self.start)

    @cached_property
    def known(self) -> IntArray:
        """Positions of the bars whose close is known."""
        return np.flatnonzero(~np.isnan(self.close))

    @cached_property
    def in_points(self) -> bool:
        """Whether changes are told in points: one value is not positive, or all are a macro index's, a rate's.

        Macro series alone have days that are valid for a time of their own; those above LARGEST_INDEX are amounts.
        """
        released = self.valid_for is not None and self.timeframe is Timeframe.D1
        return bool(np.any(self.close <= 0)) or (released and not np.any(self.close > LARGEST_INDEX))

    def change(self, before: float, now: float) -> float | None:
        """From one value to another: a ratio (0.02 = 2 %), the difference where `in_points`; None where unknown."""
        if self.in_points:
            return now - before
        return now / before - 1 if before > 0 else None

    def where_known(self, values: FloatArray) -> FloatArray:
        """A value for each bar, made unknown where the bar's close is."""
        return values if len(self.known) == len(self) else np.where(np.isnan(self.close), np.nan, values)

    @classmethod
    def empty(cls, market: str, timeframe: Timeframe) -> Self:
        """No bars at all."""
        none = np.empty(0)
        return cls(market, timeframe, none, none, none, none, none, none, none)  # type: ignore[arg-type]

    def slice(self, first: int, last: int) -> Self:
        """Bars first..last-1 by position, as views: of what fits together a part does, so nothing is checked again."""
        return self._with({name: getattr(self, name)[first:last] for name in _ARRAYS})

    def prefix(self, count: int) -> Self:
        """The oldest `count` bars: what was known when bar count-1 closed."""
        return self.slice(0, count)

    def known_at(self, now: Instant) -> Self:
        """The bars that had closed at or before `now`."""
        return self.prefix(int(np.searchsorted(self.end, now, side="right")))

    def position(self, start: Instant) -> int | None:
        """Position of the bar that starts at `start`, None where there is none."""
        at = int(np.searchsorted(self.start, start))
        return at if at < len(self) and int(self.start[at]) == start else None

    def label(self, position: int) -> str:
        """Name of the bar at `position`: a date, or its start in UTC."""
        return label(int(self.start[position]), self.timeframe)

    def merged(self, newer: Self) -> Self:
        """These bars with those of `newer` added, or put in their place where both have one."""
        first = int(np.searchsorted(self.start, newer.start[0])) if len(newer) else 0
        if len(newer) and among(self.start[first:], newer.start).all():  # they follow, or take the place of the last
            return self._joined([self.slice(0, first), newer])
        if len(newer) and newer.start[-1] < self.start[0]:
            return self._joined([newer, self])
        stays = ~among(self.start, newer.start)
        order = np.argsort(np.concatenate([self.start[stays], newer.start]), kind="stable")
        columns = ((name, getattr(self, name)[stays], getattr(newer, name)) for name in _ARRAYS)
        joined: dict[str, Any] = {name: np.concatenate([old, new])[order] for name, old, new in columns}
        return replace(self, **joined)

    def _joined(self, parts: Sequence[Self]) -> Self:
        """The parts one after the other: each fits together, so only whether they follow each other is checked."""
        for one, other in pairwise(part for part in parts if len(part)):
            if one.start[-1] >= other.start[0] or one.end[-1] >= other.end[0]:
                raise ValueError(f"{self.market}: bars must be in order of time, each once")
        joined = {name: np.concatenate([getattr(part, name) for part in parts]) for name in _ARRAYS}
        for column in joined.values():
            column.flags.writeable = False
        return self._with(joined)

    def _with(self, columns: Mapping[str, np.ndarray]) -> Self:
        """Bars of the same market of arrays that are known to fit together, and to be frozen."""
        made = object.__new__(type(self))
        made.__dict__.update(columns, market=self.market, timeframe=self.timeframe, valid_for=self.valid_for)
        return made
