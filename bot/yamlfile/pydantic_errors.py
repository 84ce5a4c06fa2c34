"""How is what pydantic refuses said to the person who wrote it?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from bot.problem import Problem
from bot.suggest import nearest
from bot.yamlfile.document import Document, KeyPath
from bot.yamlfile.model_keys import fields_at

_NOT_TEXT = "not text (got {got}); allowed: text, in quotes where it looks like something else"
_NOT_A_LIST = "not a list (got {got}); allowed: a list"
_NOT_A_MAPPING = "not a mapping (got {got}); allowed: keys with values"
_NOT_A_NUMBER = "not a number (got {got}); allowed: a number"
_NOT_WHOLE = "not a whole number (got {got}); allowed: a whole number"
_NOT_AN_ADDRESS = "not a web address (got {got}); allowed: like https://example.org"
_NOT_YES_NO = "neither true nor false (got {got}); allowed: true, false"

_WORDS = {
    "string_type": _NOT_TEXT,
    "list_type": _NOT_A_LIST,
    "tuple_type": _NOT_A_LIST,
    "dict_type": _NOT_A_MAPPING,
    "model_type": _NOT_A_MAPPING,
    "model_attributes_type": _NOT_A_MAPPING,
    "float_type": _NOT_A_NUMBER,
    "float_parsing": _NOT_A_NUMBER,
    "finite_number": _NOT_A_NUMBER,
    "int_type": _NOT_WHOLE,
    "int_parsing": _NOT_WHOLE,
    "int_from_float": _NOT_WHOLE,
    "bool_type": _NOT_YES_NO,
    "bool_parsing": _NOT_YES_NO,
    "string_too_short": "too short (got {got}); allowed: at least {min_length} characters",
    "string_too_long": "too long (got {length} characters); allowed: up to {max_length}",
    "string_pattern_mismatch": "written wrongly (got {got}); allowed: what matches {pattern}",
    "too_short": "too few (got {actual_length}); allowed: at least {min_length}",
    "too_long": "too many (got {actual_length}); allowed: up to {max_length}",
    "greater_than": "too small (got {got}); allowed: more than {gt:g}",
    "greater_than_equal": "too small (got {got}); allowed: {ge:g} or more",
    "less_than": "too large (got {got}); allowed: less than {lt:g}",
    "less_than_equal": "too large (got {got}); allowed: {le:g} or less",
    "path_type": "not a path (got {got}); allowed: text, like folder/file",
    "url_type": _NOT_AN_ADDRESS,
    "url_parsing": _NOT_AN_ADDRESS,
    "url_scheme": _NOT_AN_ADDRESS,
    "value_error": "{error}",
}
_CHOICES = frozenset({"enum", "literal_error"})


def problems_of(error: ValidationError, document: Document, model: type[BaseModel] | None = None) -> list[Problem]:
    """Every mistake that pydantic found, at its place in the file, each place once.

    With the `model` that was validated, a missing key says what it is for, and an unknown one gets a guess and
    the allowed ones.
    """
    found: dict[KeyPath, Problem] = {}
    for item in error.errors(include_url=False):
        if item["type"] == "none_required":
            continue  # the other half of an optional key, whose real mistake is told beside it
        missing, unknown = item["type"] == "missing", item["type"] == "extra_forbidden"
        path = _path(item["loc"], document, missing=missing)
        message = _message(item, path, model, missing=missing, unknown=unknown)
        found.setdefault(path, document.problem(path, message, key=unknown))
    return list(found.values())


def guess(word: str, allowed: Iterable[str]) -> str:
    """`; did you mean 'x'?`, or nothing where no allowed word comes near."""
    near = nearest(word, allowed)
    return f"; did you mean '{near[0]}'?" if near else ""


def refusal(what: str, got: object, allowed: Iterable[str]) -> str:
    """A word that is not among the allowed ones, with a guess and all of these."""
    names = list(allowed)
    hint = guess(str(got), names)
    listed = ", ".join(names) or "none"
    return (
        f"{what} (got {shown(got)}){hint} allowed: {listed}"
        if hint
        else f"{what} (got {shown(got)}); allowed: {listed}"
    )


def shown(value: object) -> str:
    """A value as a complaint repeats it: short, in YAML's words."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, list | tuple | set):
        return "a list"
    said = str(value)
    said = said if len(said) <= 40 else said[:39] + "…"
    return repr(said) if isinstance(value, str) else said


def _path(loc: tuple[str | int, ...], document: Document, *, missing: bool) -> KeyPath:
    """The part of pydantic's location that the file has: names of union members and validators are left out."""
    path: KeyPath = ()
    for position, part in enumerate(loc):
        if (*path, part) in document.places or (missing and position == len(loc) - 1):
            path = (*path, part)
    return path


def _message(item: Any, path: KeyPath, model: type[BaseModel] | None, *, missing: bool, unknown: bool) -> str:
    if missing:
        return "missing" + _purpose(fields_at(model, path[:-1]), path)
    if unknown:
        names = list(fields_at(model, path[:-1]))
        hint = guess(str(path[-1]), names)
        listed = f" allowed: {', '.join(names)}" if names else ""
        return "unknown key" + hint + (listed if hint or not names else ";" + listed)
    return in_words(item, item["input"])


def in_words(item: Any, got: object) -> str:
    """What pydantic says of a value, in the words of this house; `got` is what the person wrote."""
    if item["type"] in _CHOICES:
        expected = item["ctx"]["expected"].replace(" or ", ", ").split(", ")
        return refusal("unknown word", got, [word.strip("'") for word in expected])
    facts = {"got": shown(got), "length": len(str(got)), **item.get("ctx", {})}
    words = _WORDS.get(item["type"])
    return words.format(**facts) if words else f"{item['msg']} (got {facts['got']})"


def _purpose(fields: Mapping[str, Any], path: KeyPath) -> str:
    field = fields.get(str(path[-1]))
    return f"; needed: {field.description}" if field is not None and field.description else ""
