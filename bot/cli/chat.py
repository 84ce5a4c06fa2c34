"""The demo's chat: what the bot sends is shown, what the person types is sent."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path

from rich.text import Text

from bot.cli.terminal import bubble, console
from bot.sandbox.server import Sandbox
from bot.sandbox.world import SentMessage


class Chat:
    """A private chat with the bot, in the terminal."""

    def __init__(self, sandbox: Sandbox, charts: Path) -> None:
        self._sandbox = sandbox
        self._charts = charts
        self._buttons: list[tuple[int, str]] = []
        self.shown = 0
        sandbox.on_message = self._show

    def say(self, line: str) -> None:
        """What the person typed: a number presses that button, all else is written to the bot."""
        text = line.strip()
        if not text:
            return
        if text.isdigit() and 0 < int(text) <= len(self._buttons):
            message_id, data = self._buttons[int(text) - 1]
            console.print(Text(f"you press [{text}]", "green"))
            self._sandbox.press(data, message_id=message_id)
            return
        console.print(Text(f"you: {text}", "green"))
        self._sandbox.say(text)

    def day(self, text: str) -> None:
        """A line between two days."""
        console.print(Text(f"── {text} ──", "dim"))

    def _show(self, message: SentMessage) -> None:
        self.shown += 1
        when = datetime.fromtimestamp(message.date, UTC).strftime("%a %d %b %Y %H:%M UTC")
        title = f"Bellwether #{message.message_id} {when}"
        if message.reply_to:
            title += f", answers #{message.reply_to}"
        below = "\n".join(filter(None, [self._chart(message), self._keys(message)]))
        console.print(
            bubble(message.html or message.text, title=title + (" (edited)" if message.edited else ""), below=below)
        )

    def _chart(self, message: SentMessage) -> str:
        if message.photo is None:
            return ""
        self._charts.mkdir(parents=True, exist_ok=True)
        path = self._charts / f"{message.message_id:04d}.png"
        path.write_bytes(message.photo)
        return f"chart: {path}"

    def _keys(self, message: SentMessage) -> str:
        if not message.buttons:
            return ""
        self._buttons = []
        rows = []
        for row in message.buttons:
            first = len(self._buttons)
            self._buttons += [(message.message_id, button.data) for button in row]
            rows.append("  ".join(f"[{first + at + 1}] {button.text}" for at, button in enumerate(row)))
        return "\n".join(rows)


async def read_lines() -> AsyncIterator[str]:
    """Lines from standard input, until it ends. The thread that waits for them ends with the process."""
    loop = asyncio.get_running_loop()
    lines: asyncio.Queue[str | None] = asyncio.Queue()
    put: Callable[[str | None], None] = lines.put_nowait

    def wait() -> None:
        for line in sys.stdin:
            loop.call_soon_threadsafe(put, line)
        loop.call_soon_threadsafe(put, None)

    threading.Thread(target=wait, daemon=True, name="stdin").start()
    while (line := await lines.get()) is not None:
        yield line
