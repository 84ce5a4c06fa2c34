"""A correlation of markets that close at different hours is no mistake, but gets a hint at what to write."""

from __future__ import annotations

import pytest

from bot.rulebook.clock_hints import clock_hints
from bot.rulebook.rule_definition import read_rule

CALENDARS = {"IWM": "XNYS", "SPY": "XNYS", "BTC": "24/7"}


def hints(when: str) -> list[str]:
    raw = f'title: T\nmarket: IWM\nheadline: H\nwhen: "{when}"\n'.encode()
    found = read_rule(raw, "a-rule.yaml", frozenset(CALENDARS), frozenset()).rule
    assert found is not None
    return list(clock_hints(found, CALENDARS))


@pytest.mark.parametrize(
    ("when", "better"),
    [
        ("correlation(change(close), change(BTC.close), 60) > 0.5", "return_correlation(BTC, 60) pairs the same dates"),
        ("beta(change(BTC.close), change(close), 30) > 0.5", "return_beta(BTC, 30) pairs the same dates"),
    ],
)
def test_what_pairs_different_days_is_pointed_at(when: str, better: str) -> None:
    (hint,) = hints(when)
    assert hint.startswith("a-rule.yaml: hint: '")
    assert "pairs different days of IWM and BTC" in hint
    assert better in hint


@pytest.mark.parametrize(
    "when",
    [
        "correlation(change(close), change(SPY.close), 60) > 0.5",
        "correlation(close, volume, 60) > 0.5",
        "correlation(BTC.close, BTC.volume, 60) > 0.5",
        "return_correlation(BTC, 60) > 0.5",
        "close / BTC.close > 2",
    ],
)
def test_nothing_else_is(when: str) -> None:
    assert hints(when) == []
