"""Tables in the plain form of the README, read column by column: of such files a million rows should take a second."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from bot.market.csv_form.model import Times
from bot.signals.bars import COLUMNS, FloatArray, IntArray
from bot.signals.timeframe import DAY

_TIMES = ("date", "datetime")
_NAMES = frozenset({*_TIMES, *COLUMNS, "adj_close"})
_OLDEST, _NEWEST = -5_364_662_400, 7_258_118_400
"""1800 and 2200."""

_FIRST_CENTURY = 18
_MONTHS = np.arange("1800-01", "2200-02", dtype="datetime64[M]").astype("datetime64[D]").astype(np.int64)
"""Days since 1970 on which the months from 1800 to 2200 begin."""

_CLOCK = ((23, 3600), (59, 60), (59, 1))
"""Of hours, minutes and seconds the largest, and how many seconds each is."""

_CELLS_AT_ONCE = 20_000
"""Few enough for a processor's cache."""

_LONGEST_CELL = 24
_CELL_STEP = 4
"""Bytes in which cells are read: their digits are joined two and two, and then once more."""

_MOST_DIGITS = 15
"""So many are exact in a float, and so is the power of ten below them: one division rounds as a careful parser does."""

_NEWLINE, _COMMA, _POINT, _MINUS, _ZERO = b"\n,.-0"
_POWERS = 10.0 ** np.arange(_MOST_DIGITS + 1)
_STAMPS = (b"0000-00-00", b"0000-00-00T00:00", b"0000-00-00T00:00Z", b"0000-00-00T00:00:00", b"0000-00-00T00:00:00Z")


_Read = Callable[[np.ndarray, IntArray], np.ndarray | None]
"""Reads cells: rows of bytes, the n-th of all cells in a row, of which so many are each cell's own: the last ones."""


class PlainTable(NamedTuple):
    """What a plain file holds: its rows are the lines from the second on, oldest first."""

    times: Times
    numbers: dict[str, FloatArray]


def plain_table(raw: bytes) -> PlainTable | None:
    """The table in a file's bytes; None where anything in it is not in the plain form, which is no mistake yet."""
    raw = raw.replace(b"\r\n", b"\n") if b"\r" in raw else raw
    head, _, body = raw.partition(b"\n")
    header = head.decode("ascii", "replace").split(",")
    stamps = [name for name in _TIMES if name in header]
    if len(stamps) != 1 or "close" not in header or len(set(header)) < len(header) or not _NAMES.issuperset(header):
        return None
    style = body.partition(b"\n")[0].split(b",")[header.index(stamps[0]) : len(header)][:1]
    stamp = next((each for each in _STAMPS if [len(each)] == [len(text) for text in style]), None)
    cells = _Cells.of(body if body.endswith(b"\n") else body + b"\n", len(header)) if stamp else None
    if cells is None or stamp is None:
        return None
    names = [name for name in COLUMNS if name in header]
    instants = cells.values([header.index(stamps[0])], lambda rows, sizes: _instants(rows, sizes, stamp))
    numbers = cells.values([header.index(name) for name in names], _numbers)
    if instants is None or numbers is None:
        return None
    times = instants[0].astype(np.int64)
    if (np.diff(times) <= 0).any() or not _OLDEST <= times[0] <= times[-1] < _NEWEST:
        return None
    return PlainTable(_times(times, style[0]), dict(zip(names, numbers, strict=True)))


