"""Claims as people read them, in the alert and in full."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.markup.parser import parse_html
from bot.signals.timeframe import label
from bot.views.alerts.claims import asset_name, capital, claim_block, claim_views, named_events, short_claim
from bot.views.alerts.facts import ClaimView
from bot.views.formatting import html
from tests.views.pasts import EIGHT, event, past

RISE = "After the Russell 2000 broke out in late 2020, Bitcoin rose by about 380 percent."
THREE = "Each of the last three times the Russell 2000 reached new highs, Bitcoin broke out after it."


def short(text: str, days: int = 365) -> str:
    return short_claim(claim_views(text, "commentary", past(EIGHT), days)).replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("text", "years"),
    [
        (RISE, ["2020"]),
        (THREE, ["2020", "2021", "2025"]),
        ("The last 2 records.", ["2021", "2025"]),
        ("In 2019 it rose.", []),
        ("The Russell 2000 leads.", []),
        ("The last straw.", []),
    ],
)
def test_which_signals_a_claim_speaks_of(text: str, years: list[str]) -> None:
    assert [each.label[:4] for each in named_events(text, past(EIGHT))] == years


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (RISE, "“380 %” (2020): measured +314 % at best within 365 days"),
        (THREE, "“The last three”: BTC broke out within 365 days after 3 of 3 (any day: 84 %)"),
        ("Up.", "“Up”: measured +20 % in the median of BTC after 365 days, any day +10 %"),
        ("It breaks out.", "“It breaks out”: BTC broke out within 365 days after 50 % of all signals (any day: 84 %)"),
        ("In 2019 it rose by 50%.", "“50 %” (2019): no such signal with a price of BTC after it yet"),
    ],
)
def test_the_claim_and_the_figure_beside_it(text: str, told: str) -> None:
    assert short(text) == told


def test_a_long_claim_is_quoted_in_part() -> None:
    text = "Crypto trails small caps, sooner or later, as others say."
    assert short(text).startswith("“Crypto trails small caps, sooner or later…”: ")


def test_a_breakout_after_the_claims_span_does_not_count() -> None:
    late = past([event("2020-11-13", [], breakout=31, spans=(30,))])
    assert "after 0 of 1" in short_claim(claim_views("The last 1 broke out", "", late, 30))


def test_nothing_is_measured_without_a_study_over_the_claims_days() -> None:
    for study, days in ((None, 30), (past(EIGHT), None), (past(EIGHT), 45)):
        claim = claim_views(RISE, "commentary", study, days)
        assert claim == ClaimView(RISE, "commentary")
        assert short_claim(claim) == ""
        assert "nothing measured" in claim_block(claim)


def test_no_event_is_old_enough() -> None:
    assert short_claim(claim_views("Up.", "", past([]), 30)) == "“Up”: no signal with a price of BTC is 30 days old yet"


def test_the_claim_in_full() -> None:
    assert html.visible(claim_block(claim_views(RISE, "commentary, 2025", past(EIGHT), 180))).replace(
        "\u00a0", " "
    ) == (
        f"“{RISE}” (commentary, 2025)\n"
        "→ measured +314 % at best within 180 days\n"
        "· 13 Nov 2020: best +314 %, worst −10 %, +200 % after 180 days; broke out 3 Dec 2020"
    )
    assert "still running" in claim_block(claim_views(RISE, "", past(EIGHT), 365))


def test_names() -> None:
    assert capital(asset_name("ALTS")) == "The alt basket"
    assert asset_name("ETH") == "ETH"
    assert capital("") == ""


@given(st.text(max_size=300), st.text(max_size=100), st.sampled_from([30, 90, 365]))
def test_whatever_others_say_can_be_shown(text: str, source: str, days: int) -> None:
    claim = claim_views(text, source, past(EIGHT), days)
    assert parse_html(claim_block(claim)).text
    assert "\n" not in short_claim(claim)
    assert html.units(short_claim(claim)) < 200
    assert all(label(each.bar, past(EIGHT).asset_timeframe) == each.label for each in named_events(text, past(EIGHT)))
