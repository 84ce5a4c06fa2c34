"""Tables in a terminal: plain text no wider than it is, of which nothing is cut off."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest

from bot.cli.io.terminal import columns, emphasised, is_folded, shown_width, wrapped

_APART = 2
"""Blanks between two columns."""

_NARROWEST = 2
"""Columns of the terminal that a cell has at least: one wide character."""

_BREAKS = re.compile(r"[\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029]")
"""What would end a row before its time, or move it."""

_WORD = re.compile(r"\S+?[^\W\d]-(?=\w)|\S+")
"""What stays on one line: words, and what a hyphen joins as far as the hyphen, where `textwrap` breaks too."""


class TextTable:
    """Rows of cells under the names of their columns; those of the columns in `right` are lined up on the right.

    What is too wide for the terminal has its widest cells folded between words; where that is not enough, as with many
    columns of numbers, the columns follow in parts, each behind the first column once more and folded by itself. A word
    for which there is no room even so is broken. In a pipe nothing is folded, so that whole names are found.
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
        self._rows.append(([_BREAKS.sub(" ", cell) for cell in cells], colour))

    def print(self) -> None:
        """Print it, with the title above and the caption below."""
        print("\n".join(self.lines(columns() if is_folded() else None)))

    def lines(self, room: int | None) -> Iterator[str]:
        """The lines for a terminal of so many columns; for None they are as wide as they are."""
        parts = self._parts(room)
        yield from (emphasised(line, bold=True) for line in _told(self.title, room))
        for number, widths in enumerate(parts):
            yield from ("",) if number else ()
            yield from (emphasised(line, bold=True) for line in self._folded(self._names, widths))
            yield "─" * _width(widths.values())
            for cells, colour in self._rows:
                yield from (emphasised(line, colour=colour) for line in self._folded(cells, widths))
        widest = None if room is None else min(room, max(_width(widths.values()) for widths in parts))
        for told in self.caption.splitlines():
            yield from (emphasised(line, dim=True, italic=True) for line in _told(told, widest, break_on_hyphens=False))

    def _parts(self, room: int | None) -> list[dict[int, int]]:
        """The parts that the room holds, each with the first column: the widths of their columns by their number."""
        given = list(zip(self._names, *(cells for cells, _ in self._rows), strict=True))
        widest = [max(map(shown_width, cells)) for cells in given]
        if room is None:
            return [dict(enumerate(widest))]
        least = _least([max(map(_longest_word, cells)) for cells in given], room)
        parts = [[0]]
        for at in range(1, len(widest)):
            if len(parts[-1]) > 1 and _width(least[each] for each in (*parts[-1], at)) > room:
                parts.append([0])
            parts[-1].append(at)
        return [_narrowed({at: widest[at] for at in part}, least, room) for part in parts]

    def _folded(self, cells: Sequence[str], widths: Mapping[int, int]) -> Iterator[str]:
        """The lines of one row, in the columns that have a width."""
        folded = [wrapped(cells[at], width) or [""] for at, width in widths.items()]
        for line in zip_longest(*folded, fillvalue=""):
            padded = (
                _padded(text, width, self._right[at]) for (at, width), text in zip(widths.items(), line, strict=True)
            )
            yield (" " * _APART).join(padded).rstrip()


def _told(text: str, room: int | None, **how: bool) -> list[str]:
    """The lines of a title or a caption."""
    return ([text] if text else []) if room is None else wrapped(text, room, **how)


def _longest_word(cell: str) -> int:
    return max(map(shown_width, _WORD.findall(cell)), default=0)


def _least(longest: Sequence[int], room: int) -> list[int]:
    """How narrow each column can be: its longest word, but no wider than lets the first one and it stand abreast."""
    if len(longest) == 1:
        return [min(longest[0], max(room, _NARROWEST))]
    first = min(longest[0], max((room - _APART) // 2, _NARROWEST))
    return [first, *(min(each, max(room - _APART - first, _NARROWEST)) for each in longest[1:])]


def _narrowed(widths: dict[int, int], least: Sequence[int], room: int) -> dict[int, int]:
    """The widths with the widest taken back, again and again, until the room holds all or none can be narrower."""
    while _width(widths.values()) > room and (wide := [at for at in widths if widths[at] > least[at]]):
        widths[max(wide, key=widths.__getitem__)] -= 1
    return widths


def _padded(text: str, width: int, right: bool) -> str:
    blanks = " " * (width - shown_width(text))
    return blanks + text if right else text + blanks


def _width(widths: Iterable[int]) -> int:
    several = list(widths)
    return sum(several) + _APART * (len(several) - 1)
