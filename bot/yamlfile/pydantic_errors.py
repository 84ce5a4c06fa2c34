"""Pydantic's complaints in the words of this house, each at its place in the file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from bot.problem import Problem
from bot.suggest import nearest
from bot.yamlfile.document import Document, KeyPath
from bot.yamlfile.model_keys import fields_at

# By pydantic's type of error, or by what stands before its first underscore.
_WORDS = {
    "string_too_short": "too short (got {got}); allowed: at least {min_length} characters",
    "string_too_long": "too long (got {length} characters); allowed: up to {max_length}",
    "string_pattern_mismatch": "written wrongly (got {got}); allowed: {pattern_words}",
    "too_short": "too few (got {actual_length}); allowed: at least {min_length}",
    "too_long": "too many (got {actual_length}); allowed: up to {max_length}",
    "greater_than": "too small (got {got}); allowed: more than {gt:g}",
    "greater_than_equal": "too small (got {got}); allowed: {ge:g} or more",
    "less_than": "too large (got {got}); allowed: less than {lt:g}",
    "less_than_equal": "too large (got {got}); allowed: {le:g} or less",
    "value_error": "{error}",
    "string": "not text (got {got}); allowed: text, in quotes where it looks like something else",
    "list": "not a list (got {got}); allowed: a list",
    "tuple": "not a list (got {got}); allowed: a list",
    "set": "not a list (got {got}); allowed: a list",
    "frozen": "not a list (got {got}); allowed: a list",
    "dict": "not a mapping (got {got}); allowed: keys with values",
    "model": "not a mapping (got {got}); allowed: keys with values",
    "float": "not a number (got {got}); allowed: a number",
    "finite": "not a number (got {got}); allowed: a number",
    "int": "not a whole number (got {got}); allowed: a whole number",
    "bool": "neither true nor false (got {got}); allowed: true, false",
    "path": "not a path (got {got}); allowed: text, like folder/file",
    "date": "not a day (got {got}); allowed: like 2026-01-09",
    "url": "not a web address (got {got}); allowed: like https://example.org",
}


_PATTERNS = {
    r"^[A-Z][A-Z0-9_]{0,19}$": "up to 20 capital letters, digits and _, a letter first, like BTC_INDEX",
    r"^[a-z0-9]+$": "small letters and digits, like binance",
    r"^[A-Z0-9]{2,10}$": "2 to 10 capital letters and digits, like USDT",
}
"""What a pattern asks for, in words."""


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
        fields = fields_at(model, path[:-1])
        if missing:
            field = fields.get(str(path[-1]))
            message = "missing" + (f"; needed: {field.description}" if field and field.description else "")
        elif unknown:
            message = unknown_word("unknown key", path[-1], fields)
        else:
            message = pydantic_message(item, item["input"])
        found.setdefault(path, document.problem(path, message, key=unknown))
    return list(found.values())


def guess(word: str, allowed: Iterable[str]) -> str:
    """`; did you mean 'x'?`, or nothing where no allowed word comes near."""
    near = nearest(word, allowed)
    return f"; did you mean '{near[0]}'?" if near else ""


def not_among(what: str, got: object, allowed: Iterable[str]) -> str:
    """The complaint about a word that is not among the allowed ones, with a guess and all of these."""
    return unknown_word(f"{what} (got {spelled(got)})", got, allowed)


def unknown_word(what: str, got: object, allowed: Iterable[str]) -> str:
    """`what`, then a guess at what was meant, then all that is allowed."""
    names = list(allowed)
    hint = guess(str(got), names)
    return f"{what}{hint or ';'} allowed: {', '.join(names) or 'none'}"


def spelled(value: object) -> str:
    """A value as a complaint repeats it: short, in YAML's words."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, list | tuple | set):
        return "a list"
    text = str(value)
    text = text if len(text) <= 40 else text[:39] + "…"
    return repr(text) if isinstance(value, str) else text


def pydantic_message(item: Any, got: object) -> str:
    """The complaint of pydantic's about a value; `got` is what the person wrote."""
    if item["type"] in ("enum", "literal_error"):
        expected = item["ctx"]["expected"].replace(" or ", ", ").split(", ")
        return not_among("unknown word", got, [word.strip("'") for word in expected])
    facts = {"got": spelled(got), "length": len(str(got)), **item.get("ctx", {})}
    pattern = str(facts.get("pattern", ""))
    facts["pattern_words"] = _PATTERNS.get(pattern, f"what matches {pattern}")
    words = _WORDS.get(item["type"]) or _WORDS.get(item["type"].partition("_")[0])
    return words.format(**facts) if words else f"{item['msg']} (got {facts['got']})"


def _path(loc: tuple[str | int, ...], document: Document, *, missing: bool) -> KeyPath:
    """The part of pydantic's location that the file has: names of union members and validators are left out."""
    path: KeyPath = ()
    for position, part in enumerate(loc):
        if (*path, part) in document.places or (missing and position == len(loc) - 1):
            path = (*path, part)
    return path
