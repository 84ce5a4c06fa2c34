"""A file of bars read to times and numbers, with every mistake in it by its line, and with how it was understood."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from bot.market.csv_form.columns import plain_name
from bot.market.csv_form.grid import SEPARATORS, Grid, grid_of
from bot.market.csv_form.numbers import AmbiguousNumbersError, decimal_mark, has_comma, number_cells, numbers
from bot.market.csv_form.text import text_of
from bot.market.csv_form.times import AmbiguousDatesError, Times, times_of
from bot.problem import Problem, ProblemError
from bot.signals.bars import COLUMNS, FloatArray

_MOST_PROBLEMS = 100
_PLAIN_NAMES = {*COLUMNS, "o", "h", "l", "c", "v", "vol"}


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Rows of a file, oldest first. `numbers` has the known columns that the file has; what is unknown is NaN.

    `form` says in one line how the file was understood, and is empty where it has the plain form of the README.
    """

    lines: list[int]
    times: Times
    numbers: Mapping[str, FloatArray]
    form: str

    @property
    def intraday(self) -> bool:
        """Whether the rows are bars within a day: several of one date, or hours apart on the clock."""
        clock, day = self.times.clock, self.times.day
        spread = int(np.ptp(clock)) if len(clock) else 0
        return spread > 3600 or bool(((np.diff(day) == 0) & (np.diff(clock) > 0)).any())


def read_table(path: Path) -> Table:
    """The table in a file; raises ProblemError with everything that is wrong with it."""
    grid = grid_of(path, text_of(path))
    if grid.columns.repeated:
        raise ProblemError(list(grid.problems))
    wrong = list(grid.problems)
    times, name = _times(path, grid)
    shown = [row[grid.columns.times[0]] for row in grid.rows]
    wrong += [
        Problem(str(path), grid.lines[at], 1, name, f"not a date (got {shown[at]!r}); allowed: 2020-01-31")
        for at in times.wrong
    ]
    parsed, found, style = _numbers(path, grid)
    order, repeated = _order(path, grid, shown, times, name)
    _refuse(sorted([*wrong, *found, *repeated]))
    picked = Times(times.day[order], times.clock[order], times.offset[order], times.zoned, (), times.form)
    newest_first = len(order) > 1 and int(order[0]) > int(order[-1])
    twice = len(shown) - len(order)
    form = _form(
        grid,
        (
            times.form,
            style,
            "newest first" if newest_first else "",
            f"{twice} row{'' if twice == 1 else 's'} stood there twice" if twice else "",
        ),
    )
    columns = {what: values[order] for what, values in parsed.items()}
    return Table([grid.lines[at] for at in order.tolist()], picked, columns, form)


def _refuse(problems: list[Problem]) -> None:
    if len(problems) > _MOST_PROBLEMS:
        more = Problem.in_file(problems[0].file, f"and {len(problems) - _MOST_PROBLEMS} problems more")
        raise ProblemError([*problems[:_MOST_PROBLEMS], more])
    if problems:
        raise ProblemError(problems)


def _form(grid: Grid, parts: Sequence[str]) -> str:
    renamed = [
        f"{what} from '{grid.header[at].strip()}'"
        for what, at in grid.columns.numbers.items()
        if what in COLUMNS and grid.header_line and plain_name(grid.header[at]) not in _PLAIN_NAMES
    ]
    volumes = (
        [name.strip() for name in grid.header if "vol" in name.lower()] if "volume" not in grid.columns.numbers else []
    )
    unread = f"no volume (it may be any of {', '.join(volumes)})" if volumes else ""
    separated = f"separated by {SEPARATORS.get(grid.separator, grid.separator)}s" if grid.separator != "," else ""
    return "; ".join(filter(None, (separated, *parts, ", ".join(renamed), unread, *grid.notes)))


