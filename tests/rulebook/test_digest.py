"""The digest of a rule: changed by what decides its events, and by nothing else."""

from __future__ import annotations

from pathlib import Path

from tests.rulebook.books import book_of, rule_text


def digest(tmp_path: Path, text: str, other: str = "close > open", key: str = "a") -> str:
    return book_of(tmp_path / "rules", a=text, other=rule_text(other)).rules[key].rule.digest


def test_the_digest_knows_what_decides_and_nothing_else(tmp_path: Path) -> None:
    same = digest(tmp_path, rule_text())
    assert len(same) == 16
    for keys in (
        {"title": "U"},
        {"headline": "I"},
        {"why": "x"},
        {"severity": "high"},
        {"tags": "[x]"},
        {"enabled": "false"},
    ):
        assert digest(tmp_path, rule_text(**keys)) == same
    assert digest(tmp_path, rule_text("close   >  (open)")) == same
    changed = [
        rule_text("close >= open"),
        rule_text(market="RUT"),
        rule_text(timeframe="1h"),
        rule_text(quiet="2 bars"),
        rule_text(trigger="intraday"),
        rule_text(level="highest(high, 3)"),
        rule_text(levels="[5]"),
        rule_text(follow="{for: 5 bars}"),
        rule_text(follow="{for: 6 bars}"),
        rule_text(follow="{for: 5 bars, confirmed: 2 closes}"),
        rule_text(follow="{for: 5 bars, failed: close < 1}"),
        rule_text(follow="{for: 5 bars, held: close < 1}"),
    ]
    digests = [digest(tmp_path, text) for text in changed]
    assert len({same, *digests}) == len(changed) + 1


def test_the_digest_knows_the_rules_that_a_rule_speaks_of(tmp_path: Path) -> None:
    headline = "\"{count(fired('other'), 5):.0f}\""
    assert digest(tmp_path, rule_text(headline=headline)) == digest(tmp_path, rule_text(), "close > open[1]")
    text = rule_text("fired('other')")
    assert digest(tmp_path, text) != digest(tmp_path, text, "close > open[1]")
    assert digest(tmp_path, text) == digest(tmp_path, text)
