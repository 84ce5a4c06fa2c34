"""What is no pitfall: comments, scales, lists and braces that mean what they say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.rulebook.books import book_of, rule_text

FINE = [
    rule_text("|\n  close > 1  # a comment\n  and volume > 2"),
    rule_text(">\n  close > 1\n  and volume > 2  # at the end"),
    rule_text('"close > 1  # a remark"'),
    rule_text("close > 1  # a comment of YAML's"),
    rule_text("close > 1", title="A title  # a comment"),
    rule_text("close > 1", title="'Alert #1'"),
    rule_text("close > 1", title="C#5"),
    rule_text("change(close, 365) > 5"),
    rule_text("change(close, 60) > 1"),
    rule_text("change(close) > 0.05 or rsi(close) > 70 or percentile(close) < 5"),
    rule_text("rsi(close) > 0"),
    rule_text("obv() > obv()[20] and stoch(14) > 80 and plus_di(14) > minus_di(14)"),
    rule_text("close > resistance(touches=2)", levels="[251, 30]"),
    rule_text("close > resistance(touches=2)", levels="[251,252]"),
    rule_text("close > resistance(touches=2)", levels="[20,30]"),
    rule_text("close > 1", headline='"{{see}} at {close:.2f}"'),
]


@pytest.mark.parametrize("text", FINE)
def test_what_is_meant_as_it_stands_is_no_pitfall(tmp_path: Path, text: str) -> None:
    book = book_of(tmp_path / "rules", fine=text)
    assert not book.problems
    assert set(book.rules) == {"fine"}


def test_a_pitfall_in_a_definition_is_told_where_the_rule_uses_it(tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    book = book_of(tmp_path / "rules", definitions="soared: change(close, 5) > 5\n", user=rule_text("soared"))
    (problem,) = book.problems
    assert problem.message == "change is a ratio, so 5 is 500%; 5 % is 0.05"
    assert Path(problem.file).name == "user.yaml"


@pytest.mark.parametrize(
    ("formula", "told"),
    [
        ("obv() > 1000000", "obv counts from wherever the history begins; compare it with its own past"),
        ("stoch(14) < 0.2", "stoch goes from 0 to 100; write 20 instead of 0.2"),
        ("plus_di(14) > 0.4", "plus_di goes from 0 to 100; write 40 instead of 0.4"),
        ("adx(14) > 120", "'adx(14)' lies between 0 and 100"),
        ("close > highest_to_date(close, year)", "that window holds this bar too"),
        ("bollinger(close, 20, 2) > 0", "is always above 0"),
        ("sum(volume, 5) < 0", "is never below 0"),
        ("highest_to_date(close, fortnight) > 1", "allowed: week, month, quarter, year"),
        ("macd(close, 12, 26, 9) > 0", "too many parameters; allowed: macd(x=close, fast=12, slow=26)"),
        ("bbands(close, 20) > 1", "did you mean 'bollinger'?"),
        ("bb_upper() < close", "the upper band is bollinger(close, 20, 2)"),
        ("dmi(14) > 25", "did you mean 'adx'?"),
        ("ytd_high < close", "the year's high so far is highest_to_date(high, year)"),
        ("stoch(close, high, low, 14) > 20", "allowed: stoch(n=14)"),
    ],
)
def test_the_scale_of_an_indicator_is_known(tmp_path: Path, formula: str, told: str) -> None:
    book = book_of(tmp_path / "rules", scaled=rule_text(formula))
    assert told in " ".join(str(problem) for problem in book.problems), book.problems


RECIPES = (
    (Path(__file__).parents[2] / "rules" / "README.md").read_text("utf-8").split("## Recipes")[1].split("\n## ")[0]
)


ROWS = re.findall(r"^\|.*\| (`.*`) \|$", RECIPES, re.MULTILINE)


@pytest.mark.parametrize("formula", [part for row in ROWS for part in re.findall("`(.*?)`", row)])
def test_each_recipe_is_a_rule(tmp_path: Path, formula: str) -> None:
    book = book_of(tmp_path / "rules", recipe=rule_text(f'"{formula}"'))
    assert not book.problems, book.problems
