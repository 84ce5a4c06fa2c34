"""Text of /levels: a market's levels around its price."""

from __future__ import annotations

from bot.signals.levels.snapshot import LevelSnapshot, LevelView
from bot.views.formatting import html, numbers

SHOWN = 8
"""Levels on each side; those farther away are counted only."""


def render_levels(snapshot: LevelSnapshot, title: str, shown: int = SHOWN) -> str:
    """The answer to /levels, as Telegram HTML: resistance above the price, support below, nearest to the middle."""
    bar = numbers.bar_name(snapshot.bar, snapshot.timeframe)
    head = f"{html.bold(html.escape(html.clip(title, 80)))}, bar of {bar}"
    if not snapshot.levels:
        return f"{head}\nNo level stands: no swing high or low of its bars is known, or all have been left behind."
    above, below = snapshot.above, snapshot.below
    rows = [_row(level) for level in above[-shown:]]
    middle = len(rows)
    rows.append((numbers.price(snapshot.close), "", "close"))
    rows += [_row(level) for level in below[:shown]]
    lines = _lines(rows, middle)
    lines[:0] = _farther(len(above) - shown, "higher") if above else ["nothing above: no level was higher"]
    lines += _farther(len(below) - shown, "lower") if below else ["nothing below: no level was lower"]
    return f"{head}\n{html.pre(chr(10).join(lines))}"


def _row(level: LevelView) -> tuple[str, str, str]:
    return numbers.price(level.price), numbers.percent(level.distance, tight=True), _story(level)


def _story(level: LevelView) -> str:
    parts = []
    if level.touches:
        count = numbers.count(len(level.touches), "touch", "touches")
        parts.append(f"{count}, {numbers.span(level.touches[0], level.touches[-1])}")
    if level.pinned:
        parts.append("pinned")
    if (level.role == "resistance") != (level.distance > 0):
        parts.append(f"still {level.role}: not broken")
    return ", ".join(parts)


def _lines(rows: list[tuple[str, str, str]], middle: int) -> list[str]:
    """Columns of price, distance and story; the price itself stands out."""
    prices = max(len(price) for price, _, _ in rows)
    distances = max(len(distance) for _, distance, _ in rows)
    lines = [f"  {price:>{prices}}  {distance:>{distances}}  {story}" for price, distance, story in rows]
    lines[middle] = f"▸ {rows[middle][0]:>{prices}}  {'':>{distances}}  {rows[middle][2]}"
    return lines


def _farther(count: int, where: str) -> list[str]:
    return [f"  … {count} {where}"] if count > 0 else []
