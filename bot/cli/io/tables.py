"""Tables in a terminal: plain text no wider than it is, of which nothing is cut off."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from itertools import zip_longest
from textwrap import wrap

from bot.cli.io.terminal import columns, emphasised

_APART = 2
"""Blanks between two columns."""

_WORD = re.compile(r"\S+?[^\W\d]-(?=\w)|\S+")
"""What stays on one line: words, and what a hyphen joins as far as the hyphen, where `textwrap` breaks too."""


class TextTable:
    """Rows of cells under the names of their columns; those of the columns in `right` are lined up on the right.

    What is too wide for the terminal has its widest cells folded between words; where that is not enough, as with many
    columns of numbers, the columns follow in parts, each behind the first column once more.
    """

    def __init__(self, title: str, names: Sequence[str], right: Collection[str] = ()) -> None:
        self.title = title
        self.caption = ""
        self._rows: list[tuple[Sequence[str], str | None]] = []
        self._names = names
        self._right = [name in right for name in names]

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, *cells: str, colour: str | None = None) -> None:
        """One more row, of a colour where there are any."""
        self._rows.append((cells, colour))

    def print(self) -> None:
        """Print it, with the title above and the caption below."""
        print("\n".join(self.lines(columns())))

    def lines(self, room: int) -> Iterator[str]:
        """The lines for a terminal of so many columns."""
        widths = self._widths(room)
        parts = list(_parts(widths, room))
        yield from (emphasised(line, bold=True) for line in wrap(self.title, room))
        for number, part in enumerate(parts):
            yield from ("",) if number else ()
            yield from (emphasised(line, bold=True) for line in self._folded(self._names, part, widths))
            yield "─" * _width(part, widths)
            for cells, colour in self._rows:
                yield from (emphasised(line, colour=colour) for line in self._folded(cells, part, widths))
        widest = max(_width(part, widths) for part in parts)
        for told in self.caption.splitlines():
            yield from (emphasised(line, dim=True, italic=True) for line in wrap(told, widest, break_on_hyphens=False))

    def _widths(self, room: int) -> list[int]:
        """The columns' widths: as wide as their widest cells, or folded to the room if they fit then."""
        given = list(zip(self._names, *(cells for cells, _ in self._rows), strict=True))
        widest = [max(map(len, cells)) for cells in given]
        everything = range(len(widest))
        if _width(everything, widest) <= room:
            return widest
        least = [max((len(word) for cell in cells for word in _WORD.findall(cell)), default=0) for cells in given]
        folded = list(widest)
        while _width(everything, folded) > room and folded != least:
            folded[max((at for at in everything if folded[at] > least[at]), key=folded.__getitem__)] -= 1
        return folded if _width(everything, folded) <= room else widest

    def _folded(self, cells: Sequence[str], part: Sequence[int], widths: Sequence[int]) -> Iterator[str]:
        """The lines of one row."""
        folded = [wrap(cells[at], widths[at]) if len(cells[at]) > widths[at] else [cells[at]] for at in part]
        for line in zip_longest(*folded, fillvalue=""):
            padded = (
                text.rjust(widths[at]) if self._right[at] else text.ljust(widths[at])
                for at, text in zip(part, line, strict=True)
            )
            yield (" " * _APART).join(padded).rstrip()


def _parts(widths: Sequence[int], room: int) -> Iterator[Sequence[int]]:
    """The columns, in parts that the room holds, each with the first column."""
    part = [0]
    for at in range(1, len(widths)):
        if len(part) > 1 and _width([*part, at], widths) > room:
            yield part
            part = [0]
        part.append(at)
    yield part


def _width(part: Sequence[int], widths: Sequence[int]) -> int:
    return sum(widths[at] for at in part) + _APART * (len(part) - 1)
