"""Reference of rule files in Markdown: every key and function, generated so that it stays true."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import Enum
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from bot.rulebook.file_types import SEVERITY_WORDS
from bot.rulebook.rule_file import RuleFile
from bot.rulebook.testing.test_file import TestFile
from bot.severity import Severity
from bot.signals.formula import FUNCTIONS, NOTES
from bot.signals.indicators.function import Function, Parameter, ParameterType
from bot.yamlfile.model_keys import item_of, keys_of, model_in


def reference() -> str:
    """The whole reference, in Markdown."""
    parts = [
        "### Keys of a rule",
        _table(("key", "default", "what it says"), _keys(RuleFile)),
        "### What holds in every formula",
        "\n".join(f"- {name}: {note}" for name, note in NOTES.items()),
        "### Functions",
        _table(("function", "gives", "what it is", "example"), _functions(FUNCTIONS.values())),
        "### What their parameters take",
        _table(("parameter", "of", "takes", "range", "what it is"), _parameters(FUNCTIONS.values())),
        "### Keys of a test file",
        _table(("key", "default", "what it says"), _keys(TestFile)),
    ]
    return "\n\n".join(parts)


def with_reference(guide: str) -> str:
    """The guide with its reference brought up to date. Raises ValueError where it has no place for one."""
    return with_part(guide, "reference", reference())


def with_part(text: str, name: str, part: str) -> str:
    """A document with one generated part brought up to date. Raises ValueError where it has no place for it."""
    begin, end = f"<!-- {name}: begin (generated; a test keeps it true) -->", f"<!-- {name}: end -->"
    if begin not in text or end not in text:
        raise ValueError(f"no place for the {name}; needed: the lines {begin} and {end}")
    before, rest = text.split(begin, 1)
    _, after = rest.split(end, 1)
    return f"{before}{begin}\n\n{part}\n\n{end}{after}"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


def _keys(model: type[BaseModel], before: str = "") -> Iterator[tuple[str, str, str]]:
    for key, field in keys_of(model).items():
        yield f"`{before}{key}`", _default(field), (field.description or "") + _choices(field.annotation)
        inner, mark = _inside(field.annotation)
        if inner is not None:
            yield from _keys(inner, f"{before}{key}{mark}.")


def _inside(annotation: Any) -> tuple[type[BaseModel] | None, str]:
    """The model that a key holds, and how a path through it is written."""
    if (model := model_in(annotation)) is not None:
        return model, ""
    item = item_of(annotation)
    mark = ".<market>" if "dict" in str(annotation) else "[]"
    return model_in(item), mark


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "needed"
    value = field.default
    if isinstance(value, Severity):
        return f"`{value.word}`"
    if isinstance(value, Enum):
        return f"`{value.value}`"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    extra = field.json_schema_extra
    if isinstance(extra, dict) and "default" in extra:
        return f"`{extra['default']}`"
    return f"`{value} bar`" if isinstance(value, int) else "–"


def _choices(annotation: Any) -> str:
    kind = item_of(annotation) or annotation
    if kind is Severity:
        return ": " + ", ".join(f"`{word}`" for word in SEVERITY_WORDS)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return ": " + ", ".join(f"`{member.value}`" for member in kind)
    return ""


def _functions(functions: Iterable[Function]) -> Iterator[tuple[str, ...]]:
    for function in functions:
        yield f"`{function.signature}`", function.kind.value, function.help, f"`{function.example}`"


def _parameters(functions: Iterable[Function]) -> Iterator[tuple[str, ...]]:
    """Parameters that are written down once, equal ones together; a series explains itself."""
    owners: dict[tuple[str, ...], list[str]] = {}
    for function in functions:
        for each in function.parameters:
            if not each.type.is_series:
                row = (f"`{each.name}`", each.type.value, _range(each), each.help)
                owners.setdefault(row, []).append(f"`{function.name}`")
    for (name, *rest), names in owners.items():
        yield name, " ".join(names), *rest


def _range(parameter: Parameter) -> str:
    named = parameter.type in {ParameterType.RULE, ParameterType.MARKET, ParameterType.PERIOD}
    return "–" if named else f"{parameter.low:g} to {parameter.high:g}"
