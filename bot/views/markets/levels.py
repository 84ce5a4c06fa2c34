"""Text of /levels: a market's levels around its price."""

from __future__ import annotations

from collections.abc import Iterator

from bot.signals.levels.snapshot import LevelSnapshot, LevelView
from bot.views.formatting import html, numbers

_Row = tuple[str, str, list[str]]
"""Price, distance and story."""

SHOWN = 8
"""Levels on each side; those farther away are counted only."""


def render_levels(snapshot: LevelSnapshot, title: str, shown: int = SHOWN) -> str:
    """The answer to /levels, as Telegram HTML: resistance above the price, support below, nearest to the middle."""
    bar = numbers.bar_name(snapshot.bar, snapshot.timeframe)
    head = f"{html.bold(html.escape(html.clip(title, 80)))}, bar of {bar}"
    if not snapshot.levels:
        return f"{head}\nNo level stands: no swing high or low of its bars is known, or all have been left behind."
    above, below = snapshot.above, snapshot.below
    rows = [_row(level, points=snapshot.in_points) for level in above[-shown:]]
    middle = len(rows)
    rows.append((numbers.price(snapshot.close), "", ["close"]))
    rows += [_row(level, points=snapshot.in_points) for level in below[:shown]]
    lines = list(_lines(rows, middle))
    lines[:0] = _farther(len(above) - shown, "higher") if above else ["nothing above: no level was higher"]
    lines += _farther(len(below) - shown, "lower") if below else ["nothing below: no level was lower"]
    touched = any(level.touches for level in (*above[-shown:], *below[:shown]))
    legend = "\n×: how often it was touched, first and last month" if touched else ""
    return f"{head}\n{html.pre(chr(10).join(lines))}{legend}"


def _row(level: LevelView, *, points: bool) -> _Row:
    return numbers.price(level.price), numbers.change(level.distance, points=points, tight=True), _story(level)


def _story(level: LevelView) -> list[str]:
    parts = []
    if level.touches:
        parts.append(f"{len(level.touches)}× {numbers.short_span(level.touches[0], level.touches[-1])}")
    if level.pinned:
        parts.append("pinned")
    if (level.role == "resistance") != (level.distance > 0):
        passed, other = ("above", "support") if level.role == "resistance" else ("below", "resistance")
        parts.append(f"closed {passed}, not yet {other}")
    return parts


def _lines(rows: list[_Row], middle: int) -> Iterator[str]:
    """Columns of price, distance and story, within a phone's width; the price itself stands out."""
    prices = max(len(price) for price, _, _ in rows)
    distances = max(len(distance) for _, distance, _ in rows)
    for at, (price, distance, story) in enumerate(rows):
        line = f"{'▸' if at == middle else ' '} {price:>{prices}} {distance:>{distances}} "
        for part in story:
            if len(line) + 1 + len(part) > html.PHONE_WIDTH:
                yield line.rstrip().removesuffix(",")
                line = "   "
            line += f" {part},"
        yield line.rstrip().removesuffix(",")


def _farther(count: int, where: str) -> list[str]:
    return [f"  … {count} {where}"] if count > 0 else []
