"""The rows of a file and the header above them: separator, lines that are neither, and forms without a header."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from bot.market.csv_form.columns import Columns, columns_of, plain_name
from bot.market.csv_form.complaints import Complaints
from bot.problem import Problem, ProblemError

SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar", " ": "blank"}
"""By sign, what separates cells, the likeliest first; any number of blanks is one separator."""

_BEFORE_HEADER = 20
"""Lines above the header at most."""

_MOST_NOTES = 5

_KRAKEN = ("time", "open", "high", "low", "close", "volume", "trades")
_BINANCE = ("open time", "open", "high", "low", "close", "volume", "close time", "quote volume", "trades", "", "", "")
_BAR = r"(?:\d+(?:\.\d+)?{0}){{4}}\d+(?:\.\d+)?"
_PLATFORMS = (
    (re.compile(r"\d{4}\.\d\d\.\d\d,\d\d:\d\d," + _BAR.format(",")), ("date", "time", *_KRAKEN[1:6])),
    (re.compile(r"\d{8}(?: \d{6})?;" + _BAR.format(";")), ("date", *_KRAKEN[1:6])),
)
"""What MetaTrader 4 and NinjaTrader write, with the header that they leave out."""

_LONG_PERIODS = frozenset({"W", "M", "1W", "1M", "1MO", "WEEK", "MONTH", "WEEKLY", "MONTHLY"})
_EXAMPLE = "date,open,high,low,close,volume"

Line = tuple[int, list[str]]
"""A line's number in the file and its cells."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Rows of a file in its own order, all as wide as the header; `notes` tell what was made of it.

    `header_line` is 0 where the file has no header. `complaints` are of rows that are not among these.
    """

    separator: str
    header: tuple[str, ...]
    header_line: int
    columns: Columns
    lines: list[int]
    rows: list[list[str]]
    notes: tuple[str, ...]
    complaints: Complaints = field(default_factory=Complaints)

    @property
    def symbol(self) -> str:
        """What its column of symbols says, "" where it has none; there is one at most, see `grid_of`."""
        at = self.columns.numbers.get("symbol")
        return self.rows[0][at].strip() if at is not None and self.rows else ""


def grid_of(path: Path, text: str) -> Grid:
    """The grid in a file's text. Raises ProblemError with all that is wrong with its shape."""
    lines = text.splitlines()
    told = re.fullmatch(r'"?sep=(.)"?', lines[0].strip(), re.IGNORECASE) if lines else None
    tried = [told[1]] if told else list(SEPARATORS)
    for separator in tried:
        given = _cells(path, lines, separator)[1 if told else 0 :]
        if found := _headed(path, separator, given) or _headless(separator, given):
            return _checked(path, found)
    raise ProblemError([_no_header(path, lines[1 if told else 0 :])])


def _cells(path: Path, lines: Sequence[str], separator: str) -> list[Line]:
    """All lines but blank ones and comments."""
    reader = csv.reader(lines, delimiter=separator, skipinitialspace=separator != "\t")
    try:
        rows = [(reader.line_num, row) for row in reader if any(row) and not row[0].startswith("#")]
    except csv.Error as error:
        raise ProblemError([Problem(str(path), reader.line_num, 1, "", f"not CSV: {error}")]) from error
    return rows if separator != "|" else [(at, row) for at, row in rows if not set("".join(row)) <= {"-", ":", " "}]


def _headed(path: Path, separator: str, given: Sequence[Line]) -> Grid | None:
    """The grid below the first line that names a time and a close; three lines of names are one header."""
    for at, (line, row) in enumerate(given[: _BEFORE_HEADER if separator != " " else 1]):
        stacked = _stacked(path, given[at : at + 3])
        header, below = (stacked, at + 3) if stacked else (row, at + 1)
        columns = columns_of(header, path.stem)
        if len(columns.symbols) > 1 and columns.times:
            raise ProblemError([_several_symbols(path, line, columns.symbols)])
        if columns.enough and len(header) > 1:
            notes = tuple(_left_out(number, cells, separator) for number, cells in given[:at])
            notes += ("three lines of header",) if stacked else ()
            lines, rows = [number for number, _ in given[below:]], [cells for _, cells in given[below:]]
            return Grid(separator, tuple(header), line, columns, lines, rows, notes)
    return None


