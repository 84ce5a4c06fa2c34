"""Bars of one market in a rule test, made of its notation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bot.problem import Problem, ProblemError
from bot.rulebook.formula_problems import line_column
from bot.rulebook.testing.series import SeriesError, Value, parse_series
from bot.rulebook.testing.test_file import ColumnsModel
from bot.signals.bars import COLUMNS, Bars, FloatArray, IntArray
from bot.signals.hours.forming_days import FormingDays
from bot.signals.timeframe import DAY, Instant, Timeframe
from bot.signals.weeks import week_start
from bot.yamlfile.document import Document, KeyPath

WEEKDAY_CLOSE = 21 * 3_600
"""When a weekday market's daily bar of a test closes, in seconds of its day (UTC): New York's winter close."""


@dataclass(frozen=True, eq=False)
class CaseBars:
    """Bars of one market in a test. `numbers` are the bars' places in the notation, from 1, missing ones counted.

    Of bars from a file the first whose events are compared has the number 1; those before it are history. `hours` are
    those days as they formed, where the test names a file of hours.
    """

    bars: Bars
    numbers: IntArray
    hours: FormingDays | None = None

    def position(self, bar: str) -> int | None:
        """Position of the bar that a test calls by its number or its date; None where it is missing."""
        if bar.isdecimal():
            found = np.flatnonzero(self.numbers == int(bar))
            return int(found[0]) if len(found) else None
        return next((i for i in range(len(self.bars)) if self.bars.label(i) == bar), None)


class CaseError(Exception):
    """Bars that a test spells wrongly."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(str(problem) for problem in problems))
        self.problems = problems


@dataclass(frozen=True)
class BarSchedule:
    """When the bars of a market in a test begin and end; `weekdays` markets rest on Saturdays and Sundays."""

    timeframe: Timeframe
    first: Instant
    weekdays: bool

    def starts(self, count: int) -> IntArray:
        """Starts of the first `count` bars."""
        if self.timeframe is Timeframe.D1 and self.weekdays:
            days = np.busday_offset(np.datetime64(self.first, "s").astype("M8[D]"), np.arange(count), roll="forward")
            return days.astype(np.int64) * DAY
        first = week_start(self.first) if self.timeframe is Timeframe.W1 else self.first
        return first + np.arange(count, dtype=np.int64) * self.timeframe.seconds

    def ends(self, starts: IntArray) -> IntArray:
        """When these bars close."""
        if not (self.timeframe.has_dates and self.weekdays):
            return starts + self.timeframe.seconds
        return starts + WEEKDAY_CLOSE + (4 * DAY if self.timeframe is Timeframe.W1 else 0)


BarReader = Callable[[Path, str, Timeframe], Bars]
"""Reads a CSV file as a market's bars of a length, weeks out of days. Raises ProblemError."""

HourReader = Callable[[Path, Bars], FormingDays]
"""Reads a CSV file of hours as the days as they formed, held beside these. Raises ProblemError."""


def file_bars(
    document: Document, path: KeyPath, part: ColumnsModel, timeframe: Timeframe, read: BarReader | None
) -> CaseBars:
    """The real bars that a test names at `path`, to its last day. Raises CaseError."""
    file = Path(document.file).parent / (part.csv or "")
    place = (*path, "csv")
    if read is None:
        raise CaseError([document.problem(place, "files of bars can't be read here")])
    try:
        bars = read(file, str(path[-1]), timeframe)
    except ProblemError as error:
        raise CaseError([document.problem(place, str(each)) for each in error.problems]) from None
    if bars.timeframe is not timeframe:
        told = f"holds bars of {bars.timeframe.value}; needed: {timeframe.value}, as the rule reads them"
        raise CaseError([document.problem(place, told)])
    count = len(bars) if part.to is None else int(np.searchsorted(bars.start, part.to + DAY))
    first = 0 if part.from_ is None else int(np.searchsorted(bars.start, part.from_))
    if first >= count:
        raise CaseError([document.problem(path, f"{file} has no bars of that time; it holds {_span(bars)}")])
    return CaseBars(bars.prefix(count), np.arange(count, dtype=np.int64) - first + 1)


