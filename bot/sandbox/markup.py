"""What does a text in Telegram HTML show, and which entities does it have?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from bot.sandbox.refusal import Refused

Entity = dict[str, object]

SIMPLE: Final = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "span": "spoiler",
    "tg-spoiler": "spoiler",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
}
TAGS: Final = frozenset(SIMPLE) | {"a", "tg-emoji", "tg-time"}
NAMED: Final = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
SPACE: Final = " \t\r\n\0\v"
END: Final = "\0"  # stands behind the text, so that no look ahead runs off its end

_plain = re.compile(r"[^<&\0]+")
_name = re.compile(r"[^ \t\r\n\0\v>]*")
_attribute = re.compile(r"[^ \t\r\n\0\v=>/\"']*")
_token = re.compile(r"[A-Za-z0-9.\-]*")
_spaces = re.compile(r"[ \t\r\n\v]*")
_surrogate = re.compile("[\ud800-\udfff]")
_reference = re.compile(r"&(?:#x([0-9a-fA-F]+)|#([0-9]+)|([A-Za-z]+));?")


@dataclass(frozen=True, slots=True)
class Marked:
    """A text as it is shown; entity offsets and lengths are UTF-16 units."""

    text: str
    entities: tuple[Entity, ...] = ()


@dataclass(slots=True)
class _Open:
    tag: str
    argument: str
    extra: str
    offset: int
    piece: int  # index into the pieces of text at which the entity's own text begins


def units(text: str) -> int:
    """Length as Telegram counts it."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


@lru_cache(maxsize=1024)  # a fan-out sends one text to thousands of chats
def parse_html(source: str) -> Marked:
    """Refuses what the official server refuses, in its words and with its byte offsets."""
    marked = _Parser(source).run()
    return trim(marked)


def trim(marked: Marked) -> Marked:
    """Without the white space around the text; entities are cut, and dropped where nothing is left of them."""
    text = marked.text.strip()
    if text == marked.text:
        return marked
    front = units(marked.text[: len(marked.text) - len(marked.text.lstrip())])
    total = units(text)
    kept = []
    for entity in marked.entities:
        offset, length = int(str(entity["offset"])), int(str(entity["length"]))
        first, last = max(offset - front, 0), min(offset + length - front, total)
        if last > first:
            kept.append({**entity, "offset": first, "length": last - first})
    return Marked(text, tuple(kept))


