"""The terminal: where answers are printed, and where long work shows how far it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

from rich.console import Console

from bot.cli.loading import imported

console = Console(highlight=False, soft_wrap=False, emoji=False)
progress = Console(stderr=True)
"""Where long work shows how far it is: never among the answers."""

_Item = TypeVar("_Item")


def tracked(items: Sequence[_Item], what: str) -> Iterable[_Item]:
    """The items one by one, with a bar of progress where somebody watches."""
    if not progress.is_terminal:
        return items
    shown: Iterable[_Item] = imported("rich.progress:track")(items, what, console=progress, transient=True)
    return shown
