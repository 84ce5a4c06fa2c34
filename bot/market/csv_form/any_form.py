"""A file of bars in any form read to times and numbers, with every mistake in it by its line."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np

from bot.market.csv_form.columns import plain_name
from bot.market.csv_form.complaints import shown
from bot.market.csv_form.grid import SEPARATORS, Grid, grid_of
from bot.market.csv_form.model import Table, Times
from bot.market.csv_form.names import OTHER_FIGURES
from bot.market.csv_form.numbers import AmbiguousNumbersError, decimal_mark, has_comma, number_cells, numbers
from bot.market.csv_form.times import AmbiguousDatesError, no_date, times_of
from bot.market.csv_form.zones import ZoneError, header_zone
from bot.problem import Problem, ProblemError
from bot.signals.bars import COLUMNS, PRICES, FloatArray

_PLAIN_NAMES = {*COLUMNS, "o", "h", "l", "c", "v", "vol"}


def any_table(path: Path, text: str) -> Table:
    """The table in a file's text, with how it was understood; raises ProblemError with everything that is wrong."""
    grid = grid_of(path, text)
    if grid.columns.repeated:
        grid.complaints.refuse()
    times, name = _times(path, grid)
    cells = [row[grid.columns.times[0]] for row in grid.rows]
    for at in times.wrong:
        words = partial(no_date, cells[at])
        grid.complaints.note(str(path), grid.lines[at], name, words, "times")
    parsed, style = _numbers(path, grid)
    order, sorted_by = _order(path, grid, cells, times, name)
    grid.complaints.refuse()
    picked = Times(times.day[order], times.clock[order], times.offset[order], times.zoned, (), times.form)
    twice = len(cells) - len(order)
    form = _form(
        grid,
        (
            times.form,
            style,
            sorted_by,
            f"{twice} row{'' if twice == 1 else 's'} repeated and counted once" if twice else "",
        ),
    )
    columns = {what: values[order] for what, values in parsed.items()}
    return Table([grid.lines[at] for at in order.tolist()], picked, columns, form, grid.symbol)


def _not(what: str, cell: str, allowed: str) -> str:
    return f"not {what} (got {shown(cell)}); allowed: {allowed}"


def _form(grid: Grid, parts: Sequence[str]) -> str:
    renamed = [
        f"{what} from '{grid.header[at].strip()}'"
        for what, at in grid.columns.numbers.items()
        if what in COLUMNS and grid.header_line and plain_name(grid.header[at]) not in _PLAIN_NAMES
    ]
    volumes = (
        [name.strip() for name in grid.header if re.search("vol|umsatz", name.lower())]
        if "volume" not in grid.columns.numbers
        else []
    )
    unread = f"no volume (it may be any of {', '.join(volumes)})" if volumes else _missing_price(grid)
    separated = f"separated by {SEPARATORS.get(grid.separator, grid.separator)}s" if grid.separator != "," else ""
    return "; ".join(filter(None, (separated, *parts, ", ".join(renamed), unread, *grid.notes)))


def _missing_price(grid: Grid) -> str:
    """Which price is nowhere, where others are and a column that is not read may be it."""
    lost = [price for price in PRICES if price not in grid.columns.numbers]
    read = {*grid.columns.numbers.values(), *grid.columns.times}
    names = [name.strip() for at, name in enumerate(grid.header) if at not in read and name.strip()]
    unread = [name for name in names if OTHER_FIGURES.isdisjoint(re.findall("[a-z]+", name.lower()))]
    alone = len(lost) == len(PRICES) - 1
    return f"no {' and no '.join(lost)} (not read: {', '.join(unread[:5])})" if lost and unread and not alone else ""