def file_hours(
    document: Document, path: KeyPath, part: ColumnsModel, days: Bars, read: HourReader | None
) -> FormingDays | None:
    """The `days` as they formed, by the file of hours that a test names at `path`, as far as events are compared.

    None where it names none. Raises CaseError.
    """
    place = (*path, "hours")
    if part.hours is None:
        return None
    if days.timeframe is not Timeframe.D1:
        raise CaseError(
            [document.problem(place, f"hours of bars of {days.timeframe.value}; allowed: hours of daily bars")]
        )
    if read is None:
        raise CaseError([document.problem(place, "files of bars can't be read here")])
    try:
        formed = read(Path(document.file).parent / part.hours, days)
    except ProblemError as error:
        raise CaseError([document.problem(place, str(each)) for each in error.problems]) from None
    return formed.between(part.from_, part.to)


def _span(bars: Bars) -> str:
    return f"{bars.label(0)} to {bars.label(len(bars) - 1)}" if len(bars) else "none"


def case_bars(document: Document, path: KeyPath, part: ColumnsModel, schedule: BarSchedule) -> CaseBars:
    """The bars that stand at `path` of a test file (`tests`, 0, `series`, `IWM`). Raises CaseError."""
    written = _columns(document, path, part)
    closes = written["close"]
    problems = [
        document.problem(_place(document, path, name), message)
        for name, values in written.items()
        if (message := _unlike(name, values, closes))
    ]
    if problems:
        raise CaseError(problems)
    columns = _filled({name: _array(values) for name, values in written.items()})
    if message := _disorder(columns):
        raise CaseError([document.problem(path, message)])
    there = np.array([value is not None for value in closes], dtype=bool)
    starts = schedule.starts(len(closes))
    prices = {name: values[there] for name, values in columns.items()}
    bars = Bars(str(path[-1]), schedule.timeframe, starts[there], schedule.ends(starts)[there], **prices)
    return CaseBars(bars, np.flatnonzero(there) + 1)


def _columns(document: Document, path: KeyPath, part: ColumnsModel) -> dict[str, tuple[Value, ...]]:
    columns: dict[str, tuple[Value, ...]] = {}
    problems: list[Problem] = []
    for name in COLUMNS:
        text = getattr(part, name)
        if text is None:
            continue
        try:
            columns[name] = parse_series(text)
        except SeriesError as error:
            place = _place(document, path, name)
            problems += [
                document.problem(place, each.message, at=line_column(text, each.offset)) for each in error.problems
            ]
    if problems:
        raise CaseError(problems)
    return columns


def _place(document: Document, path: KeyPath, name: str) -> KeyPath:
    return (*path, name) if (*path, name) in document.places else path


def _unlike(name: str, values: tuple[Value, ...], closes: tuple[Value, ...]) -> str:
    """How a column does not fit the closes."""
    if len(values) != len(closes):
        return f"{name} has {len(values)} bars; allowed: {len(closes)}, as many as close"
    for number, (value, close) in enumerate(zip(values, closes, strict=True), start=1):
        if (value is None) != (close is None):
            return f"bar {number} is missing in one of {name} and close; allowed: _ in both, or ? for an unknown value"
    return ""


def _array(values: tuple[Value, ...]) -> FloatArray:
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)


def _filled(given: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
    """All columns: what a test leaves out follows from what it gives."""
    close = given["close"]
    opened = given.get("open", close)
    return {
        "open": opened,
        "high": given.get("high", np.fmax(opened, close)),
        "low": given.get("low", np.fmin(opened, close)),
        "close": close,
        "volume": given.get("volume", np.full(len(close), np.nan)),
    }


def _disorder(columns: Mapping[str, FloatArray]) -> str:
    """The first bar whose high or low contradicts its other prices."""
    top = np.fmax(columns["open"], columns["close"])
    bottom = np.fmin(columns["open"], columns["close"])
    wrong = np.flatnonzero((columns["high"] < np.fmax(top, columns["low"])) | (columns["low"] > bottom))
    return f"bar {wrong[0] + 1}: high and low do not enclose open and close" if len(wrong) else ""
