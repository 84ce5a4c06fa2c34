"""Texts of digests."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.evidence.record_rank import Mark, RecordRank
from bot.sandbox.markup.parser import parse_html
from bot.signals.replay.event import EventKind
from bot.signals.timeframe import DAY, Timeframe, start_of
from bot.views.alerts.digest import Alive, DigestAlert, DigestFacts, SmallCap, render_digest
from bot.views.formatting import html
from tests.views.alert_facts import crypto

UNTIL = start_of("2020-01-03T08:00+00:00")
RECORD = Mark(start_of("2018-08-31"), 1_740.75, 340)
RUT = SmallCap("Russell 2000", 1_667.0, UNTIL - 39_600, 0.0123, RecordRank(RECORD, None), 1_685.25)
QUIET = DigestFacts(
    since=UNTIL - DAY,
    until=UNTIL,
    weekly=False,
    small_caps=(RUT,),
    crypto=(crypto("BTC", 7_200, 0.01, -0.02, 0.03),),
    alerts=(),
    rules=9,
)
BREAK = DigestAlert(
    "IWM breaks <resistance>", "IWM", Timeframe.D1, start_of("2020-01-02"), (EventKind.FIRED, EventKind.FAILED)
)


def shown(facts: DigestFacts) -> str:
    return html.visible(render_digest(facts))


def test_a_quiet_day_is_a_proof_of_life() -> None:
    assert shown(QUIET) == (
        "📰 The day up to Fri 3 Jan 2020, 08:00 UTC\n"
        "\n"
        "Small caps\n"
        "Russell 2000 1,667.00 (+1.2\u00a0%)\n"
        "    4.2\u00a0% under the record close of 31 Aug 2018 (1,740.75)\n"
        "    next resistance 1,685.25, 1.1\u00a0% above\n"
        "\n"
        "Crypto at Thu 2 Jan 2020, 00:00 UTC\n"
        "              24 h    7 d   30 d\n"
        "BTC   7,200  +1.0%  −2.0%  +3.0%\n"
        "\n"
        "😴 Nothing new: none of 9 rules fired. The bot is watching."
    )


def test_what_happened_is_told_with_what_became_of_it() -> None:
    text = shown(replace(QUIET, weekly=True, alerts=(BREAK, replace(BREAK, events=(EventKind.FIRED,)))))
    assert text.startswith("📰 The week")
    assert "2 alerts\n• IWM breaks <resistance> · Thu 2 Jan 2020: failed\n" in text
    assert text.endswith("• IWM breaks <resistance> · Thu 2 Jan 2020")
    assert "Nothing new" not in text


def test_a_week_ends_with_how_the_bot_itself_fared() -> None:
    text = shown(replace(QUIET, weekly=True, alive=Alive(10_074, 0, 1)))
    assert text.endswith("💓 Alive: 10,074 looks, no alerts, 1 doubt of prices.")
    text = shown(replace(QUIET, weekly=True, alerts=(BREAK,), alive=Alive(1, 2, 0)))
    assert text.endswith("💓 Alive: 1 look (2 broke off), 1 alert, no doubts of prices.")


def test_a_record_is_called_one() -> None:
    text = shown(replace(QUIET, small_caps=(replace(RUT, close=1_741.0, resistance=None),)))
    assert "a record close; the one before: 31 Aug 2018 (1,740.75)" in text
    assert "resistance" not in text


def test_what_is_unknown_is_left_out_or_said() -> None:
    bare = replace(RUT, change=None, rank=RecordRank(None, None), resistance=None, at=UNTIL - 9 * DAY)
    facts = replace(QUIET, small_caps=(bare,), crypto=(), missing=("BTC", "ETH"), dark=("IWN",), held=("a: waits",))
    text = shown(facts)
    assert "Russell 2000 1,667.00\n    not newer than Wed 25 Dec\nNo figures for IWN." in text
    assert "No crypto figures for BTC, ETH" in text
    assert text.endswith("⏸ a: waits")


def test_a_monday_morning_does_not_call_fridays_close_old() -> None:
    assert "not newer" not in shown(replace(QUIET, small_caps=(replace(RUT, at=UNTIL - 3 * DAY),)))


def test_remarks_stand_for_themselves() -> None:
    text = shown(replace(QUIET, remarks=("Risk: VIX 15.7 & rising", "", "Correlation of BTC with IWM: +0.42")))
    assert "\n\nRisk: VIX 15.7 & rising\nCorrelation of BTC with IWM: +0.42\n\n" in text


def test_many_alerts_are_counted() -> None:
    text = shown(replace(QUIET, alerts=(BREAK,) * 40))
    assert "40 alerts" in text
    assert text.endswith("… and 28 more: /alerts")


texts = st.text(st.sampled_from("ab <>&\"'🚀\u202e\n"), max_size=300)


@settings(max_examples=40)
@given(texts, texts, st.integers(0, 60), st.sampled_from(EventKind))
def test_it_is_always_one_message_that_telegram_takes(title: str, remark: str, count: int, kind: EventKind) -> None:
    facts = replace(
        QUIET,
        small_caps=(replace(RUT, title=title),) * 6,
        alerts=(replace(BREAK, title=title, events=(EventKind.FIRED, kind)),) * count,
        remarks=(remark,),
        held=(remark,) * 5,
        dark=(title,),
    )
    text = render_digest(facts)
    assert 0 < html.visible_length(text) <= html.TEXT_LIMIT - 64
    parse_html(text)


def test_no_data_is_not_no_signal() -> None:
    text = shown(replace(QUIET, stale=("IWM",)))
    assert "🟡 No fresh data of IWM: rules on it wait." in text
    assert "The bot is watching" not in text
