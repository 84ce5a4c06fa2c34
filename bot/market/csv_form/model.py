"""What a file of bars holds: a time and numbers for each row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from bot.signals.bars import FloatArray, IntArray


class Times(NamedTuple):
    """When rows are: the written date as midnight UTC, the second of that day, and the zone's offset in seconds.

    `clock` is 0 where only a date is written. `offset` is 0 where no zone is, and `zoned` says whether one is.
    `wrong` are the positions of cells that could not be read; their values mean nothing. `form` tells the reading.
    """

    day: IntArray
    clock: IntArray
    offset: IntArray
    zoned: bool
    wrong: tuple[int, ...]
    form: str

    @property
    def instants(self) -> IntArray:
        """The instants; a date is its midnight in UTC, and a time without a zone is UTC."""
        return self.day + self.clock - self.offset


class Table(NamedTuple):
    """Rows of a file, oldest first. `numbers` has the known columns that the file has; what is unknown is NaN.

    `form` says in one line how the file was understood, and is empty where it has the plain form of the README.
    `symbol` is what a column of symbols says in every row, "" where there is none.
    """

    lines: Sequence[int]
    times: Times
    numbers: Mapping[str, FloatArray]
    form: str
    symbol: str = ""

    @property
    def intraday(self) -> bool:
        """Whether the rows are bars within a day: several of one date, or hours apart on the clock."""
        clock, day = self.times.clock, self.times.day
        spread = int(np.ptp(clock)) if len(clock) else 0
        return spread > 3600 or bool(((np.diff(day) == 0) & (np.diff(clock) > 0)).any())
