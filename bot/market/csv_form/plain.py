"""Tables in the plain form of the README, read column by column: of such files a million rows should take a second."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from bot.market.csv_form.model import Times
from bot.signals.bars import COLUMNS, FloatArray, IntArray
from bot.signals.timeframe import DAY

_TIMES = ("date", "datetime")
_NAMES = frozenset({*_TIMES, *COLUMNS, "adj_close"})
_OLDEST, _NEWEST = -5_364_662_400, 7_258_118_400
"""1800 and 2200."""

_CELLS_AT_ONCE = 20_000
"""Few enough for a processor's cache."""

_LONGEST_CELL = 24

_MOST_DIGITS = 15
"""So many are exact in a float, and so is the power of ten below them: one division rounds as a careful parser does."""

_NEWLINE, _COMMA, _POINT, _MINUS, _ZERO = b"\n,.-0"
_POWERS = 10.0 ** np.arange(_MOST_DIGITS + 1)
_STAMPS = (b"0000-00-00", b"0000-00-00T00:00", b"0000-00-00T00:00Z", b"0000-00-00T00:00:00", b"0000-00-00T00:00:00Z")


_Read = Callable[[np.ndarray, IntArray], np.ndarray | None]
"""Reads the texts of cells, a row of bytes each, of which so many are the cell's own."""


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
    instants = cells.values([header.index(stamps[0])], lambda texts, sizes: _instants(texts, sizes, stamp))
    numbers = cells.values([header.index(name) for name in names], _numbers)
    if instants is None or numbers is None:
        return None
    times = instants[0].astype(np.int64)
    if (np.diff(times) <= 0).any() or not _OLDEST <= times[0] <= times[-1] < _NEWEST:
        return None
    return PlainTable(_times(times, style[0]), dict(zip(names, numbers, strict=True)))


class _Cells(NamedTuple):
    """Where each cell of a file begins, and how long it is: row by row."""

    data: np.ndarray
    first: IntArray
    size: IntArray

    @classmethod
    def of(cls, body: bytes, width: int) -> _Cells | None:
        """The cells of rows that are all of that width; None where some are not."""
        data = np.frombuffer(body + bytes(_LONGEST_CELL), dtype=np.uint8)
        newline = data == _NEWLINE
        ends = np.flatnonzero(newline | (data == _COMMA))
        if len(ends) != int(np.count_nonzero(newline)) * width or not newline[ends[width - 1 :: width]].all():
            return None
        first = np.concatenate([[0], ends[:-1] + 1])
        size = ends - first
        return cls(data, first.reshape(-1, width), size.reshape(-1, width)) if size.max() <= _LONGEST_CELL else None

    def values(self, columns: Sequence[int], read: _Read) -> np.ndarray | None:
        """The values of some columns, a row for each; None where one can't be read."""
        values = list(self._read(columns, read))
        known = [each for each in values if each is not None]
        return np.concatenate(known).reshape(len(columns), -1) if len(known) == len(values) else None

    def _read(self, columns: Sequence[int], read: _Read) -> Iterator[np.ndarray | None]:
        """Column behind column, so many cells at a time."""
        firsts, sizes = (each[:, columns].T.ravel() for each in (self.first, self.size))
        for at in range(0, len(firsts), _CELLS_AT_ONCE):
            first, size = firsts[at : at + _CELLS_AT_ONCE], sizes[at : at + _CELLS_AT_ONCE]
            texts = sliding_window_view(self.data, max(1, int(size.max())))[first]
            yield read(np.asfortranarray(texts), size)  # so that the n-th bytes of all cells lie side by side


def _numbers(texts: np.ndarray, size: IntArray) -> FloatArray | None:
    """Numbers such as 12, -0.5 and 1234.25, NaN for a blank; None where there is another, or one of many digits."""
    whole = np.zeros(len(size))
    digits, decimals = np.zeros(len(size), np.int8), np.zeros(len(size), np.int8)
    pointed, shortest = np.zeros(len(size), dtype=bool), int(size.min())
    for at in range(texts.shape[1]):
        digit = texts[:, at] - _ZERO  # above 9 for all that is none, as the bytes wrap around
        is_digit, is_point = digit <= 9, (texts[:, at] == _POINT) & ~pointed
        known = is_digit | is_point
        if at == 0:
            known |= texts[:, at] == _MINUS
        if at >= shortest:
            inside = size > at
            known |= ~inside
            is_digit &= inside
            is_point &= inside
        if not known.all():
            return None
        whole = np.where(is_digit, whole * 10 + digit, whole)
        digits += is_digit
        pointed |= is_point
        decimals += is_digit & pointed
    if (digits > _MOST_DIGITS).any() or ((digits == 0) & (size > 0)).any():
        return None
    values = np.where(size > 0, whole / _POWERS[decimals], np.nan)
    return np.negative(values, out=values, where=texts[:, 0] == _MINUS) if texts.shape[1] else values


def _instants(texts: np.ndarray, size: IntArray, stamp: bytes) -> IntArray | None:
    """Seconds since 1970 of stamps that are all written alike; None where one is not, or is no day."""
    if (size != len(stamp)).any():
        return None
    form = np.frombuffer(stamp, dtype=np.uint8)
    digits = form == _ZERO
    if (texts[:, ~digits] != form[~digits]).any() or (texts[:, digits] - _ZERO > 9).any():
        return None
    bare = np.ascontiguousarray(texts[:, : len(stamp.rstrip(b"Z"))])
    try:
        return bare.view(f"S{bare.shape[1]}").ravel().astype("datetime64[s]").astype(np.int64)
    except ValueError:
        return None


def _times(instants: IntArray, style: bytes) -> Times:
    day = instants // DAY * DAY
    naive = b"T" in style and not style.endswith(b"Z")
    form = f"times like {style.decode()}" if naive else ""
    return Times(day, instants - day, np.zeros_like(day), zoned=style.endswith(b"Z"), wrong=(), form=form)