def _stacked(path: Path, three: Sequence[Line]) -> list[str] | None:
    """The names in three lines of a header: what, of which symbol, and the name of the times."""
    if len(three) < 3:
        return None
    first, second, third = (cells for _, cells in three)
    if plain_name(third[0]) not in {"date", "datetime"} or any(cell.strip() for cell in third[1:]):
        return None
    what, symbols = (first, second) if "close" in map(plain_name, first[1:]) else (second, first)
    several = sorted({symbol for symbol in symbols[1:] if symbol.strip()})
    if len(several) > 1:
        raise ProblemError([_several_symbols(path, three[0][0], several)])
    return [third[0], *what[1:]] if "close" in map(plain_name, what[1:]) else None


def _headless(separator: str, given: Sequence[Line]) -> Grid | None:
    """Rows without a header, where an exchange's form is known: times, figures and counts in their places."""
    rows = [row for _, row in given]
    for form, known_header in _PLATFORMS:
        wide = bool(rows) and set(map(len, rows)) == {len(known_header)}
        if wide and all(form.fullmatch(separator.join(row)) and _bar_in_places(row[-5:-1]) for row in rows):
            return _bare(separator, known_header, given)
    numeric = bool(rows) and all(re.fullmatch(r"[\d.]+", cell) for row in rows[:50] for cell in row)
    known = {len(_KRAKEN): _KRAKEN, len(_BINANCE): _BINANCE}
    header = known.get(len(rows[0])) if numeric else None
    if header is None or not all(_in_places(row) for row in rows[:50]):
        return None
    return _bare(separator, header, given)


def _bare(separator: str, header: tuple[str, ...], given: Sequence[Line]) -> Grid:
    notes = ("no header; columns are time, open, high, low, close, volume and others",)
    lines, rows = [number for number, _ in given], [row for _, row in given]
    return Grid(separator, header, 0, columns_of(header), lines, rows, notes)


def _bar_in_places(cells: Sequence[str]) -> bool:
    opened, high, low, close = map(float, cells)
    return low <= min(opened, close) <= max(opened, close) <= high


def _in_places(row: Sequence[str]) -> bool:
    try:
        closing = int(row[6]) if len(row) == len(_BINANCE) else int(row[0])
        return (
            int(row[0]) >= 10**8
            and _bar_in_places(row[1:5])
            and (closing > int(row[0]) if len(row) == len(_BINANCE) else row[6].isdecimal())
        )
    except (ValueError, IndexError):
        return False


def _no_header(path: Path, lines: Sequence[str]) -> Problem:
    """Why nothing in the file is a header."""
    filled = [line for line in lines if line.strip()]
    named = (line for line in filled[:_BEFORE_HEADER] if any(_names_times(line, each) for each in ",;\t"))
    first = next(named, filled[0] if filled else "")
    at = list(lines).index(first) + 1 if first else 1
    if not first:
        return Problem(str(path), 1, 1, "", f"the file is empty; expected a header such as {_EXAMPLE}")
    shown = first.strip().lstrip("\ufeff")[:120]
    if re.match(r"""["']?[\d.+-]""", shown):
        why = "no header, so nobody can tell which number is the close"
        return Problem(str(path), at, 1, "", f"{why} (got {shown}); begin the file with a line such as {_EXAMPLE}")
    if shown[0] in "<{[":
        return Problem(str(path), at, 1, "", f"not CSV (got {shown}); allowed: a header such as {_EXAMPLE}, and rows")
    visible = [separator for separator in SEPARATORS if separator.strip() or separator == "\t"]
    if not any(separator in first for separator in visible):
        why = "columns are not separated by commas, semicolons or tabs"
        return Problem(str(path), at, 1, "", f"{why} (got {shown}); allowed: {_EXAMPLE}")
    names = [name.strip() for name in first.split(max(visible, key=first.count))]
    if "snapped_at" in names:
        why = "prices of the instant at which each day begins, not closes of days"
        return Problem(str(path), at, 1, "", f"{why} (got {shown}); allowed: {_EXAMPLE}")
    missing = "column 'close' is missing" if columns_of(names).times else "one column must be called date or datetime"
    allowed = f"allowed: a header such as {_EXAMPLE}"
    if len(names) == 2:
        allowed = f"allowed: a header such as date,close, if {names[1][:40]} is the close"
    return Problem(str(path), at, 1, "", f"{missing} (got {', '.join(names)[:120]}); {allowed}")


