"""Texts of stories: whole ones in golden files, and what gives way where room is short."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.evidence.claim_check import ClaimCheck, Measure
from bot.evidence.claims import measured
from bot.evidence.event_study.significance import StudyVerdict
from bot.evidence.failure_rate import FailureRate
from bot.evidence.record_rank import Mark, RecordRank
from bot.evidence.signal_kind import SignalKind
from bot.sandbox.markup.parser import parse_html
from bot.severity import Severity
from bot.signals.replay.event import EventKind
from bot.signals.timeframe import DAY, Timeframe, start_of
from bot.views.alerts.facts import AlertFacts, ClaimView, Direction, Followed, NextLevel
from bot.views.alerts.story import LIMIT, PHONE_LINES, render_story
from bot.views.formatting import html
from tests.conftest import Golden
from tests.views.alert_facts import alert, crypto, story
from tests.views.alerts.test_context_lines import PANEL
from tests.views.pasts import EIGHT, moving, past

FLAT = [100.0] * 300
RECORD = [*FLAT[:260], 120.0, *[110.0] * 41, 123.0]
CRYPTO = (
    crypto("BTC", 117_137.0, 0.006, 0.021, 0.04),
    crypto("ETH", 4_590.0, -0.002, 0.017, 0.091),
    crypto("Alts (9)", 241.0, 0.004, 0.03, 0.075, priced=False),
)


def answered(text: str, check: ClaimCheck) -> ClaimView:
    """A claim as the study of eight signals answers it."""
    return ClaimView(text, answer=measured(check, past(EIGHT)))


CLAIMS = (
    answered("Bitcoin rose by 380 percent.", ClaimCheck(Measure.BEST, "BTC", 365, year=2020)),
    answered("Bitcoin broke out three times.", ClaimCheck(Measure.BREAKOUT, "BTC", 180, last=3)),
)


def record(**more: Any) -> AlertFacts:
    told: dict[str, Any] = {
        "headline": "Russell 2000 closed at 123.00, a record",
        "history": past(EIGHT),
        "claims": CLAIMS,
        "caveats": ("Correlation is not causation.", "Funds lost 19.5 billion dollars (commentary)."),
        "why": "Everybody who ever bought is in profit. What speaks against it: many records fail.",
        "failures": FailureRate(23, 9, 60, 0.52),
        "source": "yahoo",
    }
    return alert(RECORD, 120.0, **(told | more))


def broken(**more: Any) -> AlertFacts:
    told: dict[str, Any] = {
        "rule_title": "IWM breaks resistance",
        "headline": "IWM closed at 123.00, above the resistance of 121.40",
        "market": "IWM",
        "signal": SignalKind.BREAK,
        "next_level": NextLevel(126.5, 3),
        "failures": FailureRate(73, 43, 20, 0.59),
        "history": past(EIGHT),
        "severity": Severity.NORMAL,
    }
    return alert(RECORD, 121.4, **(told | more))


def seen(*alerts: AlertFacts, **more: Any) -> str:
    return html.visible(render_story(story(*alerts, **more))).replace("\u00a0", " ")


def test_one_alert_with_all_that_is_told_of_it(golden: Golden) -> None:
    golden("one-alert.html", render_story(story(record(), crypto=CRYPTO, risk=PANEL, correlation=moving())))


def test_two_alerts_of_a_day(golden: Golden) -> None:
    facts = story(record(), broken(), crypto=CRYPTO, risk=PANEL)
    golden("two-alerts.html", render_story(facts))


def test_a_break_downward(golden: Golden) -> None:
    down = broken(
        headline="IWM closed at 123.00, under the support of 124.10",
        direction=Direction.DOWN,
        next_level=NextLevel(119.0, 2),
        rank=None,
        change=-0.031,
    )
    golden("down.html", render_story(story(down, crypto=CRYPTO)))


def test_a_rule_that_follows_another(golden: Golden) -> None:
    follows = alert(
        RECORD,
        120.0,
        rule_title="Bitcoin at a 90-day high after a small-cap signal",
        headline="Bitcoin closed at 123, its highest close in 90 days",
        market="Bitcoin",
        signal=SignalKind.SIGNAL,
        follows=Followed("Russell 2000 at a record close", start_of("2019-09-18")),
        failures=FailureRate(12, 5, 30, None),
    )
    golden("follows.html", render_story(story(follows, crypto=CRYPTO)))


def test_what_is_unfolded_fits_a_phone() -> None:
    told = render_story(story(record(), broken(), crypto=CRYPTO, risk=PANEL, correlation=moving()))
    assert html.phone_lines(told) <= PHONE_LINES
    assert html.visible_length(told) <= LIMIT
    assert told.endswith("</blockquote>")


def test_late_is_said_openly() -> None:
    text = seen(alert([1.0, 2.0], late=True, sessions_ago=2))
    assert "⏰ Late: this is the bar of Wed 2 Jan 2019, 2 sessions ago.\n" in text
    assert "+100 % that day." in text
    assert "Late" not in seen(alert([1.0, 2.0]))


def test_a_forming_bar_is_called_provisional() -> None:
    text = seen(alert([1.0, 2.0], 1.5, EventKind.PROVISIONAL))
    assert text.startswith(
        "⏳ Russell 2000: a record\nProvisional, the bar is still forming: 2.00 so far, +100 % today."
    )
    assert "forming until 21:00 UTC" in text


def test_a_forming_bar_has_not_closed_anywhere() -> None:
    text = seen(alert(RECORD, 120.0, EventKind.PROVISIONAL))
    assert "A close here would be the first record in 6 weeks." in text
    assert "The record close so far: " in text
    below = seen(alert([130.0, 120.0, *FLAT, 115.0], 112.0, EventKind.PROVISIONAL))
    assert "A close here would be the highest since 2 Jan 2019 (10 months)." in below
    assert "record close before" not in text + below


@pytest.mark.parametrize(("way", "icon"), [(Direction.UP, "📈"), (Direction.DOWN, "📉"), (Direction.NONE, "🔔")])
def test_icons_point_where_the_signal_points(way: Direction, icon: str) -> None:
    assert seen(alert([1.0, 2.0], direction=way)).startswith(f"{icon} ")


def test_a_record_says_how_long_it_was_since_the_last() -> None:
    assert "The first record close in 6 weeks." in seen(alert(RECORD, 120.0))
    assert "first record" not in seen(alert([*FLAT, 101.0, 102.0], 101.0))
    below = alert([130.0, 120.0, *FLAT, 115.0], 112.0)
    assert "The highest close since 2 Jan 2019 (10 months)." in seen(below)
    told = seen(record(headline="Russell 2000: first record close in six weeks"))
    assert told.count("record close in") == 1


def a_week(kind: EventKind = EventKind.FIRED) -> AlertFacts:
    """A firing at the close of a week, the record close thirty weeks before."""
    facts = record(
        headline="IWM closed the week at 123.00, above 120.00",
        rule_title="IWM at a week's high",
        market="IWM",
        signal=SignalKind.BREAK,
        claims=(),
    )
    event = facts.event
    monday = start_of("2019-11-04")
    own = replace(event.alert, timeframe=Timeframe.W1, bar=monday)
    rank = RecordRank(Mark(monday - 210 * DAY, 120.0, 30), None)
    return replace(
        facts, event=replace(event, alert=own, kind=kind, bar=monday, at=monday + 4 * DAY + 75_600), rank=rank
    )


def test_a_weekly_alert(golden: Golden) -> None:
    golden("weekly.html", render_story(story(a_week(), crypto=CRYPTO)))


def test_a_provisional_alert(golden: Golden) -> None:
    facts = record(headline="Russell 2000 at 123.00, above its record", claims=(), history=None)
    forming = replace(facts, event=replace(facts.event, kind=EventKind.PROVISIONAL))
    golden("provisional.html", render_story(story(forming, crypto=CRYPTO)))


def test_many_alerts_of_a_day_are_counted() -> None:
    others = [broken(rule_title=f"Rule {number}") for number in range(5)]
    assert "Also today: Rule 0; Rule 1; Rule 2; and 2 more." in seen(record(), *others)


def test_few_earlier_signals_conclude_nothing() -> None:
    text = seen(record(history=past(EIGHT[-2:], "BTC", StudyVerdict.CANT_TELL)))
    assert "BTC 90 days later: higher 1 of 2 times (any day then 60 %). Two can't tell." in text
    assert "no earlier signal is so old" in seen(record(history=past([])))
    assert "The first record of its kind." in seen(record(failures=FailureRate(0, 0, 20, None)))


def test_young_earlier_signals_and_prices_that_are_missing_are_no_first_signal() -> None:
    told = seen(record(failures=FailureRate(0, 0, 252, None, open=12)))
    assert "None of the 12 earlier records is 252 sessions old." in told
    one = seen(record(failures=FailureRate(0, 0, 252, None, open=1)))
    assert "The one earlier record is not 252 sessions old yet." in one
    unknown = seen(record(history=replace(past([]), due={90: 7})))
    assert "BTC 90 days later: no price known after 7 earlier signals." in unknown


def test_crypto_that_is_missing_or_old_is_said() -> None:
    lines = (crypto("BTC", 9.0, 0.1, 0.1, 0.1, as_of="2019-10-27"),)
    told = seen(record(), crypto=lines, missing=("ETH",))
    assert "These figures are 3 d older: the sources gave no newer ones in time." in told
    assert "No figures for ETH: the sources gave none in time." in told


def test_the_reasons_give_way_before_the_evidence() -> None:
    crowded = seen(record(why="w" * 900, caveats=("c" * 900, "Not a cause.")), broken(), crypto=CRYPTO, risk=PANEL)
    assert "www" not in crowded
    assert "ccc" not in crowded
    assert "9 of 23 such records failed within 60 sessions" in crowded
    assert "closed 21:00 UTC" in crowded


def test_the_headline_and_the_source_are_never_left_out() -> None:
    more = {"why": "w" * 900, "caveats": ("c" * 900,), "headline": "h" * 900, "rule_title": "t" * 900}
    lines = tuple(crypto(f"C{number}", 1.0, 0.1, 0.1, 0.1) for number in range(30))
    told = render_story(story(record(**more), crypto=lines))
    assert html.visible_length(told) <= LIMIT
    assert "h" * 200 in told
    assert "closed <tg-time" in told


def test_an_empty_headline_is_the_title() -> None:
    assert seen(alert([1.0, 2.0], headline=" ")).startswith("📈 Russell 2000 at a record\n")


texts = st.text(
    st.one_of(st.characters(codec="utf-8", exclude_categories=["Cs"]), st.sampled_from('<>&"😀 ')), max_size=300
)
claims = st.lists(st.builds(answered, texts, st.just(ClaimCheck(Measure.RETURN, "BTC", 90))), max_size=4).map(tuple)
alerts = st.builds(
    alert,
    st.lists(st.floats(0.01, 1e6), min_size=2, max_size=20),
    st.one_of(st.none(), st.floats(0.01, 1e6)),
    st.sampled_from([EventKind.FIRED, EventKind.PROVISIONAL]),
    headline=texts,
    rule_title=texts,
    market=texts,
    why=texts,
    source=texts,
    caveats=st.lists(texts, max_size=3).map(tuple),
    claims=claims,
    history=st.sampled_from([None, past(EIGHT), past(EIGHT[:3]), past([])]),
    failures=st.sampled_from([None, FailureRate(73, 43, 20, 0.59), FailureRate(0, 0, 20, None)]),
    next_level=st.sampled_from([None, NextLevel(126.5, 3)]),
    late=st.booleans(),
    across_missing=texts,
    sessions_ago=st.integers(0, 9),
)


@given(
    st.lists(alerts, min_size=1, max_size=4),
    st.fixed_dictionaries(
        {"missing": st.lists(texts, max_size=3).map(tuple), "crypto": st.sampled_from([(), CRYPTO, CRYPTO * 4])}
        | {"risk": st.sampled_from([None, PANEL]), "correlation": st.sampled_from([None, moving(), moving(None)])}
    ),
)
@settings(max_examples=120, deadline=None)
def test_whatever_the_facts_telegram_takes_it(told: list[AlertFacts], more: dict[str, Any]) -> None:
    text = render_story(story(*told, **more))
    assert parse_html(text).text.strip()
    assert html.visible_length(text) <= LIMIT
