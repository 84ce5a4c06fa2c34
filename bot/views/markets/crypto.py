"""The crypto block: prices and changes in columns that a phone keeps."""

from __future__ import annotations

from collections.abc import Sequence

from bot.signals.timeframe import DAY, Instant
from bot.views.alerts.facts import CryptoLine
from bot.views.formatting import html, numbers

COLUMNS = (("24h", "24 h"), ("7d", "7 d"), ("30d", "30 d"))
"""Spans of `Performance.changes` that fit beside a price into the 32 characters of a phone's line."""

OLD = 2 * DAY
"""By so much may the newest figures be older than what they are told with, before that is said."""

MAX_LABEL = 13
"""UTF-16 units of a name in the table: "Alts (5 of 9)"."""

_CHANGE = 7
_PRICE = 7


def render_crypto(lines: Sequence[CryptoLine], missing: Sequence[str] = (), at: Instant | None = None) -> str:
    """The block as HTML: the instant it holds for, a table, and what is missing in words; "" for nothing.

    Figures much older than `at`, the instant that the message tells of, are called old.
    """
    blocks = [crypto_heading(lines), html.pre(_table(lines))] if lines else []
    blocks += remarks(lines, missing, at)
    return "\n".join(blocks)


def crypto_heading(lines: Sequence[CryptoLine]) -> str:
    """The newest instant that the lines hold for; there is at least one."""
    newest = max(line.performance.as_of for line in lines)
    return f"{html.bold('Crypto')} at {html.instant(newest, numbers.moment(newest), 'wdt')}"


def _table(lines: Sequence[CryptoLine]) -> str:
    names = _names(lines, html.PHONE_WIDTH - _CHANGE * len(COLUMNS))
    head = " " * len(names[0]) + "".join(title.rjust(_CHANGE) for _, title in COLUMNS)
    rows = [[line.performance.changes.get(span) for span, _ in COLUMNS] for line in lines]
    return "\n".join([head, *(name + "".join(map(_cell, row)) for name, row in zip(names, rows, strict=True))])


def _names(lines: Sequence[CryptoLine], room: int) -> list[str]:
    """Names of one width, with prices where all of them fit."""
    priced = [_name(line) for line in lines]
    names = priced if max(map(len, priced)) <= room else [html.clip(line.label, MAX_LABEL) for line in lines]
    width = max(map(len, names))
    return [name.ljust(width) for name in names]


def _name(line: CryptoLine) -> str:
    label = html.clip(line.label, MAX_LABEL)
    if not line.priced:
        return label
    return f"{label:<4}" + numbers.short_price(line.performance.price).rjust(_PRICE)


def _cell(change: float | None) -> str:
    return numbers.percent(change, tight=True).rjust(_CHANGE)


def crypto_rows(lines: Sequence[CryptoLine]) -> str:
    """The same as rows of plain text that need no heading: price, and the changes over a day and a month."""
    rows = [_row(line) for line in lines]
    names = _names(lines, html.PHONE_WIDTH - max(map(len, rows)))
    return "\n".join(name + row for name, row in zip(names, rows, strict=True))


def _row(line: CryptoLine) -> str:
    changes, spans = line.performance.changes, (("24h", "24 h"), ("30d", "30 d"))
    return "".join(f" {title} {numbers.percent(changes.get(span), tight=True):>6}" for span, title in spans)


def remarks(lines: Sequence[CryptoLine], missing: Sequence[str], at: Instant | None = None) -> list[str]:
    """What is old, and what is not there, as sentences of HTML."""
    newest = max((line.performance.as_of for line in lines), default=0)
    told = [
        f"{html.escape(line.label)}: figures of {_when(line.performance.as_of, newest)}, not newer."
        for line in lines
        if line.performance.as_of < newest
    ]
    if lines and at is not None and at - newest >= OLD:
        told.append(f"These figures are {numbers.age(at - newest)} older: the sources gave no newer ones in time.")
    if missing:
        names = html.escape(", ".join(missing))
        told.append(f"No {'crypto ' if not lines else ''}figures for {names}: the sources gave none in time.")
    return told


def _when(as_of: Instant, newest: Instant) -> str:
    """By the hour within a day, else the day that they closed."""
    return numbers.clock(as_of) if newest - as_of < DAY else numbers.weekday(as_of - 1)
