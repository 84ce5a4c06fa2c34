"""Recursive descent over libyaml's events: plain data, and the place of every key and value.

Events instead of `yaml.compose`, whose recursion in C ends the process at a file of brackets, and which no longer
knows which nodes had an anchor or a tag.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import yaml

from bot.problem import Problem
from bot.yamlfile.decode import UNPRINTABLE, unprintable
from bot.yamlfile.document import Document, KeyPath, Place, SourceText, path_text
from bot.yamlfile.remedies import UNQUOTED_COMMA, remedy
from bot.yamlfile.scalars import scalar_value

MAX_DEPTH = 20
"""Collections in collections that a file may have."""

MAX_NODES = 5_000
"""Keys and values that a file may have, so that no file takes long to complain of."""


class _StopReading(Exception):  # noqa: N818  # not an error of the program: the file can't be followed further
    """What comes after this place can't be understood."""


class Parser:
    """Reads the one document of a text. An instance parses once."""

    def __init__(self, file: str, text: str) -> None:
        self._document = Document(file, None, {}, {}, {})
        self._text = text
        self._events: Any = yaml.CSafeLoader(text)
        self._problems: list[Problem] = []
        self._nodes = 0
        self._flow = 0  # collections in { } or [ ] around what is read

    def parse(self) -> tuple[Document | None, list[Problem]]:
        """The document (None where it could not be read to its end, or is empty) and all problems."""
        problems = self._problems
        try:
            document = replace(self._document, data=self._read())
        except _StopReading:
            return None, problems
        except yaml.YAMLError as error:
            return None, [*problems, self._syntax(error)]
        finally:
            self._events.dispose()
        if document.data is None and not problems:
            return None, [Problem.in_file(document.file, "empty")]
        return document, problems

    def _read(self) -> Any:
        self._events.get_event()  # the stream's start
        if isinstance(self._events.get_event(), yaml.StreamEndEvent):
            return None
        data = self._value((), 0)
        self._events.get_event()  # the document's end
        after = self._events.get_event()
        if isinstance(after, yaml.DocumentStartEvent):
            self._stop(after, "a second document begins here; allowed: one document a file")
        return data

    def _value(self, path: KeyPath, depth: int) -> Any:
        event = self._next()
        self._document.places.setdefault(path, _place(event))
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(path, event)
        if depth >= MAX_DEPTH:
            self._stop(event, f"nested deeper than {MAX_DEPTH} levels")
        collect = self._mapping if isinstance(event, yaml.MappingStartEvent) else self._list
        self._flow += event.flow_style
        value = collect(path, depth + 1)
        self._flow -= event.flow_style
        return value

    def _list(self, path: KeyPath, depth: int) -> list[Any]:
        values: list[Any] = []
        while not self._events.check_event(yaml.SequenceEndEvent):
            values.append(self._value((*path, len(values)), depth))
        self._events.get_event()
        return values

    def _mapping(self, path: KeyPath, depth: int) -> dict[str, Any]:
        """The values by key; of a key that is written twice the first counts."""
        values: dict[str, Any] = {}
        while not self._events.check_event(yaml.MappingEndEvent):
            key = self._key(path)
            value = self._value((*path, key), depth)
            values.setdefault(key, value)
        self._events.get_event()
        return values

    def _key(self, path: KeyPath) -> str:
        event = self._next()
        if not isinstance(event, yaml.ScalarEvent):
            self._stop(event, "a key must be a word; quote a text that begins with { or [")
        key: str = event.value
        place = self._document.key_places.setdefault((*path, key), _place(event))
        if place != _place(event):
            self._complain(event, (*path, key), f"written twice (first in line {place[0]})")
        return key

    def _next(self) -> Any:
        """The event of the next key or value; stops at what may grow, recurse or change its meaning."""
        event = self._events.get_event()
        self._nodes += 1
        if isinstance(event, yaml.AliasEvent):
            self._stop(event, "an alias; write the value out, or quote a text that begins with *")
        if self._nodes > MAX_NODES:
            self._stop(event, f"more than {MAX_NODES:,} keys and values; split the file")
        if event.anchor is not None:
            self._stop(event, "an anchor; write the value out, or quote a text that begins with &")
        if event.tag is not None:
            self._stop(event, "a tag; quote a text that begins with !")
        return event

    def _scalar(self, path: KeyPath, event: Any) -> Any:
        raw = self._text[event.start_mark.index : event.end_mark.index]
        cut = self._flow and not event.style and self._text.startswith(",", event.end_mark.index)
        if cut and event.value.count("(") > event.value.count(")"):
            self._stop(event, UNQUOTED_COMMA)  # what comes after the comma was taken for the next key
        self._document.texts.setdefault(path, SourceText(event.value, raw, event.style or "", _place(event)))
        if odd := UNPRINTABLE.search(event.value):
            self._complain(event, path, unprintable(odd[0]))
        try:
            return event.value if event.style else scalar_value(event.value)
        except ValueError as error:
            self._complain(event, path, str(error))
            return None

    def _complain(self, event: Any, path: KeyPath, message: str) -> None:
        self._problems.append(Problem(self._document.file, *_place(event), path_text(path), message))

    def _stop(self, event: Any, message: str) -> None:
        self._complain(event, (), message)
        raise _StopReading

    def _syntax(self, error: yaml.YAMLError) -> Problem:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        said = remedy(str(getattr(error, "context", None) or ""), str(getattr(error, "problem", None) or error))
        if mark is None:
            return Problem.in_file(self._document.file, said)
        line = self._text.split("\n")[mark.line] if mark.line <= self._text.count("\n") else ""
        if "\t" in (self._text[mark.index : mark.index + 1], *line[: len(line) - len(line.lstrip())]):
            said = "a tab; indent with spaces"
        return Problem(self._document.file, mark.line + 1, mark.column + 1, "", said)


def _place(event: Any) -> Place:
    return event.start_mark.line + 1, event.start_mark.column + 1
