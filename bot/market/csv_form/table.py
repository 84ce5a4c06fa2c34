"""A file of bars read to times and numbers."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from bot.market.csv_form.model import Table
from bot.market.csv_form.plain import plain_table
from bot.market.csv_form.text import bytes_of, text_of

_ANY_FORM = "bot.market.csv_form.any_form"
"""Imported for the first file that is not plain: its patterns take longer to make than most plain files to read."""


def read_table(path: Path) -> Table:
    """The table in a file; raises ProblemError with everything that is wrong with it."""
    raw = bytes_of(path)
    if plain := plain_table(raw):
        lines = range(2, 2 + len(plain.times.day))
        return Table(lines, plain.times, plain.numbers, plain.times.form)
    read: Callable[[Path, str], Table] = import_module(_ANY_FORM).any_table
    return read(path, text_of(path, raw))
