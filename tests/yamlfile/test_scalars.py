"""Unquoted words by the core schema of YAML 1.2."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.yamlfile.scalars import scalar_value

TABLE = [
    *[(word, word) for word in ["on", "off", "yes", "no", "On", "YES", "y", "n", "tRUE"]],
    *[
        (word, word)
        for word in ["16:00", "1:30:00", "2025-01-08", "1_000", "0b101", "1e", "e5", "+", "-", ".", "..", "0x", "0o8"]
    ],
    *[("true", True), ("True", True), ("TRUE", True), ("false", False), ("FALSE", False)],
    *[("", None), ("~", None), ("null", None), ("NULL", None), ("nULL", "nULL")],
    *[("010", 10), ("0o10", 8), ("0x1F", 31), ("-5", -5), ("+5", 5), ("0", 0)],
    *[
        ("1.5", 1.5),
        (".5", 0.5),
        ("5.", 5.0),
        ("1e3", 1000.0),
        ("-1.5E-1", -0.15),
        (".inf", math.inf),
        ("-.INF", -math.inf),
    ],
    *[("close > 5", "close > 5"), ("inf", "inf"), ("nan", "nan"), ("١٢", "١٢")],
]


@pytest.mark.parametrize(("word", "value"), TABLE)
def test_a_plain_word_means_what_yaml_1_2_says(word: str, value: object) -> None:
    found = scalar_value(word)
    assert found == value
    assert type(found) is type(value)


def test_not_a_number() -> None:
    assert math.isnan(float(scalar_value(".nan") or 0))


@given(st.integers())
def test_every_whole_number_comes_back(number: int) -> None:
    assert scalar_value(str(number)) == number


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_float_comes_back(number: float) -> None:
    assert scalar_value(repr(number)) == number


@pytest.mark.parametrize("word", ["9" * 5_000, "0x" + "f" * 5_000, "1." + "0" * 400])
def test_an_endless_number_is_refused(word: str) -> None:
    with pytest.raises(ValueError, match="digits"):
        scalar_value(word)


def test_a_long_word_is_no_number() -> None:
    assert scalar_value("1" * 400 + "x") == "1" * 400 + "x"
