"""Texts of follow-ups."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.evidence.failure_rate import FailureRate
from bot.evidence.signal_kind import SignalKind
from bot.signals.replay.event import EventKind
from bot.signals.timeframe import DAY
from bot.views.alerts.facts import Direction
from bot.views.alerts.follow_up import render_follow_ups
from bot.views.formatting import html
from tests.views.alert_facts import follow_up


def seen(*args: Any, **more: Any) -> str:
    """The message without its last line, which names the rule and the bar."""
    lines = html.visible(render_follow_ups([follow_up(*args, **more)])).replace("\u00a0", " ").splitlines()
    assert lines[-1].startswith("Russell 2000 at a record · bar of ")
    return "\n".join(lines[:-1])


def test_a_failure_tells_where_it_closed_and_how_often_that_happens() -> None:
    closes = [100.0, 105.0, *[104.0] * 5, 98.0]
    assert seen(EventKind.FAILED, closes, 6, 103.0, failures=FailureRate(73, 43, 20, 0.59)) == (
        "⚠️ Back under 103.00: Russell 2000 closed at 98.00, 6 sessions after the record of 2 Jan."
        " So did 43 of the 73 before, within 20 sessions."
    )
    run = seen(EventKind.FAILED, closes, 6, 103.0, yes_count=3)
    assert run == "⚠️ Back under 103.00: Russell 2000 closed at 98.00, after 3 records since 2 Jan."
    none = seen(EventKind.FAILED, closes, 6, 103.0, failures=FailureRate(12, 0, 20, 0.59))
    assert none.endswith(" None of the 12 before did within 20 sessions.")
    assert "So did" not in seen(EventKind.FAILED, closes, 6, 103.0, failures=FailureRate(4, 2, 20, None))
    bare = seen(EventKind.FAILED, closes, 6, None, signal=SignalKind.SIGNAL)
    assert bare == "⚠️ The signal failed: Russell 2000 closed at 98.00, 6 sessions after the signal of 2 Jan."
    up = seen(EventKind.FAILED, [100.0, 95.0, 99.0], 1, 97.0, direction=Direction.DOWN)
    assert up.startswith("⚠️ Back above 97.00: ")


RETURN = [100.0, 105.0, 98.0, 107.0]


def test_a_return_says_which_one_of_its_run_it_is() -> None:
    assert seen(EventKind.RESUMED, RETURN, 2, 103.0, failed_ago=1, yes_count=2) == (
        "↩️ Back at a record: Russell 2000 closed at 107.00, 1 session after it failed. The 2nd record since 2 Jan."
    )
    assert seen(EventKind.RESUMED, RETURN, 2, 103.0, failed_ago=1, signal=SignalKind.BREAK) == (
        "↩️ Above 103.00 again: Russell 2000 closed at 107.00, 1 session after it failed."
    )
    assert seen(EventKind.RESUMED, RETURN, 2, None, failed_ago=1, yes_count=2, signal=SignalKind.SIGNAL) == (
        "↩️ It is back: Russell 2000 closed at 107.00, 1 session after it failed."
        " The rule was true at 2 closes since 2 Jan."
    )
    less = seen(EventKind.RESUMED, [100.0, 105.0, 98.0, 102.0], 2, 103.0, signal=SignalKind.SIGNAL)
    assert less == "↩️ It is back: Russell 2000 closed at 102.00."


def test_a_milestone_says_how_far_it_has_come() -> None:
    text = seen(EventKind.MILESTONE, [100.0, 105.0, 121.0], 1, 110.0, yes_count=12)
    assert (
        text == "🎯 10.0 % above the old record of 110.00: Russell 2000 closed at 121.00. The 12th record since 2 Jan."
    )
    down = {"signal": SignalKind.BREAK, "direction": Direction.DOWN}
    assert seen(EventKind.MILESTONE, [100.0, 95.0, 88.0], 1, 98.0, **down) == (
        "🔻 10.2 % under 98.00: Russell 2000 closed at 88.00."
    )


def test_a_basket_has_no_price_and_its_days_are_days() -> None:
    basket = {"market": "Alt basket", "signal": SignalKind.SIGNAL, "priced": False}
    failed = follow_up(EventKind.FAILED, [100.0, 105.0, 98.0], 1, 103.0, **basket)
    all_day = replace(failed, event=replace(failed.event, at=failed.event.bar + DAY))
    text = html.visible(render_follow_ups([all_day])).replace("\u00a0", " ")
    assert text.startswith(
        "⚠️ Back under its level: Alt basket closed 4.9 % under it, 1 day after the signal of 2 Jan.\n"
    )
    text = seen(EventKind.RESUMED, RETURN, 2, 103.0, failed_ago=1, **basket)
    assert text == "↩️ Above its level again: Alt basket closed 3.9 % above it, 1 session after it failed."
    text = seen(EventKind.MILESTONE, RETURN, 2, 96.0, **basket)
    assert text == "🎯 Alt basket: 11.5 % above its level."


def test_held_tells_how_far_the_price_came_back() -> None:
    assert seen(EventKind.HELD, [100.0, 105.0, 106.0, 104.0], 2, 103.0) == (
        "🛡 It held: Russell 2000 came back to 103.50 and closed at 104.00, 1.0 % above 103.00,"
        " 2 sessions after the record of 2 Jan."
    )


def test_confirmed_after_some_closes_and_at_the_close_itself() -> None:
    assert seen(EventKind.CONFIRMED, [100.0, 105.0, 106.0], 1, 103.0) == (
        "✅ Still above 103.00: Russell 2000 closed at 106.00, 1 session after the record of 2 Jan."
    )
    assert seen(EventKind.CONFIRMED, [100.0, 105.0], 0, 103.0) == (
        "✅ It stands at the close: Russell 2000 closed at 105.00, 1.9 % above 103.00."
    )


def test_a_rule_without_a_level_is_measured_from_the_alert() -> None:
    assert seen(EventKind.ENDED, [100.0, 105.0, 106.05], 1, signal=SignalKind.SIGNAL) == (
        "⌛ The watch is over: Russell 2000 closed at 106.05, 1.0 % above 105.00, 1 session after the signal of 2 Jan."
    )


def test_withdrawn_and_retracted() -> None:
    assert seen(EventKind.WITHDRAWN, [100.0, 102.0], 0, 103.0) == (
        "↩️ Withdrawn: Russell 2000 closed at 102.00, 1.0 % under 103.00; the provisional alert does not stand."
    )
    assert seen(EventKind.RETRACTED, [100.0, 102.0], 0, 103.0) == (
        "❗ Retracted: the source corrected its data. With a close of 102.00 the rule does not fire on the bar of"
        " Wed 2 Jan 2019; the alert above does not count."
    )


def test_a_correction_says_both_figures_once_for_all_alerts_of_the_bar() -> None:
    one = follow_up(EventKind.CORRECTED, [100.0, 102.0], 0, 101.0)
    both = [replace(each, event=replace(each.event, told=103.5)) for each in (one, replace(one, rule_title="Another"))]
    assert html.visible(render_follow_ups(both)).replace("\u00a0", " ") == (
        "✏️ Correction: Russell 2000 closed at 102.00, not at 103.50. The alert stands.\nbar of Wed 2 Jan 2019"
    )


def test_a_late_answer_says_so() -> None:
    text = seen(EventKind.FAILED, [100.0, 99.0], 1, late=True, sessions_ago=3)
    assert text.endswith("⏰ Late: this is the bar of Wed 2 Jan 2019, 3 sessions ago.")


def test_several_of_one_message_stand_in_one_answer() -> None:
    one = follow_up(EventKind.FAILED, [100.0, 105.0, 98.0], 1, 103.0)
    other = follow_up(EventKind.HELD, [100.0, 105.0, 104.0], 1, 103.0, rule_title="Another <rule>")
    text = html.visible(render_follow_ups([one, other]))
    lines = text.splitlines()
    assert lines[0].startswith("⚠️ Back under 103.00: Russell 2000 closed at 98.00")
    assert lines[1:] == ["🛡 Russell 2000: held 103.00, at 104.00.", "bar of Thu 3 Jan 2019"]
    confirmed = follow_up(EventKind.CONFIRMED, [100.0, 105.0, 104.0], 1, 103.0, rule_title="Another <rule>")
    assert html.visible(render_follow_ups([one, confirmed, other])) == text, "what held is still above as well"


@pytest.mark.parametrize(
    ("kind", "closes", "said"),
    [
        (EventKind.CONFIRMED, [100.0, 105.0, 104.0], "✅ IWN: still above 103.00, at 104.00."),
        (EventKind.FAILED, [100.0, 105.0, 98.0], "⚠️ IWN: back under 103.00, at 98.00."),
        (EventKind.RESUMED, [100.0, 105.0, 107.0], "↩️ IWN: back at a record, at 107.00."),
        (EventKind.MILESTONE, [100.0, 105.0, 118.0], "🎯 IWN: 14.6 % above 103.00, at 118.00."),
        (EventKind.RETRACTED, [100.0, 105.0, 98.0], "❗ Retracted: the source corrected its data."),
    ],
)
def test_what_comes_second_in_an_answer_is_short(kind: EventKind, closes: list[float], said: str) -> None:
    first = follow_up(EventKind.FAILED, [100.0, 105.0, 98.0], 1, 103.0)
    second = follow_up(kind, closes, 1, 103.0, market="IWN", rule_title="Another")
    lines = html.visible(render_follow_ups([first, second])).replace("\u00a0", " ").splitlines()
    assert lines[1].startswith(said)


@pytest.mark.parametrize("kind", [kind for kind in EventKind if not kind.opens])
def test_every_kind_has_its_words_and_takes_what_is_unknown(kind: EventKind) -> None:
    facts = follow_up(kind, [1.0, 2.0], 1, None, opening=None, low=None)
    assert html.visible_length(render_follow_ups([facts])) > 20
