"""Monospaced tables for lines of some thirty characters."""

from __future__ import annotations

import math
from collections.abc import Sequence

from bot.views.formatting import html, numbers

_LEAST_NAME = 4


def table(rows: Sequence[Sequence[str]]) -> str:
    """Rows of equal length as a monospaced block: the first column to the left, the others to the right.

    Names in the first column are cut where a phone has no room for them.
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    room = html.PHONE_WIDTH - sum(widths[1:]) - (len(widths) - 1)
    if widths[0] > room:
        rows = [[html.clip(row[0], max(room, _LEAST_NAME)), *row[1:]] for row in rows]
        widths[0] = max(len(row[0]) for row in rows)
    lines = [
        " ".join(
            [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        )
        for row in rows
    ]
    return html.pre("\n".join(line.rstrip() for line in lines))


def hundredths(ratio: float | None) -> str:
    """+16 for 0.163: a change in percent for a table whose heading says so; from +1,000 on the multiple, 59×."""
    if ratio is not None and 9.995 <= ratio < math.inf:
        return f"{1 + ratio:,.0f}×"
    return numbers.percent(ratio, digits=0, tight=True).rstrip("%").replace(",", "")


def short_day(label: str) -> str:
    """13 Nov 20, of a day like 13 Nov 2020."""
    day, month, year = label.split()
    return f"{day:>2} {month} {year[2:]}"
