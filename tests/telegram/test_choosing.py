"""Which name a person meant, whatever they typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.telegram.choosing import Nothing, Several, ask_which, choose

RULES = {
    "iwm-resistance-break": "IWM breaks resistance",
    "iwm-near-record": "IWM near its record",
    "russell-2000-all-time-high": "Russell 2000: record close",
    "bitcoin-follows": "Bitcoin follows the Russell 2000",
}


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("iwm-break", "iwm-resistance-break"),
        ("IWM  Resistance_BREAK", "iwm-resistance-break"),
        ("«IWM breaks resistance»", "iwm-resistance-break"),
        ("iwm-resistence-braek", "iwm-resistance-break"),
        ("bitcoin", "bitcoin-follows"),
        ("russell-2000-all-time-hihg", "russell-2000-all-time-high"),
        ("\u202ebitcoin\u202c", "bitcoin-follows"),
    ],
)
def test_what_was_meant(said, meant):
    assert choose(said, RULES) == meant


def test_words_that_fit_several_and_words_that_fit_none():
    assert choose("", RULES) == Several(tuple(RULES))
    assert choose("iwm", RULES) == Several(("iwm-resistance-break", "iwm-near-record"))
    assert choose("record", RULES) == Several(("iwm-near-record", "russell-2000-all-time-high"))
    assert isinstance(choose("zzz", RULES), Nothing)
    assert isinstance(choose("🚀", RULES), Nothing)


@given(st.sampled_from(sorted(RULES)), st.sampled_from([str.upper, str.title, lambda name: name.replace("-", " ")]))
def test_a_name_is_always_itself(name, change):
    assert choose(change(name), RULES) == name


@given(st.text(max_size=60))
def test_anything_is_answered_within_telegrams_limits(said):
    found = choose(said, RULES)
    if isinstance(found, str):
        assert found in RULES
        return
    answer = ask_which("rule", "why", found, RULES)
    assert answer.html.strip()
    assert all(len(data.encode()) <= 64 for row in answer.buttons for _, data in row)


def test_a_name_that_is_too_long_for_a_button_has_none():
    long = {"x" * 70: "Long", "short": "Short"}
    assert [row[0][1] for row in ask_which("rule", "why", Several(tuple(long)), long).buttons] == ["/why short"]


def test_nothing_to_choose_from():
    assert "no rule" in ask_which("rule", "why", choose("", {}), {}).html
