"""How is crypto doing, in a block that keeps its columns on a phone?"""

from __future__ import annotations

from collections.abc import Sequence

from bot.messages import html, numbers
from bot.messages.facts import CryptoLine
from bot.signals.timeframe import DAY

COLUMNS = (("24h", "24 h"), ("7d", "7 d"), ("30d", "30 d"))
"""Spans of `Performance.changes` that fit beside a price into the 32 characters of a phone's line."""

_CHANGE = 7
_PRICE = 7


def render_crypto(lines: Sequence[CryptoLine], missing: Sequence[str] = ()) -> str:
    """The block as HTML: the instant it holds for, a table, and what is missing in words; "" for nothing."""
    blocks = [_heading(lines), html.pre(_table(lines))] if lines else []
    blocks += _remarks(lines, missing)
    return "\n".join(blocks)


def _heading(lines: Sequence[CryptoLine]) -> str:
    newest = max(line.performance.as_of for line in lines)
    return f"{html.bold('Crypto')} at {html.instant(newest, numbers.moment(newest), 'wdt')}"


def _table(lines: Sequence[CryptoLine]) -> str:
    rows = [(_name(line), [line.performance.changes.get(span) for span, _ in COLUMNS]) for line in lines]
    width = max(len(name) for name, _ in rows)
    head = " " * width + "".join(title.rjust(_CHANGE) for _, title in COLUMNS)
    return "\n".join([head, *(name.ljust(width) + "".join(map(_cell, changes)) for name, changes in rows)])


def _name(line: CryptoLine) -> str:
    label = html.clip(line.label, 12)
    if not line.priced:
        return label
    return f"{label:<4}" + numbers.short_price(line.performance.price).rjust(_PRICE)


def _cell(change: float | None) -> str:
    return numbers.tight_percent(change).rjust(_CHANGE)


def _remarks(lines: Sequence[CryptoLine], missing: Sequence[str]) -> list[str]:
    newest = max((line.performance.as_of for line in lines), default=0)
    remarks = [
        f"{html.escape(line.label)}: figures of {numbers.weekday(line.performance.as_of - 1)}, not newer."
        for line in lines
        if newest - line.performance.as_of >= DAY
    ]
    if missing:
        names = html.escape(", ".join(missing))
        remarks.append(f"No {'crypto ' if not lines else ''}figures for {names}: the sources gave none in time.")
    return remarks
