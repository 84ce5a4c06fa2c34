"""Bars of a CSV file, with what is odd about its rows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import bottleneck as bn
import numpy as np

from bot.market.csv_form.model import Table
from bot.market.csv_form.table import read_table
from bot.market.expected_bars import placed
from bot.market.model import FetchAnswer, FetchRequest, SourceError, SourceErrorKind
from bot.problem import Problem, ProblemError
from bot.signals.bars import COLUMNS, PRICES, Bars, FloatArray, IntArray
from bot.signals.sessions import ROUND_THE_CLOCK, Sessions
from bot.signals.timeframe import DAY, Instant, Timeframe, label

_NOON = DAY // 2
_END_OF_DAY = DAY - 300
"""Second of a UTC day from which a stamp is its end; Google Finance closes its days at 23:58."""

_MOST_OUTSIDE = 0.1
"""Share of the rows that may lie in no session where times have no zone; in another zone it would be two thirds."""


_MOST_BY_END = 0.8
"""Share of the days whose times look like those of bars' ends, from which on they are taken for that."""

_DAYS_BY_END = 2
"""Days that there must be for it: one of them may only have a bar too many."""


class CsvBars(NamedTuple):
    """The bars of a file, and what is odd about it without making it unusable.

    `form` says in one line how the file was understood, "" where it has the plain form. `symbol` is what its own column
    of symbols says, "" without one.
    """

    bars: Bars
    doubts: tuple[str, ...]
    form: str
    symbol: str = ""


def read_csv(
    path: Path, market: str, sessions: Sessions, timeframe: Timeframe = Timeframe.D1, since: Instant | None = None
) -> CsvBars:
    """All bars of a file from the one that starts at `since` on, with what is odd about the rows.

    A daily bar closes with its session; on a date without one at 21:00 UTC. A file with `close` and no other
    price gives open = high = low = close; else what is blank is NaN. A row without a close is no bar.
    Raises ProblemError with every problem in the file.
    """
    table = read_table(path)
    daily = timeframe is Timeframe.D1
    if other := _other_timeframe(table, timeframe):
        return CsvBars(Bars.empty(market, timeframe), (f"{path}: holds {other}, not {timeframe}",), table.form)
    columns = _columns(table)
    starts = _session_days(path, table, sessions) if daily else table.times.instants
    where = placed(starts, sessions, timeframe)
    _refuse_odd_times(path, table, starts, sessions, float(np.mean(~where.inside)) if len(starts) else 0.0)
    known = np.isfinite(columns["close"])
    wanted = np.ones(len(known), dtype=bool) if since is None else starts >= since
    stays = np.ones_like(wanted) if daily else where.inside
    rows = _Rows(path, table.lines, starts, timeframe)
    ahead = starts > (sessions.closes[-1] if len(sessions) else starts.max(initial=0))
    doubts = (
        *((f"{path}: no rows below its header",) if not len(table.lines) else ()),
        *rows.doubt(wanted & ~known, "without a close, left out"),
        *rows.doubt(wanted & ~where.inside & ~ahead, _unexpected(sessions, intraday=not daily)),
        *rows.doubt(wanted & ~where.inside & ahead, "it has not closed yet"),
    )
    keep = wanted & known & stays
    bars = Bars(market, timeframe, starts[keep], where.end[keep], *(columns[name][keep] for name in COLUMNS))
    return CsvBars(bars, doubts, table.form, table.symbol)


def fetch(request: FetchRequest) -> FetchAnswer:
    """The bars of the file that the source's symbol names, as they were known at the request's `now`.

    There is never a forming one: what a file holds of a bar is how it ended, which nobody knew before.
    """
    try:
        found = read_csv(
            Path(request.source.symbol), request.market, request.sessions, request.timeframe, request.since
        )
    except ProblemError as error:
        raise SourceError(SourceErrorKind.BROKEN, request.source.name, _in_brief(error)) from error
    forming = Bars.empty(request.market, request.timeframe)
    return FetchAnswer(found.bars.known_at(request.now), forming, request.source.name, found.doubts)


def _other_timeframe(table: Table, timeframe: Timeframe) -> str:
    """What bars the file holds where they are not of the timeframe, by the commonest step between rows; else ""."""
    if not table.intraday:
        return "" if timeframe is Timeframe.D1 or len(table.lines) < 2 else "daily bars"
    if timeframe is Timeframe.D1:
        return "bars within a day"
    steps, counts = np.unique(np.diff(table.times.instants), return_counts=True)
    step = int(steps[np.argmax(counts)])
    return "" if step == timeframe.seconds else f"bars of {step // 60} minutes"


