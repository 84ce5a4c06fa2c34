"""A rule that would take more than a second over ten years of its bars is refused when it is read."""

from __future__ import annotations

import pytest

from bot.rulebook.book import load_book
from bot.rulebook.rule_definition import read_rule
from bot.signals.formula.cost import MOST_SECONDS, seconds_of
from bot.signals.timeframe import Timeframe
from tests.rulebook.books import MARKETS, RULES, rule_text

WORST = "touches=1, left=1, right=1, tolerance=0, expires=5000, spacing=1, buffer={}"


def complaints(when: str, timeframe: str = "1d") -> list[str]:
    text = rule_text(f"'{when}'", timeframe=timeframe)
    return [each.message for each in read_rule(text.encode(), "r.yaml", MARKETS, frozenset()).problems]


def test_every_shipped_rule_is_far_below() -> None:
    for rule in load_book(RULES, MARKETS).rules.values():
        assert seconds_of(rule.formulas, rule.rule.timeframe) < MOST_SECONDS / 4


@pytest.mark.parametrize("timeframe", list(Timeframe))
def test_usual_levels_are_cheap_on_every_timeframe(timeframe: Timeframe) -> None:
    assert complaints("close > resistance(touches=2) and close > support(touches=3)", str(timeframe)) == []


@pytest.mark.parametrize(
    ("when", "timeframe"),
    [
        (" or ".join(f"close > resistance({WORST.format(90 + at / 2)})" for at in range(8)), "1d"),
        (f"close > resistance({WORST.format(99)})", "1h"),
        (f"close > support({WORST.format(99)})", "5m"),
        (" or ".join(f"percentile(close, {5000 - at}) > 90" for at in range(40)), "5m"),
        ("percentile(close, all) > 90", "5m"),
    ],
)
def test_what_takes_too_long_is_refused_with_what_makes_it_faster(when: str, timeframe: str) -> None:
    (told,) = complaints(when, timeframe)
    assert f"over ten years of {timeframe} bars; allowed: 1 s. It gets faster by" in told


def test_what_is_written_twice_counts_once() -> None:
    once = f"close > resistance({WORST.format(99)})"
    assert complaints(" and ".join([once] * 4)) == []
    assert complaints(f"{once} and close < support({WORST.format(99)})") == []


def test_definitions_count_where_they_are_used(tmp_path) -> None:
    worst = f"close > resistance({WORST.format(99)})"
    (tmp_path / "definitions.yaml").write_text(f"slow: {worst}\n")
    (tmp_path / "a.yaml").write_text(rule_text("slow", timeframe="1h"))
    book = load_book(tmp_path, MARKETS)
    assert "a" not in book.rules
    assert "allowed: 1 s" in str(book.problems[0])
