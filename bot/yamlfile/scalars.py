"""Unquoted YAML words to values: text, a number, true, false or nothing."""

from __future__ import annotations

import re

MAX_DIGITS = 300
"""Digits that a number may have; Python refuses to read endless ones, and nobody means them."""

NOTHING = frozenset({"", "~", "null", "Null", "NULL"})
"""The words that stand for no value."""

_BOOL = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_DECIMAL = re.compile(r"[-+]?[0-9]+")
_BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_INFINITE = re.compile(r"([-+]?)\.(?:inf|Inf|INF)")
_NAN = frozenset({".nan", ".NaN", ".NAN"})

Scalar = str | int | float | bool | None


def scalar_value(word: str) -> Scalar:
    """Value of an unquoted word by the core schema of YAML 1.2.

    So `on` and `yes` are text, `16:30` is text, `010` is ten, and a date is text. Raises ValueError on a
    number of more than `MAX_DIGITS` digits.
    """
    if word in NOTHING:
        return None
    if word in _BOOL:
        return _BOOL[word]
    if word[0] in "+-.0123456789":
        return _number(word)
    return word


def _number(word: str) -> Scalar:
    if len(word) > MAX_DIGITS and (_FLOAT.fullmatch(word) or _BASED.fullmatch(word)):
        raise ValueError(f"a number of {len(word)} digits; allowed: up to {MAX_DIGITS}")
    if _DECIMAL.fullmatch(word):
        return int(word)
    if _BASED.fullmatch(word):
        return int(word, 0)
    if _FLOAT.fullmatch(word):
        return float(word)
    if infinite := _INFINITE.fullmatch(word):
        return float(infinite[1] + "inf")
    return float("nan") if word in _NAN else word