def _times(path: Path, grid: Grid) -> tuple[Times, str]:
    """The times of the rows and the name of their column; other columns of times must tell the same days."""
    names = [plain_name(grid.header[at]) for at in grid.columns.times]
    cells = [[row[at] for row in grid.rows] for at in grid.columns.times]
    likely = "day" if grid.columns.foreign else ""
    if "close/last" in map(plain_name, grid.header):
        likely = "month"  # Nasdaq's own word, whose dates are American
    if "date" in names and "time" in names and names.index("date") == 0 and _clocks(cells[names.index("time")]):
        if all(not clock.strip("0 :") for clock in cells[names.index("time")]):
            return _dated(path, cells[0], "date", likely), "date"
        joined = [
            f"{day.strip()} {_six(clock)}" for day, clock in zip(cells[0], cells[names.index("time")], strict=True)
        ]
        return _dated(path, joined, "date", likely), "date"
    times = _dated(path, cells[0], names[0], likely)
    for name, others in zip(names[1:], cells[1:], strict=True):
        other = _or_none(others, likely)
        if other is None or len(other.wrong) or len(times.wrong):
            continue
        apart = np.flatnonzero(other.day != times.day)
        if len(apart):
            told = f"columns {names[0]} and {name} tell different days; leave one of them out"
            raise ProblemError([Problem(str(path), grid.lines[int(apart[0])], 1, "", told)])
    return times, names[0] or "date"


def _clocks(cells: Sequence[str]) -> bool:
    return all(re.fullmatch(r"\d{1,2}:\d\d(:\d\d)?|\d{1,6}", cell.strip()) for cell in cells)


def _six(clock: str) -> str:
    return clock if ":" in clock else clock.strip().zfill(6)


def _dated(path: Path, cells: Sequence[str], name: str, likely: str) -> Times:
    try:
        return times_of(cells, likely=likely)
    except AmbiguousDatesError as error:
        told = f"{error} may be a day and a month or a month and a day, and no row tells which"
        raise ProblemError([Problem.in_file(path, f"{told}; write dates as 2020-01-31", name)]) from None


def _or_none(cells: Sequence[str], likely: str) -> Times | None:
    try:
        return times_of(cells, likely=likely)
    except AmbiguousDatesError:
        return None


def _order(path: Path, grid: Grid, cells: Sequence[str], times: Times, name: str) -> tuple[np.ndarray, list[Problem]]:
    """Positions of the rows, oldest first and each row once, and what is out of order."""
    good = np.setdiff1d(np.arange(len(cells)), np.array(times.wrong, dtype=np.int64))
    again = [at for before, at in pairwise(good.tolist()) if grid.rows[at] == grid.rows[before]]
    good = np.setdiff1d(good, again)
    instants = times.instants
    steps = np.diff(instants[good])
    backwards = bool((steps < 0).sum() > (steps > 0).sum())
    problems = list(_disorder(path, grid.lines, cells, good, instants, name, backwards=backwards))
    return (good[::-1] if backwards else good), problems


def _disorder(
    path: Path,
    lines: list[int],
    cells: Sequence[str],
    good: np.ndarray,
    instants: np.ndarray,
    name: str,
    *,
    backwards: bool,
) -> Iterator[Problem]:
    how = "newest first, as the other rows are" if backwards else "oldest first, or newest first in all rows"
    for before, at in pairwise(good.tolist()):
        step = int(instants[at] - instants[before])
        if step == 0:
            yield Problem(str(path), lines[at], 1, name, f"{cells[at]} stands twice (also on line {lines[before]})")
        elif (step < 0) != backwards:
            yield Problem(str(path), lines[at], 1, name, f"{cells[at]} comes after {cells[before]}; allowed: {how}")


def _numbers(path: Path, grid: Grid) -> tuple[dict[str, FloatArray], list[Problem], str]:
    """The columns of bars, what is wrong in them, and which sign was taken for the decimal one."""
    at = {what: grid.columns.numbers[what] for what in COLUMNS if what in grid.columns.numbers}
    raw = {what: [row[place] for row in grid.rows] for what, place in at.items()}
    bare = {what: number_cells(cells, counts=what == "volume") for what, cells in raw.items()}
    try:
        mark = decimal_mark(list(bare.values()), likely=_likely_mark(grid))
    except AmbiguousNumbersError as error:
        told = f"{error} may be thousands or decimals, and no number tells which"
        raise ProblemError.of(path, f"{told}; write 1234.5 without a sign between thousands") from None
    parsed = {what: numbers(cells, mark) for what, cells in bare.items()}
    allowed = "allowed: a finite number, or a blank cell where it is unknown"
    problems = [
        Problem(str(path), grid.lines[n], 1, what, f"not a number (got {raw[what][n]!r}); {allowed}")
        for what, values in parsed.items()
        for n in np.flatnonzero(np.isinf(values)).tolist()
    ]
    grouped = "commas between thousands" if has_comma(bare.values()) else ""
    return parsed, problems, "decimal comma" if mark == "," else grouped


def _likely_mark(grid: Grid) -> str:
    if grid.columns.foreign:
        return ","
    return "" if grid.separator == ";" else "."
