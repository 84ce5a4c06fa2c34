"""Texts of follow-ups."""

from __future__ import annotations

from typing import Any

from bot.signals.replay.event import EventKind
from bot.views.alerts.alert import render_alert
from bot.views.formatting import html
from tests.views.alert_facts import facts


def seen(*args: Any, **more: Any) -> str:
    """The message without its last line, which names the rule and the bar."""
    lines = html.visible(render_alert(facts(*args, **more))).replace("\u00a0", " ").splitlines()
    assert lines[-1].startswith("Russell 2000 record · bar of ")
    return "\n".join(lines[:-1])


def test_failed_tells_depth_in_percent_and_in_atr() -> None:
    closes = [100.0] * 20 + [105.0] + [104.0] * 5 + [98.0]
    # true ranges: 1.0 nineteen times, 5.5 at the jump, 1.5 back, 1.0 four times, 6.5 at the fall; Wilder's mean over 14
    usual = 1.0
    for range_ in (5.5, 1.5, 1.0, 1.0, 1.0, 1.0, 6.5):
        usual += (range_ - usual) / 14
    text = seen(EventKind.FAILED, closes, 6, 103.0)
    depth = f"{5 / usual:.1f}"
    assert text == (
        f"⚠️ Failed: Russell 2000 closed at 98.00, 4.9 % ({depth} ATR) under the level of 103.00,"
        " 6 sessions after the break of Mon 21 Jan 2019."
    )


def test_held_tells_how_far_the_price_came_back() -> None:
    text = seen(EventKind.HELD, [100.0, 105.0, 106.0, 104.0], 2, 103.0)
    assert text == (
        "🛡 Held: Russell 2000 came back to 103.50 and closed at 104.00, 1.0 % above the level of 103.00,"
        " 2 sessions after the break of Wed 2 Jan 2019."
    )


def test_confirmed_after_some_closes_and_at_the_close_itself() -> None:
    assert seen(EventKind.CONFIRMED, [100.0, 105.0, 106.0], 1, 103.0) == (
        "✅ Confirmed: Russell 2000 closed at 106.00, 2.9 % above the level of 103.00,"
        " 1 session after the break of Wed 2 Jan 2019."
    )
    assert seen(EventKind.CONFIRMED, [100.0, 105.0], 0, 103.0) == (
        "✅ Confirmed: Russell 2000 closed at 105.00, 1.9 % above the level of 103.00. The provisional alert stands."
    )


def test_a_rule_without_a_level_is_measured_from_the_alert() -> None:
    assert seen(EventKind.ENDED, [100.0, 105.0, 106.05], 1) == (
        "✔️ Watch over: Russell 2000 closed at 106.05, 1.0 % above the alert's close of 105.00."
        " The watch over this alert ends, 1 session after the signal of Wed 2 Jan 2019."
    )


def test_withdrawn_and_retracted() -> None:
    assert seen(EventKind.WITHDRAWN, [100.0, 102.0], 0, 103.0) == (
        "↩️ Withdrawn: Russell 2000 closed at 102.00, 1.0 % under the level of 103.00;"
        " the provisional alert does not stand."
    )
    assert seen(EventKind.RETRACTED, [100.0, 102.0], 0, 103.0) == (
        "❗ Retracted: the source corrected its data. With a close of 102.00 the rule does not fire on the bar of"
        " Wed 2 Jan 2019; the alert above does not count."
    )


def test_a_late_answer_says_so() -> None:
    text = seen(EventKind.FAILED, [100.0, 99.0], 1, late=True, sessions_ago=3)
    assert text.endswith("⏰ Late: this is the bar of Wed 2 Jan 2019, 3 sessions ago.")
