"""What is no pitfall: comments, scales, lists and braces that mean what they say."""

from __future__ import annotations

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
