"""What strangers write moves no cursor, turns no line around, and can be printed anywhere."""

import os

import pytest

from bot.printable import printable
from bot.problem import Problem


@pytest.mark.parametrize("odd", ["\x1b[2J", "\x07", "\r", "\x9b", "\u202e", "\u2066", "\ufeff", "\udcff", "\x7f", "\0"])
def test_what_does_not_print_is_replaced(odd: str) -> None:
    shown = printable(f"before {odd} after")
    assert odd[0] not in shown
    assert shown.startswith("before \N{REPLACEMENT CHARACTER}")
    shown.encode()


@pytest.mark.parametrize("text", ["two\nlines\tand a tab", "narrow\u202fand no-break\xa0blanks", "−3 % – “é” 📈", ""])
def test_what_prints_stays(text: str) -> None:
    assert printable(text) == text


def test_a_complaint_about_an_odd_file_name_can_be_printed() -> None:
    name = os.fsdecode(b"rules/\xff\x1b[2J\xe2\x80\xae.yaml")
    told = str(Problem.in_file(name, f"not a rule's name (got '{name}')", name))
    told.encode()
    assert "\x1b" not in told
    assert "\u202e" not in told
