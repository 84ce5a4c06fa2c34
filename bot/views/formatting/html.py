"""Telegram HTML: escaping, measuring as Telegram measures, and cutting without breaking markup."""

from __future__ import annotations

import html as markup
import re
import textwrap
from collections.abc import Callable, Iterator, Sequence

from bot.signals.timeframe import Instant

TEXT_LIMIT = 4096
"""Visible UTF-16 units of a message."""

CAPTION_LIMIT = 1024
"""Visible UTF-16 units of a photo's caption."""

BANNER_ROOM = 32
"""Visible UTF-16 units that every text leaves free for the banner that may stand before it."""

PHONE_WIDTH = 38
"""Columns of a phone's line."""

SMALLEST_PAGE = 64
"""No page may be set smaller: an instant is never split, and has at most this many units."""

_TOKEN = re.compile(
    r"(?P<atom><tg-time [^>]*>[^<]{0,32}</tg-time>)"
    r"|(?P<tag></?[a-z][a-z0-9-]*(?: [^>]*)?>)"
    r"|(?P<entity>&(?:lt|gt|amp|quot|#\d{1,7}|#x[0-9a-fA-F]{1,6});)"
    r"|(?P<char>.)",
    re.DOTALL,
)
_BLANK = " \t\u00a0"
_MOST_BREAKS = 2
"""Ends of lines in a row: one empty line."""

_DIRECTION = re.compile("[\u202a-\u202e\u2066-\u2069]")
_SENTENCE = re.compile(r"[.!?…]+[\"'”’)]*(?= [^a-z]|$)|.$")
_FOLDED = re.compile(r"<blockquote expandable>.*?</blockquote>", re.DOTALL)
_TAG = re.compile(r"</?[a-z][a-z0-9-]*(?: [^>]*)?>")


def escape(text: str) -> str:
    """Text that somebody else wrote, as it may stand anywhere in Telegram HTML, attributes included.

    Marks that turn the direction of what follows are taken out: they could make one thing read like another.
    """
    sound = _DIRECTION.sub("", text.encode("utf-8", "replace").decode())  # half a surrogate pair can't be sent
    return sound.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def bold(html: str) -> str:
    """HTML in bold."""
    return f"<b>{html}</b>"


def italic(html: str) -> str:
    """HTML in italics."""
    return f"<i>{html}</i>"


def code(text: str) -> str:
    """Text in a monospaced face; a tap copies it."""
    return f"<code>{escape(text)}</code>"


def name(text: str, most: int = 64) -> str:
    """What a person or a chat calls itself: never a command, a mention or a link that could be tapped."""
    return code(clip(text, most)) if text.strip() else "without a name"


def quoted(text: str, most: int = 64) -> str:
    """What somebody typed, in quotation marks, as harmless as a name."""
    return f"“{code(clip(text, most))}”"


def pre(text: str, columns: int = PHONE_WIDTH) -> str:
    """Text in a monospaced block that keeps its columns. It can hold no other formatting.

    What is wider than a phone is broken here, at a blank, rather than there, anywhere.
    """
    return f"<pre>{escape(wrapped(text, columns))}</pre>"


def wrapped(text: str, columns: int = PHONE_WIDTH) -> str:
    """Plain text of which no line is wider than so many columns; what was broken goes on four columns further in."""
    lines = [line.rstrip() for line in text.split("\n")]
    parts = (each for line in lines for each in (_parts(line, columns) if len(line) > columns else [line]))
    return "\n".join(part.rstrip() for part in parts)


def _parts(line: str, columns: int) -> list[str]:
    inside = " " * (len(line) - len(line.lstrip()) + 4)
    return textwrap.wrap(line, columns, subsequent_indent=inside, break_on_hyphens=False) or [""]


def folded(html: str) -> str:
    """HTML as a quotation that shows its first lines and unfolds at a tap. It can't hold another."""
    return f"<blockquote expandable>{html}</blockquote>"


def instant(at: Instant, fallback: str, style: str = "t") -> str:
    """An instant in each reader's own clock; readers whose app is too old see `fallback`.

    `style` is "r" (relative), or any of "w" weekday, "d"/"D" short/long date, "t"/"T" short/long time, in
    that order. The fallback must name its time zone itself. Never inside `pre` or `code`.
    """
    return f'<tg-time unix="{at}" format="{style}">{escape(fallback)}</tg-time>'


def units(text: str) -> int:
    """Length of plain text in UTF-16 units."""
    return len(text) + sum(character > "\uffff" for character in text)


def visible(html: str) -> str:
    """What a reader sees of `html`: no tags, entities as the characters they stand for."""
    return markup.unescape(_TAG.sub("", html))


