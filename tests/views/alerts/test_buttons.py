"""Buttons under stories, and the names of rules in them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.views.alerts.buttons import WORD_LIMIT, level_buttons, rule_word, story_buttons
from tests.views.alert_facts import alert

ids = st.from_regex(r"[a-z0-9]{1,12}(-[a-z0-9]{1,12}){0,18}", fullmatch=True)


def test_the_rows_under_one_alert() -> None:
    assert story_buttons([("iwm-resistance-break", "IWM breaks resistance")]) == (
        (
            ("Why", "/why iwm-resistance-break"),
            ("Evidence", "/evidence iwm-resistance-break"),
            ("Crypto", "/crypto chart"),
        ),
        (("Mute 24 h", "/mute all 24h"), ("Mute this rule", "/mute iwm-resistance-break forever")),
    )


def test_each_rule_of_a_story_has_its_own() -> None:
    rows = story_buttons([("a", "Rule A"), ("b", "Rule B")])
    assert rows[1:] == (
        (("About: Rule A", "/evidence a"), ("Mute: Rule A", "/mute a forever")),
        (("About: Rule B", "/evidence b"), ("Mute: Rule B", "/mute b forever")),
        (("Mute all for 24 h", "/mute all 24h"),),
    )


def test_a_level_is_copied_where_the_alert_has_a_price_of_one() -> None:
    assert level_buttons(alert([1.0, 2.0])) == ()
    assert level_buttons(alert([1.0, 2.0], 1.5, priced=False)) == (), "nobody places an order at a basket's index"
    row = (("📋 Level 1,500.00", "copy:1500.00"),)
    assert level_buttons(alert([1.0, 2.0], 1500.0)) == (row,)
    for rules in ([("a", "A")], [("a", "A"), ("b", "B")]):
        assert story_buttons(rules, (row,))[1] == row


@given(st.lists(ids, min_size=1, max_size=9))
def test_every_button_fits_into_what_telegram_takes(rules: list[str]) -> None:
    rows = story_buttons([(rule, rule * 9) for rule in rules])
    assert all(1 <= len(data.encode()) <= 64 for row in rows for _, data in row)
    assert all(len(label) <= 40 for row in rows for label, _ in row)
    assert max(len(rule_word(rule)) for rule in rules) <= WORD_LIMIT


def test_long_ids_that_begin_alike_stay_apart() -> None:
    first, second = "a-very-long-name-" * 5 + "one", "a-very-long-name-" * 5 + "two"
    assert rule_word(first) != rule_word(second)