def _times(path: Path, grid: Grid) -> tuple[Times, str]:
    """The times of the rows and the name of their column; other columns of times must tell the same days."""
    names = [plain_name(grid.header[at]) for at in grid.columns.times]
    cells = [[row[at] for row in grid.rows] for at in grid.columns.times]
    likely = "day" if grid.columns.foreign else ""
    zone = next(filter(None, (header_zone(grid.header[at]) for at in grid.columns.times)), "")
    if "close/last" in map(plain_name, grid.header):
        likely = "month"  # Nasdaq's own word, whose dates are American
    if "date" in names and "time" in names and names.index("date") == 0 and _clocks(cells[names.index("time")]):
        if all(not clock.strip("0 :") for clock in cells[names.index("time")]):
            return _dated(path, grid, cells[0], "date", (likely, "")), "date"
        joined = [
            f"{day.strip()} {_six(clock)}" for day, clock in zip(cells[0], cells[names.index("time")], strict=True)
        ]
        return _dated(path, grid, joined, "date", (likely, zone)), "date"
    times = _dated(path, grid, cells[0], names[0], (likely, zone))
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


def _dated(path: Path, grid: Grid, cells: Sequence[str], name: str, likely: tuple[str, str]) -> Times:
    """The times of a column; `likely` are the part of the date that may come first, and the zone."""
    try:
        return times_of(cells, likely=likely[0], zone=likely[1])
    except ZoneError as error:
        raise ProblemError([Problem(str(path), grid.lines[error.at], 1, name, str(error))]) from None
    except AmbiguousDatesError as error:
        told = f"{error} may be a day and a month or a month and a day, and no row tells which"
        raise ProblemError([Problem.in_file(path, f"{told}; write dates as 2020-01-31", name)]) from None


def _or_none(cells: Sequence[str], likely: str) -> Times | None:
    try:
        return times_of(cells, likely=likely)
    except (AmbiguousDatesError, ZoneError):
        return None


def _order(path: Path, grid: Grid, cells: Sequence[str], times: Times, name: str) -> tuple[np.ndarray, str]:
    """Positions of the rows, oldest first and each row once, and what was done for it; complains of other twins."""
    good = np.setdiff1d(np.arange(len(cells)), np.array(times.wrong, dtype=np.int64))
    again = [at for before, at in pairwise(good.tolist()) if grid.rows[at] == grid.rows[before]]
    good = np.setdiff1d(good, again)
    instants = times.instants
    steps = np.diff(instants[good])
    backwards = bool((steps < 0).sum() > (steps > 0).sum())
    odd = good[1:][steps > 0 if backwards else steps < 0]
    order = good[::-1] if backwards else good
    if len(odd):
        order = order[np.argsort(instants[order], kind="stable")]
    for at in np.flatnonzero(np.diff(instants[order]) == 0).tolist():
        before, twin = sorted(order[at : at + 2].tolist())
        told = f"stands twice (also on line {grid.lines[before]}); leave one of them out"
        words = partial("{} {}".format, shown(cells[twin])[1:-1], told)
        grid.complaints.note(str(path), grid.lines[twin], name, words, "order")
    if len(odd):
        return order, f"rows sorted by date ({len(odd)} out of order, the first on line {grid.lines[odd[0]]})"
    return order, "newest first" if backwards else ""


def _numbers(path: Path, grid: Grid) -> tuple[dict[str, FloatArray], str]:
    """The columns of bars and which sign was taken for the decimal one; complains of what is no number."""
    at = {what: grid.columns.numbers[what] for what in COLUMNS if what in grid.columns.numbers}
    raw = {what: [row[place] for row in grid.rows] for what, place in at.items()}
    bare = {what: number_cells(cells, counts=what == "volume") for what, cells in raw.items()}
    try:
        mark = decimal_mark(list(bare.values()), likely=_likely_mark(grid))
    except AmbiguousNumbersError as error:
        told = f"{error} may be thousands or decimals, and no number tells which"
        raise ProblemError.of(path, f"{told}; write 1234.5 without a sign between thousands") from None
    parsed = {what: numbers(cells, mark) for what, cells in bare.items()}
    for what, values in parsed.items():
        for n in np.flatnonzero(np.isinf(values)).tolist():
            words = partial(_not, "a number", raw[what][n], "a finite number, or a blank cell where it is unknown")
            grid.complaints.note(str(path), grid.lines[n], what, words, what)
    grouped = "commas between thousands" if has_comma(bare.values()) else ""
    return parsed, "decimal comma" if mark == "," else grouped


def _likely_mark(grid: Grid) -> str:
    if grid.columns.foreign:
        return ","
    return "" if grid.separator == ";" else "."
