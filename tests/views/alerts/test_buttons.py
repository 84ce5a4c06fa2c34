"""Buttons under alerts, and the names of rules in them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.views.alerts.buttons import WORD_LIMIT, alert_buttons, rule_word

ids = st.from_regex(r"[a-z0-9]{1,12}(-[a-z0-9]{1,12}){0,18}", fullmatch=True)


def test_the_rows_under_an_alert() -> None:
    assert alert_buttons("iwm-resistance-break") == (
        (("Evidence", "/evidence iwm-resistance-break"), ("Crypto chart", "/crypto chart")),
        (("Mute 24 h", "/mute all 24h"), ("Mute this rule", "/mute iwm-resistance-break forever")),
    )


@given(ids)
def test_every_button_fits_into_what_telegram_takes(rule: str) -> None:
    assert all(1 <= len(data.encode()) <= 64 for row in alert_buttons(rule) for _, data in row)
    assert len(rule_word(rule)) <= WORD_LIMIT


def test_long_ids_that_begin_alike_stay_apart() -> None:
    first, second = "a-very-long-name-" * 5 + "one", "a-very-long-name-" * 5 + "two"
    assert rule_word(first) != rule_word(second)