def visible_length(html: str) -> int:
    """Length as Telegram counts it: UTF-16 units after the tags and entities are parsed."""
    return units(visible(html))


def phone_lines(html: str) -> int:
    """Lines that a phone shows of `html` before anything is unfolded: words wrap at PHONE_WIDTH columns."""
    shown = visible(_FOLDED.sub("", html)).strip("\n")
    if not shown:
        return 0
    return sum(len(textwrap.wrap(line.replace("\u00a0", "_"), PHONE_WIDTH) or [""]) for line in shown.split("\n"))


def clip(text: str, limit: int) -> str:
    """Plain text in at most `limit` UTF-16 units, cut at a word, with … where something was cut."""
    text = " ".join(text.split())
    if units(text) <= limit:
        return text
    kept = text.encode("utf-16-le", "surrogatepass")[: max(limit - 1, 0) * 2].decode("utf-16-le", "ignore")
    words = kept.rpartition(" ")[0]
    return (words if units(words) * 2 > limit else kept).rstrip(" ,;:") + "…"


def sentences(text: str, limit: int) -> str:
    """The first whole sentences of plain text that take at most `limit` UTF-16 units together; "" for none."""
    text = " ".join(text.split())
    ends = [match.end() for match in _SENTENCE.finditer(text) if units(text[: match.end()]) <= limit]
    return text[: ends[-1]] if ends else ""


def fit(build: Callable[[frozenset[str]], str], optional: Sequence[str], limit: int) -> str:
    """The fullest `build(left_out)` that is at most `limit` units long, leaving parts out in the order given.

    Text that is too long even without all of them ends at `limit`, well-formed.
    """
    for count in range(len(optional) + 1):
        html = tidy(build(frozenset(optional[:count])))
        if visible_length(html) <= limit:
            return html
    return split(html, limit)[0]


def split(html: str, limit: int = TEXT_LIMIT) -> list[str]:
    """Pages of at most `limit` visible units, each well-formed: tags that a cut goes through are re-opened.

    Cut after a line's end if one lies in the page's second half, else after a space, else anywhere but
    inside an entity, a surrogate pair or an instant. Pages that would be blank are left out, since
    Telegram refuses them. Raises ValueError below SMALLEST_PAGE.
    """
    if limit < SMALLEST_PAGE:
        raise ValueError(f"limit: too small (got {limit}); allowed: at least {SMALLEST_PAGE}")
    tokens = [(str(match.lastgroup), match[0]) for match in _TOKEN.finditer(html)]
    pages, opened = [], list[str]()
    while tokens:
        count = _page(tokens, limit)
        head, tokens = tokens[:count], tokens[count:]
        inherited = "".join(opened)
        for kind, text in head:
            if kind == "tag":
                _step(opened, text)
        pages.append(inherited + "".join(_tidied(head)) + "".join(_closing(opened)))
    return [page for page in pages if visible(page).strip()]


def tidy(html: str) -> str:
    """HTML without blanks at the ends of lines, without empty lines at its ends, and none beside another."""
    return "".join(_tidied([(str(match.lastgroup), match[0]) for match in _TOKEN.finditer(html)]))


def _tidied(tokens: Sequence[tuple[str, str]]) -> list[str]:
    kept, blanks, breaks = list[str](), list[int](), list[int]()
    least = _MOST_BREAKS  # nothing begins with an empty line
    for kind, text in tokens:
        if kind != "tag" and text == "\n":
            _empty(kept, blanks)
            blanks.clear()
            if len(breaks) + least >= _MOST_BREAKS:
                continue
            breaks.append(len(kept))
        elif kind != "tag" and text in _BLANK:
            blanks.append(len(kept))
        elif kind != "tag":
            blanks.clear()
            breaks.clear()
            least = 0
        kept.append(text)
    _empty(kept, [*blanks, *breaks])
    return kept


def _empty(texts: list[str], places: Sequence[int]) -> None:
    for place in places:
        texts[place] = ""


def _page(tokens: Sequence[tuple[str, str]], limit: int) -> int:
    """How many of the tokens the next page takes: at least one."""
    length, after_line, after_space = 0, 0, 0
    for count, (kind, text) in enumerate(tokens):
        length += 0 if kind == "tag" else visible_length(text)
        if length > limit:
            return after_line or after_space or count
        if length * 2 > limit:
            after_line = count + 1 if text == "\n" else after_line
            after_space = count + 1 if text == " " else after_space
    return len(tokens)


def _step(opened: list[str], tag: str) -> None:
    if not tag.startswith("</"):
        opened.append(tag)
    elif opened:
        opened.pop()


def _closing(opened: Sequence[str]) -> Iterator[str]:
    for tag in reversed(opened):
        yield f"</{tag[1:-1].split(' ', 1)[0]}>"
