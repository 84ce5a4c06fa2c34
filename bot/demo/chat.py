"""The demo's chat in the terminal: what the bot sends is shown, what the person types is sent."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

from rich.text import Text

from bot.cli.io.chat_text import bubble
from bot.demo.screen import Screen
from bot.problem import ProblemError
from bot.regular_file import read_regular, write_regular
from bot.sandbox.methods.keyboard import InlineButton
from bot.sandbox.server import Sandbox
from bot.sandbox.users import SOMEBODY
from bot.sandbox.world import SentMessage
from bot.views.formatting.html import PHONE_WIDTH

MAX_BUTTON_NUMBER = 99
"""After so many buttons the numbers begin again; what has scrolled away so far is not pressed any more."""

MAX_FILE_BYTES = 20_000_000
_FRAME = 4  # columns of a bubble's border: inside it is as wide as a phone
ANSWER_SECONDS = 10.0
"""Seconds in which the bot should answer a pressed button."""


class TerminalChat:
    """A private chat with the bot, in the terminal; pictures and documents go to files in `folder`."""

    def __init__(self, sandbox: Sandbox, folder: Path, screen: Screen) -> None:
        self._sandbox = sandbox
        self._folder = folder
        self._screen = screen
        self._buttons: dict[int, tuple[int, InlineButton]] = {}
        self._numbers: dict[int, list[int]] = {}
        self._last_number = 0
        self._pop_ups: set[asyncio.Task[None]] = set()
        self.shown = 0
        sandbox.on_message = self._show

    @property
    def waits(self) -> bool:
        """Whether a pressed button is not answered yet."""
        return bool(self._pop_ups)

    def say(self, line: str) -> None:
        """What the person typed: a number presses that button, `send FILE` sends it, all else is written to the bot."""
        text = line.strip()
        word, _, rest = text.partition(" ")
        if text.isdecimal():
            self._press(int(text))
        elif word.lower() == "send" and rest.strip():
            self._send(rest.strip().strip("'\""))
        elif text:
            self._note(f"you: {text}")
            self._sandbox.say(text)

    def _press(self, number: int) -> None:
        if number not in self._buttons:
            self._complain(self._no_button(number))
            return
        message_id, button = self._buttons[number]
        self._note(f"you press [{number}] {button.text}")
        if not button.data:
            self._complain(_without_the_bot(button))
            return
        try:
            query = self._sandbox.press(button.data, message_id=message_id)
        except LookupError:
            self._complain("that button is no longer there")
            return
        waiting = asyncio.get_running_loop().create_task(self._pop_up(query))
        self._pop_ups.add(waiting)
        waiting.add_done_callback(self._pop_ups.discard)

    async def _pop_up(self, query: str) -> None:
        """Show what Telegram would show over the chat for a moment."""
        try:
            await self._sandbox.wait_until(lambda: self._sandbox.answer_to(query) is not None, ANSWER_SECONDS)
        except TimeoutError:
            self._complain("the bot does not answer that button")
            return
        if answer := self._sandbox.answer_to(query):
            self._screen.show(Text(f"  pops up: {answer}", "yellow"))

    def _no_button(self, number: int) -> str:
        if not self._buttons:
            return "there is no button yet"
        if number <= self._last_number:
            return f"the button with the number {number} is no longer there"
        return f"no button has the number {number}; the last one has {self._last_number}"

    def _send(self, name: str) -> None:
        try:
            path, content = self._read(name)
        except ProblemError as error:
            self._complain(str(error.problems[0]))
            return
        self._note(f"you send the file {path.name}")
        self._sandbox.upload(content, path.name)

    def _read(self, name: str) -> tuple[Path, bytes]:
        """A file from here, or one that the bot sent. Raises ProblemError."""
        typed = Path(name).expanduser()
        path = next((each for each in (typed, self._folder / typed) if each.is_file()), typed)
        try:
            content = read_regular(path, MAX_FILE_BYTES)
        except OSError as error:
            reason = (error.strerror or type(error).__name__).lower()
            raise ProblemError.of(name, f"can't be sent: {reason}") from None
        if len(content) > MAX_FILE_BYTES:
            raise ProblemError.of(name, "too large; allowed: up to 20 MB")
        return path, content

    def _note(self, text: str) -> None:
        self._screen.show(Text(text, "green"))

    def _complain(self, text: str) -> None:
        self._screen.show(Text(f"  ({text})", "yellow"))

    def _show(self, message: SentMessage) -> None:
        if message.chat_id != SOMEBODY:
            return
        self.shown += message.edited is None
        below = Text("\n").join(filter(None, [*self._files(message), *self._keys(message)]))
        told = f"{_marks(message)}{message.html or message.text}"
        self._screen.show(bubble(told, title=_title(message), below=below, width=PHONE_WIDTH + _FRAME))

    def _files(self, message: SentMessage) -> list[Text]:
        if message.photo is not None:
            return [Text(f"picture: {self._kept(message.photo, f'{message.message_id:04d}.png')}", "cyan")]
        if message.document is not None:
            name = Path(message.file_name).name or f"{message.message_id:04d}"
            return [Text(f"file: {self._kept(message.document, name, message.message_id)}", "cyan")]
        return []

    def _kept(self, content: bytes, name: str, number: int | None = None) -> str:
        """Save it, beside another file of that name if need be; its name within the folder."""
        path = self._folder / name
        if number is not None and path.exists() and read_regular(path, MAX_FILE_BYTES) != content:
            path = self._folder / f"{number:04d}" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        write_regular(path, content)
        return str(path.relative_to(self._folder))

    def _keys(self, message: SentMessage) -> list[Text]:
        buttons = [button for row in message.buttons for button in row]
        numbers = iter(self._numbered(message.message_id, buttons))
        return [Text("  ").join(_key(next(numbers), button) for button in row) for row in message.buttons]

    def _numbered(self, message_id: int, buttons: list[InlineButton]) -> list[int]:
        """The numbers of a message's buttons: those that they had before it was edited, as far as these go."""
        numbers = self._numbers.get(message_id, [])[: len(buttons)]
        while len(numbers) < len(buttons):
            self._last_number = self._last_number % MAX_BUTTON_NUMBER + 1
            numbers.append(self._last_number)
        for gone in [number for number, (owner, _) in self._buttons.items() if owner == message_id]:
            del self._buttons[gone]
        self._numbers[message_id] = numbers
        self._buttons |= {number: (message_id, button) for number, button in zip(numbers, buttons, strict=True)}
        return numbers


def _key(number: int, button: InlineButton) -> Text:
    """A button with its number, on one line where it fits into one."""
    fits = len(f"[{number}] {button.text}") <= PHONE_WIDTH
    text = f" {button.text}"
    return Text.assemble((f"[{number}]", "bold green"), text.replace(" ", "\u00a0") if fits else text)


def _title(message: SentMessage) -> str:
    when = datetime.fromtimestamp(message.date, UTC).strftime("%d %b %H:%M UTC")
    return f"Bellwether #{message.message_id} {when}"


def _marks(message: SentMessage) -> str:
    """What Telegram shows around a message, in a line above it."""
    marks = [f"answers #{message.reply_to}"] if message.reply_to else []
    marks += ["silent"] if message.silent else []
    marks += ["edited"] if message.edited else []
    return f"<i>({', '.join(marks)})</i>\n" if marks else ""


def _without_the_bot(button: InlineButton) -> str:
    """What a button does of which the bot hears nothing."""
    if button.copied:
        return f"it copies {button.copied}"
    return f"it opens {button.url}" if button.url else "it lets you share an alert into another chat"