class _Cells(NamedTuple):
    """Where each cell of a file ends, and how long it is: row by row."""

    data: np.ndarray
    end: IntArray
    size: IntArray

    @classmethod
    def of(cls, body: bytes, width: int) -> _Cells | None:
        """The cells of rows that are all of that width; None where some are not."""
        data = np.frombuffer(bytes(_LONGEST_CELL) + body, dtype=np.uint8)
        newline = data == _NEWLINE
        ends = np.flatnonzero(newline | (data == _COMMA))
        if len(ends) != int(np.count_nonzero(newline)) * width or not newline[ends[width - 1 :: width]].all():
            return None
        size = np.diff(ends, prepend=_LONGEST_CELL - 1) - 1
        return cls(data, ends.reshape(-1, width), size.reshape(-1, width)) if size.max() <= _LONGEST_CELL else None

    def values(self, columns: Sequence[int], read: _Read) -> np.ndarray | None:
        """The values of some columns, a row for each; None where one can't be read."""
        values = list(self._read(columns, read))
        known = [each for each in values if each is not None]
        return np.concatenate(known).reshape(len(columns), -1) if len(known) == len(values) else None

    def _read(self, columns: Sequence[int], read: _Read) -> Iterator[np.ndarray | None]:
        """Column behind column, so many cells at a time."""
        ends, sizes = (each[:, columns].T.ravel() for each in (self.end, self.size))
        for at in range(0, len(ends), _CELLS_AT_ONCE):
            end, size = ends[at : at + _CELLS_AT_ONCE], sizes[at : at + _CELLS_AT_ONCE]
            width = _CELL_STEP * max(1, -(-int(size.max()) // _CELL_STEP))
            yield read(self.data.take(end - np.arange(width, 0, -1)[:, None]), size)


def _numbers(rows: np.ndarray, size: IntArray) -> FloatArray | None:
    """Numbers such as 12, -0.5 and 1234.25, NaN for a blank; None where there is another, or one of many digits."""
    nth = np.arange(1, len(rows) + 1, dtype=np.uint8)[:, None]
    before = (len(rows) - size).astype(np.uint8)  # bytes of others that stand before a cell's own
    digit, own = rows - _ZERO, nth > before  # above 9 for all that is none, as the bytes wrap around
    is_digit, is_point, is_minus = (digit <= 9) & own, (rows == _POINT) & own, (rows == _MINUS) & (nth == before + 1)
    digits, points, minuses = (_sum(each.view(np.uint8)) for each in (is_digit, is_point, is_minus))
    if (digits + points + minuses != size).any() or (points > 1).any():
        return None
    if (digits > _MOST_DIGITS).any() or ((digits == 0) & (size > 0)).any():
        return None
    point = _sum(is_point.view(np.uint8) * nth)
    decimals = (len(rows) - point) * points
    whole = _whole(_joined(digit * is_digit.view(np.uint8), nth <= point))
    values = np.where(size > 0, whole / _POWERS[decimals], np.nan)
    return np.negative(values, out=values, where=minuses > 0)


def _joined(digit: np.ndarray, until_point: np.ndarray) -> np.ndarray:
    """The digits without the point: those before it go one byte on, and take its place."""
    before = until_point.view(np.uint8)
    joined = digit * (1 - before)
    joined[1:] += digit[:-1] * before[1:]
    return joined


def _whole(digit: np.ndarray) -> FloatArray:
    """The whole numbers of digits, the n-th of all in a row: two and two, for the narrowest numbers are the fastest."""
    pairs = digit[::2] * 10 + digit[1::2]
    fours = pairs[::2].astype(np.uint16) * 100 + pairs[1::2]
    whole = np.zeros(digit.shape[1])
    for each in fours:
        whole = whole * 10_000 + each
    return whole


def _sum(counts: np.ndarray) -> np.ndarray:
    """The sum of each cell, which one byte holds."""
    total: np.ndarray = np.add.reduce(counts, axis=0, dtype=np.uint8)
    return total


def _instants(rows: np.ndarray, size: IntArray, stamp: bytes) -> IntArray | None:
    """Seconds since 1970 of stamps that are all written alike; None where one is not, or is no day."""
    if (size != len(stamp)).any():
        return None
    form, rows = np.frombuffer(stamp, dtype=np.uint8), rows[-len(stamp) :]
    digits = form == _ZERO
    if (rows[~digits] != form[~digits, None]).any() or (rows[digits] - _ZERO > 9).any():
        return None
    pairs = (rows[digits] - _ZERO).astype(np.int64)
    century, year, month, day, *clock = pairs[::2] * 10 + pairs[1::2]
    nth = ((century - _FIRST_CENTURY) * 100 + year) * 12 + month - 1
    if (month < 1).any() or (month > 12).any() or (nth < 0).any() or (nth >= len(_MONTHS) - 1).any():
        return None
    if (day < 1).any() or (day > _MONTHS[nth + 1] - _MONTHS[nth]).any():
        return None
    instants: IntArray = (_MONTHS[nth] + day - 1) * DAY
    for count, (most, seconds) in zip(clock, _CLOCK, strict=False):
        if (count > most).any():
            return None
        instants += count * seconds
    return instants


def _times(instants: IntArray, style: bytes) -> Times:
    day = instants // DAY * DAY
    naive = b"T" in style and not style.endswith(b"Z")
    form = f"times like {style.decode()}" if naive else ""
    return Times(day, instants - day, np.zeros_like(day), zoned=style.endswith(b"Z"), wrong=(), form=form)