class _Parser:
    """One pass over the source, a stack of open tags."""

    def __init__(self, source: str) -> None:
        self.source = source + END
        self.at = 0
        self.pieces: list[str] = []
        self.offset = 0
        self.stack: list[_Open] = []
        self.entities: list[Entity] = []

    def run(self) -> Marked:
        last = len(self.source) - 1
        while self.at < last:
            if match := _plain.match(self.source, self.at):
                self.at = match.end()
                self.show(match.group())
            elif self.source[self.at] == "&":
                self.show(self.reference())
            elif self.source[self.at] == "<":
                self.tag()
            else:
                self.show(self.source[self.at])
                self.at += 1
        if self.stack:
            raise self.refuse(f'Can\'t find end tag corresponding to start tag "{self.stack[-1].tag}"')
        text = "".join(self.pieces)
        if _surrogate.search(text):
            raise self.refuse(
                "Text contains invalid Unicode characters after decoding HTML entities, "
                "check for unmatched surrogate code units"
            )
        entities = sorted(self.entities, key=lambda entity: (entity["offset"], -int(str(entity["length"]))))
        return Marked(text, tuple(entities))

    def refuse(self, reason: str, at: int | None = None) -> Refused:
        place = "" if at is None else f" at byte offset {self.bytes_before(at)}"
        return Refused(400, f"Bad Request: can't parse entities: {reason}{place}")

    def bytes_before(self, at: int) -> int:
        return len(self.source[:at].encode("utf-8", "surrogatepass"))

    def show(self, text: str) -> None:
        self.pieces.append(text)
        self.offset += units(text)

    def reference(self) -> str:
        """A character reference; what is none (an unknown name, a number out of range) stays as it stands."""
        start = self.at
        match = _reference.match(self.source, start)
        if match is None:
            self.at += 1
            return "&"
        hexadecimal, decimal, name = match.groups()
        character = NAMED.get(name, "") if name else _character(int(hexadecimal or decimal, 16 if hexadecimal else 10))
        width = match.end() - start - match.group().endswith(";")
        if not character or (not name and width >= 10):
            self.at += 1
            return "&"
        self.at = match.end()
        return character

    def tag(self) -> None:
        begin = self.at
        self.at += 1
        if self.source[self.at] == "/":
            self.end_tag(begin)
        else:
            self.start_tag(begin)

    def start_tag(self, begin: int) -> None:
        name = self.take(_name)
        if self.source[self.at] == END:
            raise self.refuse("Unclosed start tag", begin)
        tag = name.lower()
        if tag not in TAGS:
            raise self.refuse(f'Unsupported start tag "{tag}"', begin)
        attributes = self.attributes(tag, begin)
        if tag == "span" and attributes.get("class") != "tg-spoiler":
            raise self.refuse('Tag "span" must have class "tg-spoiler"', begin)
        argument, extra = _argument(tag, attributes)
        self.stack.append(_Open(tag, argument, extra, self.offset, len(self.pieces)))

    def attributes(self, tag: str, begin: int) -> dict[str, str]:
        found: dict[str, str] = {}
        while True:
            self.take(_spaces)
            if self.source[self.at] == ">":
                self.at += 1
                return found
            name = self.take(_attribute).lower()
            if not name:
                raise self.refuse(f'Empty attribute name in the tag "{tag}"', begin)
            self.take(_spaces)
            if self.source[self.at] == END:
                raise self.refuse(f'Unclosed start tag "{tag}"', begin)
            found[name] = self.value(tag, begin) if self.source[self.at] == "=" else ""

    def value(self, tag: str, begin: int) -> str:
        self.at += 1
        self.take(_spaces)
        quote = self.source[self.at]
        if quote == END:
            raise self.refuse(f'Unclosed start tag "{tag}"', begin)
        if quote in "\"'":
            return self.quoted(quote, begin)
        start = self.at
        token = self.take(_token).lower()
        if self.source[self.at] not in SPACE + ">":
            raise self.refuse("Unexpected end of name token", start)
        if self.source[self.at] == END:
            raise self.refuse("Unclosed start tag", begin)
        return token

    def quoted(self, quote: str, begin: int) -> str:
        self.at += 1
        value = []
        while self.source[self.at] not in (quote, END):
            if self.source[self.at] == "&":
                value.append(self.reference())
            else:
                value.append(self.source[self.at])
                self.at += 1
        self.at += self.source[self.at] == quote
        if self.source[self.at] == END:
            raise self.refuse("Unclosed start tag", begin)
        return "".join(value)

    def end_tag(self, begin: int) -> None:
        if not self.stack:
            raise self.refuse("Unexpected end tag", begin)
        self.at += 1
        name = self.take(_name)
        self.take(_spaces)
        if self.source[self.at] != ">":
            raise self.refuse("Unclosed end tag", begin)
        self.at += 1
        opened = self.stack.pop()
        if name and name != opened.tag:
            raise self.refuse(
                f"Unmatched end tag at byte offset {self.bytes_before(begin)}, "
                f'expected "</{opened.tag}>", found "</{name}>"'
            )
        if self.offset > opened.offset:
            self.close(opened)

    def close(self, opened: _Open) -> None:
        place: Entity = {"offset": opened.offset, "length": self.offset - opened.offset}
        if opened.tag in {"pre", "code"} and self.merge(opened, place):
            return
        if opened.tag == "a":
            link = _link(opened.argument or "".join(self.pieces[opened.piece :]))
            if link:
                self.entities.append({"type": link[0], **place, **link[1]})
        elif opened.tag == "tg-emoji":
            if not opened.argument.isdigit():
                raise self.refuse("Invalid custom emoji identifier specified")
            self.entities.append({"type": "custom_emoji", **place, "custom_emoji_id": opened.argument})
        elif opened.tag == "tg-time":
            self.entities.append(self.date_time(opened, place))
        else:
            self.entities.append({"type": _kind(opened), **place})

    def merge(self, opened: _Open, place: Entity) -> bool:
        """`<pre><code class="language-x">` is one entity with a language."""
        last = self.entities[-1] if self.entities else {}
        if {"offset": last.get("offset"), "length": last.get("length")} != place:
            if opened.tag == "code" and opened.argument:
                self.entities.append({"type": "code", **place, "language": opened.argument})
                return True
            return False
        if opened.tag == "pre" and last.get("type") == "code" and "language" in last:
            self.entities[-1] = {**last, "type": "pre"}
            return True
        return False

    def date_time(self, opened: _Open, place: Entity) -> Entity:
        if not opened.argument.removeprefix("-").isdigit():
            raise self.refuse("Invalid date-time specified")
        entity = {"type": "date_time", **place, "unix_time": int(opened.argument)}
        return {**entity, "date_time_format": opened.extra} if opened.extra else entity

    def take(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self.source, self.at)
        assert match is not None  # every pattern here also matches nothing
        self.at = match.end()
        return match.group()


def _character(code: int) -> str:
    return chr(code) if 0 < code < 0x10FFFF else ""


def _argument(tag: str, attributes: dict[str, str]) -> tuple[str, str]:
    match tag:
        case "a":
            return attributes.get("href", ""), ""
        case "code":
            return attributes.get("class", "").partition("language-")[2], ""
        case "blockquote":
            return ("1" if "expandable" in attributes else ""), ""
        case "tg-emoji":
            return attributes.get("emoji-id", ""), ""
        case "tg-time":
            return attributes.get("unix", ""), attributes.get("format", "")
        case _:
            return "", ""


def _kind(opened: _Open) -> str:
    return "expandable_blockquote" if opened.tag == "blockquote" and opened.argument else SIMPLE[opened.tag]


def _link(url: str) -> tuple[str, dict[str, object]] | None:
    """A text_link, a text_mention, or nothing where the address is none (the text stays, as on the real server)."""
    if match := re.fullmatch(r"tg://user/?\?id=(\d+)", url):
        user = {"id": int(match.group(1)), "is_bot": False, "first_name": "User"}
        return "text_mention", {"user": user}
    if re.fullmatch(r"(?:https?|tg|ton|tonsite|mailto|tel):\S+", url, re.IGNORECASE):
        return "text_link", {"url": url}
    if re.fullmatch(r"[\w\-]+(\.[\w\-]+)+(/\S*)?", url):
        return "text_link", {"url": f"http://{url}/" if "/" not in url else f"http://{url}"}
    return None
