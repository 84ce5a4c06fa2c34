"""The input line at the bottom of the demo's terminal: prompt_toolkit below messages that come at any time."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Callable, Sequence

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import WordCompleter
from prompt_toolkit.formatted_text import FormattedText
from prompt_toolkit.output.vt100 import Vt100_Output
from prompt_toolkit.patch_stdout import patch_stdout


class Prompt:
    """One line with history (arrow keys) and completion (Tab) of `words`; what is printed appears above it.

    `on_line` gets each line without blanks around it, `on_end` is called at Ctrl-D, Ctrl-C or a closed terminal.
    It needs a terminal on both sides.
    """

    def __init__(self, on_line: Callable[[str], None], on_end: Callable[[], None], words: Sequence[str]) -> None:
        self._on_line = on_line
        self._on_end = on_end
        self._words = words
        self._label = ""
        self._session: PromptSession[str] | None = None
        self._reading: asyncio.Task[None] | None = None

    @property
    def typed(self) -> str:
        """What stands in the line and is not sent yet."""
        return "" if self._session is None else str(self._session.default_buffer.text)

    def open(self) -> None:
        """Take the terminal's keys from now on."""
        output = Vt100_Output.from_pty(sys.stdout)
        output.enable_cpr = False  # whoever does not answer where the cursor is, gets no warning about it
        self._session = PromptSession(
            message=self._message,
            output=output,
            completer=WordCompleter(list(self._words), ignore_case=True, WORD=True),
            complete_while_typing=False,
            reserve_space_for_menu=0,
        )
        self._reading = asyncio.create_task(self._read(self._session), name="prompt")

    async def close(self) -> None:
        """Give the terminal back as it was, all that was printed flushed."""
        if self._reading is not None:
            self._reading.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._reading
        self._reading = None

    def label(self, text: str) -> None:
        """What stands before the line."""
        self._label = text
        if self._session is not None:
            self._session.app.invalidate()

    def _message(self) -> FormattedText:
        return FormattedText([("ansibrightblack", f"{self._label} › ")])

    async def _read(self, session: PromptSession[str]) -> None:
        """Hand on line after line. SIGINT stays with who stops the demo, hence `handle_sigint=False`."""
        with patch_stdout(raw=True):
            try:
                while True:
                    line = await session.prompt_async(handle_sigint=False, set_exception_handler=False)
                    self._on_line(line.strip())
            except (EOFError, KeyboardInterrupt, OSError):
                self._on_end()
