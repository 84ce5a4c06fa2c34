"""Which data, and which places, come of the parser's events?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import yaml

from bot.problem import Problem
from bot.yamlfile.decode import UNPRINTABLE, not_printed
from bot.yamlfile.document import Document, KeyPath, Place, Text, path_text
from bot.yamlfile.scalars import scalar_value

DEEPEST = 20
"""Collections in collections that a file may have."""

MOST = 5_000
"""Keys and values that a file may have, so that no file takes long to complain of."""

_HINTS = {
    "mapping values are not allowed in this context": "': ' can't stand here; mind the indentation, and quote a text "
    "with ': ' in it",
    "did not find expected key": "this does not belong to the lines above; mind the indentation, and quote a text that "
    "begins with {, [ or a quote",
    "did not find expected <document start>": "nothing may follow here; mind the indentation",
    "found character that cannot start any token": "a value can't begin with this character; quote it",
    "block sequence entries are not allowed in this context": "a list begins on a line of its own",
    "found unexpected end of stream": "the file ends inside a quoted text",
    "could not find expected ':'": "a key and ': ' must stand here",
}


class _StopReading(Exception):  # noqa: N818  # not an error of the program: the file can't be followed further
    """What comes after this place can't be understood."""


@dataclass(slots=True)
class _Open:
    """A collection whose end has not come yet."""

    path: KeyPath
    data: dict[str, Any] | list[Any]
    key: str | None = None


class Composer:
    """Builds a Document from events with a stack of its own, so that no nesting can exhaust Python's."""

    def __init__(self, file: str, text: str) -> None:
        self._file = file
        self._text = text
        self._problems: list[Problem] = []
        self._places: dict[KeyPath, Place] = {}
        self._key_places: dict[KeyPath, Place] = {}
        self._texts: dict[KeyPath, Text] = {}
        self._stack: list[_Open] = []
        self._root: Any = None
        self._documents = 0
        self._nodes = 0

    def compose(self) -> tuple[Document | None, list[Problem]]:
        """The document (None where it could not be read to its end, or is empty) and all problems."""
        try:
            self._read()
        except _StopReading:
            return None, self._problems
        except yaml.YAMLError as error:
            self._problems.append(self._syntax(error))
            return None, self._problems
        if self._root is None and not self._problems:
            self._problems.append(Problem.in_file(self._file, "empty"))
            return None, self._problems
        return Document(self._file, self._root, self._places, self._key_places, self._texts), self._problems

    def _read(self) -> None:
        loader: Any = yaml.CSafeLoader(self._text)
        try:
            while loader.check_event():
                self._take(loader.get_event())
        finally:
            loader.dispose()

    def _take(self, event: Any) -> None:
        if isinstance(event, yaml.DocumentStartEvent):
            self._begin_document(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._stack.pop()
        elif isinstance(event, yaml.AliasEvent):
            self._stop(event, "an alias; write the value out, or quote a text that begins with *")
        elif isinstance(event, yaml.NodeEvent):
            self._take_node(event)

    def _begin_document(self, event: Any) -> None:
        self._documents += 1
        if self._documents > 1:
            self._stop(event, "a second document begins here; allowed: one document a file")

    def _take_node(self, event: Any) -> None:
        self._nodes += 1
        if self._nodes > MOST:
            self._stop(event, f"more than {MOST:,} keys and values; split the file")
        if event.anchor is not None:
            self._stop(event, "an anchor; write the value out, or quote a text that begins with &")
        if event.tag is not None:
            self._stop(event, "a tag; quote a text that begins with !")
        parent = self._stack[-1] if self._stack else None
        if parent is not None and isinstance(parent.data, dict) and parent.key is None:
            self._take_key(parent, event)
            return
        path = self._path_of_next(parent)
        self._places.setdefault(path, _place(event))
        if isinstance(event, yaml.ScalarEvent):
            self._put(parent, self._scalar(path, event))
        else:
            self._open(parent, path, event)

    def _take_key(self, parent: _Open, event: Any) -> None:
        if not isinstance(event, yaml.ScalarEvent):
            self._stop(event, "a key must be a word; quote a text that begins with { or [")
        path = (*parent.path, event.value)
        if path in self._key_places:
            line = self._key_places[path][0]
            where = _place(event)
            self._problems.append(Problem(self._file, *where, path_text(path), f"written twice (first in line {line})"))
        self._key_places.setdefault(path, _place(event))
        parent.key = event.value

    def _path_of_next(self, parent: _Open | None) -> KeyPath:
        if parent is None:
            return ()
        return (*parent.path, len(parent.data) if parent.key is None else parent.key)

    def _open(self, parent: _Open | None, path: KeyPath, event: Any) -> None:
        if len(self._stack) >= DEEPEST:
            self._stop(event, f"nested deeper than {DEEPEST} levels")
        opened = _Open(path, {} if isinstance(event, yaml.MappingStartEvent) else [])
        self._put(parent, opened.data)
        self._stack.append(opened)

    def _put(self, parent: _Open | None, value: Any) -> None:
        if parent is None:
            self._root = value
        elif isinstance(parent.data, list):
            parent.data.append(value)
        elif parent.key is not None:
            parent.data.setdefault(parent.key, value)
            parent.key = None

    def _scalar(self, path: KeyPath, event: Any) -> Any:
        raw = self._text[event.start_mark.index : event.end_mark.index]
        self._texts.setdefault(path, Text(event.value, raw, event.style or "", _place(event)))
        if odd := UNPRINTABLE.search(event.value):
            self._problems.append(Problem(self._file, *_place(event), path_text(path), not_printed(odd[0])))
        if event.style:
            return event.value
        try:
            return scalar_value(event.value)
        except ValueError as error:
            self._problems.append(Problem(self._file, *_place(event), path_text(path), str(error)))
            return None

    def _stop(self, event: Any, message: str) -> None:
        self._problems.append(Problem(self._file, *_place(event), "", message))
        raise _StopReading

    def _syntax(self, error: yaml.YAMLError) -> Problem:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        said = str(getattr(error, "problem", None) or error)
        if mark is None:
            return Problem.in_file(self._file, f"not YAML: {said}")
        if self._text[mark.index : mark.index + 1] == "\t" or "\t" in self._indentation(mark.line):
            said = "a tab; indent with spaces"
        return Problem(self._file, mark.line + 1, mark.column + 1, "", _HINTS.get(said, said))

    def _indentation(self, line: int) -> str:
        lines = self._text.split("\n")
        content = lines[line] if line < len(lines) else ""
        return content[: len(content) - len(content.lstrip())]


def _place(event: Any) -> Place:
    return event.start_mark.line + 1, event.start_mark.column + 1
