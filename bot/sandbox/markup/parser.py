"""Parser of Telegram HTML: the text that it shows, and its entities."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from bot.sandbox.errors import ApiError
from bot.sandbox.markup.entities import Entity, MarkedText, trim, utf16_length
from bot.sandbox.markup.tags import TAGS, InvalidTagError, Open, add_entity, argument_of, without_lone_languages

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


@lru_cache(maxsize=1024)  # a fan-out sends one text to thousands of chats
def parse_html(source: str) -> MarkedText:
    """Refuses what the official server refuses, in its words and with its byte offsets."""
    marked = _Parser(source).run()
    return trim(marked)


class _Parser:
    """One pass over the source, a stack of open tags."""

    def __init__(self, source: str) -> None:
        self.source = source + END
        self.at = 0
        self.pieces: list[str] = []
        self.offset = 0
        self.stack: list[Open] = []
        self.entities: list[Entity] = []

    def run(self) -> MarkedText:
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
        entities = without_lone_languages(self.entities)
        entities.sort(key=lambda entity: (entity["offset"], -entity["length"]))
        return MarkedText(text, tuple(entities))

    def refuse(self, reason: str, at: int | None = None) -> ApiError:
        place = "" if at is None else f" at byte offset {self.bytes_before(at)}"
        return ApiError(400, f"Bad Request: can't parse entities: {reason}{place}")

    def bytes_before(self, at: int) -> int:
        return len(self.source[:at].encode("utf-8", "surrogatepass"))

    def show(self, text: str) -> None:
        self.pieces.append(text)
        self.offset += utf16_length(text)

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
        argument, extra = argument_of(tag, attributes)
        self.stack.append(Open(tag, argument, extra, self.offset, len(self.pieces)))

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

    def close(self, opened: Open) -> None:
        try:
            add_entity(self.entities, opened, self.offset, "".join(self.pieces[opened.piece :]))
        except InvalidTagError as error:
            raise self.refuse(str(error)) from None

    def take(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self.source, self.at)
        assert match is not None  # every pattern here also matches nothing
        self.at = match.end()
        return match.group()


def _character(code: int) -> str:
    return chr(code) if 0 < code < 0x10FFFF else ""
