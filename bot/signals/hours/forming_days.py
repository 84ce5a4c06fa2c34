"""Daily bars as they form: after each hour of a session, the day so far."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Self

import numpy as np

from bot.signals.bars import Bars, FloatArray, IntArray
from bot.signals.sessions import Sessions
from bot.signals.timeframe import Instant, Timeframe


@dataclass(frozen=True, eq=False)
class FormingDays:
    """The day so far of one market, at the end of each of its hours but the last: then the day is over.

    `at` are those ends, ascending; the bar at each position is that of `days` with the closes, and the highest and
    lowest prices, by then. Its `start` and `end` are the session's, `before` is the start of the session before.
    `length` is that of the bars that made the days: hours, or others within a day.
    """

    market: str
    length: Timeframe
    at: IntArray
    before: IntArray
    start: IntArray
    end: IntArray
    open: FloatArray
    high: FloatArray
    low: FloatArray
    close: FloatArray
    volume: FloatArray

    def __len__(self) -> int:
        return int(self.at.shape[0])

    def between(self, first: Instant | None, last: Instant | None) -> Self:
        """The days that start from `first` to `last`, both included; None is open."""
        begin = 0 if first is None else int(np.searchsorted(self.start, first))
        stop = len(self) if last is None else int(np.searchsorted(self.start, last, side="right"))
        columns = [each.name for each in fields(self) if each.name not in {"market", "length"}]
        return replace(self, **{name: getattr(self, name)[begin:stop] for name in columns})

    def after(self, closed: Bars, now: Instant) -> Bars:
        """The bar that forms at `now` after the `closed` ones, as far as was known then.

        None outside of a session, before its first hour, and where the session before is not among the closed bars:
        what would then be compared lies further apart than it seems.
        """
        at = int(np.searchsorted(self.at, now, side="right")) - 1
        forms = at >= 0 and now < self.end[at] and len(closed) > 0 and closed.start[-1] == self.before[at]
        here = slice(at, at + 1) if forms else slice(0)
        columns = (self.start, self.end, self.open, self.high, self.low, self.close, self.volume)
        return Bars(self.market, Timeframe.D1, *(column[here] for column in columns))  # type: ignore[arg-type]


def forming_days(hours: Bars, sessions: Sessions) -> FormingDays:
    """The days of a market's hourly bars; an hour that lies in no session is left out.

    What an hour that is missing could have made is unknown: the open without the session's first one, and from the gap
    on high, low and volume.
    """
    which = np.searchsorted(sessions.opens, hours.start, side="right") - 1
    inside = which >= 0
    inside[inside] = hours.start[inside] < sessions.closes[which[inside]]
    which, opens = which[inside], sessions.opens[which[inside]]
    start, end = hours.start[inside], hours.end[inside]
    first = np.flatnonzero(np.diff(which, prepend=which[:1] - 1))
    begins = np.zeros(len(which), dtype=bool)
    begins[first] = True
    before = np.where(begins, opens, np.concatenate([end[:1], end[:-1]]))
    whole = np.where(start == before, 0.0, np.nan)
    column = {name: getattr(hours, name)[inside] for name in ("open", "high", "low", "close", "volume")}
    opening = np.where(begins, column["open"] + whole, np.nan)[first]
    so_far = {
        "open": np.repeat(opening, np.diff(first, append=len(which))),
        "high": _over(np.maximum, column["high"] + whole, first),
        "low": _over(np.minimum, column["low"] + whole, first),
        "close": column["close"],
        "volume": _over(np.add, column["volume"] + whole, first),
    }
    forms = end < sessions.closes[which]
    earlier = np.where(which > 0, sessions.start[which - 1], -1)
    days = earlier, sessions.start[which], sessions.closes[which], *so_far.values()
    return FormingDays(hours.market, hours.timeframe, end[forms], *(each[forms] for each in days))


def _over(merge: np.ufunc, values: FloatArray, first: IntArray) -> FloatArray:
    """The values of each day up to each hour together; a day begins at each position of `first`."""
    parts = [merge.accumulate(each) for each in np.split(values, first[1:])] if len(first) else [values]
    return np.concatenate(parts)
