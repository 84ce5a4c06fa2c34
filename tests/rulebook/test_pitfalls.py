"""What is no pitfall: comments, scales, lists and braces that mean what they say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.rulebook.books import book_of, rule_text

FINE = [
    rule_text("|\n  close > 1  # a comment\n  and volume > 2000"),
    rule_text(">\n  close > 1\n  and volume > 2000  # at the end"),
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
    rule_text("close > 1", headline='"up {change(close, 5):+.1%} at ${close:.2f}, RSI {rsi(close, 14):.0f} of 100 %"'),
    rule_text(
        "close > 1", headline='"fell {-change(close, 5):.1%}, from {close[5]:.2f}: {100 * change(close, 5):.1f} %"'
    ),
    rule_text("close > 1", headline='"5 < {close:.2f} > 3 <see>"'),
    rule_text(
        "volume > 1000 and close / close[5] - 1 > 0.5 and max(close - open, 2) > 3 and max(change(close), 0) > 0"
    ),
    rule_text(
        "crosses_above(rsi(close, 14), 30) and stdev(rsi(close, 14), 20) < 0.5 and stdev(change(close), 20) > 0.5"
    ),
    rule_text("volume > 0 and close / close[20] > 1.5"),
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
    ("headline", "told"),
    [
        (
            "{change(close, 5):.1f}%",
            "is a ratio, and 5 % reads as 0.05 there; write {change(close, 5):+.1%} without a %",
        ),
        ("{close / close[5] - 1:.2f} percent", "write {close / close[5] - 1:+.1%} without a % behind it"),
        ("{change(close, 5):.1%} %", "the format of {change(close, 5)} writes the % itself"),
        ("{rsi(close, 14):.0%}", "rsi goes from 0 to 100, and a format with % makes 100 % of 1"),
        ("IWM fell {change(close, 5):.1%}", "write {-change(close, 5):.1%}"),
        ("IWM at {0}", "{0} never changes; write a price"),
        ("<b>IWM</b> at {close}", "marks such as <b> are shown as they are written"),
        ("{{strategy.order.action}} {{ticker}}", "write what it stands for, in words"),
    ],
)
def test_a_headline_that_reads_otherwise_than_it_is_meant(tmp_path: Path, headline: str, told: str) -> None:
    book = book_of(tmp_path / "rules", headed=rule_text("close > 1", headline=f"'{headline}'"))
    assert told in " ".join(str(problem) for problem in book.problems), book.problems


@pytest.mark.parametrize(
    ("formula", "told"),
    [
        ("obv() > 1000000", "obv counts from wherever the history begins; compare it with its own past"),
        ("stoch(14) < 0.2", "stoch goes from 0 to 100; write 20 instead of 0.2"),
        ("plus_di(14) > 0.4", "plus_di goes from 0 to 100; write 40 instead of 0.4"),
        ("crosses_above(rsi(close, 14), 0.3)", "rsi goes from 0 to 100; write 30 instead of 0.3"),
        ("crosses_above(change(close, 5), 5)", "change is a ratio, so 5 is 500%; 5 % is 0.05"),
        ("(close - close[5]) / close[5] > 5", "'(close - close[5]) / close[5]' is a ratio, so 5 is 500%; 5 % is 0.05"),
        ("close / close[1] - 1 > 3", "'close / close[1] - 1' is a ratio"),
        ("stdev(change(close), 20) > 2", "change is a ratio, so 2 is 200%; 2 % is 0.02"),
        ("volume > 1.5", "volume counts what was traded; more than usual is volume > 1.5 * sma(volume, 20)"),
        ("max(close, 20) < open", "for a window write highest(close, 20)"),
        ("min(BTC.low, 50) > close", "for a window write lowest(BTC.low, 50)"),
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
