"""Numbers as people's files write them: which sign is the decimal one is decided by all of a file's cells together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import numpy as np

from bot.signals.bars import FloatArray

UNKNOWN = frozenset({"", "-", "--", "–", "n/a", "na", "nan", "null", "none", ".", "#n/a", "#n/a n/a", "n.a.", "—"})
"""Cells that say that a figure is not known, in small letters."""

_PLAIN = "0123456789.-"
_MONEY = "$€£¥ \u00a0\u202f"
_SUFFIXES = {"K": 1e3, "M": 1e6, "B": 1e9}
_CURRENCIES = re.compile(r"^(?:USD|EUR|GBP|CHF|CAD|AUD)\s+|\s+(?:USD|EUR|GBP|CHF|CAD|AUD)$")
_ACCOUNTED = re.compile(r"\((\d[\d.,]*)\)")
"""A negative number as bookkeepers write it."""

_BLANKS = re.compile(r"[+-]?\d{1,3}(?:[ \u00a0\u202f'’]\d{3})+(?:[.,]\d+)?")
_BETWEEN = re.compile(r"[ \u00a0\u202f'’]")


class AmbiguousNumbersError(Exception):
    """All of a file's numbers can be read in two ways; the text is one of them."""


def number_cells(cells: Sequence[str], *, counts: bool = False) -> list[str]:
    """Cells without what only adorns a number: money signs, blanks between thousands; "" where it is not known.

    `counts` such as volumes may end in K, M or B; the letter stays.
    """
    if _is_plain(cells) and "-" not in cells and "." not in cells:
        return list(cells)
    return [_bare(cell, counts=counts) for cell in cells]


def decimal_mark(columns: Sequence[Sequence[str]], *, likely: str) -> str:
    """The sign before the decimals in the bare cells of a file: the one by which all can be read.

    `likely` is the sign that the rest of the file speaks for, "" where nothing does; it is taken where both fit. Where
    neither fits, the one that fits more cells is. Raises AmbiguousNumbersError.
    """
    if likely == "." and not has_comma(columns):
        return "."
    marked = {cell.rstrip("KMB") for column in columns for cell in column if "," in cell or "." in cell}
    wrong = {mark: sum(not _pattern(mark).fullmatch(cell) for cell in marked) for mark in ".,"}
    if not marked or wrong["."] < wrong[","]:
        return "."
    if wrong[","] < wrong["."]:
        return ","
    if wrong["."] or {likely} == {mark for mark in ".," for cell in marked if mark in cell}:
        return likely or "."
    raise AmbiguousNumbersError(min(marked))


def numbers(cells: Sequence[str], mark: str) -> FloatArray:
    """The numbers of bare cells, NaN where one is unknown; infinite where a cell holds something else."""
    try:
        if mark == "." and _is_plain(cells):
            return np.array([float(cell) if cell else np.nan for cell in cells], dtype=np.float64)
    except ValueError:
        pass
    return np.array([_number(cell, mark) for cell in cells], dtype=np.float64)


def has_comma(columns: Iterable[Sequence[str]]) -> bool:
    """Whether any cell of any column has one."""
    return any("," in "".join(cells) for cells in columns)


def _is_plain(cells: Sequence[str]) -> bool:
    """Whether nothing but digits, points and minus signs is in any of the cells."""
    return not "".join(cells).strip(_PLAIN)


def _bare(cell: str, *, counts: bool) -> str:
    text = _ACCOUNTED.sub(r"-\1", _CURRENCIES.sub("", cell.strip()).strip(_MONEY))
    if text.lower() in UNKNOWN:
        return ""
    if text[:1] in "+-" and text[1:2] in "$€£¥":
        text = text[0] + text[2:]
    if counts and text[-1:].upper() in _SUFFIXES:
        return text[:-1].rstrip() + text[-1].upper()
    return _BETWEEN.sub("", text) if _BLANKS.fullmatch(text) else text


def _pattern(mark: str) -> re.Pattern[str]:
    return _POINT if mark == "." else _COMMA


def _number(cell: str, mark: str) -> float:
    if not cell:
        return np.nan
    factor = _SUFFIXES.get(cell[-1], 1.0)
    digits = cell if factor == 1 else cell[:-1]
    if not _pattern(mark).fullmatch(digits):
        return np.inf
    return float(digits.replace("," if mark == "." else ".", "").replace(mark, ".")) * factor


def _written(mark: str, group: str) -> re.Pattern[str]:
    return re.compile(rf"[+-]?(?:\d+|[1-9]\d{{0,2}}(?:{group}\d{{3}})+|(?={mark}\d))(?:{mark}\d*)?(?:[eE][+-]?\d+)?")


_POINT = re.compile(_written(r"\.", ",").pattern + r"|[1-9]\d?(?:,\d\d)+,\d{3}(?:\.\d+)?")  # or Indian lakhs
_COMMA = _written(",", r"\.")
