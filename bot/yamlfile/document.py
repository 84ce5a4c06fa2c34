"""A YAML document: its data, and where in the file each value and each character of a text stands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from bot.problem import Problem

KeyPath = tuple[str | int, ...]
Place = tuple[int, int]
"""Line and column, both from 1."""

_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(\r?\n)|(.))", re.DOTALL)
_NAMED_BLANKS = frozenset("nrtvf NLP_\t")


class SourceText(NamedTuple):
    """One text as the file spells it: quotes, escapes, indentation and line folding included."""

    value: str
    raw: str
    style: str  # "" plain, ' or " quoted, | or > block
    start: Place

    def place_of(self, line: int, column: int) -> Place:
        """Where the file has the character at `line` and `column` of the value.

        Quotes, escapes and folding move and rewrite blanks only, so the visible characters of the value and of
        the file are the same ones in the same order: the n-th here is the n-th there.
        """
        lines = self.value.split("\n")
        before = "\n".join([*lines[: line - 1], lines[line - 1][: column - 1] if line <= len(lines) else ""])
        order = sum(not character.isspace() for character in before)
        spans = list(self._visible())
        if order < len(spans):
            return self._place_at(spans[order][0])
        return self._place_at(spans[-1][1] if spans else 0)

    def _place_at(self, offset: int) -> Place:
        above = self.raw.count("\n", 0, offset)
        if not above:
            return self.start[0], self.start[1] + offset
        return self.start[0] + above, offset - self.raw.rfind("\n", 0, offset)

    def _visible(self) -> Iterator[tuple[int, int]]:
        """Start and end in the raw text of each visible character of the value."""
        offset, last = self._inside()
        while offset < last:
            end = offset + 1
            blank = self.raw[offset].isspace()
            if self.style == "'" and self.raw[offset] == "'":
                end += 1
            elif self.style == '"' and (escape := _ESCAPE.match(self.raw, offset)):
                end, blank = escape.end(), _is_blank(escape)
            if not blank:
                yield offset, end
            offset = end

    def _inside(self) -> tuple[int, int]:
        if self.style in ("'", '"'):
            return 1, len(self.raw) - 1
        if self.style in ("|", ">"):
            return self.raw.find("\n") + 1, len(self.raw)
        return 0, len(self.raw)


def _is_blank(escape: re.Match[str]) -> bool:
    code = escape[1] or escape[2] or escape[3]
    if code:
        return chr(int(code, 16)).isspace()
    return escape[4] is not None or escape[5] in _NAMED_BLANKS


@dataclass(frozen=True)
class Document:
    """One YAML document: plain data, and for each key path the places of the value and of its key."""

    file: str
    data: Any
    places: dict[KeyPath, Place]
    key_places: dict[KeyPath, Place] = field(default_factory=dict)
    texts: dict[KeyPath, SourceText] = field(default_factory=dict)

    def problem(self, path: KeyPath, message: str, *, key: bool = False, at: Place | None = None) -> Problem:
        """A complaint about the value at `path`, or about its key.

        `at` is the line and column inside the text that stands there. A path that the file does not have is
        placed at the nearest value around it.
        """
        line, column = self._place(path, key=key, at=at)
        return Problem(self.file, line, column, path_text(path), message)

    def _place(self, path: KeyPath, *, key: bool, at: Place | None) -> Place:
        if at is not None and path in self.texts:
            return self.texts[path].place_of(*at)
        if key and path in self.key_places:
            return self.key_places[path]
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, (1, 1))


def path_text(path: KeyPath) -> str:
    """How people read a key path: `follow.held`, `claims[0].text`."""
    parts = [f"[{part}]" if isinstance(part, int) else f".{part}" for part in path]
    return "".join(parts).removeprefix(".")
