"""The demo's output: messages under their days, days without any told in one line."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from rich.console import RenderableType
from rich.text import Text

from bot.cli.io.chat_text import console
from bot.demo.prompt import Prompt


class Screen:
    """Prints messages under their days. Days that pass without one are told together, before what comes next."""

    def __init__(self) -> None:
        self.prompt: Prompt | None = None
        self.on_closed: Callable[[], object] = bool
        self._today: date | None = None
        self._printed = False
        self._title = ""
        self._silent_days: list[date] = []

    def begin_day(self, day: date) -> None:
        """Messages belong to this day from now on."""
        self._today, self._printed = day, False
        self._title = day_title(day)
        self.show_day()

    def show_day(self, *, paused: bool = False) -> None:
        """Let the line at the bottom say which day it is."""
        if self.prompt is not None:
            self.prompt.label(f"⏸ {self._title}" if paused else self._title)

    def end_day(self, *, session: bool) -> None:
        """Its events are over. A silent day without a session, as on weekends, is not worth a word."""
        if session and not self._printed and self._today is not None:
            self._silent_days.append(self._today)
        self._today = None

    def show(self, what: RenderableType) -> None:
        """Print below the day that it belongs to."""
        self.catch_up()
        if self._today is not None and not self._printed:
            self._printed = True
            self._print(_line(day_title(self._today)))
        self._print(what)

    def catch_up(self) -> None:
        """Tell of the quiet days that have not been told of."""
        if not self._silent_days:
            return
        first, last = self._silent_days[0], self._silent_days[-1]
        self._silent_days = []
        span = day_title(last) if first == last else f"{day_title(first)} … {day_title(last)}"
        self._print(_line(f"{span}: nothing to tell"))

    def _print(self, what: RenderableType) -> None:
        try:
            console.print(what)
        except SystemExit:  # so rich says that nobody reads any more; from here on it prints into the void
            self.on_closed()


def day_title(day: date) -> str:
    """A day as it is written between messages."""
    return day.strftime("%a %d %b %Y")


def _line(text: str) -> Text:
    return Text(f"── {text} ──", "dim")
