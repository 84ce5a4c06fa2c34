"""What is the person typing, at the bottom of a terminal in which messages come at any time?"""

from __future__ import annotations

import asyncio
import codecs
import os
import re
import sys
import termios
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.cells import cell_len

from bot.cli.io.terminal import console

_ERASE = "\r\x1b[2K"
_ESCAPE = re.compile(r"\x1b(?:\[[0-9;]*[A-Za-z~]|O[A-Za-z]|.)?")
_UP, _DOWN = "\x1b[A", "\x1b[B"
_END, _RUB, _CLEAR, _WORD = "\x04", "\x7f\b", "\x15", "\x17"
_REMEMBERED = 100


class Prompt:
    """One line that stays at the bottom while others are printed above it. It needs a terminal on both sides."""

    def __init__(self, on_line: Callable[[str], None], on_end: Callable[[], None]) -> None:
        self._on_line = on_line
        self._on_end = on_end
        self._decoder = codecs.getincrementaldecoder("utf-8")("ignore")
        self._before: list[object] | None = None
        self._past: list[str] = []
        self._back = 0
        self.typed = ""
        self._label = ""

    def open(self) -> None:
        """Take the terminal's keys, each as it is pressed; Ctrl-C stays a signal."""
        self._before = termios.tcgetattr(sys.stdin)
        tty.setcbreak(sys.stdin, termios.TCSADRAIN)
        asyncio.get_running_loop().add_reader(sys.stdin.fileno(), self._read)
        self._draw()

    def close(self) -> None:
        """Give the terminal back as it was."""
        if self._before is None:
            return
        asyncio.get_running_loop().remove_reader(sys.stdin.fileno())
        self._write(_ERASE)
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, self._before)  # type: ignore[arg-type]  # as it was got
        self._before = None

    def label(self, text: str) -> None:
        """What stands before the line."""
        if text != self._label:
            self._label = text
            self._draw()

    @contextmanager
    def above(self) -> Iterator[None]:
        """Print above the line within this."""
        self._write(_ERASE)
        yield
        self._draw()

    def _read(self) -> None:
        try:
            chunk = os.read(sys.stdin.fileno(), 4096)
        except OSError:  # the terminal is gone
            chunk = b""
        if not chunk:
            self._on_end()
            return
        text = self._decoder.decode(chunk)
        for key in re.findall(rf"{_ESCAPE.pattern}|.|\n", text):
            self._press(key)
        self._draw()

    def _press(self, key: str) -> None:
        if key in "\r\n":
            self._submit()
        elif key in _RUB:
            self.typed = self.typed[:-1]
        elif key == _CLEAR:
            self.typed = ""
        elif key == _WORD:
            self.typed = self.typed.rstrip().rpartition(" ")[0]
        elif key == _END and not self.typed:
            self._on_end()
        elif key in {_UP, _DOWN}:
            self._recall(1 if key == _UP else -1)
        elif key.isprintable():
            self.typed += key

    def _submit(self) -> None:
        line, self.typed, self._back = self.typed.strip(), "", 0
        if line:
            self._past = [*self._past, line][-_REMEMBERED:]
        self._on_line(line)

    def _recall(self, step: int) -> None:
        self._back = min(max(self._back + step, 0), len(self._past))
        self.typed = self._past[-self._back] if self._back else ""

    def _draw(self) -> None:
        if self._before is None:
            return
        head = f"{self._label} › "
        shown = self.typed
        while shown and cell_len(head + shown) >= console.width:
            shown = shown[1:]
        self._write(f"{_ERASE}\x1b[2m{head}\x1b[0m{shown}")

    def _write(self, text: str) -> None:
        if self._before is not None:
            sys.stdout.write(text)
            sys.stdout.flush()