def _names_times(line: str, separator: str) -> bool:
    cells = line.split(separator)
    return bool(cells[0].strip()) and len(cells) > 1 and bool(columns_of(cells).times)


def _checked(path: Path, grid: Grid) -> Grid:
    """The grid without remarks and without rows that are not as wide as its header, which become problems."""
    complaints = Complaints()
    for name in grid.columns.repeated:
        complaints.add(
            Problem(str(path), grid.header_line, 1, "", f"column '{name}' stands twice; leave one of them out")
        )
    width = len(grid.header)
    even = set(map(len, grid.rows)) <= {width}  # as in nearly all files
    lines, rows, notes = (grid.lines, grid.rows, list(grid.notes)) if even else ([], [], list(grid.notes))
    for line, row in () if even else zip(grid.lines, grid.rows, strict=True):
        if _is_remark(row):
            notes.append(_left_out(line, row, grid.separator))
        elif len(row) == width or (len(row) > width and not any(map(str.strip, row[width:]))):
            lines.append(line)
            rows.append(row[:width])
        else:
            complaints.note(str(path), line, "", partial(_width, row, width, grid.separator))
    for problem in _mixed(path, grid, rows):
        complaints.add(problem)
    return replace(grid, lines=lines, rows=rows, notes=tuple(_few(notes)), complaints=complaints)


def _few(notes: list[str]) -> list[str]:
    """The first notes; of a file with a remark on every other line nobody reads more."""
    more = len(notes) - _MOST_NOTES
    return [*notes[:_MOST_NOTES], f"and {more} lines more left out"] if more > 0 else notes


def _left_out(line: int, row: Sequence[str], separator: str) -> str:
    return f"line {line} left out ({separator.join(row)[:60]})"


def _is_remark(row: Sequence[str]) -> bool:
    """Whether a row is a sentence below or between the rows, or tells of a dividend or split, and is no bar."""
    filled = [cell.strip() for cell in row if cell.strip()]
    if len(filled) == 2 and re.fullmatch(r".*\b(?:dividend|splits?)", filled[1], re.IGNORECASE):
        return True
    words = " " in row[0].strip() and not re.match(r"\s*[\d.+-]", row[0])
    return words and row[0].strip() == filled[0] and (len(filled) == 1 or not any(map(_has_digit, filled)))


def _has_digit(cell: str) -> bool:
    return re.search(r"\d", cell) is not None


def _width(row: Sequence[str], width: int, separator: str) -> str:
    cause = ""
    if len(row) > width and separator == ",":
        cause = "; if numbers have commas, put them in quotes or separate the cells by semicolons"
    return f"{len(row)} cells under a header of {width}{cause}"


def _mixed(path: Path, grid: Grid, rows: Sequence[Sequence[str]]) -> list[Problem]:
    """What is wrong where rows are of several symbols, or of weeks and months."""

    def values(what: str) -> list[str]:
        at = grid.columns.numbers.get(what)
        return sorted({row[at].strip() for row in rows}) if at is not None else []

    symbols = values("symbol")
    problems = [_several_symbols(path, grid.header_line, symbols)] if len(symbols) > 1 else []
    return problems + [
        Problem.in_file(path, f"holds bars of a week or a month (got period {period}); allowed: daily bars")
        for period in values("period")
        if period.upper() in _LONG_PERIODS
    ]


def _several_symbols(path: Path, line: int, symbols: Sequence[str]) -> Problem:
    shown = ", ".join(symbols[:3]) + (", …" if len(symbols) > 3 else "")
    return Problem(str(path), line, 1, "", f"rows of {len(symbols)} symbols ({shown}); allowed: a file for each")
