"""Which name a person meant, whatever they typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.telegram.parsing.resolve import Ambiguous, NotFound, ask_which, exactly, resolve
from bot.views.alerts.buttons import rule_word

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
    assert resolve(said, RULES) == meant


def test_words_that_fit_several_and_words_that_fit_none():
    assert resolve("", RULES) == Ambiguous(tuple(RULES))
    assert resolve("iwm", RULES) == Ambiguous(("iwm-resistance-break", "iwm-near-record"))
    assert resolve("record", RULES) == Ambiguous(("iwm-near-record", "russell-2000-all-time-high"))
    assert isinstance(resolve("zzz", RULES), NotFound)


@pytest.mark.parametrize("said", ["it", "as", "a b", "me"])
def test_a_word_that_stands_in_any_title_names_no_rule(said):
    titled = RULES | {"others": "As others see it, by me: a-b"}
    assert not isinstance(resolve(said, titled), str)
    assert isinstance(resolve("🚀", RULES), NotFound)


@given(st.sampled_from(sorted(RULES)), st.sampled_from([str.upper, str.title, lambda name: name.replace("-", " ")]))
def test_a_name_is_always_itself(name, change):
    assert resolve(change(name), RULES) == name


@given(st.text(max_size=60))
def test_anything_is_answered_within_telegrams_limits(said):
    found = resolve(said, RULES)
    if isinstance(found, str):
        assert found in RULES
        return
    answer = ask_which("rule", "why", found, RULES)
    assert answer.html.strip()
    assert all(len(data.encode()) <= 64 for row in answer.buttons for _, data in row)


def test_a_name_that_is_too_long_for_a_button_has_none():
    long = {"x" * 70: "Long", "short": "Short"}
    assert [row[0][1] for row in ask_which("rule", "why", Ambiguous(tuple(long)), long).buttons] == ["/why short"]


def test_nothing_to_choose_from():
    assert "no rule" in ask_which("rule", "why", resolve("", {}), {}).html


RULE_IDS = st.from_regex(r"[a-z0-9]{2,12}(-[a-z0-9]{1,12}){0,18}", fullmatch=True)


@given(st.sets(RULE_IDS, min_size=1, max_size=8))
def test_every_rule_is_found_again_by_its_word_in_a_button(rules):
    titles = dict.fromkeys(sorted(rules), "A title")
    for rule in rules:
        assert exactly(rule_word(rule), rule)
        assert resolve(rule_word(rule), titles) == rule


def test_words_beside_a_name_are_not_passed_over():
    markets = {"BTC": "Bitcoin", "IWM": "IWM (Russell 2000 ETF)"}
    assert resolve("BTC", markets) == "BTC"
    assert resolve("BTC banana", markets) == NotFound("BTC banana", "BTC")
    assert resolve("why did iwm-near-record not fire", RULES) == NotFound(
        "why did iwm-near-record not fire", "iwm-near-record"
    )
