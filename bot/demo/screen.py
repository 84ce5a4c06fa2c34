"""Where do the demo's days and messages appear, so that days without any take one line?"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from datetime import date

from rich.console import RenderableType
from rich.text import Text

from bot.cli.io.terminal import console
from bot.demo.prompt import Prompt


class Screen:
    """Prints messages under their days. Days that pass without one are told together, before what comes next."""

    def __init__(self) -> None:
        self.prompt: Prompt | None = None
        self.on_gone: Callable[[], object] = bool
        self._today: date | None = None
        self._told = False
        self._named = ""
        self._quiet: list[date] = []

    def dawn(self, day: date) -> None:
        """A day begins."""
        self._today, self._told = day, False
        self._named = named(day)
        self.head()

    def head(self, *, paused: bool = False) -> None:
        """Let the line at the bottom say which day it is."""
        if self.prompt is not None:
            self.prompt.label(f"⏸ {self._named}" if paused else self._named)

    def dusk(self, *, session: bool) -> None:
        """Its events are over. A silent day without a session, as on weekends, is not worth a word."""
        if session and not self._told and self._today is not None:
            self._quiet.append(self._today)
        self._today = None

    def show(self, what: RenderableType) -> None:
        """Print below the day that it belongs to."""
        self.catch_up()
        if self._today is not None and not self._told:
            self._told = True
            self._print(_line(named(self._today)))
        self._print(what)

    def catch_up(self) -> None:
        """Tell of the quiet days that have not been told of."""
        if not self._quiet:
            return
        first, last = self._quiet[0], self._quiet[-1]
        self._quiet = []
        span = named(last) if first == last else f"{named(first)} … {named(last)}"
        self._print(_line(f"{span}: nothing to tell"))

    def _print(self, what: RenderableType) -> None:
        with nullcontext() if self.prompt is None else self.prompt.above():
            try:
                console.print(what)
            except SystemExit:  # so rich says that nobody reads any more; from here on it prints into the void
                self.on_gone()


def named(day: date) -> str:
    """A day as it is written between messages."""
    return day.strftime("%a %d %b %Y")


def _line(text: str) -> Text:
    return Text(f"── {text} ──", "dim")
