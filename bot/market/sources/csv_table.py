"""CSV tables of bars: rows read to numbers, and every mistake in them by its line."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

import numpy as np

from bot.problem import Problem, ProblemError
from bot.signals.bars import COLUMNS, FloatArray, IntArray
from bot.signals.timeframe import DAY

_EPOCH = date(1970, 1, 1).toordinal()
_MOST_PROBLEMS = 100
_TIMES = ("date", "datetime")
_Cell = TypeVar("_Cell", int, float)


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Rows of a file, oldest first. `numbers` has the known columns that the file has; a blank cell is NaN."""

    lines: list[int]
    starts: IntArray
    intraday: bool
    numbers: dict[str, FloatArray]


def read_table(path: Path) -> Table:
    """The table in a file; raises ProblemError with everything that is wrong with it.

    The header names `date` (2020-01-31) or `datetime` (start of the bar, UTC unless it says else), `close`,
    and whatever else there is; other columns than those of a bar are left alone.
    """
    header, lines, rows = _rows(path)
    _refuse(_header_problems(path, header))
    wrong = _width_problems(path, header, lines, rows)
    if wrong:
        lines, rows = _fitting(header, lines, rows)
    cells = dict(zip(header, zip(*rows, strict=True) if rows else [()] * len(header), strict=True))
    intraday = "datetime" in cells
    starts, found = _starts(path, lines, cells["datetime" if intraday else "date"], intraday=intraday)
    wrong += found
    numbers: dict[str, FloatArray] = {}
    for name in COLUMNS:
        if name in cells:
            numbers[name], found = _numbers(path, lines, name, cells[name])
            wrong += found
    _refuse(sorted(wrong))
    return Table(lines, np.array(starts, dtype=np.int64), intraday, numbers)


def _refuse(problems: list[Problem]) -> None:
    if len(problems) > _MOST_PROBLEMS:
        more = Problem.in_file(problems[0].file, f"and {len(problems) - _MOST_PROBLEMS} problems more")
        raise ProblemError([*problems[:_MOST_PROBLEMS], more])
    if problems:
        raise ProblemError(problems)


def _rows(path: Path) -> tuple[list[str], list[int], list[list[str]]]:
    reader = csv.reader(_text(path).splitlines())
    lines, rows = [], []
    try:
        header = [name.strip().lower() for name in next(reader, [])]
        for row in reader:
            if row:
                rows.append(row)
                lines.append(reader.line_num)
    except csv.Error as error:
        raise ProblemError([Problem(str(path), reader.line_num, 1, "", f"not CSV: {error}")]) from error
    return header, lines, rows


def _text(path: Path) -> str:
    try:
        raw = path.read_bytes()
    except OSError as error:
        reason = "no such file" if isinstance(error, FileNotFoundError) else f"can't be read: {error.strerror}"
        raise ProblemError.of(path, reason) from error
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise ProblemError([Problem(str(path), line, 1, "", "not UTF-8 text")]) from error


def _header_problems(path: Path, header: list[str]) -> list[Problem]:
    def said(message: str) -> Problem:
        return Problem(str(path), 1, 1, "", message)

    if not header:
        return [said("the file is empty; expected a header with date and close")]
    got = ", ".join(header)
    found = [said(f"column '{name}' stands twice") for name in sorted(set(header)) if header.count(name) > 1]
    if sum(name in header for name in _TIMES) != 1:
        found.append(said(f"one column must be called date, or datetime for bars within a day (got {got})"))
    if "close" not in header:
        found.append(said(f"column 'close' is missing (got {got})"))
    return found


def _width_problems(path: Path, header: list[str], lines: list[int], rows: list[list[str]]) -> list[Problem]:
    return [
        Problem(str(path), line, 1, "", f"{len(row)} cells under a header of {len(header)}")
        for line, row in zip(lines, rows, strict=True)
        if len(row) != len(header)
    ]


def _fitting(header: list[str], lines: list[int], rows: list[list[str]]) -> tuple[list[int], list[list[str]]]:
    """The rows that are as wide as the header, so that their other mistakes can be told too."""
    kept = [at for at, row in enumerate(rows) if len(row) == len(header)]
    return [lines[at] for at in kept], [rows[at] for at in kept]


def _starts(path: Path, lines: list[int], cells: tuple[str, ...], *, intraday: bool) -> tuple[list[int], list[Problem]]:
    parse, name, example = (
        (_moment, "datetime", "2020-01-31T14:30:00Z") if intraday else (_midnight, "date", "2020-01-31")
    )
    starts, wrong = _parsed(cells, parse, 0)
    problems = [
        Problem(str(path), lines[at], 1, name, f"not a {name} (got {cells[at]!r}); allowed: {example}") for at in wrong
    ]
    dated = sorted(set(range(len(starts))) - set(wrong)) if wrong else range(len(starts))
    return starts, [*problems, *_order_problems(path, lines, cells, starts, dated, name)]


def _order_problems(
    path: Path, lines: list[int], cells: tuple[str, ...], starts: list[int], dated: Sequence[int], name: str
) -> Iterator[Problem]:
    for before, at in pairwise(dated):
        if starts[at] == starts[before]:
            yield Problem(str(path), lines[at], 1, name, f"{cells[at]} stands twice (also on line {lines[before]})")
        elif starts[at] < starts[before]:
            yield Problem(
                str(path), lines[at], 1, name, f"{cells[at]} comes after {cells[before]}; allowed: oldest first"
            )


def _numbers(path: Path, lines: list[int], name: str, cells: tuple[str, ...]) -> tuple[FloatArray, list[Problem]]:
    parsed, _ = _parsed(cells, _number, np.nan)
    numbers = np.array(parsed, dtype=np.float64)
    wrong = [at for at in np.flatnonzero(~np.isfinite(numbers)).tolist() if cells[at].strip()]
    allowed = "allowed: a finite number, or a blank cell where it is unknown"
    problems = [Problem(str(path), lines[at], 1, name, f"not a number (got {cells[at]!r}); {allowed}") for at in wrong]
    return numbers, problems


def _parsed(cells: tuple[str, ...], parse: Callable[[str], _Cell], instead: _Cell) -> tuple[list[_Cell], list[int]]:
    """All cells parsed, with `instead` for those that can't be, and the positions of these."""
    try:
        return [parse(cell) for cell in cells], []
    except ValueError:
        wrong = {at for at, cell in enumerate(cells) if not _parses(cell, parse)}
        return [instead if at in wrong else parse(cell) for at, cell in enumerate(cells)], sorted(wrong)


def _parses(cell: str, parse: Callable[[str], object]) -> bool:
    try:
        parse(cell)
    except ValueError:
        return False
    return True


def _number(cell: str) -> float:
    return float(cell) if cell.strip() else np.nan


def _midnight(cell: str) -> int:
    return (date.fromisoformat(cell).toordinal() - _EPOCH) * DAY


def _moment(cell: str) -> int:
    moment = datetime.fromisoformat(cell)
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