def _session_days(path: Path, table: Table, sessions: Sessions) -> IntArray:
    """The date of each row's session, as midnight UTC.

    A written date is that date. A stamp within the day is the session that opens nearest to it, which is right for
    local midnights, opens and closes; around the clock it must be the beginning or the end of a UTC day.
    """
    times = table.times
    if sessions.calendar == ROUND_THE_CLOCK:
        within = times.instants % DAY
        odd = np.flatnonzero((within != 0) & (within < _END_OF_DAY))
        if len(odd):
            at = int(odd[0])
            told = f"days that begin at {label(int(within[at]), Timeframe.H1)[11:16]} UTC"
            allowed = f"allowed: UTC days, which those of {sessions.calendar} are"
            raise ProblemError([Problem(str(path), table.lines[at], 1, "", f"{told}; {allowed}")])
        return times.instants - within
    if not times.zoned or not len(sessions):
        return times.day
    nearest = np.searchsorted(sessions.opens, times.instants - _NOON).clip(max=len(sessions) - 1)
    near = np.abs(sessions.opens[nearest] - times.instants) <= _NOON
    return np.where((times.clock != 0) & near, sessions.start[nearest], times.day)


def _refuse_odd_times(path: Path, table: Table, starts: IntArray, sessions: Sessions, outside: float) -> None:
    """Raises ProblemError where rows are no sessions at all: weeks, months, or times of an unknown zone."""
    if table.intraday:
        if not table.times.zoned and outside > _MOST_OUTSIDE:
            told = f"times without a zone, and as UTC {outside:.0%} of them lie in no session of {sessions.calendar}"
            raise ProblemError.of(path, f"{told}; write the zone, as in 2020-01-31T14:30:00Z or 09:30:00-05:00")
        _refuse_ends(path, starts, sessions)
        return
    if len(starts) < 2:
        return
    apart = float(bn.median(np.diff(starts))) / DAY
    usual = float(bn.median(np.diff(sessions.start))) / DAY if len(sessions) > 1 else 1.0
    if apart >= 3 * usual:
        told = f"rows are {apart:.0f} days apart, as bars of a week or a month are; allowed: a row for each session"
        raise ProblemError.of(path, told)


def _refuse_ends(path: Path, starts: IntArray, sessions: Sessions) -> None:
    """Raises ProblemError where the times are when bars end: of nearly all days the first is later than the open, and
    the last is the close or later, at which no bar of a session begins.
    """
    if sessions.calendar == ROUND_THE_CLOCK or not len(sessions) or not len(starts):
        return
    firsts = np.flatnonzero(np.diff(starts // DAY, prepend=-1))
    first, last = starts[firsts], starts[np.append(firsts[1:], len(starts)) - 1]
    day = np.maximum(np.searchsorted(sessions.opens, first, side="right") - 1, 0)
    late = last - sessions.closes[day]
    by_end = (first > sessions.opens[day]) & (late >= 0) & (late <= 3600)
    if len(first) >= _DAYS_BY_END and np.mean(by_end) >= _MOST_BY_END:
        at = int(np.flatnonzero(by_end)[-1])
        shown = [label(int(each[at]), Timeframe.H1) for each in (first, last)]
        told = (
            f"bars labelled by their end (of the last day {shown[0]} to {shown[1]}, where {sessions.calendar} closed)"
        )
        begins = label(int(sessions.opens[day[at]]), Timeframe.H1)
        raise ProblemError.of(path, f"{told}; allowed: when each begins, {begins} for the first")


def _columns(table: Table) -> dict[str, FloatArray]:
    close = table.numbers["close"]
    alone = not any(name in table.numbers for name in PRICES[:3])
    unknown = np.full(len(close), np.nan)
    columns = {name: table.numbers.get(name, close if alone else unknown) for name in PRICES}
    return columns | {"volume": table.numbers.get("volume", unknown)}


def _unexpected(sessions: Sessions, *, intraday: bool) -> str:
    what = f"no session of {sessions.calendar}"
    return f"in {what}, left out" if intraday else what


class _Rows(NamedTuple):
    """Rows of a file by their lines, to speak of the odd ones."""

    path: Path
    lines: Sequence[int]
    starts: IntArray
    timeframe: Timeframe

    def doubt(self, odd: np.ndarray, why: str) -> tuple[str, ...]:
        """The first of the odd rows and their count; nothing where there is none."""
        places = np.flatnonzero(odd)
        if not len(places):
            return ()
        first = int(places[0])
        count = f"{len(places)} rows" if len(places) > 1 else "1 row"
        return (f"{self.path}:{self.lines[first]}: {label(int(self.starts[first]), self.timeframe)}: {why} ({count})",)


def _in_brief(error: ProblemError) -> str:
    more = len(error.problems) - 3
    said = "; ".join(str(problem) for problem in error.problems[:3])
    return f"{said}; and {more} more" if more > 0 else said
