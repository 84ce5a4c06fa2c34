"""Messages of the chat in a terminal: Telegram HTML as styled text and bubbles."""

from __future__ import annotations

from html.parser import HTMLParser

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.panel import Panel
from rich.segment import Segment
from rich.text import Text

console = Console(highlight=False, soft_wrap=False, emoji=False)

WIDTH = 64
"""Columns of a chat bubble: about as wide as on a phone held upright."""

_STYLES = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strike",
    "del": "strike",
    "code": "cyan",
    "pre": "",
    "a": "underline cyan",
    "blockquote": "dim",
    "tg-spoiler": "reverse",
}


class _Reader(HTMLParser):
    """Telegram HTML to a styled text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text = Text()
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002  # the parser's
        self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open:
            self._open.reverse()
            self._open.remove(tag)
            self._open.reverse()

    def handle_data(self, data: str) -> None:
        style = " ".join(filter(None, (_STYLES.get(tag, "") for tag in self._open)))
        self.text.append(data, style or None)


def styled(html: str) -> Text:
    """Telegram HTML as a text for the terminal."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.text


def show(html: str) -> None:
    """Print a message of the chat without its bubble, as wide as its lines are."""
    console.print(styled(html), soft_wrap=True)


def show_wrapped(html: str) -> None:
    """Print a message of the chat without its bubble, its lines broken where the terminal ends."""
    console.print(_Unbroken(styled(html.replace("\u00a0", _NO_BREAK))))


class _Unbroken:
    """What breaks its lines at no space that keeps a number and its unit together; rich would break at any."""

    def __init__(self, content: Panel | Text) -> None:
        self._content = content

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for segment in console.render(self._content, options):
            yield Segment(segment.text.replace(_NO_BREAK, " "), segment.style, segment.control)


_NO_BREAK = "\ue000"
"""What stands for such a space while lines are broken: a character that no text has."""


def bubble(html: str, *, title: str = "", below: str | Text = "", width: int = WIDTH) -> RenderableType:
    """One message as it would stand in the chat; `title` says from whom or when, `below` what hangs on it."""
    text = styled(html.replace("\u00a0", _NO_BREAK))
    text.rstrip()
    if below:
        text.append("\n")
        hanging = Text(below, "dim") if isinstance(below, str) else below.copy()
        hanging.plain = hanging.plain.replace("\u00a0", _NO_BREAK)
        text.append_text(hanging)
    wide = min(width, console.width)
    return _Unbroken(Panel(text, title=title or None, title_align="left", width=wide, border_style="blue"))
