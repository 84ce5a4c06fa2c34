"""The text of /claims."""

from __future__ import annotations

from bot.evidence.claim_check import ClaimCheck, Measure, Stance
from bot.evidence.claim_ledger import ClaimScore, ClaimState, SinceMade
from bot.evidence.claims import ClaimAnswer, measured
from bot.evidence.closes import Waypoint
from bot.rulebook.rule_definition import Claim
from bot.sandbox.markup.parser import parse_html
from bot.signals.timeframe import start_of
from bot.views.alerts.claims import claims_line
from bot.views.markets.claims import LedgerEntry, render_claims, since_line
from tests.views.pasts import EIGHT, past

MADE = start_of("2025-12-11")
RISE = ClaimCheck(Measure.RETURN, "BTC", 180)
SINCE = SinceMade(MADE, 100.0, {90: -0.241, 180: -0.334, 270: None, 365: None})


def entry(state: ClaimState, text: str = "It <rises>.", check: ClaimCheck | None = RISE) -> LedgerEntry:
    score = None if check is None else ClaimScore(measured(check, past(EIGHT)), SINCE, state)
    return LedgerEntry("rut-record", "A record", Claim(text, "somebody & co", MADE, Stance.FOR, check), score)


def seen(*entries: LedgerEntry) -> str:
    return parse_html(render_claims(entries)).text.replace("\u00a0", " ")


def test_a_claim_with_its_history_and_what_came_since() -> None:
    lines = seen(entry(ClaimState.MISSED)).split("\n")
    assert lines[:5] == [
        "Claims: 1 missed",
        "",
        "❌ “It <rises>.” (somebody & co, 11 Dec 2025)",
        "Before: measured +20 % in the median of BTC after 180 days, any day then +10 %.",
        "Since: BTC: −24 % after 90 d, −33 % after 180 d. Missed.",
    ]


def test_the_decided_ones_come_first_and_the_open_ones_are_folded() -> None:
    entries = [entry(state, f"Claim {state.value}.") for state in ClaimState]
    told = render_claims(entries)
    order = [told.index(f"Claim {word}.") for word in ("missed", "mixed", "met", "open")]
    assert order == sorted(order)
    assert told.index("<blockquote expandable>") < order[-1]
    assert seen(*entries).startswith("Claims: 1 open, 1 met, 1 missed, 1 mixed\n")


def test_a_claim_without_a_check_and_a_book_without_claims() -> None:
    bare = entry(ClaimState.OPEN, check=None)
    assert bare.state is ClaimState.OPEN
    assert "asks for no figure" in seen(bare)
    assert "No rule has a claim" in seen()


def test_the_line_for_an_alert_or_a_digest() -> None:
    assert claims_line([]) == ""
    assert claims_line([ClaimState.MISSED, ClaimState.OPEN, ClaimState.MISSED]) == "Claims: 1 open, 2 missed"


def test_what_came_since_is_told_by_the_quantity_of_the_claim() -> None:
    mirrors = ClaimCheck(Measure.CORRELATION, "ETH", other="RUT")
    told = since_line(mirrors, SinceMade(MADE, 1.0, {90: 0.1}, correlation=0.382, sessions=193))
    assert told == "correlation 0.38 over 193 sessions"
    assert "too few" in since_line(mirrors, SinceMade(MADE, 1.0, {90: 0.1}, sessions=3))
    broke = SinceMade(MADE, 1.0, {90: 0.1}, breakout=Waypoint(MADE, 1.0, 0.1, 0))
    assert since_line(ClaimCheck(Measure.BREAKOUT, "BTC", 90), broke).endswith("broke out 11 Dec 2025")
    assert since_line(RISE, SinceMade()) == "no price of BTC since then"
    assert since_line(RISE, SinceMade(MADE, 1.0, {90: None})) == "BTC: too early to tell"


def test_what_has_no_history_says_so_and_nothing_of_a_price() -> None:
    check = ClaimCheck(Measure.FLOW, "IWM")
    score = ClaimScore(ClaimAnswer(check), SinceMade(), ClaimState.OPEN)
    text = seen(LedgerEntry("r", "R", Claim("Outflows.", "x", MADE, Stance.AGAINST, check), score))
    assert "no filings of the funds are known here" in text
    assert "Since:" not in text
    assert "a warning" in text
