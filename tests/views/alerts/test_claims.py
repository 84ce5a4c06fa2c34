"""Claims as people read them, in the alert and in full."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.evidence.claim_check import ClaimCheck, Measure, Stance
from bot.evidence.claims import ClaimAnswer, measured
from bot.evidence.likeness import Likeness
from bot.sandbox.markup.parser import parse_html
from bot.signals.timeframe import start_of
from bot.views.alerts.claims import asset_name, capital, claim_block, claim_figure, short_claim
from bot.views.alerts.facts import ClaimView
from bot.views.formatting import html
from tests.views.pasts import EIGHT, event, past

RISE = "Bitcoin rose by about 380 percent after the Russell 2000's breakout of 2020."


def check(measure: Measure, days: int = 365, **more: int) -> ClaimCheck:
    return ClaimCheck(measure, "BTC", days, **more)


def short(measure: Measure, days: int = 365, **more: int) -> str:
    answer = measured(check(measure, days, **more), past(EIGHT))
    return claim_figure(answer).replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("figure", "told"),
    [
        (short(Measure.BEST, year=2020), "measured +314 % at best within 365 days"),
        (short(Measure.BEST), "measured +314 % at best within 365 days, BTC in the median"),
        (
            short(Measure.BREAKOUT, 180, last=3),
            (
                "BTC broke out within 180 days after 3 of 3 (any day: 84 %);"
                " left after 180 days: +200 %, +200 % and +200 %"
            ),
        ),
        (short(Measure.BREAKOUT), "BTC broke out within 365 days after 50 % of all signals (any day: 84 %)"),
        (short(Measure.RETURN), "measured +20 % in the median of BTC after 365 days, any day then +10 %"),
        (short(Measure.RETURN, 180, last=2), "measured +200 % and +200 % of BTC after 180 days"),
        (short(Measure.RETURN, year=2019), "no such signal with a price of BTC after it yet"),
    ],
)
def test_the_quantity_that_the_check_names_is_told(figure: str, told: str) -> None:
    assert figure == told


def test_words_in_the_claim_decide_nothing() -> None:
    answer = measured(check(Measure.RETURN, 180), past(EIGHT))
    texts = ("In 2020 it rose by 380 %.", "The last three times, it broke out.", "Up.")
    figures = {short_claim(ClaimView(text, answer=answer)).partition("”: ")[2] for text in texts}
    assert len(figures) == 1


def test_a_correlation_is_answered_by_correlations() -> None:
    mirrors = ClaimCheck(Measure.CORRELATION, "ETH", other="RUT")
    told = claim_figure(ClaimAnswer(mirrors, "RUT", likeness=Likeness(2_000, 0.221, 0.4, 0.8, 0.12)))
    assert told.replace("\u00a0", " ") == (
        "daily moves of ETH and RUT correlate at 0.22, 0.40 in the last five years;"
        " 12 % of unrelated walks that rise as much look as alike"
    )
    few = claim_figure(ClaimAnswer(mirrors, "RUT", likeness=Likeness(20, None, None, None, None)))
    assert few == claim_figure(ClaimAnswer(mirrors, "RUT")) == "too few days with both ETH and RUT"


def test_what_cant_be_had_is_said() -> None:
    assert "no filings of the funds are known here" in claim_figure(ClaimAnswer(ClaimCheck(Measure.FLOW, "IWM")))
    assert "no reports of the companies are known here" in claim_figure(ClaimAnswer(ClaimCheck(Measure.SHARE)))
    assert claim_figure(ClaimAnswer(check(Measure.RETURN))) == "no price of BTC is known here"


def test_in_an_alert_what_cant_be_had_stands_with_its_date() -> None:
    warning = ClaimCheck(Measure.FLOW, "IWM")
    claim = ClaimView("Funds lost billions.", "S", start_of("2025-12-11"), Stance.AGAINST, ClaimAnswer(warning))
    assert short_claim(claim) == "“Funds lost billions” (S, 11 Dec 2025, a warning)"


def test_a_long_claim_is_quoted_in_part() -> None:
    text = "Crypto trails small caps, sooner or later, as others say."
    claim = ClaimView(text, answer=measured(check(Measure.RETURN), past(EIGHT)))
    assert short_claim(claim).startswith("“Crypto trails small caps, sooner or later…”: ")


def test_a_breakout_after_the_claims_span_does_not_count() -> None:
    late = past([event("2020-11-13", [], breakout=31, spans=(30,))])
    assert "after 0 of 1" in claim_figure(measured(check(Measure.BREAKOUT, 30, last=1), late))


def test_a_claim_that_asks_for_no_figure_has_none() -> None:
    claim = ClaimView(RISE, "commentary")
    assert short_claim(claim) == ""
    assert "nothing measured" in claim_block(claim)


def test_no_event_is_old_enough() -> None:
    told = claim_figure(measured(check(Measure.RETURN, 30), past([])))
    assert told == "no signal is 30 days old yet"


def test_events_that_are_old_enough_but_have_no_price_are_said_to_be_so() -> None:
    nothing = replace(past([]), due={30: 3})
    told = claim_figure(measured(check(Measure.RETURN, 30), nothing))
    assert told == "no price of BTC is known 30 days after 3 signals"


def test_the_claim_in_full() -> None:
    answer = measured(check(Measure.BEST, 180, year=2020), past(EIGHT))
    made = start_of("2025-12-11")
    claim = ClaimView(RISE, "commentary", made, Stance.AGAINST, answer)
    assert html.visible(claim_block(claim)).replace("\u00a0", " ") == (
        f"“{RISE}” (commentary, 11 Dec 2025, a warning)\n"
        "→ measured +314 % at best within 180 days\n"
        "· 13 Nov 2020: best +314 %, worst −10 %, +200 % after 180 days; broke out 3 Dec 2020"
    )
    running = measured(check(Measure.BEST, 365, year=2020), past(EIGHT))
    assert "still running" in claim_block(ClaimView(RISE, answer=running))


def test_names() -> None:
    assert capital(asset_name("ALTS")) == "The alt basket"
    assert asset_name("ETH") == "ETH"
    assert capital("") == ""


CHECKS = st.builds(
    ClaimCheck,
    st.sampled_from(Measure),
    st.just("BTC"),
    st.sampled_from([30, 90, 365]),
    st.sampled_from([None, 2019, 2020]),
    st.sampled_from([None, 1, 3]),
)


@given(st.text(max_size=300), st.text(max_size=100), CHECKS)
def test_whatever_others_say_can_be_shown(text: str, source: str, asked: ClaimCheck) -> None:
    claim = ClaimView(text, source, answer=measured(asked, past(EIGHT)))
    assert parse_html(claim_block(claim)).text
    assert "\n" not in short_claim(claim)
    assert html.units(short_claim(claim)) < 200
