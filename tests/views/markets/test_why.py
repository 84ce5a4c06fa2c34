"""Texts of explanations: exact, with figures that are enough as they are written."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.signals.bars import Bars
from bot.signals.formula import Frame, Scope, compile_formula, evaluate
from bot.signals.replay.explanation import explain_bar
from bot.signals.replay.replay import replay
from bot.signals.replay.rule import Rule
from bot.signals.replay.running import RunningAlert
from bot.signals.replay.unknown_values import UnknownReason, UnknownValue
from bot.signals.timeframe import DAY, Timeframe, start_of
from bot.views.formatting import html, numbers
from bot.views.markets.unknown_values import unknown_line
from bot.views.markets.why import WhyFacts, held_back, render_why
from tests.views.alert_facts import history

SCOPE = Scope(frozenset({"RUT", "SPY"}), frozenset({"other"}))
WAVE = [100.0 + 10 * math.sin(at / 9) for at in range(110)]


def why_of(when: str, closes: list[float], quiet: int = 3, **more: object) -> WhyFacts:
    frame = Frame(history(closes))
    rule = Rule("r", "RUT", Timeframe.D1, compile_formula(when, SCOPE), quiet=quiet)
    told = explain_bar(replay(rule, frame), frame, len(closes) - 1)
    facts: dict[str, object] = {"now": told.end + 16 * 3_600, **more}
    return WhyFacts(told, "Breaks <resistance>", "Russell 2000", **facts)  # type: ignore[arg-type]


def plain(why: WhyFacts) -> str:
    return html.visible(render_why(why))


def test_not_today_with_parts_touches_and_distance() -> None:
    assert plain(why_of("close > resistance(touches=2) + 0.25 * atr(14)", WAVE)) == (
        "Breaks <resistance>: not today\n"
        "Russell 2000, bar of Sat 20 Apr 2019, closed, 16 h old\n"
        "✗ close > resistance(touches=2) + 0.25\n"
        "    * atr(14)\n"
        "    close                   95.60\n"
        "    resistance(touches=2)  110.50\n"
        "      2 touches, Jan–Mar 19\n"
        "    0.25 * atr(14)           0.31\n"
        "    needs 110.81: +15.9 % from here\n"
        "Never fired so far. Nothing holds it back."
    ).replace(" %", "\u00a0%").replace("16 h", "16\u00a0h")


def test_fired() -> None:
    text = plain(why_of("close > close[1]", [1.0, 1.0, 2.0]))
    assert text.startswith("Breaks <resistance>: fired today\n")
    assert "✓ close > close[1]" in text
    assert text.endswith("Never fired before.")


def test_yes_but_quiet() -> None:
    why = why_of("close > 1.5", [1.0, 1.0, 2.0, 2.0])
    assert plain(why).startswith("Breaks <resistance>: yes, but quiet\n")
    assert held_back(why) == ("Quiet: it was yes 1 session ago, and fires anew after 3 sessions without.",)
    assert plain(why).endswith("Last fired 3 Jan 2019, 1 session ago. " + held_back(why)[0])


def test_a_run_says_on_how_many_bars_it_was_yes_and_whether_it_failed_since() -> None:
    why = why_of("close > 5", [1.0, 1.0])
    run = RunningAlert(start_of("2026-03-05"), 3, 0.02, failed=True)
    failed = replace(why, explanation=replace(why.explanation, running=run))
    assert "The run since 5 Mar 2026: yes on 3 days, then failed and has not come back." in plain(failed)
    goes_on = replace(run, count=1, failed=False)
    assert "The run since 5 Mar 2026 goes on: yes on 1 day so far." in plain(
        replace(why, explanation=replace(why.explanation, running=goes_on))
    )
    hourly = replace(why.explanation, running=goes_on, rule=replace(why.explanation.rule, timeframe=Timeframe.H1))
    assert "yes on 1 bar so far" in plain(replace(why, explanation=hourly))


def test_an_older_bar_is_not_called_today() -> None:
    assert plain(why_of("close > 5", [1.0, 1.0], now=10**10)).startswith("Breaks <resistance>: not at this bar\n")


def test_a_week_is_this_one_or_the_last() -> None:
    why = why_of("close > 5", [1.0, 1.0])
    monday = start_of("2024-07-08")
    rule = replace(why.explanation.rule, timeframe=Timeframe.W1)
    week = replace(why.explanation, rule=rule, bar=monday, end=monday + 4 * DAY + 75_600, fired=monday, fired_ago=3)
    for days, named in ((5, "this week"), (6, "this week"), (7, "last week"), (13, "last week"), (14, "at this bar")):
        text = plain(replace(why, explanation=week, now=monday + days * DAY))
        assert text.startswith(f"Breaks <resistance>: not {named}\n")
    assert "Last fired in the week from 8 Jul 2024, 3 weeks ago." in text


def test_groups_are_said_in_words_and_a_nested_condition_stands_under_its_call() -> None:
    text = plain(why_of("close > 5 and (close < 3 or first(close > 1, 2))", [1.0, 2.0, 2.0]))
    assert text.split("\n")[2:-1] == [
        "✗ all of these:",
        "  ✗ close > 5",
        "      close  2.00",
        "  ✓ one of these:",
        "    ✓ close < 3",
        "        close  2.00",
        "    ✗ first(close > 1, 2)",
        "        it was yes last on 2 Jan 2019",
        "        ✓ close > 1",
        "            close  2.00",
    ]


def test_what_is_unknown_is_said_and_never_fires() -> None:
    text = plain(why_of("close > SPY.close", [1.0, 2.0]))
    assert text.startswith("Breaks <resistance>: unknown\n")
    assert "? close > SPY.close" in text
    assert "SPY.close  unknown" in text
    assert "there are no bars of SPY" in text
    assert text.endswith("What is unknown never fires.")


def test_everything_that_holds_a_rule_back() -> None:
    why = why_of("close > 5", [1.0, 2.0], enabled=False, stale=True, waits="waits for SPY")
    assert held_back(why) == (
        "The bot waits for SPY.",
        "It is not enabled, so it sends no alerts.",
        "Its file is broken now: this is the last good version.",
    )
    assert "Nothing holds it back" not in plain(why)


def test_a_long_part_has_its_value_on_the_next_line() -> None:
    text = plain(why_of("close > highest(close * 1.000001 + high - low, 2)[1] + 40", [1.0, 2.0, 3.0, 4.0]))
    lines = text.split("\n")
    at = next(at for at, line in enumerate(lines) if line.strip().startswith("highest("))
    assert lines[at : at + 3] == ["    highest(close * 1.000001 + high -", "        low, 2)[1]", " " * 11 + "4.00"]


@given(st.integers(1, 400))
@settings(max_examples=10, deadline=None)
def test_it_always_fits_a_message_and_is_well_formed(parts: int) -> None:
    when = " or ".join(f"close > {1_000 + at}" for at in range(min(parts, 120)))
    text = render_why(why_of(when, [1.0, 2.0]))
    assert html.visible_length(text) <= html.TEXT_LIMIT
    assert text.count("<pre>") == text.count("</pre>") == 1


@given(
    st.floats(0.0001, 200_000),
    st.floats(1.00001, 1.9),
    st.sampled_from(["close > {0!r}", "close >= {0!r}", "close < {0!r}"]),
)
@settings(max_examples=60, deadline=None)
def test_the_price_is_enough_as_it_is_written(was: float, factor: float, form: str) -> None:
    border = was / factor if "<" in form else was * factor
    why = why_of(form.format(border), [was])
    needed = why.explanation.reason.trigger_price
    assert needed is not None
    written = numbers.price(needed.value)
    assert f"needs {written}: " in plain(why)
    price = float(written.replace(",", ""))
    start = np.array([0])
    bars = Bars("RUT", Timeframe.D1, start, start + 1, *([np.array([price])] * 5))
    assert evaluate(compile_formula(form.format(border), SCOPE), Frame(bars))[0] == 1


def test_other_figures_than_the_close_are_named() -> None:
    assert "needs a high of 12.00: " in plain(why_of("high > 11.995", [10.0]))
    assert "needs a volume of 1,100,001:\n        +10.0\u00a0% from here" in plain(
        why_of("volume > 1_100_000.4", [10.0])
    )


@pytest.mark.parametrize(
    ("unknown", "line"),
    [
        (UnknownValue(UnknownReason.MARKET, "SPY.close", "SPY"), "there are no bars of SPY"),
        (
            UnknownValue(UnknownReason.STALE, "SPY.close", "SPY", last=20 * DAY),
            "SPY is stale: its last bar is of 21 Jan 1970",
        ),
        (UnknownValue(UnknownReason.STALE, "SPY.close", "SPY"), "SPY has no bar from so far back"),
        (UnknownValue(UnknownReason.BAR, "volume"), "volume: the bar has no such value"),
        (
            UnknownValue(UnknownReason.HISTORY, "sma(close, 20)", "", 11, 20),
            "sma(close, 20): not enough history, 11 bars of 20",
        ),
        (UnknownValue(UnknownReason.NEVER, "since(x)"), "since(x): it has not happened so far"),
        (UnknownValue(UnknownReason.RULE, 'fired("a")', "a"), "nothing recent is known of the rule a"),
        (UnknownValue(UnknownReason.NUMBER, "a / b"), "a / b: no result, as after a division by zero"),
        (UnknownValue(UnknownReason.GAPS, "sma(x, 9)"), "sma(x, 9): too many of its values are unknown"),
    ],
)
def test_each_lack_has_its_words(unknown: UnknownValue, line: str) -> None:
    assert unknown_line(unknown) == line
