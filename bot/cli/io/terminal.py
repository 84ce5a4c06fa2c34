"""The terminal: how wide it is, what it can show, and how far long work is."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from textwrap import wrap
from typing import Any, TypeVar

import typer

from bot.cli.loading import imported

_USUAL_COLUMNS = 80
"""Where nobody says how wide it is, as in a pipe."""

_NARROW = re.compile(r"[ -~\u00a0-\u00ac\u00ae-\u02ff\u2010-\u2027\u2212]*")
"""Latin letters, dashes and the like: one column of the terminal each, which needs no table of widths loaded."""

_Item = TypeVar("_Item")


def columns() -> int:
    """Columns of the terminal, also where answers go into a pipe and somebody sits at the other streams."""
    told = os.environ.get("COLUMNS", "")
    if told.isdecimal() and int(told):
        return int(told)
    for stream in range(3):
        with suppress(OSError):
            return os.get_terminal_size(stream).columns or _USUAL_COLUMNS
    return _USUAL_COLUMNS


def is_folded() -> bool:
    """Whether lines are to fit: somebody reads them in a terminal, or says how wide it is, and no pipe takes them."""
    return sys.stdout.isatty() or os.environ.get("COLUMNS", "").isdecimal()


def shown_width(text: str) -> int:
    """Columns of the terminal that the text takes: two for each wide character, none for an accent of its own."""
    return len(text) if _NARROW.fullmatch(text) else imported("wcwidth:width")(text)


def wrapped(text: str, width: int, *, break_on_hyphens: bool = True) -> list[str]:
    """The text as it is where it fits, else in lines of so many columns of the terminal, broken between words."""
    if shown_width(text) <= width:
        return [text] if text else []
    wrap_shown = wrap if _NARROW.fullmatch(text) else imported("wcwidth:wrap")
    lines: list[str] = wrap_shown(text, width, break_on_hyphens=break_on_hyphens)
    return lines


def emphasised(text: str, *, colour: str | None = None, **how: Any) -> str:
    """The text bold, dim and so on (as `typer.style` calls it) where answers are read in a terminal that can do it."""
    colour = None if os.environ.get("NO_COLOR") else colour
    if not text or not (colour or how) or not _shows_styles():
        return text
    return typer.style(text, fg=colour, **how)


def tracked(items: Sequence[_Item], what: str) -> Iterable[_Item]:
    """The items one by one, with a bar of progress where somebody watches: on standard error, not among the answers."""
    if not sys.stderr.isatty():
        return items
    console = imported("rich.console:Console")(stderr=True)
    shown: Iterable[_Item] = imported("rich.progress:track")(items, what, console=console, transient=True)
    return shown


def _shows_styles() -> bool:
    if os.environ.get("FORCE_COLOR"):
        return True
    return sys.stdout.isatty() and os.environ.get("TERM", "") not in {"dumb", "unknown"}
